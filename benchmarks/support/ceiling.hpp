// The rates of fused multiply-adds and of tile products when nothing else is in the way: the ceilings every
// kernel is held against.
#pragma once

#include <array>
#include <seqlstm/kernels/tile_gemm.hpp>

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

/// The same for products of bfloat16 tiles, by what multiplies them here: of tiles that are loaded, or of a
/// block whose factors stay in L1 where there are no registers for tiles.
inline double tile_ceiling(std::size_t rounds) {
  namespace k = seqlstm::kernels;
  constexpr std::size_t depth = 8;
  const std::size_t products = rounds / (4 * depth) * 4 * depth;
  k::with_tiles<>([&](auto& tiles) {
    using Tiles = std::remove_reference_t<decltype(tiles)>;
    alignas(64) static seqlstm::bfloat16 zeros[2 * depth * k::tile_size];
    alignas(64) static float sink[4 * k::tile_side * k::tile_side];
    if constexpr (Tiles::arranges) {
      k::TileBlock<Tiles, 2, 2> block(tiles);
      block.clear();
      for (std::size_t i = 0; i < products; i += 4 * depth)
        block.multiply({zeros, k::tile_depth, k::tile_depth, k::block_rows, true}, {zeros, 0}, depth, [] {});
      block.store(sink, 2 * k::tile_side);
    } else {
      tiles.template load_left<0>(zeros, k::tile_depth, k::tile_side);
      tiles.template load_left<1>(zeros, k::tile_depth, k::tile_side);
      tiles.template load_right<0>(zeros);
      tiles.template load_right<1>(zeros);
      k::unrolled<4>([&](auto sum) { tiles.template clear<sum>(); });
      for (std::size_t i = 0; i < products; i += 4) {
        tiles.template multiply<0, 0>();
        tiles.template multiply<1, 0>();
        tiles.template multiply<2, 1>();
        tiles.template multiply<3, 1>();
      }
      tiles.template store_sum<0>(sink, k::tile_side);
    }
  });
  return 2.0 * static_cast<double>(products * k::tile_size * k::tile_side);
}

}  // namespace bench
