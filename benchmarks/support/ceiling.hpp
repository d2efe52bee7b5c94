// The rate of fused multiply-adds when nothing else is in the way: the ceiling every kernel is held against.
#pragma once

#include <array>
#include <seqlstm/kernels/simd.hpp>

namespace bench {

/// Runs `rounds` rounds of independent f32 vector fmas and returns the number of operations (2 per lane).
inline double fma_ceiling(std::size_t rounds) {
  namespace k = seqlstm::kernels;
  using V = k::Vec<float, k::DefaultArch>;
  constexpr std::size_t chains = 12;
  std::array<V, chains> sum;
  for (std::size_t c = 0; c < chains; ++c) sum[c] = V(static_cast<float>(c));  // equal chains would be merged
  static volatile float factor = 0.999F, term = 0.001F;  // or the compiler computes the result once
  const V a(factor), b(term);
  for (std::size_t i = 0; i < rounds; ++i)
    k::unrolled<chains>([&](auto c) { sum[c] = k::fma(sum[c], a, b); });
  V total(0.0F);
  for (const auto& s : sum) total = total + s;
  alignas(64) static volatile float sink;
  alignas(64) float lanes[V::size];
  total.store_aligned(lanes);
  sink = lanes[0];
  static_cast<void>(sink);
  return 2.0 * static_cast<double>(rounds * chains * V::size);
}

}  // namespace bench
