#!/usr/bin/env bash
# Kills trainings at random and looks at what is left: kills.sh "MPIRUN OPTION..." PROGRAM COUNT [SEED]
# COUNT times: promoter_classification (PROGRAM) trains on 2 to 4 ranks and a rank, or the launcher, gets SIGKILL at a random
# moment. All ranks end within ten seconds, no file is broken, and the training, resumed on 1 to 4 ranks, ends
# with the weights of one that nobody disturbed.
set -u
mpirun=$1 program=$2 count=$3 RANDOM=${4:-1}
folder=$(mktemp -d "${TMPDIR:-/tmp}/seqlstm_kills_XXXXXX")
trap 'rm -rf "$folder"' EXIT
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_btl_vader_single_copy_mechanism=none
failed=0 longest=0 killed=0 resumed=0 late=0

complain() {
  echo "FAILED: kill $killed: $*" >&2
  tail -n 5 "$folder/out" "$folder/err" >&2
  failed=1
}
milliseconds() { echo $(($(date +%s%N) / 1000000)); }
# train RANKS MODEL OPTION...: in the background; its number in launcher
train() {
  local ranks=$1 model=$2
  shift 2
  # shellcheck disable=SC2086  # words of their own
  $mpirun -n "$ranks" "$program" --epochs 2 --architecture recurrent --position none --threads 1 --save "$model" "$@" \
    > "$folder/out" 2> "$folder/err" < /dev/null &
  launcher=$!
}
# shellcheck source=tests/mpi/weights.sh
. "$(dirname "${BASH_SOURCE[0]}")/weights.sh"
# The ranks of this training: not the launcher, and not what has ended and waits for somebody to take its exit code.
ranks_running() {
  local process
  for process in $(pgrep -f -- "--checkpoint $folder/run"); do
    [ "$process" -ne "$launcher" ] || continue
    case "$(ps -o stat=,comm= -p "$process" 2> /dev/null)" in "" | Z* | *mpi* | *prte* | *hydra* | *orted*) ;; *) echo "$process" ;; esac
  done
}

begin=$(milliseconds)
train 2 "$folder/undisturbed" --checkpoint "$folder/first" --checkpoint-minutes 0.001
wait "$launcher" || complain "the training without a kill: exit code $?"
whole=$(($(milliseconds) - begin))
expected=$(weights "$folder/undisturbed")

while [ "$killed" -lt "$count" ] && [ "$failed" -eq 0 ]; do
  ranks=$((RANDOM % 3 + 2))
  rm -f "$folder"/run* "$folder/model"
  train "$ranks" "$folder/model" --checkpoint "$folder/run" --checkpoint-minutes 0.001
  moment=$((200 + (RANDOM * 32768 + RANDOM) % whole))
  sleep "$((moment / 1000)).$(printf %03d $((moment % 1000)))"
  mapfile -t running < <(ranks_running)
  choice=$((RANDOM % (${#running[@]} + 1)))
  victim=${running[$choice]:-$launcher}
  if ! kill -9 "$victim" 2> "$folder/refused"; then # it was over already
    wait "$launcher"
    late=$((late + 1))
    [ "$late" -le $((10 * count + 10)) ] || complain "the training is too short to be killed"
    continue
  fi
  begin=$(milliseconds)
  killed=$((killed + 1))
  wait "$launcher" 2> /dev/null && [ -z "${running[*]}" ] && complain "exit code 0"
  while [ -n "$(ranks_running)" ] && [ $(($(milliseconds) - begin)) -lt 20000 ]; do sleep 0.1; done
  took=$(($(milliseconds) - begin))
  [ "$took" -le 10000 ] || complain "ranks ended after $took ms, expected at most 10000"
  [ "$took" -le "$longest" ] || longest=$took
  for process in $(ranks_running); do kill -9 "$process"; done
  rm -f "$folder"/*.tmp # what a killed process was writing is beside the file, never in it
  [ -e "$folder/run" ] && resumed=$((resumed + 1))
  train $((RANDOM % 4 + 1)) "$folder/model" --checkpoint "$folder/run" --checkpoint-minutes 0.001
  wait "$launcher" || complain "resumed: exit code $?"
  found=$(weights "$folder/model")
  [ "$found" = "$expected" ] || complain "resumed, other weights: $found, expected $expected"
done

[ "$failed" -eq 0 ] && echo "$killed kills on 2 to 4 ranks, $resumed after a checkpoint: all ended within $longest ms, resumed trainings have the bits of the undisturbed one"
exit "$failed"
