// How fast one layer or loss of labels runs: CASE/IMPL/PRECISION/T:t/B:b/I:i/H:h/threads:n, beside the
// machine's ceiling. Compare only ratios of one run with --benchmark_enable_random_interleaving=true
// --benchmark_repetitions=7.

#include <benchmark/benchmark.h>

#include <iostream>
#include <map>
#include <seqlstm/core/arch.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/kernels/matrix_unit.hpp>

#include "support/ceiling.hpp"
#include "support/clock.hpp"
#include "support/labels.hpp"
#include "support/layer.hpp"
#include "support/peers.hpp"

namespace {

using bench::Feed;
using bench::Implementation;
using bench::LayerKind;
using bench::Shape;
using bench::Workload;
using seqlstm::Precision;

/// "f32", "bf16" or "int8".
const char* name_of(Precision precision) {
  return precision == Precision::int8 ? "int8" : precision == Precision::bf16 ? "bf16" : "f32";
}

struct Case {
  const char* name;
  Feed feed;
  bool training;
  bool step = false;
};

constexpr Case cases[] = {
    {"Infer", {}, false},
    {"Train", {}, true},
    {"InferTokens", {.tokens = true, .ragged = false}, false},
    {"TrainTokens", {.tokens = true, .ragged = false}, true},
    {"InferRagged", {.tokens = false, .ragged = true}, false},
    {"TrainRagged", {.tokens = false, .ragged = true}, true},
    {"GruInfer", {.layer = LayerKind::gru}, false},
    {"GruTrain", {.layer = LayerKind::gru}, true},
    {"GruInferRagged", {.ragged = true, .layer = LayerKind::gru}, false},
    {"GruTrainRagged", {.ragged = true, .layer = LayerKind::gru}, true},
};
constexpr Case convolution_cases[] = {
    {"ConvInfer", {.layer = LayerKind::convolution}, false},
    {"ConvTrain", {.layer = LayerKind::convolution}, true},
    {"ConvInferRagged", {.ragged = true, .layer = LayerKind::convolution}, false},
    {"ConvTrainRagged", {.ragged = true, .layer = LayerKind::convolution}, true},
};
/// Ragged batches whose steps fill tiles of 16 rows: what InferRagged and TrainRagged would cost without rows
/// past the active ones.
constexpr Case filled_tiles[] = {
    {"InferRagged16", {.tokens = false, .ragged = true, .group = 16}, false},
    {"TrainRagged16", {.tokens = false, .ragged = true, .group = 16}, true},
};
/// A training step on one tier of the compiled kernels: Tier/NAME/PRECISION/...
constexpr Case tier = {"Tier", {}, true};
constexpr Case step1 = {"Step1", {}, false, true};

/// Ours and the peers this build found. libtorch runs ragged batches in two ways; elsewhere they are one.
std::vector<Implementation> implementations() {
  std::vector<Implementation> all = {{"seqlstm", bench::make_seqlstm, true, true}};
#if defined(SEQLSTM_BENCH_LINKED)
  all.push_back({"linked", bench::make_linked, true, true});
#endif
#if defined(SEQLSTM_BENCH_ONEDNN)
  all.push_back({"onednn", bench::make_onednn, true});
#endif
#if defined(SEQLSTM_BENCH_LIBTORCH)
  all.push_back({"libtorch", bench::make_libtorch_padded});
  all.push_back({"libtorch_packed", bench::make_libtorch_packed});
#endif
  return all;
}

void run(benchmark::State& state, const Implementation& implementation, const Case& which, const Shape& shape,
         Precision precision, std::size_t threads) {
  Workload work(shape, which.feed, precision == Precision::bf16);
  work.int8 = precision == Precision::int8;
  const auto layer = implementation.make(work, which.training, threads);
  if (layer == nullptr) {
    state.SkipWithError("not available for this workload");
    return;
  }
  const auto once = [&] { which.training ? layer->train() : which.step ? layer->step() : layer->infer(); };
  once();
  once();  // from here on ours allocates nothing
  const bench::WallClock clock;
  for (auto _ : state) once();
  const double runs = static_cast<double>(state.iterations()) / clock.seconds();
  state.counters["GFLOPS"] = work.operations() * (which.training ? 3.0 : 1.0) * runs * 1e-9;
  state.counters["tokens_per_second"] = static_cast<double>(work.real_tokens()) * runs;
  if (which.training && layer->saved_bytes() > 0)
    state.counters["saved_bytes_per_token"] =
        static_cast<double>(layer->saved_bytes()) / static_cast<double>(work.real_tokens());
  static std::map<std::string, double> differences;  // computed once per name
  const std::string name = implementation.name + which.name + shape.name() + name_of(precision);
  if (which.step) layer->infer();  // the reference begins at zero
  if (!differences.contains(name)) differences[name] = bench::max_difference(*layer, work);
  state.counters["maxdiff"] = differences[name];
}

void run_labels(benchmark::State& state, const bench::LabelTask& task,
                const bench::LabelImplementation& implementation) {
  const auto loss = implementation.make(task, 1);
  loss->step();
  double value = loss->step();  // from here on ours allocates nothing
  const bench::WallClock clock;
  for (auto _ : state) value = loss->step();
  state.counters["tokens_per_second"] = static_cast<double>(state.iterations()) *
                                        static_cast<double>(task.shape.steps * task.shape.batch) /
                                        clock.seconds();
  state.counters["loss"] = value;
  state.counters["gradient_norm"] = loss->gradient_norm();
}

/// The rate of operations(rounds), which returns how many it did.
void ceiling(benchmark::State& state, double (*rate_of)(std::size_t)) {
  double operations = 0;
  const bench::WallClock clock;
  for (auto _ : state) operations += rate_of(1U << 16U);
  state.counters["GFLOPS"] = operations / clock.seconds() * 1e-9;
}

void register_case(const Implementation& implementation, const Case& which, const Shape& shape,
                   Precision precision, std::size_t threads) {
  const std::string name = std::string(which.name) + "/" + implementation.name + "/" + name_of(precision) +
                           "/" + shape.name() + "/threads:" + std::to_string(threads);
  benchmark::RegisterBenchmark(name.c_str(), [implementation, &which, shape, precision,
                                              threads](benchmark::State& state) {
    run(state, implementation, which, shape, precision, threads);
  })->UseRealTime();
}

/// Inference with int8 factors: batches, lookups, ragged batches, and one token at a time.
void register_int8(const Implementation& implementation, const Shape& shape) {
  for (const Case& which : cases)
    if (!which.training)
      for (const std::size_t threads : {std::size_t{1}, std::size_t{2}})
        register_case(implementation, which, shape, Precision::int8, threads);
  register_case(implementation, step1, {1, 1, shape.input, shape.hidden}, Precision::int8, 1);
}

/// Ours and libtorch's: oneDNN is asked for recurrent layers only.
void register_convolutions() {
  for (const Shape& shape : bench::with_extra_shapes(bench::convolution_shapes))
    for (const Implementation& implementation : implementations()) {
      if (implementation.name == "onednn" || implementation.name == "libtorch_packed") continue;
      for (const Precision precision : {Precision::f32, Precision::bf16, Precision::int8})
        for (const std::size_t threads : {std::size_t{1}, std::size_t{2}})
          for (const Case& which : convolution_cases)
            if (implementation.runs(precision, which.training))
              register_case(implementation, which, shape, precision, threads);
    }
}

void register_labels() {
  struct LabelCase {
    const char* name;
    bench::LabelTask task;
  };
  static const LabelCase label_cases[] = {{"Ctc", {bench::LabelModel::ctc, {500, 64, 5, 100}}},
                                          {"Crf", {bench::LabelModel::crf, {200, 64, 10, 200}}}};
  static const bench::LabelImplementation label_implementations[] = {
    {"seqlstm", bench::make_seqlstm_loss},
#if defined(SEQLSTM_BENCH_LIBTORCH)
    {"libtorch", bench::make_libtorch_loss}
#endif
  };
  for (const LabelCase& which : label_cases)
    for (const bench::LabelImplementation& implementation : label_implementations) {
      const std::string name = std::string(which.name) + "/" + implementation.name + "/f32/" +
                               which.task.shape.name() + "/threads:1";
      benchmark::RegisterBenchmark(name.c_str(), [&](benchmark::State& state) {
        run_labels(state, which.task, implementation);
      })->UseRealTime();
    }
}

void register_all() {
  const auto register_ceiling = [](const char* name, double (*rate_of)(std::size_t)) {
    benchmark::RegisterBenchmark(name, [rate_of](benchmark::State& state) {
      ceiling(state, rate_of);
    })->UseRealTime();
  };
  register_ceiling("Ceiling/machine/f32", bench::fma_ceiling);
  register_ceiling("Ceiling/machine/bf16", bench::tile_ceiling);
  for (const Shape& shape : bench::with_extra_shapes(bench::recurrent_shapes))
    for (const Implementation& implementation : implementations())
      for (const bool bf16 : {false, true}) {
        if (bf16 && !implementation.has_bf16) continue;
        const Precision precision = bf16 ? Precision::bf16 : Precision::f32;
        const bool only_ragged = implementation.name == "libtorch_packed";
        for (const std::size_t threads : {std::size_t{1}, std::size_t{2}})
          for (const Case& which : cases) {
            if (which.feed.ragged || !only_ragged)
              register_case(implementation, which, shape, precision, threads);
          }
        if (bf16 && implementation.name == "seqlstm")
          for (const Case& which : filled_tiles) register_case(implementation, which, shape, precision, 1);
#if defined(SEQLSTM_BENCH_LINKED)
        if (implementation.name == "linked")
          for (const std::string& name : bench::tiers()) {
            const auto make = [name](const Workload& work, bool training, std::size_t count) {
              return bench::make_of_tier(name, work, training, count);
            };
            register_case({name, make, true}, tier, shape, precision, 1);
          }
#endif
        if (!only_ragged)
          register_case(implementation, step1, {1, 1, shape.input, shape.hidden}, precision, 1);
      }
  for (const Shape& shape : bench::with_extra_shapes(bench::recurrent_shapes))
    for (const Implementation& implementation : implementations())
      if (implementation.has_int8) register_int8(implementation, shape);
  register_convolutions();
  register_labels();
}

}  // namespace

int main(int argc, char** argv) try {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("seqlstm_arch", std::string(seqlstm::arch_name()));
  benchmark::AddCustomContext("seqlstm_matrix_unit", std::string(seqlstm::matrix_unit_name()));
#if defined(SEQLSTM_BENCH_LINKED)
  benchmark::AddCustomContext("linked", bench::linked_report());
#endif
  register_all();
  bench::describe_onednn("bench_lstm");
  bench::describe_libtorch("bench_lstm");
  benchmark::RunSpecifiedBenchmarks();
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 2;
}
