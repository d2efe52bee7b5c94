# Two trainings that save to one file: it is one of theirs, whole, and nothing else is left.
source "${BASH_SOURCE%/*}/common.sh"
mkdir "$folder/out"
run=("$classifier" "${training[@]}" --epochs 1)
for seed in 1 2; do
  "${run[@]}" --seed $seed --save "$folder/$seed" > "$folder/$seed.out" 2> "$folder/$seed.err" || fail "training"
done
for ((round = 0; round < ${ROUNDS:-2}; ++round)); do
  for seed in 1 2; do
    "${run[@]}" --seed $seed --save "$folder/out/both" > "$folder/both.out" 2> "$folder/both.$seed.err" &
    pids[seed]=$!
  done
  for seed in 1 2; do
    wait "${pids[seed]}" || fail "training $seed beside another"
  done
  both=$(checksums "$folder/out/both")
  [ "$both" = "$(checksums "$folder/1")" ] || [ "$both" = "$(checksums "$folder/2")" ] || fail "the file is neither's"
  "$classifier" --load "$folder/out/both" --predict "$folder/yes.fa" > "$folder/predicted" 2> "$folder/predict.err" ||
    fail "the file does not load"
  expect_equal "files" "$(ls -A "$folder/out")" both
done
row "two writers to one file" "${ROUNDS:-2}" "one of both, whole"
