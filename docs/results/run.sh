#!/usr/bin/env bash
# Runs every measurement of docs/results.md: run.sh DATA [BUILD]. Files that exist are kept; delete one to run it again.
# DATA is a folder with promoter/*.csv and *.fa (docs/results.md says which); BUILD defaults to build/release.
set -euo pipefail
data="$(realpath "${1:?usage: run.sh DATA [BUILD]}")"
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
examples="${2:-build/release}/examples"

# measure NAME SEEDS PROGRAM OPTION...: docs/results/NAME.seedS.json for S = 1 .. SEEDS
measure() {
  local name=$1 seeds=$2 program=$3 seed
  shift 3
  for ((seed = 1; seed <= seeds; ++seed)); do
    local json="docs/results/$name.seed$seed.json"
    [[ -e "$json" ]] && continue
    echo "== $name, seed $seed"
    "$examples/$program" "$@" --seed "$seed" --json "$json"
  done
}

promoter="$data/promoter"
measure ecoli_cds 3 promoter_classification --data "$promoter/ecoli_cds.csv"
measure ecoli_cds_no_position 3 promoter_classification --data "$promoter/ecoli_cds.csv" --position none
measure ecoli_cds_shifted 3 promoter_classification --data "$promoter/ecoli_cds_shifted.csv"
measure ecoli_sigma70 5 promoter_classification --positive "$promoter/ecoli_sigma70_promoter.fa" \
  --negative "$promoter/ecoli_non_promoter.fa"
measure arabidopsis_tata 3 promoter_classification --positive "$promoter/arabidopsis_tata_promoter.fa" \
  --negative "$promoter/arabidopsis_non_promoter.fa"
measure motif_position 3 motif_position
