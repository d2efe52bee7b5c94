# What the fault tests share: EXAMPLES names the folder of the programs, ROUNDS how often a fault is tried.
set -u -m # -m: background jobs take SIGINT
folder=$(mktemp -d "${TMPDIR:-/tmp}/seqlstm_faults_XXXXXX")
trap 'kill $(jobs -p) 2> /dev/null; rm -rf "$folder"' EXIT

fail() {
  echo "FAILED: $*" >&2
  tail -n 3 "$folder"/*.err >&2
  exit 1
}
# expect_equal WHAT FOUND EXPECTED
expect_equal() {
  [ "$2" = "$3" ] || fail "$1 is $2, expected $3"
}
# expect_text FILE TEXT
expect_text() {
  grep -qF -- "$2" "$1" || fail "'$2' is not in $1"
}
# The checksums of all tensors that a model file notes.
checksums() {
  grep -aoE '"tensor_checksums":"\{[^}]+\}"' "$1" || fail "$1 is not a whole model"
}
# A row of the table of docs/reliability.md: test | count | result.
row() {
  echo "| $1 | $2 | $3 |"
}
# sequences FILE COUNT LETTERS MOTIF SEED: FASTA of random sequences with a motif in the middle.
sequences() {
  awk -v count="$2" -v letters="$3" -v motif="$4" -v seed="$5" 'BEGIN {
    srand(seed)
    for (i = 1; i <= count; ++i) {
      s = ""
      for (t = 0; t < letters; ++t) s = s substr("ACGT", 1 + int(4 * rand()), 1)
      half = int(letters / 2)
      print ">r" i "\n" substr(s, 1, half) motif substr(s, half + length(motif) + 1)
    }
  }' > "$1"
}
sequences "$folder/yes.fa" 240 60 TATAAT 1
sequences "$folder/no.fa" 240 60 "" 2
classifier="$EXAMPLES/promoter_classification"
data=(--positive "$folder/yes.fa" --negative "$folder/no.fa" --position none --threads 1)
training=("${data[@]}" --hidden 16 --layers 1)
# wait_for FILE TEXT PID: until a running program has written the text.
wait_for() {
  until grep -qF -- "$2" "$1" 2> /dev/null; do
    kill -0 "$3" 2> /dev/null || fail "the program ended before it wrote '$2'"
    sleep 0.02
  done
}
