#!/usr/bin/env bash
# Kills trainings at random and looks at what is left: kills.sh "MPIRUN OPTION..." PROGRAM COUNT [SEED]
# COUNT times, promoter_classification (PROGRAM) trains on 2 to 4 ranks, and a rank or the launcher gets SIGKILL at a
# random moment. All ranks end within ten seconds, no file is broken, and the training, resumed on 1 to 4 ranks,
# ends with the weights of an undisturbed one.
set -u
mpirun=$1 program=$2 count=$3 RANDOM=${4:-1}
for tool in pgrep ps; do
  command -v "$tool" > /dev/null || { echo "skipped: there is no $tool (Debian: procps)"; exit 0; }
done
folder=$(mktemp -d "${TMPDIR:-/tmp}/seqlstm_kills_XXXXXX")
launcher=""
clean_up() {
  for process in $launcher $(ranks_running); do kill -9 "$process" 2> /dev/null; done
  rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
# shellcheck source=tests/mpi/support.sh
. "$(dirname "${BASH_SOURCE[0]}")/support.sh"
failed=0 longest=0 killed=0 resumed=0 late=0 code=0

complain() {
  echo "FAILED: kill $killed: $*" >&2
  tail -n 5 "$folder/out" "$folder/err" >&2
  failed=1
}
milliseconds() { echo $(($(date +%s%N) / 1000000)); }
# train RANKS MODEL CHECKPOINT: in the background; its number in launcher
train() {
  # shellcheck disable=SC2086  # words of their own
  $mpirun -n "$1" "$program" --epochs 2 --architecture recurrent --position none --threads 1 --save "$2" \
    --checkpoint "$3" --checkpoint-minutes 0.001 > "$folder/out" 2> "$folder/err" < /dev/null &
  launcher=$!
}
# The ranks of these trainings: not the launcher's processes, and not what has ended.
ranks_running() {
  local process
  for process in $(pgrep -f -- "--checkpoint $folder/"); do
    [ "$process" != "$launcher" ] || continue
    case "$(ps -o stat=,comm= -p "$process" 2> /dev/null)" in
      "" | Z* | *mpi* | *prte* | *hydra* | *orted*) ;;
      *) echo "$process" ;;
    esac
  done
}
# Does the launcher run?
launched() {
  case "$(ps -o stat= -p "$launcher" 2> /dev/null)" in "" | Z*) return 1 ;; esac
}
# until_over SECONDS: waits for launcher and ranks; false where they still run then. Its exit code in code.
until_over() {
  local end=$(($(milliseconds) + 1000 * $1))
  while launched || [ -n "$(ranks_running)" ]; do
    [ "$(milliseconds)" -lt "$end" ] || return 1
    sleep 0.05
  done
  wait "$launcher" 2> /dev/null
  code=$?
}

begin=$(milliseconds)
train 2 "$folder/undisturbed" "$folder/first"
until_over 300 || complain "the training without a kill takes more than 300 seconds"
whole=$(($(milliseconds) - begin))
expected=$(weights "$folder/undisturbed")
[ -n "$expected" ] || complain "the training without a kill saved nothing"

while [ "$killed" -lt "$count" ] && [ "$failed" -eq 0 ]; do
  rm -f "$folder"/run* "$folder/model"
  train $((RANDOM % 3 + 2)) "$folder/model" "$folder/run"
  if [ $((killed % 2)) -eq 0 ]; then # there is a checkpoint to go on from
    until [ -e "$folder/run" ] || ! launched; do sleep 0.02; done
    moment=$(((RANDOM * 32768 + RANDOM) % (whole / 2)))
  else # at any time
    moment=$((200 + (RANDOM * 32768 + RANDOM) % whole))
  fi
  sleep "$((moment / 1000)).$(printf %03d $((moment % 1000)))"
  mapfile -t running < <(ranks_running)
  victim=${running[$((RANDOM % (${#running[@]} + 1)))]:-$launcher}
  if ! launched || ! kill -9 "$victim" 2> /dev/null; then
    until_over 60 || complain "a training does not end"
    late=$((late + 1))
    [ "$code" -eq 0 ] || complain "ended before it was killed: exit code $code"
    [ "$late" -le $((10 * count + 10)) ] || complain "the training is too short to be killed"
    continue
  fi
  begin=$(milliseconds)
  killed=$((killed + 1))
  until_over 20 || complain "process $victim was killed, others run on"
  took=$(($(milliseconds) - begin))
  [ "$took" -le 10000 ] || complain "ranks ended after $took ms, expected at most 10000"
  [ "$took" -le "$longest" ] || longest=$took
  [ "$code" -ne 0 ] || [ "$(weights "$folder/model" 2> /dev/null)" = "$expected" ] ||
    complain "exit code 0, but no model"
  rm -f "$folder"/*.tmp # what a killed process was writing is beside the file, never in it
  [ -e "$folder/run" ] && resumed=$((resumed + 1))
  train $((RANDOM % 4 + 1)) "$folder/model" "$folder/run"
  until_over 300 || complain "resumed, it takes more than 300 seconds"
  [ "$code" -eq 0 ] || complain "resumed: exit code $code"
  found=$(weights "$folder/model")
  [ "$found" = "$expected" ] || complain "resumed, other weights: $found, expected $expected"
done
[ "$failed" -ne 0 ] || [ "$count" -lt 2 ] || [ "$resumed" -gt 0 ] || complain "no kill came after a checkpoint"

[ "$failed" -eq 0 ] &&
  echo "$killed kills on 2 to 4 ranks, $resumed of them after a checkpoint: all ended within $longest ms, and" \
    "resumed trainings have the weights of the undisturbed one"
exit "$failed"
