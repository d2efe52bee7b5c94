// What this machine can do at most: Ceiling/machine/f32/threads:n, fused multiply-adds on registers; and
// Load, Store or Copy/machine/f32/KiB:size/threads:n, passes over memory of which each thread has its own.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <seqlstm/core/aligned_buffer.hpp>
#include <seqlstm/core/arch.hpp>
#include <seqlstm/core/parallel.hpp>

#include "support/ceiling.hpp"
#include "support/clock.hpp"

namespace {

namespace kernels = seqlstm::kernels;
using V = kernels::Vec<float, kernels::DefaultArch>;

constexpr std::size_t unroll = 8;  // vectors a round, so that loops and latencies do not show

/// Sums all vectors.
void load_pass(const float* from, float*, std::size_t size) {
  std::array<V, unroll> sum;
  for (std::size_t k = 0; k < unroll; ++k) sum[k] = V(0.0F);
  for (std::size_t i = 0; i < size; i += unroll * V::size)
    kernels::unrolled<unroll>([&](auto k) __attribute__((always_inline)) {
      sum[k] = sum[k] + kernels::load<V>(from + i + k * V::size);
    });
  for (std::size_t k = 1; k < unroll; ++k) sum[0] = sum[0] + sum[k];
  alignas(64) std::array<float, V::size> lanes;
  kernels::store(lanes.data(), sum[0]);
  benchmark::DoNotOptimize(lanes);
}
void store_pass(const float*, float* to, std::size_t size) {
  const V v(1.0F);
  for (std::size_t i = 0; i < size; i += unroll * V::size)
    kernels::unrolled<unroll>([&](auto k) __attribute__((always_inline)) {
      kernels::store(to + i + k * V::size, v);
    });
  benchmark::ClobberMemory();
}
void copy_pass(const float* from, float* to, std::size_t size) {
  for (std::size_t i = 0; i < size; i += unroll * V::size)
    kernels::unrolled<unroll>([&](auto k) __attribute__((always_inline)) {
      kernels::store(to + i + k * V::size, kernels::load<V>(from + i + k * V::size));
    });
  benchmark::ClobberMemory();
}

struct Pass {
  const char* name;
  void (*run)(const float* from, float* to, std::size_t size);
  double streams;  ///< times the memory is read or written
};
constexpr Pass passes[] = {{"Load", load_pass, 1}, {"Store", store_pass, 1}, {"Copy", copy_pass, 2}};

void bandwidth(benchmark::State& state, const Pass& pass, std::size_t kib, std::size_t threads) {
  seqlstm::set_threads(threads);
  // A copy's two halves together are as large as the name says.
  const std::size_t size = kib * 1024 / sizeof(float) / static_cast<std::size_t>(pass.streams) /
                           (unroll * V::size) * unroll * V::size;
  const std::size_t rounds = std::max<std::size_t>(1, (std::size_t{1} << 22U) / size);
  seqlstm::AlignedBuffer<float> from(threads * size), to(pass.run == load_pass ? 0 : threads * size);
  const auto once = [&] {
    seqlstm::parallel_for(threads, [&](std::size_t t) {
      for (std::size_t r = 0; r < rounds; ++r)
        pass.run(from.data() + t * size, to.size() == 0 ? nullptr : to.data() + t * size, size);
    });
  };
  once();
  const bench::WallClock clock;
  for (auto _ : state) once();
  const double bytes = static_cast<double>(state.iterations()) *
                       static_cast<double>(threads * rounds * size) * sizeof(float) * pass.streams;
  state.counters["GB_per_second"] = bytes / clock.seconds() * 1e-9;
}

void ceiling(benchmark::State& state, std::size_t threads) {
  seqlstm::set_threads(threads);
  constexpr std::size_t rounds = 1U << 20U;
  std::array<double, 64> operations{};
  const bench::WallClock clock;
  for (auto _ : state)
    seqlstm::parallel_for(threads, [&](std::size_t t) { operations[t] += bench::fma_ceiling(rounds); });
  double total = 0;
  for (const double o : operations) total += o;
  state.counters["GFLOPS"] = total / clock.seconds() * 1e-9;
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("seqlstm_arch", std::string(seqlstm::arch_name()));
  for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
    const std::string end = "/threads:" + std::to_string(threads);
    benchmark::RegisterBenchmark(("Ceiling/machine/f32" + end).c_str(), ceiling, threads)->UseRealTime();
    for (const Pass& pass : passes)
      for (const std::size_t kib :
           {std::size_t{16}, std::size_t{256}, std::size_t{8192}, std::size_t{262144}})
        benchmark::RegisterBenchmark(
            (std::string(pass.name) + "/machine/f32/KiB:" + std::to_string(kib) + end).c_str(), bandwidth,
            pass, kib, threads)
            ->UseRealTime();
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
