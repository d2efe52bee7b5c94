#!/usr/bin/env bash
# Runs every measurement of docs/results.md: run.sh DATA [BUILD]. Files that exist are kept; delete one to run it again.
# DATA is a folder with promoter/*.csv and *.fa (docs/results.md says which); BUILD defaults to build/release.
set -euo pipefail
data="$(realpath "${1:?usage: run.sh DATA [BUILD]}")"
results="$(realpath "$(dirname "${BASH_SOURCE[0]}")")"
examples="$(realpath "${2:-$results/../../build/release}")/examples"
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
