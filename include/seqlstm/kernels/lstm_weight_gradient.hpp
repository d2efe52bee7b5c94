// Weight gradients of LSTM and GRU: sums over all tokens of outer products of a row (the previous h, or x)
// with the token's gate gradients.
//
//   for each block of tokens (fixed size, so sums have one order whatever the number of threads)
//     pack the rows of every operand, tile by tile           rows may stand anywhere
//     for each panel of gate columns (threads split them)
//       pack the panel, summing its columns for the bias      a gate row apart, each row costs a translation
//       for each operand, each tile of its columns: one product in registers, added to the sum
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/pack.hpp>
#include <span>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Tokens whose products are summed in registers before they are added to the sum in memory.
inline constexpr std::size_t gradient_depth = 512;

/// Numbers of scratch memory lstm_weight_gradient needs for operands of so many columns together.
template <class T, class Arch = DefaultArch>
std::size_t weight_gradient_scratch(std::size_t operands, std::size_t columns) {
  return gradient_depth * (panel_columns<T, Arch> + columns + operands * tile_rows<Arch>);
}

namespace detail {

/// Element (k, i) of the rows to tile i / H, place [k][i % H], H = tile_rows: what a register tile reads runs
/// on.
template <class T, class Arch>
[[gnu::flatten]] void pack_row_tiles(const T* const* rows, std::size_t depth, std::size_t columns,
                                     T* packed) {
  constexpr std::size_t height = tile_rows<Arch>;
  constexpr std::size_t together = 16;  // rows at a time, so that a cache line of them is read once
  for (std::size_t first = 0; first < depth; first += together) {
    const std::size_t last = std::min(depth, first + together);
    T* tile = packed;
    for (std::size_t i = 0; i < columns; i += height, tile += height * depth) {
      if (columns - i >= height) {
        for (std::size_t k = first; k < last; ++k)
          std::memcpy(tile + k * height, rows[k] + i, height * sizeof(T));
      } else {
        for (std::size_t k = first; k < last; ++k) std::copy_n(rows[k] + i, columns - i, tile + k * height);
      }
    }
  }
}

/// A panel of gate gradients [depth][4W] made contiguous: row_at(k) is where that of token k begins. `bias`
/// (may be null) += its sum over the tokens.
template <class T, class Arch, class Row>
[[gnu::flatten]] void pack_gradient_panel(const Row& row_at, std::size_t depth, T* packed, T* bias) {
  using V = Vec<T, Arch>;
  std::array<V, 4> sum = {V(T(0)), V(T(0)), V(T(0)), V(T(0))};
  constexpr std::size_t ahead = 12;  // rows stand too far apart for the CPU to fetch them by itself
  for (std::size_t k = 0; k < depth; ++k, packed += 4 * V::size) {
    const T *const row = row_at(k), *const later = row_at(std::min(k + ahead, depth - 1));
    unrolled<4>([&](auto j) __attribute__((always_inline)) {
      __builtin_prefetch(later + j * V::size);
      const V v = load<V>(row + j * V::size);
      sum[j] = sum[j] + v;
      store(packed + j * V::size, v);
    });
  }
  if (bias == nullptr) return;
  unrolled<4>([&](auto j) __attribute__((always_inline)) {
    T* place = bias + j * V::size;
    store(place, load<V>(place) + sum[j]);
  });
}

}  // namespace detail

/// sum [N][gate_row] (+)= rows^T dgates over `tokens` tokens for every operand, and bias [gate_row] += the
/// sum of dgates (null: not wanted). Token k is row order[k] of dgates (null: row k), and row k of operands;
/// for the gate columns in `columns` (multiples of 4W), of each operand those that are also its own
/// (multiples of W; its other sums stay as they are). Allocates nothing.
template <class T, class Arch = DefaultArch>
void lstm_weight_gradient(const GateShape& shape, const T* dgates, std::size_t tokens,
                          const std::uint32_t* order, std::span<const GradientOperand<T>> operands,
                          IndexRange columns, T* bias, T* scratch) {
  constexpr std::size_t wide = panel_columns<T, Arch>, height = tile_rows<Arch>;
  const std::size_t gate_row = shape.gate_row();
  const auto own = [](const GradientOperand<T>& o, IndexRange of) {
    const std::size_t begin = std::max(of.begin, o.columns_of_gates.begin);
    return IndexRange{begin, std::max(begin, std::min(of.end, o.columns_of_gates.end))};
  };
  for (const auto& o : operands)
    for (std::size_t i = 0; tokens == 0 && !o.accumulate && i < o.columns; ++i)
      std::fill(o.sum + i * gate_row + own(o, columns).begin, o.sum + i * gate_row + own(o, columns).end,
                T(0));
  T* const panel = scratch;
  for (std::size_t first = 0; first < tokens; first += gradient_depth) {
    const std::size_t depth = std::min(gradient_depth, tokens - first);
    T* packed = scratch + gradient_depth * wide;
    for (const auto& o : operands) {
      detail::pack_row_tiles<T, Arch>(o.rows + first, depth, o.columns, packed);
      packed += ceil_div(o.columns, height) * height * depth;
    }
    for (std::size_t column = columns.begin; column < columns.end; column += wide) {
      T* const sums = bias == nullptr ? nullptr : bias + column;
      if (order == nullptr) {
        const T* const begin = dgates + first * gate_row + column;
        detail::pack_gradient_panel<T, Arch>([=](std::size_t k) { return begin + k * gate_row; }, depth,
                                             panel, sums);
      } else {
        detail::pack_gradient_panel<T, Arch>(
            [=](std::size_t k) { return dgates + order[first + k] * gate_row + column; }, depth, panel, sums);
      }
      const T* tile = scratch + gradient_depth * wide;
      for (const auto& o : operands) {
        const IndexRange used = own(o, {column, column + wide});
        if (const std::size_t size = used.end - used.begin; size > 0) {
          with_vectors(size / width<T, Arch>, [&](auto vectors) {
            for (std::size_t i = 0; i < o.columns; i += height)
              detail::gemm_panel<T, Arch, vectors>(
                  tile + i * depth, 1, height, std::min(height, o.columns - i), panel + used.begin - column,
                  wide, depth, o.sum + i * gate_row + used.begin, gate_row, size, o.accumulate || first > 0,
                  panel);
          });
        }
        tile += ceil_div(o.columns, height) * height * depth;
      }
    }
  }
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
