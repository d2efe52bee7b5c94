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
TEST_CASE(
    "report: a layer packs its weights anew for another tier, and refuses its streams of the one before") {
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
  set_cpu_tier(kernels::detail::kernel_tiers().front().name);
  auto streams = lstm.initial_state(1);
  const std::vector<float> first = {1, 2, 3};
  lstm.step({first.data(), 1, 3}, streams);
  set_cpu_tier(before);
  if (cpu_tier() == "avx512_bf16" || cpu_tier() == "avx512" || cpu_tier() == "amx")  // 24 units stored as 32
    CHECK_THROWS_AS(lstm.step({first.data(), 1, 3}, streams), shape_error);
  for (const auto& result : results)
    for (std::size_t i = 0; i < result.size(); ++i) CHECK(std::abs(result[i] - results[0][i]) < 1e-5F);
  set_cpu_tier(before);
}

TEST_CASE("report: kernels changed between forward and backward are refused") {
  const std::string before(cpu_tier());
  const std::string lowest = kernels::detail::kernel_tiers().front().name;
  if (before == lowest) return;
  Lstm<float> lstm({.input = 3, .hidden = 5});
  const PackedLayout layout(std::vector<std::size_t>{2});
  AlignedBuffer<float> x(2 * 3);
  Tape<float> tape(Mode::training);
  const auto y = lstm(tape.input({x.data(), 2, 3}, layout));
  set_cpu_tier(lowest);
  AlignedBuffer<float> dy(2 * 5);
  CHECK_THROWS_WITH(tape.backward_in_place(y, {dy.data(), 2, 5}),
                    "lstm: the kernels were changed between forward and backward; run forward again");
  set_cpu_tier(before);
}

TEST_CASE("report: a matrix unit that was chosen stays chosen on another tier") {
  const std::string before(cpu_tier());
  const MatrixUnit unit = matrix_unit();
  set_matrix_unit(MatrixUnit::vectors);
  for (const auto& tier : kernels::detail::kernel_tiers()) {
    if (!tier.runs_here()) continue;
    set_cpu_tier(tier.name);
    CHECK(matrix_unit() == MatrixUnit::vectors);
  }
  set_cpu_tier(before);
  set_matrix_unit(unit);
}

TEST_CASE("report: streams of tokens and of unit vectors look up what the tier in use stores") {
  const std::string before(cpu_tier());
  Embedding<float> embedding({.vocabulary = 6, .dim = 3, .padding = {}});
  OneHot<float> one_hot(6);
  Lstm<float> of_rows({.input = 3, .hidden = 21}), of_units({.input = 6, .hidden = 21});
  std::vector<std::vector<float>> results;
  for (int round = 0; round < 2; ++round)  // there and back: tables are made anew each time
    for (const auto& tier : kernels::detail::kernel_tiers()) {
      if (!tier.runs_here()) continue;
      set_cpu_tier(tier.name);
      auto rows = of_rows.initial_state(1), units = of_units.initial_state(1);
      std::vector<float> result;
      const Token ids[] = {4};
      const auto a = of_rows.step(embedding.at(ids), rows);
      result.insert(result.end(), a.row(0).begin(), a.row(0).end());
      const auto b = of_units.step(one_hot.at(ids), units);
      result.insert(result.end(), b.row(0).begin(), b.row(0).end());
      results.push_back(result);
    }
  for (const auto& result : results)
    for (std::size_t i = 0; i < result.size(); ++i) CHECK(std::abs(result[i] - results[0][i]) < 1e-5F);
  set_cpu_tier(before);
}
#endif
