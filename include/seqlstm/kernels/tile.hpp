// The register tile every product is made of.
//
//   for k:                                  one order over K for every tile height, so a row's result
//     load Columns vectors of the panel     does not depend on the rows computed beside it
//     for each row: broadcast a[row][k], fma into Columns accumulators
#pragma once

#include <array>
#include <seqlstm/core/aligned_buffer.hpp>
#include <seqlstm/kernels/simd.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Where the share of a tile begins when the first tiles over a panel fetch the next panel among them,
/// `depth` lines each; `panel` itself once all is fetched.
template <class T>
const T* share_ahead(const T* panel, const T* next, std::size_t depth, std::size_t panel_row,
                     std::size_t tile) {
  constexpr std::size_t line = cache_line / sizeof(T);
  return tile < panel_row / line ? next + tile * depth * line : panel;
}

/// Rows x Columns vectors of accumulators held in registers, Wide of them from each panel.
template <class V, std::size_t Rows, std::size_t Columns, std::size_t Wide = 4> struct Tile {
  using T = typename V::value_type;              ///< number in a lane
  std::array<std::array<V, Columns>, Rows> sum;  ///< [row][vector of columns]

  /// Every row becomes the Columns vectors at `row`, for instance biases.
  [[gnu::always_inline]] void fill(const T* row) {
    unrolled<Columns>([&](auto j) {
      const V v = load<V>(row + j * V::size);
      unrolled<Rows>([&](auto i) { sum[i][j] = v; });
    });
  }
  /// All sums become zero.
  [[gnu::always_inline]] void clear() {
    unrolled<Rows>([&](auto i) { unrolled<Columns>([&](auto j) { sum[i][j] = V(T(0)); }); });
  }
  /// sum[i] += rows[i][k * row_step] * panel[(k - begin) * panel_step ..] for k = begin .. end - 1. A tile of
  /// more than Wide vectors spans panels `panel_stride` apart. Meanwhile a cache line for every k is fetched
  /// from `ahead` on: the next tile's weights, or any address.
  [[gnu::always_inline]] void multiply(const std::array<const T*, Rows>& rows, std::size_t row_step,
                                       std::size_t begin, std::size_t end, const T* panel,
                                       std::size_t panel_step, const T* ahead, std::size_t panel_stride = 0) {
    constexpr std::size_t line = cache_line / sizeof(T);
    auto local = sum;  // a local that nothing points to stays in registers
#pragma GCC unroll 2
    for (std::size_t k = begin; k < end; ++k) {
      std::array<V, Columns> b;
      unrolled<Columns>(
          [&](auto j) { b[j] = load<V>(panel + j / Wide * panel_stride + j % Wide * V::size); });
      unrolled<Rows>([&](auto i) {
        const V a(rows[i][k * row_step]);
        unrolled<Columns>([&](auto j) { local[i][j] = fma(a, b[j], local[i][j]); });
      });
      panel += panel_step;
      __builtin_prefetch(ahead, 0, 2);
      ahead += line;
    }
    sum = local;
  }
};

}  // namespace kernels

SEQLSTM_NAMESPACE_END
