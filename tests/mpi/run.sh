#!/usr/bin/env bash
# Runs ranks and looks at what they say: run.sh "MPIRUN OPTION..." SESSION RANKS...
# PROGRAM in the environment: promoter_classification, to be trained on ranks.
# MPIRUN is what starts ranks, but for "-n RANKS". Every fault ends all ranks within ten seconds.
set -u
mpirun=$1 program=$2
shift 2
folder=$(mktemp -d "${TMPDIR:-/tmp}/seqlstm_mpi_XXXXXX")
trap 'rm -rf "$folder"' EXIT
# shellcheck source=tests/mpi/support.sh
. "$(dirname "${BASH_SOURCE[0]}")/support.sh"
failed=0
longest=0
# MPICH's launcher kills the others when one ends, often before they can speak; then its own words have to do.
hasty=no
case "$("${mpirun%% *}" --version 2>&1)" in *HYDRA*) hasty=yes ;; esac
through="" # a program that starts the ranks' program

complain() {
  echo "FAILED: $*" >&2
  cat "$folder/out" "$folder/err" >&2
  failed=1
}
# start RANKS CASE...: output in out and err, exit code in code, seconds in seconds
start() {
  local ranks=$1 begin=$SECONDS
  shift
  # shellcheck disable=SC2086  # words of their own
  timeout -k 1 60 $mpirun -n "$ranks" $through "$program" "$@" > "$folder/out" 2> "$folder/err" < /dev/null
  code=$?
  seconds=$((SECONDS - begin))
}
# fault CASE RANKS SENTENCE [MOST]: the sentence (a regular expression) is said once, at most MOST times, nobody is left, all
# within ten seconds.
fault() {
  start "$2" "$1"
  local said most=${4:-1}
  said=$(grep -cE -- "^seqlstm: $3" "$folder/err")
  [ "$seconds" -le 10 ] || complain "$1 on $2 ranks: $seconds seconds, expected at most 10"
  [ "$seconds" -le "$longest" ] || longest=$seconds
  case "$hasty $1 $said" in "yes kill"*" 0" | "yes exit "*) return ;; esac
  [ "$code" -ne 0 ] || complain "$1 on $2 ranks: exit code 0"
  [ "$said" -ge 1 ] && [ "$said" -le "$most" ] || complain "$1 on $2 ranks: '$3' was said $said times, expected 1 to $most"
  [ "$(grep -c "^seqlstm: " "$folder/err")" -eq "$said" ] || complain "$1 on $2 ranks: more was said than that"
}

"$program" sums > "$folder/out" 2> "$folder/err" || complain "sums without a launcher: exit code $?"
alone=$(cat "$folder/out")
[ ! -s "$folder/err" ] || complain "sums without a launcher: something on the error output"
trained=$("$program" train) || complain "train without a launcher: exit code $?"
for ranks in "$@"; do
  start "$ranks" sums
  [ "$code" -eq 0 ] || complain "sums on $ranks ranks: exit code $code"
  [ "$(cat "$folder/out")" = "$alone" ] || complain "sums on $ranks ranks: other bits than $alone"
  start "$ranks" train
  [ "$code" -eq 0 ] || complain "train on $ranks ranks: exit code $code"
  [ "$(cat "$folder/out")" = "$trained" ] || complain "train on $ranks ranks: other bits than $trained"
  start "$ranks" hello
  [ "$(wc -l < "$folder/out")" -eq "$ranks" ] || complain "hello on $ranks ranks: $(wc -l < "$folder/out") words"
  start "$ranks" own_mpi
  [ "$code" -eq 0 ] && [ "$(cat "$folder/out")" = "begun 1, ended 0" ] || complain "MPI beside a session on $ranks ranks"
  TWICE=1 start "$ranks" hello
  [ "$code" -ne 0 ] && grep -q "MPI was ended before this session; one session lives" "$folder/err" ||
    complain "a second session on $ranks ranks: exit code $code"
  [ "$ranks" -gt 1 ] || continue
  last_rank="rank $((ranks - 1)) of $ranks"
  last="$last_rank \\([^ ]+, process [0-9]+\\)"
  any="rank [0-9]+ of $ranks \\([^ ]+, process [0-9]+\\)"
  fault throw "$ranks" "$last: no space left$"
  fault throw_beside_work "$ranks" "$last: no space left$"
  fault throw_odd "$ranks" "$last: \\\\x1B\\[2Jx\\.fax{1000}"  # of Open MPI's mpirun come 2048 bytes
  fault throw_together "$ranks" "$any: x.fa: no such file$"
  fault kill "$ranks" "$last: its process ended without a word"
  fault kill_beside_work "$ranks" "$last: its process ended without a word"
  fault kill_first "$ranks" "rank 0 of $ranks \\([^ ]+, process [0-9]+\\): its process ended without a word" $((ranks - 1))
  fault stop "$ranks" "$last: no sign of life for 3 seconds"
  fault exit "$ranks" "$last: its process ended without a word"
  fault leave "$ranks" "rank 0 of $ranks .*: rank 1 has ended, but rank 0 waits for it"
  fault differ "$ranks" "$any: the seed of rank 1 of $ranks is '2', but '1' at rank 0; give all ranks one$"
  fault train_data "$ranks" "$any: the training data of $last_rank is '200 records, .*; give all ranks the same files$"
  fault train_throw "$ranks" "$last: no space left$"
  fault train_kill "$ranks" "$last: its process ended without a word"
  fault shards "$ranks" "$any: $ranks ranks, but 1 shards: some ranks would have nothing to do"
done

# The last rank cannot reach rank 0 by TCP: a note, and all else goes on, its end included.
for ranks in "$@"; do
  for hole in refused silent; do
    [ "$ranks" -gt 1 ] || continue
    HOLE=$hole start "$ranks" sums
    note="^seqlstm: rank $((ranks - 1)) of $ranks .* cannot reach rank 0 at .*; a rank that dies is noticed by the launcher"
    [ "$code" -eq 0 ] || complain "sums, $hole, on $ranks ranks: exit code $code"
    [ "$(cat "$folder/out")" = "$alone" ] || complain "sums, $hole, on $ranks ranks: other bits than $alone"
    [ "$(grep -c "^seqlstm: " "$folder/err")" -eq 1 ] && grep -q "$note" "$folder/err" ||
      complain "sums, $hole, on $ranks ranks: not one note of a rank that cannot reach rank 0"
  done
  [ "$ranks" -gt 1 ] || continue
  HOLE=refused start "$ranks" throw
  [ "$code" -ne 0 ] && [ "$seconds" -le 10 ] || complain "throw, refused, on $ranks ranks: exit code $code, $seconds seconds"
  [ "$(grep -c "^seqlstm: rank .*: no space left$" "$folder/err")" -eq 1 ] ||
    complain "throw, refused, on $ranks ranks: not said once"
done

# A program trains on all ranks: the bits of one, said and written once, by rank 0.
# trained RANKS: what it says of the test part, and the weights of its model, in sum
trained() {
  local model="$folder/$1.safetensors"
  timeout -k 1 300 $mpirun -n "$1" "$PROGRAM" --epochs 2 --architecture recurrent --position none --threads 1 --save "$model" \
    --json "$folder/$1.json" > "$folder/out" 2> "$folder/err" < /dev/null || complain "$PROGRAM on $1 ranks: exit code $?"
  [ "$(grep -c "^epoch 2:" "$folder/out")" -eq 1 ] || complain "$PROGRAM on $1 ranks: epoch 2 is not told once"
  [ "$(find "$folder" -name "*.tmp" | wc -l)" -eq 0 ] || complain "$PROGRAM on $1 ranks: temporary files"
  sum=$(grep "accuracy" "$folder/out" | grep -v "^epoch" | cksum)$(weights "$model")
}
if [ -n "${PROGRAM:-}" ]; then
  trained 1
  first=$sum
  for ranks in "$@"; do
    [ "$ranks" -gt 1 ] || continue
    trained "$ranks"
    [ "$sum" = "$first" ] || complain "$PROGRAM on $ranks ranks: $sum, expected $first"
    timeout -k 1 60 $mpirun -n "$ranks" "$PROGRAM" --data /no/such/file > "$folder/out" 2> "$folder/err" < /dev/null &&
      complain "$PROGRAM without its data on $ranks ranks: exit code 0"
    [ "$(grep -c "no/such/file" "$folder/err")" -eq 1 ] || complain "$PROGRAM without its data on $ranks ranks: not said once"
  done
fi

# Does the process run? One that only waits for somebody to take its exit code does not.
runs() {
  case "$(ps -o stat= -p "$1")" in "" | Z*) return 1 ;; esac
}
# kill_one RANKS: kill -9 of a random rank from outside, at a random moment.
kill_one() {
  : > "$folder/out"
  timeout -k 1 60 $mpirun -n "$1" "$program" wait > "$folder/out" 2> "$folder/err" < /dev/null &
  local launcher=$! victim begin=0 said most=1
  until [ "$(wc -l < "$folder/out")" -eq "$1" ] || ! kill -0 "$launcher" 2> /dev/null; do sleep 0.1; done
  sleep "0.$((RANDOM % 10))"
  victim=$((RANDOM % $1))
  [ "$victim" -eq 0 ] && most=$(($1 - 1))
  begin=$SECONDS
  kill -9 "$(sed -n "$((victim + 1))p" "$folder/out")"
  wait "$launcher" && complain "kill -9 of rank $victim of $1: exit code 0"
  seconds=$((SECONDS - begin))
  said=$(grep -cE "^seqlstm: rank $victim of $1 .*: its process ended without a word" "$folder/err")
  [ $hasty = yes ] || { [ "$said" -ge 1 ] && [ "$said" -le $most ]; } ||
    complain "kill -9 of rank $victim of $1: it is named $said times, expected 1 to $most"
  [ "$seconds" -le 10 ] || complain "kill -9 of rank $victim of $1: $seconds seconds, expected at most 10"
  for process in $(head -n "$1" "$folder/out"); do
    for ((tries = 0; tries < 30; ++tries)); do runs "$process" && sleep 0.1 || break; done
    runs "$process" && complain "kill -9 of rank $victim of $1: process $process is still there"
  done
}
for ranks in "$@"; do
  for ((round = 0; ranks > 1 && round < ${ROUNDS:-3}; ++round)); do kill_one "$ranks"; done
done

# Two tiers of kernels: refused, or the lower one for both. Where the program has compiled kernels of several.
low=$(SEQLSTM_CPU=baseline "$program" tier 2> /dev/null)
if [ "$low" = "tiers baseline baseline" ] && [ "$("$program" tier)" != "$low" ]; then
  cat > "$folder/low" << 'TEXT'
#!/bin/sh
[ "${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-}}" != 0 ] || export SEQLSTM_CPU=baseline
exec "$@"
TEXT
  chmod +x "$folder/low"
  through="$folder/low"
  fault tier 2 "rank [01] of 2 .*: the tier of kernels of rank 1 of 2 is '.*', but 'baseline' at rank 0; set SEQLSTM_CPU"
  COMMON_TIER=1 start 2 tier
  [ "$(cat "$folder/out")" = "$low" ] || complain "a common tier: '$(cat "$folder/out")', expected '$low'"
  through=""
fi

# An environment of another launcher: its processes do not see each other.
env PMI_SIZE=3 "$program" hello > "$folder/out" 2> "$folder/err" && complain "an MPI of another launcher is accepted"
grep -q "PMI_SIZE says that 3 processes were started, but this program's MPI (.*) sees one" "$folder/err" ||
  complain "an MPI of another launcher has another sentence"

[ "$failed" -eq 0 ] && echo "ranks $*: same bits; every fault ended within $longest seconds"
exit "$failed"
