#!/usr/bin/env bash
# Runs every measurement of docs/results: run.sh DATA [BUILD]. Each leaves its JSON in BUILD/results, and its row in runs.csv
# beside this file. JSON that exists is kept; delete one to run it again.
# DATA is a folder with promoter/*.csv and *.fa, genomes/*.fa.gz, protein/*.csv* and signal/*.ts.gz (commands.md says which); BUILD defaults to
# build/release. Encoders are kept in BUILD/encoders: hours of pre-training, which goes on where it was interrupted.
set -euo pipefail
data="$(realpath "${1:?usage: run.sh DATA [BUILD]}")"
page="$(realpath "$(dirname "${BASH_SOURCE[0]}")")"
build="$(realpath "${2:-$page/../../build/release}")"
results="$build/results"
examples="$build/examples"
encoders="$build/encoders"
mkdir -p "$encoders" "$results"
cd "$data/promoter"  # so that the JSON names files, not where they are on this machine

# measure NAME SEEDS PROGRAM OPTION...: NAME.seedS.json for S = 1 .. SEEDS
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
measure ecoli_cds_bf16 3 promoter_classification --data ecoli_cds.csv --position absolute --precision bf16
# ecoli_cds_avx2: the same in f32 from a build with -DSEQLSTM_NATIVE=OFF -DCMAKE_CXX_FLAGS=-march=haswell
measure ecoli_cds_no_position 3 promoter_classification --data ecoli_cds.csv --position none
measure ecoli_cds_shifted 3 promoter_classification --data ecoli_cds_shifted.csv
measure ecoli_sigma70 5 promoter_classification --positive ecoli_sigma70_promoter.fa \
  --negative ecoli_non_promoter.fa
# Windows that share 40 letters stay together: ten folds of whole clusters, one a seed.
mkdir -p "$build/folds"
"$examples/prepare_splits" --positive ecoli_sigma70_promoter.fa --negative ecoli_non_promoter.fa --overlap 40 --folds 10 \
  --seed 1 --audit kmers --out "$build/folds/ecoli_sigma70_folds.csv"
for seed in 1 2 3 4 5; do
  json="$results/ecoli_sigma70_apart.seed$seed.json"
  [[ -e "$json" ]] && continue
  (cd "$build/folds" && "$examples/promoter_classification" --data ecoli_sigma70_folds.csv --split-column "set$seed" \
    --seed "$seed" --json "$json")
done
measure arabidopsis_tata 3 promoter_classification --positive arabidopsis_tata_promoter.fa \
  --negative arabidopsis_non_promoter.fa
measure motif_position 3 motif_position
# the pictures are of the last seed
measure memory_length 3 memory_length --out "$results/memory_length"
for state in before after; do
  [[ -e "$results/memory_length.$state.svg" ]] && cp "$results/memory_length.$state.svg" "$page/memory_$state.svg"
done

# pretrain NAME OPTION...: an encoder, and what it knows in language_NAME.json
pretrain() {
  local name=$1
  shift
  [[ -e "$results/language_$name.json" && -e "$encoders/$name" ]] && return
  echo "== language model, $name"
  "$examples/genome_language_model" --width 192 --hidden 384 --reverse-complement --precision bf16 --seed 1 "$@" \
    --checkpoint "$encoders/$name.run" --save "$encoders/$name" --json "$results/language_$name.json"
}

# go_on NAME ENCODER OPTION...: an encoder that goes on with other sequences, without labels
go_on() {
  local name=$1 encoder=$2
  shift 2
  [[ -e "$results/language_$name.json" && -e "$encoders/$name" ]] && return
  echo "== language model, $name"
  "$examples/genome_language_model" --encoder "$encoders/$encoder" --precision bf16 --seed 1 "$@" \
    --save "$encoders/$name" --json "$results/language_$name.json"
}

pretrain ecoli --data ../genomes/ecoli_K12_MG1655.fa.gz --epochs 12
pretrain many --data ../genomes/*.fa.gz --epochs 6
go_on many_ecoli many --data ../genomes/ecoli_K12_MG1655.fa.gz --reverse-complement --epochs 4
# the training sequences of a table as they stand: a promoter has a direction
for name in ecoli many; do
  go_on "${name}_windows" "$name" --data ecoli_cds.csv --epochs 8
  go_on "${name}_shifted" "$name" --data ecoli_cds_shifted.csv --epochs 8
done

# by_rows PREFIX DATA WINDOWS OPTION...: a table by labelled rows, without an encoder (OPTION is for these), on the network of
# one from weights drawn anew, and on both
by_rows() {
  local prefix=$1 table=$2 windows=$3 rows encoder
  shift 3
  for rows in 20 200 500 1000 3000 all; do
    local some=()
    [[ $rows == all ]] || some=(--train-rows "$rows")
    [[ $rows == all ]] || measure "${prefix}none_$rows" 3 promoter_classification --data "$table" "$@" "${some[@]}"
    measure "${prefix}scratch_$rows" 3 promoter_classification --data "$table" --encoder "$encoders/many_$windows" --from-scratch \
      --position none --precision bf16 "${some[@]}"
    for encoder in ecoli many; do
      measure "$prefix${encoder}_$rows" 3 promoter_classification --data "$table" --encoder "$encoders/${encoder}_$windows" \
        --position none --precision bf16 "${some[@]}"
    done
  done
}
by_rows transfer_ ecoli_cds.csv windows --position none
by_rows transfer_shifted_ ecoli_cds_shifted.csv shifted
measure transfer_many_20_self 3 promoter_classification --data ecoli_cds.csv --encoder "$encoders/many_windows" \
  --position none --precision bf16 --train-rows 20 --self-training 1
measure transfer_sigma70_many 5 promoter_classification --positive ecoli_sigma70_promoter.fa \
  --negative ecoli_non_promoter.fa --encoder "$encoders/many_ecoli" --position none --precision bf16 --ensemble 3
if [[ ! -e "$results/scan.json" ]]; then
  echo "== scan"
  [[ -e "$encoders/promoters" ]] || "$examples/promoter_classification" --data ecoli_cds.csv \
    --encoder "$encoders/many_windows" --position none --precision bf16 --seed 1 --save "$encoders/promoters"
  "$examples/promoter_classification" scan --load "$encoders/promoters" --genome ../genomes/ecoli_K12_MG1655.fa.gz \
    --truth ecoli_cds.csv --precision bf16 --out "$encoders/scan" --json "$results/scan.json"
fi
measure text 3 text_generation

# Base calling: reads simulated from eleven genomes, tested on those of the twelfth.
cd "$data/genomes"
measure basecalling 3 basecalling --genomes $(ls ./*.fa.gz | grep -v synechocystis) \
  --test-genome synechocystis_PCC6803.fa.gz --pore-model ../signal/r9.4_6mer_levels.tsv.gz

# Alignment of reads: learned on ten genomes, chosen on the eleventh, tested on the twelfth.
measure sequence_alignment 3 sequence_alignment reads --genomes $(ls ./*.fa.gz | grep -v -e synechocystis -e staphylococcus) \
  --valid-genome staphylococcus_aureus_DSM20231.fa.gz --test-genome synechocystis_PCC6803.fa.gz

# Stretches from Neanderthals, in simulations of examples/programs/data/simulate_ancestry.py: --seed S --out ancestryS.tsv, and
# without gene flow after the splits: --seed S --migration 0 --out ancestry_apartS.tsv.
cd "$data/ancestry"
for kind in "" _apart; do
  for seed in 1 2 3; do
    json="$results/ancestry$kind.seed$seed.json"
    [[ -e "$json" ]] && continue
    "$examples/ancestry" --data "ancestry$kind$seed.tsv" --seed "$seed" --json "$json" --track "$results/ancestry$kind.svg"
  done
done
[[ -e "$results/ancestry_apart.svg" ]] && cp "$results/ancestry_apart.svg" "$page/ancestry_apart.svg"

# Proteins. One set of defaults for all, but the sixty runs of remote homology train one network instead of three; the organism is given to targetp2 as the published network has it.
cd "$data/protein"
measure amp_scanner 3 protein_classification --data amp_scanner.csv
measure targetp2 3 protein_classification --data targetp2.csv.gz --extra-column organism
measure amp_scanner_committee 3 protein_classification --data amp_scanner.csv --architecture auto --committee 10 --ensemble 1 \
  --audit none
measure targetp2_folds 3 protein_classification --data targetp2.csv.gz --extra-column organism --folds fold --committee 4 \
  --ensemble 1 --architecture attention --class-weights sqrt --site-column cleavage_site --audit none
measure gb1 3 protein_classification --data gb1.csv.gz
measure esol 3 protein_classification --data esol.csv
measure scop40 3 protein_classification --data scop40.csv.gz --split-column our_split
tasks="1.1 1.34 2.19 2.31 2.34 2.41 2.8 3.19 3.25 3.33"
for task in $tasks; do
  measure "homology_$task" 3 protein_classification --data scop_homology.csv.gz --filter "task=$task" --ensemble 1
done
if [[ ! -e "$results/language_proteins.json" || ! -e "$encoders/proteins" ]]; then
  echo "== language model, proteins"
  "$examples/genome_language_model" --alphabet aa20 --data targetp2.csv.gz scop_homology.csv.gz --width 128 --hidden 256 \
    --epochs 3 --precision bf16 --seed 1 --checkpoint "$encoders/proteins.run" --save "$encoders/proteins" \
    --json "$results/language_proteins.json"
fi
if [[ ! -e "$results/residues.json" || ! -e "$encoders/residues" ]]; then
  echo "== residue model"
  "$examples/protein_classification" pretrain --data targetp2.csv.gz scop_homology.csv.gz --save "$encoders/residues" \
    --json "$results/residues.json"
fi
for task in $tasks; do
  measure "homology_pretrained_$task" 3 protein_classification --data scop_homology.csv.gz --filter "task=$task" --ensemble 1 \
    --encoder "$encoders/residues"
done
# Search of proteins of other superfamilies: the residue model reads the training part alone.
measure protein_search 3 sequence_alignment proteins --data scop40.csv.gz --split-column our_split
if [[ ! -e "$results/scop40_residues.json" || ! -e "$encoders/scop40_residues" ]]; then
  echo "== residue model of scop40"
  "$examples/protein_classification" pretrain --data scop40.csv.gz --split-column our_split --epochs 30 \
    --save "$encoders/scop40_residues" --json "$results/scop40_residues.json"
fi
measure protein_search_pretrained 3 sequence_alignment proteins --data scop40.csv.gz --split-column our_split \
  --pretrained "$encoders/scop40_residues"
measure targetp2_pretrained 3 protein_classification --data targetp2.csv.gz --extra-column organism \
  --encoder "$encoders/residues"
measure embedding_targetp2 3 embedding_analysis --data targetp2.csv.gz --encoder "$encoders/residues"
measure embedding_targetp2_next 3 embedding_analysis --data targetp2.csv.gz --encoder "$encoders/proteins"
[[ -e "$results/split_targetp2.json" ]] || "$examples/prepare_splits" --data targetp2.csv.gz \
  --out "$encoders/targetp2_split.csv" --json "$results/split_targetp2.json"

cd "$data/residue"
measure secondary_structure 3 sequence_labelling --data secondary_structure.csv.gz --label-column structure --mask-column resolved \
  --hidden 128 --layers 2 --filters 64 --epochs 16 --precision bf16

# Signal peptides: options were chosen by runs like the first, which evaluate no test part; then networks learn from two of three folds.
peptides=(--three-line signal_peptides.3line.fa.gz --folds 4 --type-column 3 --extra-column 2 --sites STLP --crf --hidden 64 --layers 1
  --filters 64 --kernels 3,7,15 --dropout 0.5 --token-dropout 0.1 --type-weights sqrt --epoch-share 0.5 --learning-rate 0.005
  --precision bf16 --threads 1)
measure signal_peptides_validation 1 sequence_labelling "${peptides[@]}" --epochs 20 --validation-only
measure signal_peptides 3 sequence_labelling "${peptides[@]}" --epochs 10 --refit --ensemble 2

# Signals: the program's defaults.
cd "$data/signal"
measure japanese_vowels 3 signal_classification --train japanese_vowels_train.ts.gz --test japanese_vowels_test.ts.gz

python3 "$page/make_results.py" --take "$results"
