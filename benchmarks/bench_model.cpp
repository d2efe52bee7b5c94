// One training step of whole models: Step/IMPL/PRECISION/MODEL/lengths:a-b/B:n/threads:n. All mutants of a
// sequence: Mutagenesis/WAY/f32. Requests that threads answer from one model: Serve/seqlstm/f32/threads:n.
// Signals that a base caller reads: Basecall/seqlstm/f32/H:48/B:64/threads:1.
// Compare only ratios of one run with --benchmark_enable_random_interleaving=true --benchmark_repetitions=7.

#include <benchmark/benchmark.h>

#include <seqlstm/core/arch.hpp>
#include <seqlstm/kernels/matrix_unit.hpp>

#include "support/basecall.hpp"
#include "support/clock.hpp"
#include "support/model.hpp"
#include "support/mutants.hpp"
#include "support/peers.hpp"
#include "support/serve.hpp"

namespace {

struct Implementation {
  const char *name, *precision;
  std::unique_ptr<bench::Model> (*make)(const bench::Task& task, std::size_t threads);
};

constexpr Implementation implementations[] = {
    {"seqlstm", "f32", bench::make_seqlstm_model},
    {"seqlstm", "bf16", bench::make_seqlstm_bf16_model},
#if defined(SEQLSTM_BENCH_LIBTORCH)
    {"libtorch_padded", "f32", bench::make_libtorch_padded_model},
    {"libtorch_packed", "f32", bench::make_libtorch_packed_model},
#endif
};

void run(benchmark::State& state, const Implementation& implementation, bench::Task task,
         std::size_t threads) {
  task.draw();
  const auto model = implementation.make(task, threads);
  model->step();
  double loss = model->step();  // from here on ours allocates nothing, and its memory has been touched
  const bench::WallClock clock;
  for (auto _ : state) loss = model->step();
  state.counters["tokens_per_second"] =
      static_cast<double>(state.iterations()) * static_cast<double>(task.tokens()) / clock.seconds();
  state.counters["loss"] = loss;
}

template <bool Forward> void run_mutants(benchmark::State& state, std::size_t batch) {
  seqlstm::set_threads(1);
  bench::MutantNet<Forward> net;
  bench::score_mutants(net, batch);
  std::size_t mutants = 0;
  const bench::WallClock clock;
  for (auto _ : state) mutants += bench::score_mutants(net, batch);
  state.counters["mutants_per_second"] = static_cast<double>(mutants) / clock.seconds();
}

void run_server(benchmark::State& state, std::size_t threads) {
  seqlstm::set_threads(1);
  bench::Server server;
  double sum = server.serve(threads);
  const bench::WallClock clock;
  for (auto _ : state) sum = server.serve(threads);
  state.counters["requests_per_second"] =
      static_cast<double>(state.iterations()) * static_cast<double>(server.requests()) / clock.seconds();
  state.counters["sum"] = sum;  // the same for any number of threads
}

void run_basecaller(benchmark::State& state) {
  seqlstm::set_threads(1);
  bench::SignalReader reader;
  std::size_t labels = reader.read();
  const bench::WallClock clock;
  for (auto _ : state) labels = reader.read();
  state.counters["samples_per_second"] =
      static_cast<double>(state.iterations()) * static_cast<double>(reader.size()) / clock.seconds();
  state.counters["labels"] = static_cast<double>(labels);
}

void register_all() {
  const auto register_mutants = [](const char* name, auto* body, std::size_t batch) {
    benchmark::RegisterBenchmark(name, body, batch)->UseRealTime();
  };
  register_mutants("Mutagenesis/prefixes_kept/f32", run_mutants<true>, 128);
  register_mutants("Mutagenesis/whole_passes/f32", run_mutants<false>, 128);
  register_mutants("Mutagenesis/one_by_one/f32", run_mutants<false>, 1);
  for (const std::size_t threads : {1U, 2U, 4U})
    benchmark::RegisterBenchmark(("Serve/seqlstm/f32/threads:" + std::to_string(threads)).c_str(), run_server,
                                 threads)
        ->UseRealTime();
  benchmark::RegisterBenchmark("Basecall/seqlstm/f32/H:48/B:64/threads:1", run_basecaller)->UseRealTime();
  using bench::Network;
  const bench::Task tasks[] = {{Network::protein, 240, 260, 64},
                               {Network::protein, 50, 450, 64},
                               {Network::promoter, 39, 49, 64},
                               {Network::awd, 70, 70, 64}};
  for (const auto& task : tasks)
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}})
      for (const auto& implementation : implementations) {
        const std::string name = std::string("Step/") + implementation.name + "/" + implementation.precision +
                                 "/" + task.name() + "/threads:" + std::to_string(threads);
        benchmark::RegisterBenchmark(name.c_str(), run, implementation, task, threads)->UseRealTime();
      }
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("seqlstm_arch", std::string(seqlstm::arch_name()));
  benchmark::AddCustomContext("seqlstm_matrix_unit", std::string(seqlstm::matrix_unit_name()));
  bench::describe_libtorch("bench_model");
  register_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
