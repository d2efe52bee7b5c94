#!/usr/bin/env bash
# The same training on any ranks and threads: same_weights.sh "MPIRUN OPTION..." PROGRAM OPTION...
# Trains as 1 rank of 2 threads, and as 2, 4, 8 and 3 ranks of one; fails unless all --save the same weights.
set -u
mpirun=$1 program=$2
shift 2
folder=$(mktemp -d "${TMPDIR:-/tmp}/seqlstm_same_XXXXXX")
trap 'rm -rf "$folder"' EXIT
# shellcheck source=tests/mpi/support.sh
. "$(dirname "${BASH_SOURCE[0]}")/support.sh"
first=""
fail() {
  echo "FAILED: $1" >&2
  tail -n 5 "$folder/out" >&2
  exit 1
}
for layout in 1x2 2x1 4x1 8x1 3x1; do
  # shellcheck disable=SC2086  # words of their own
  timeout -k 1 "${LIMIT:-600}" $mpirun -n "${layout%x*}" "$program" "$@" --threads "${layout#*x}" \
    --save "$folder/$layout" > "$folder/out" 2>&1 < /dev/null || fail "$layout: exit code $?"
  sum=$(weights "$folder/$layout") || fail "$layout: no model"
  echo "$layout: $sum"
  [ "$sum" = "${first:=$sum}" ] || fail "$layout: other weights"
done
