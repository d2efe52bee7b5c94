// How fast one LSTM layer runs: CASE/IMPL/PRECISION/T:t/B:b/I:i/H:h/threads:n, beside the machine's ceiling.
// Compare only ratios of one run with --benchmark_enable_random_interleaving=true --benchmark_repetitions=7.

#include <benchmark/benchmark.h>

#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <seqlstm/core/arch.hpp>

#include "support/ceiling.hpp"
#include "support/seqlstm_case.hpp"

namespace {

using bench::Feed;
using bench::Shape;

struct Case {
  const char* name;
  Feed feed;
  bool training;
};

constexpr Case cases[] = {
    {"Infer", {}, false},
    {"Train", {}, true},
    {"InferTokens", {.tokens = true, .ragged = false}, false},
    {"TrainTokens", {.tokens = true, .ragged = false}, true},
    {"InferRagged", {.tokens = false, .ragged = true}, false},
    {"TrainRagged", {.tokens = false, .ragged = true}, true},
};

/// Rates by wall time, as the timings.
class WallClock {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

void run(benchmark::State& state, const Case& which, const Shape& shape, std::size_t threads) {
  seqlstm::set_threads(threads);
  bench::SeqlstmCase layer(shape, which.feed,
                           which.training ? seqlstm::Mode::training : seqlstm::Mode::inference);
  const auto once = [&] { which.training ? layer.train() : layer.infer(); };
  once();
  once();  // from here on nothing is allocated
  const WallClock clock;
  for (auto _ : state) once();
  const double runs = static_cast<double>(state.iterations()) / clock.seconds();
  state.counters["GFLOPS"] = layer.operations() * (which.training ? 3.0 : 1.0) * runs * 1e-9;
  state.counters["tokens_per_second"] = static_cast<double>(layer.tokens()) * runs;
  static std::map<std::string, double> differences;  // computed once per name
  const std::string name = which.name + shape.name();
  if (!differences.contains(name)) differences[name] = layer.max_difference();
  state.counters["maxdiff"] = differences[name];
}

void ceiling(benchmark::State& state) {
  double operations = 0;
  const WallClock clock;
  for (auto _ : state) operations += bench::fma_ceiling(1U << 16U);
  state.counters["GFLOPS"] = operations / clock.seconds() * 1e-9;
}

void register_all() {
  benchmark::RegisterBenchmark("Ceiling/machine/f32", ceiling)->UseRealTime();
  for (const Shape& shape : bench::shapes()) {
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
      const std::string suffix = "/seqlstm/f32/" + shape.name() + "/threads:" + std::to_string(threads);
      for (const Case& which : cases) {
        benchmark::RegisterBenchmark((which.name + suffix).c_str(), [&which, shape,
                                                                     threads](benchmark::State& state) {
          run(state, which, shape, threads);
        })->UseRealTime();
      }
    }
    const Shape one{1, 1, shape.input, shape.hidden};
    benchmark::RegisterBenchmark(("Step1/seqlstm/f32/" + shape.name() + "/threads:1").c_str(),
                                 [one](benchmark::State& state) { run(state, cases[0], one, 1); })
        ->UseRealTime();
  }
}

}  // namespace

int main(int argc, char** argv) try {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("seqlstm_arch", std::string(seqlstm::arch_name()));
  register_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
} catch (const seqlstm::Error& error) {
  std::cerr << error.what() << '\n';
  return 2;
}
