#include <seqlstm/kernels/report.hpp>

#include <seqlstm/autograd/all.hpp>
#include <seqlstm/nn/all.hpp>

#include "support/values.hpp"

using namespace seqlstm;

TEST_CASE("report: a program says which kernels run, and what else there would be") {
  const std::string report = cpu_report();
  INFO(report);
  CHECK(report.starts_with("kernels: " + std::string(cpu_tier()) + " (bf16 by "));
#if defined(SEQLSTM_COMPILED_KERNELS)
  CHECK(report.find(", of " + kernels::detail::tier_names(true) + "; this CPU runs ") != std::string::npos);
#endif
  CHECK_THROWS_AS(set_cpu_tier("vax"), option_error);
  set_cpu_tier(cpu_tier());
}

#if defined(SEQLSTM_COMPILED_KERNELS)
TEST_CASE("report: a layer that changes its tier packs its weights anew; streams of another are refused") {
  const std::string before(cpu_tier());
  Lstm<float> lstm({.input = 3, .hidden = 21});
  const std::vector<std::size_t> lengths = {4, 2};
  const PackedLayout layout(lengths);
  AlignedBuffer<float> x(6 * 3);
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i) / 10;
  std::vector<std::vector<float>> results;
  for (const auto& tier : kernels::detail::kernel_tiers()) {
    if (!tier.runs_here()) continue;
    set_cpu_tier(tier.name);
    CHECK(cpu_tier() == tier.name);
    Tape<float> tape(Mode::inference);
    const auto y = lstm(tape.leaf({x.data(), 6, 3}, layout)).value();
    results.emplace_back(y.data(), y.data() + y.size());
  }
  for (const auto& result : results)
    for (std::size_t i = 0; i < result.size(); ++i) CHECK(std::abs(result[i] - results[0][i]) < 1e-5F);
  set_cpu_tier(before);
}
#endif
