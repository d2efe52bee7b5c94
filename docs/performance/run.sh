#!/usr/bin/env bash
# Runs every measurement of README.md beside this: run.sh [BUILD [TORCH]]. BUILD, build/release by default, has oneDNN; TORCH,
# BUILD by default, is a build with the libtorch to compare with: PyPI's cannot share a process with oneDNN.
# Nothing else should run meanwhile. An hour; then `cmake --build --preset release --target seqlstm_report` writes tables and plots.
set -euo pipefail
here="$(realpath "$(dirname "${BASH_SOURCE[0]}")")"
build="$(realpath "${1:-$here/../../build/release}")/benchmarks"
torch="$(realpath "${2:-${build%/benchmarks}}")/benchmarks"
raw="$(mktemp)"
trap 'rm -f "$raw"' EXIT

# measure NAME REPETITIONS PROGRAM FILTER: the medians of one interleaved run in docs/performance/NAME.json. A file that
# exists is kept: delete it to measure again.
measure() {
  [[ -e "$here/$1.json" ]] && return
  echo "== $1"
  OMP_NUM_THREADS=2 "$3" --benchmark_enable_random_interleaving=true --benchmark_repetitions="$2" \
    --benchmark_min_time=0.2 --benchmark_filter="$4" --benchmark_report_aggregates_only=true \
    --benchmark_out="$raw" --benchmark_out_format=json > /dev/null
  python3 "$here/make_report.py" --reduce "$raw" "$here/$1.json"
}

measure layers 5 "$build/bench_lstm" 'Ceiling|^(Infer|Train|Step1).*/((seqlstm|onednn)/f32.*threads:1/|seqlstm/f32.*threads:2/)'
measure bf16 5 "$build/bench_lstm" 'Ceiling|^(Infer|Train|Step1).*/(seqlstm|onednn)/bf16.*threads:[12]/'
measure gru 5 "$build/bench_lstm" 'Ceiling|^Gru.*/((seqlstm|onednn)/f32.*threads:1/|seqlstm/f32.*threads:2/)'
measure memory 2 "$build/bench_lstm" '^Train/(seqlstm|onednn)/f32.*threads:1/'
measure libtorch_infer 3 "$torch/bench_lstm" 'Ceiling|^Infer.*/(seqlstm|libtorch|libtorch_packed)/f32.*threads:1/'
measure libtorch_train 3 "$torch/bench_lstm" 'Ceiling|^Train.*/(seqlstm|libtorch|libtorch_packed)/f32.*threads:1/'
measure libtorch_positions 5 "$torch/bench_lstm" 'Ceiling|^(Gru|Conv|Ctc|Crf).*/(seqlstm|libtorch|libtorch_packed)/f32.*threads:1/'
measure models 3 "$torch/bench_model" Step
measure mutagenesis 3 "$build/bench_model" Mutagenesis
measure reader 5 "$build/bench_model" Basecall

shapes=""
for h in 32 64 128 512 1024; do shapes+="100,64,128,$h;"; done
for b in 1 2 4 8 16 32 128; do shapes+="100,$b,128,256;"; done
for t in 10 30 300; do shapes+="$t,64,128,256;"; done
export SEQLSTM_BENCH_SHAPES="$shapes"
measure sweeps 3 "$build/bench_lstm" 'Ceiling|^(Infer|Train)/(seqlstm|onednn)/f32/(T:100/B:64/I:128/H|T:100/B:.*/I:128/H:256|T:.*/B:64/I:128/H:256).*threads:1/'
