# A training that diverges: what was best is saved and said; where nothing was good, nothing is saved.
source "${BASH_SOURCE%/*}/common.sh"
echo old > "$folder/old"
"$classifier" "${training[@]}" --learning-rate 1e38 --epochs 3 --save "$folder/old" --checkpoint "$folder/run" \
  --checkpoint-minutes 0.00001 > "$folder/bad.out" 2> "$folder/bad.err"
expect_equal "exit code of a training that diverges at once" $? 1
expect_text "$folder/bad.err" "no epoch is finished, nothing is saved"
expect_equal "lines on stderr" "$(grep -c 'promoter_classification: ' "$folder/bad.err")" 1
expect_equal "the old file" "$(cat "$folder/old")" old

model="$EXAMPLES/genome_language_model"
sequences "$folder/genome.fa" 1 30000 "" 5
small=(--data "$folder/genome.fa" --width 8 --hidden 16 --layers 1 --streams 8 --steps 20 --threads 1 --epochs 2)
"$model" "${small[@]}" --learning-rate 1e38 --save "$folder/old" --checkpoint "$folder/language" \
  --checkpoint-minutes 0.00001 > "$folder/language.out" 2> "$folder/language.err"
expect_equal "exit code of a language model that diverges" $? 1
expect_equal "the old file" "$(cat "$folder/old")" old
for checkpoint in "$folder/run" "$folder/language"; do
  [ ! -e "$checkpoint" ] || checksums "$checkpoint" > /dev/null
done
row "trainings that diverge" 2 "old file kept, exit code 1"
