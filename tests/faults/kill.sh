# kill -9 at any moment of a training that saves its checkpoint all the time: the file is the old or the new one,
# the next run goes on from it, and the last one ends with the bits of a training that was never killed.
source "${BASH_SOURCE%/*}/common.sh"
killed=0 resumed=0
for ((round = 0; round < ${ROUNDS:-1}; ++round)); do
  rm -f "$folder"/run* "$folder"/part*
  run=("$classifier" "${training[@]}" --epochs 6 --seed $((round + 1)))
  "${run[@]}" --save "$folder/whole" > "$folder/whole.out" 2> "$folder/whole.err" || fail "training"
  before=0
  for ((try = 1; ; ++try)); do
    [ $try -le 200 ] || fail "the training did not end in 200 runs"
    "${run[@]}" --save "$folder/part" --checkpoint "$folder/run" --checkpoint-minutes 0.00001 > "$folder/part.out" \
      2> "$folder/part.err" &
    pid=$!
    sleep "$(awk -v try=$try -v seed=$((round * 1000 + try)) 'BEGIN { srand(seed); print 0.04 * try + 0.1 * rand() }')"
    kill -9 $pid 2> /dev/null
    wait $pid 2> /dev/null
    code=$?
    if grep -q "resumed at update" "$folder/part.out"; then
      at=$(sed -n 's/^resumed at update \([0-9]*\).*/\1/p' "$folder/part.out" | head -n 1)
      [ "$at" -ge $before ] || fail "resumed at update $at after $before"
      before=$at
      resumed=$((resumed + 1))
    fi
    [ $code -ne 0 ] || break
    expect_equal "exit code of run $try" $code 137
    killed=$((killed + 1))
  done
  [ $resumed -gt 0 ] || fail "no run was resumed"
  expect_equal "the model in pieces" "$(checksums "$folder/part")" "$(checksums "$folder/whole")"
done
row "kill -9 during training and saving" $killed "$resumed resumed, same bits as without"
