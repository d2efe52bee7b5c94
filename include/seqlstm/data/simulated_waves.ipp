// Definitions of simulated_waves.hpp.
#pragma once

#include <array>
#include <cmath>
#include <numbers>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/simulated_waves.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

inline constexpr std::array<const char*, 4> wave_shapes = {"sine", "square", "rising saw", "falling saw"};

/// The wave at a phase counted in periods, of mean 0 and deviation 1.
inline double wave_at(std::size_t shape, double phase) {
  phase -= std::floor(phase);
  const double sine = std::numbers::sqrt2 * std::sin(2 * std::numbers::pi * phase),
               saw = std::numbers::sqrt3 * (2 * phase - 1);
  const std::array<double, 4> values = {sine, sine > 0 ? 1.0 : -1.0, saw, -saw};
  return values[shape];
}

}  // namespace detail

SEQLSTM_INLINE SequenceDataset simulated_waves(std::size_t count, std::uint64_t seed) {
  constexpr double noise = 0.8, offset = 0.5;
  constexpr std::array<double, 3> units = {1, 1000, 0.01};
  RandomStream random(seed, 0x57415645U);  // "WAVE"
  SequenceDataset data;
  data.label_names.assign(detail::wave_shapes.begin(), detail::wave_shapes.end());
  std::vector<float> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t shape = i % detail::wave_shapes.size(), length = 30 + random.below(60);
    const double period = random.uniform(8, 16), start = random.uniform(),
                 amplitude = random.uniform(0.7, 1.5), other_period = random.uniform(8, 16),
                 other_start = random.uniform();
    std::array<double, 3> offsets{};
    for (double& one : offsets) one = offset * random.normal();
    rows.clear();
    for (std::size_t t = 0; t < length; ++t) {
      const double phase = start + static_cast<double>(t) / period,
                   other = other_start + static_cast<double>(t) / other_period;
      const std::array<double, 3> clean = {detail::wave_at(shape, phase),
                                           detail::wave_at(shape, phase + 0.25), detail::wave_at(0, other)};
      for (std::size_t c = 0; c < clean.size(); ++c)
        rows.push_back(static_cast<float>(
            units[c] * std::fma(noise, random.normal(), std::fma(amplitude, clean[c], offsets[c]))));
    }
    const double label[] = {static_cast<double>(shape)};
    data.add("wave" + std::to_string(i + 1), {rows.data(), length, units.size()}, {.record = label});
  }
  return data;
}

SEQLSTM_NAMESPACE_END
