# Signals and a closed output end a training after the update: the best epoch is saved, the checkpoint is whole,
# and what goes on from it ends with the bits of a training that nobody stopped.
source "${BASH_SOURCE%/*}/common.sh"
run=("$classifier" "${training[@]}" --epochs 8)
"${run[@]}" --save "$folder/whole" --json "$folder/whole.json" > "$folder/whole.out" 2> "$folder/whole.err" ||
  fail "training"

stopped=0
for ((round = 0; round < ${ROUNDS:-1}; ++round)); do
  for signal in INT:130 TERM:143 HUP:129; do
    rm -f "$folder"/part* "$folder/run"*
    part=("${run[@]}" --save "$folder/part" --json "$folder/part.json" --checkpoint "$folder/run")
    "${part[@]}" > "$folder/part.out" 2> "$folder/part.err" &
    pid=$!
    wait_for "$folder/part.out" "epoch $((2 + round % 4)):" $pid
    kill -"${signal%:*}" $pid
    wait $pid
    expect_equal "exit code after SIG${signal%:*}" $? "${signal#*:}"
    expect_text "$folder/part.err" "stopped by SIG${signal%:*} after update"
    expect_text "$folder/part.err" "is saved in $folder/part; --checkpoint $folder/run goes on from there"
    [ ! -e "$folder/part.json" ] || fail "a report of a training that was stopped"
    "$classifier" --load "$folder/part" --predict "$folder/yes.fa" > "$folder/predicted" 2> "$folder/predict.err" ||
      fail "the saved model does not load"
    "${part[@]}" > "$folder/resumed.out" 2> "$folder/resumed.err" || fail "resuming"
    expect_text "$folder/resumed.out" "resumed at update"
    expect_equal "the resumed model" "$(checksums "$folder/part")" "$(checksums "$folder/whole")"
    expect_equal "epochs in the JSON" "$(grep -c '"epoch":' "$folder/part.json")" 8
    stopped=$((stopped + 1))
  done
done
row "SIGINT, SIGTERM, SIGHUP during training" $stopped "model and checkpoint whole, resumed to the same bits"

# Another training does not go on from it.
"${run[@]}" --checkpoint "$folder/run" --seed 2 > "$folder/other.out" 2> "$folder/other.err"
expect_equal "exit code with another seed" $? 2
expect_text "$folder/other.err" "resume with the options of the saved run"

# A training that is stopped before an epoch was finished saves nothing, and keeps what was there.
echo old > "$folder/old"
"$classifier" "${data[@]}" --hidden 300 --save "$folder/old" > "$folder/early.out" 2> "$folder/early.err" &
pid=$!
wait_for "$folder/early.out" "without positions" $pid
kill -TERM $pid
wait $pid
expect_equal "exit code of a training stopped early" $? 143
expect_text "$folder/early.err" "no epoch is finished, nothing is saved"
expect_equal "the old file" "$(cat "$folder/old")" old

# A language model that is stopped while it measures how many updates its budget allows: nothing is trained.
"$EXAMPLES/genome_language_model" --hidden 600 --layers 2 --budget 1 --threads 1 --save "$folder/old" \
  --checkpoint "$folder/budget" > "$folder/budget.out" 2> "$folder/budget.err" &
pid=$!
wait_for "$folder/budget.out" "parameters" $pid
sleep 0.2
kill -TERM $pid
wait $pid
expect_equal "exit code of a language model stopped before its training" $? 143
expect_text "$folder/budget.err" "stopped by SIGTERM; nothing is trained yet, nothing is saved"
expect_equal "the old file" "$(cat "$folder/old")" old
[ ! -e "$folder/budget" ] || fail "a checkpoint of a training that did not begin"
row "SIGTERM before anything is learned" 2 "old file kept"

# Several networks, and several stages on a language model's encoder: each fit has a file of its own.
# several NAME TEXT OPTION...: stopped when it prints the text, then resumed.
several() {
  local name=$1 text=$2
  shift 2
  local all=("$classifier" --positive "$folder/yes.fa" --negative "$folder/no.fa" --threads 1 --epochs 4 "$@")
  "${all[@]}" --save "$folder/$name" > "$folder/$name.out" 2> "$folder/$name.err" || fail "training $name"
  local part=("${all[@]}" --save "$folder/$name.part" --checkpoint "$folder/$name.run" --json "$folder/$name.json")
  "${part[@]}" > "$folder/part.out" 2> "$folder/part.err" &
  local pid=$!
  wait_for "$folder/part.out" "$text" $pid
  kill -INT $pid
  wait $pid
  expect_equal "exit code of $name" $? 130
  expect_text "$folder/part.err" "is saved in $folder/$name.part; --checkpoint"
  "${part[@]}" > "$folder/resumed.out" 2> "$folder/resumed.err" || fail "resuming $name"
  expect_text "$folder/resumed.out" "of $folder/$name.run.2"
  expect_equal "the resumed $name" "$(checksums "$folder/$name.part")" "$(checksums "$folder/$name")"
}
several networks "network 2 of 2" --hidden 16 --layers 1 --ensemble 2
expect_equal "checkpoints of two shapes and a second network" "$(ls "$folder"/networks.run* | wc -l)" 3
sequences "$folder/contig.fa" 1 20000 "" 5
"$EXAMPLES/genome_language_model" --data "$folder/contig.fa" --width 8 --hidden 16 --layers 2 --streams 8 --steps 20 \
  --threads 1 --save "$folder/encoder" > "$folder/encoder.out" 2> "$folder/encoder.err" || fail "the encoder"
several stages "epoch 6:" --encoder "$folder/encoder"
row "SIGINT in a later network or stage" 2 "resumed to the same bits"

# A reader that goes away.
"$classifier" "${training[@]}" --epochs 400 --save "$folder/piped" 2> "$folder/piped.err" | head -n 3 > "$folder/first"
expect_equal "exit code with a closed output" "${PIPESTATUS[0]}" 141
expect_text "$folder/piped.err" "stopped because nothing can be written to the output after update"
checksums "$folder/piped" > /dev/null
sequences "$folder/many.fa" 20000 60 "" 3
"$classifier" --load "$folder/whole" --predict "$folder/many.fa" 2> "$folder/predict.err" | head -n 1 > "$folder/first"
expect_equal "exit code of --predict with a closed output" "${PIPESTATUS[0]}" 141
row "closed output" 2 "training saved, exit code 141"

# An output that fails though nobody went away is a failure: exit code 1.
# lost REDIRECTION COMMAND...
lost() {
  local redirection=$1
  shift
  sh -c '"$@" '"$redirection" sh "$@" 2> "$folder/lost.err"
  expect_equal "exit code with $redirection" $? 1
  expect_text "$folder/lost.err" "promoter_classification: cannot write the output: "
}
outputs=('>&-')
[ ! -e /dev/full ] || outputs+=('> /dev/full')
for redirection in "${outputs[@]}"; do
  lost "$redirection" "$classifier" --load "$folder/whole" --predict "$folder/yes.fa"
  lost "$redirection" "${run[@]}" --save "$folder/old"
  expect_text "$folder/lost.err" "no epoch is finished, nothing is saved"
  expect_equal "the old file" "$(cat "$folder/old")" old
done
row "failed output" $((2 * ${#outputs[@]})) "old file kept, exit code 1"

# A scan removes what it began to write.
{ echo ">genome"; sed '/^>/d' "$folder/many.fa"; } > "$folder/genome.fa"
mkdir "$folder/scan"
"$classifier" scan --load "$folder/whole" --genome "$folder/genome.fa" --out "$folder/scan/s" > "$folder/scan.out" \
  2> "$folder/scan.err" &
pid=$!
until [ -n "$(ls -A "$folder/scan")" ]; do
  kill -0 $pid 2> /dev/null || fail "the scan ended early"
  sleep 0.02
done
kill -INT $pid
wait $pid
expect_equal "exit code of a scan" $? 130
expect_equal "files of a stopped scan" "$(ls -A "$folder/scan")" ""
row "SIGINT during a scan" 1 "nothing is left"
