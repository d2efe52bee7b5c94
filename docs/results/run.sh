#!/usr/bin/env bash
# Runs every measurement of docs/results.md: run.sh DATA [BUILD]. Files that exist are kept; delete one to run it again.
# DATA is a folder with promoter/*.csv and *.fa and genomes/*.fa.gz (docs/results.md says which); BUILD defaults to
# build/release. Encoders are kept in BUILD/encoders: hours of pre-training, which goes on where it was interrupted.
set -euo pipefail
data="$(realpath "${1:?usage: run.sh DATA [BUILD]}")"
results="$(realpath "$(dirname "${BASH_SOURCE[0]}")")"
build="$(realpath "${2:-$results/../../build/release}")"
examples="$build/examples"
encoders="$build/encoders"
mkdir -p "$encoders"
cd "$data/promoter"  # so that the JSON names files, not where they are on this machine

# measure NAME SEEDS PROGRAM OPTION...: docs/results/NAME.seedS.json for S = 1 .. SEEDS
measure() {
  local name=$1 seeds=$2 program=$3 seed
  shift 3
  for ((seed = 1; seed <= seeds; ++seed)); do
    local json="$results/$name.seed$seed.json"
    [[ -e "$json" ]] && continue
    echo "== $name, seed $seed"
    "$examples/$program" "$@" --seed "$seed" --json "$json"
  done
}

measure ecoli_cds 3 promoter_classification --data ecoli_cds.csv
measure ecoli_cds_no_position 3 promoter_classification --data ecoli_cds.csv --position none
measure ecoli_cds_shifted 3 promoter_classification --data ecoli_cds_shifted.csv
measure ecoli_sigma70 5 promoter_classification --positive ecoli_sigma70_promoter.fa \
  --negative ecoli_non_promoter.fa
measure arabidopsis_tata 3 promoter_classification --positive arabidopsis_tata_promoter.fa \
  --negative arabidopsis_non_promoter.fa
measure motif_position 3 motif_position

# pretrain NAME OPTION...: an encoder, and what it knows in docs/results/language_NAME.json
pretrain() {
  local name=$1
  shift
  [[ -e "$results/language_$name.json" && -e "$encoders/$name" ]] && return
  echo "== language model, $name"
  "$examples/genome_language_model" --width 192 --hidden 384 --reverse-complement --seed 1 "$@" \
    --checkpoint "$encoders/$name.run" --save "$encoders/$name" --json "$results/language_$name.json"
}

pretrain ecoli --data ../genomes/ecoli_K12_MG1655.fa.gz --epochs 12
pretrain many --data ../genomes/*.fa.gz --epochs 2

for rows in 20 200 500 1000 3000 all; do
  some=()
  [[ $rows == all ]] || some=(--train-rows "$rows")
  measure "transfer_none_$rows" 3 promoter_classification --data ecoli_cds.csv --position none "${some[@]}"
  measure "transfer_ecoli_$rows" 3 promoter_classification --data ecoli_cds.csv --encoder "$encoders/ecoli" "${some[@]}"
  measure "transfer_many_$rows" 3 promoter_classification --data ecoli_cds.csv --encoder "$encoders/many" "${some[@]}"
done
measure transfer_shifted_ecoli 3 promoter_classification --data ecoli_cds_shifted.csv --encoder "$encoders/ecoli"
measure transfer_shifted_many 3 promoter_classification --data ecoli_cds_shifted.csv --encoder "$encoders/many"
measure transfer_sigma70_many 3 promoter_classification --positive ecoli_sigma70_promoter.fa \
  --negative ecoli_non_promoter.fa --encoder "$encoders/many"
measure text 3 text_generation
