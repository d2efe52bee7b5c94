// Weight gradients of LSTM and GRU: sums over all tokens of outer products of a row (the previous h, or x)
// with the token's gate gradients.
//
//   for each block of tokens (fixed size, so sums have one order whatever the number of threads)
//     pack the rows of every operand, tile by tile           rows may stand anywhere
//     for each panel of gate columns (threads split them)
//       pack the panel, summing its columns for the bias      a gate row apart, each row costs a translation
//       for each operand, each tile of its columns: one product in registers, added to the sum
//
// Several shards are packed together, and each tile's sums are made shard by shard and added up in the first
// cache: the same blocks and the same order as one shard at a time, but memory sees only the sums of all.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/pack.hpp>
#include <seqlstm/kernels/shard_fold.hpp>
#include <span>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Tokens whose products are summed in registers before they are added to the sum in memory.
inline constexpr std::size_t gradient_depth = 512;

/// Numbers of scratch memory lstm_weight_gradient needs for operands of so many columns together.
template <class T, class Arch = DefaultArch>
std::size_t weight_gradient_scratch(std::size_t operands, std::size_t columns, const GradientTokens& tokens) {
  const std::size_t rows = tokens.shards > 1 ? tokens.count : gradient_depth;
  return rows * (panel_columns<T, Arch> + columns + operands * tile_rows<Arch>);
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

/// The columns of gate rows in `of` that an operand is multiplied by.
template <class T> IndexRange own_columns(const GradientOperand<T>& o, IndexRange of) {
  const std::size_t begin = std::max(of.begin, o.columns_of_gates.begin);
  return {begin, std::max(begin, std::min(of.end, o.columns_of_gates.end))};
}

/// Calls body(first, count) for the blocks of `depth` tokens that a shard's are summed in.
template <class Body>
[[gnu::always_inline]] inline void for_each_block(IndexRange shard, std::size_t depth, Body&& body) {
  for (std::size_t first = shard.begin; first < shard.end; first += depth)
    body(first, std::min(depth, shard.end - first));
}

/// Rows of numbers in memory, `stride` apart.
template <class T> struct SumPlace {
  T* sums;
  std::size_t stride;
};
/// left += right, `rows` of whole vectors.
template <class T, class Arch>
[[gnu::flatten]] void add_sums(SumPlace<T> left, SumPlace<T> right, std::size_t rows, std::size_t columns) {
  using V = Vec<T, Arch>;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t i = 0; i < columns; i += V::size) {
      T* const place = left.sums + r * left.stride + i;
      store(place, load<V>(place) + load<V>(right.sums + r * right.stride + i));
    }
}

/// The gate gradients of all tokens, in a panel's columns, side by side; bias += their sums.
template <class T, class Arch>
void pack_shard_panels(const T* dgates, std::size_t gate_row, const GradientTokens& tokens, T* panel,
                       T* bias) {
  using V = Vec<T, Arch>;
  constexpr std::size_t wide = panel_columns<T, Arch>;
  T sums[shard_places][wide];
  fold_shards(
      tokens.shards,
      [&](std::size_t shard, std::size_t place) {
        std::fill_n(sums[place], wide, T(0));
        for_each_block(tokens.of(shard), gradient_depth, [&](std::size_t first, std::size_t count) {
          if (tokens.order == nullptr) {
            const T* const begin = dgates + first * gate_row;
            pack_gradient_panel<T, Arch>([=](std::size_t k) { return begin + k * gate_row; }, count,
                                         panel + first * wide, sums[place]);
          } else {
            const std::uint32_t* const order = tokens.order + first;
            pack_gradient_panel<T, Arch>([=](std::size_t k) { return dgates + order[k] * gate_row; }, count,
                                         panel + first * wide, sums[place]);
          }
        });
      },
      [&](std::size_t left, std::size_t right) {
        add_sums<T, Arch>({sums[left], wide}, {sums[right], wide}, 1, wide);
      });
  for (std::size_t i = 0; bias != nullptr && i < wide; i += V::size)
    store(bias + i, load<V>(bias + i) + load<V>(sums[0] + i));
}

/// One tile of sums: `rows` columns of an operand, packed in `left`, times Columns vectors of a panel.
template <class T, class Arch, std::size_t Columns>
void sum_shard_tile(const GradientTokens& tokens, const T* left, std::size_t rows, const T* panel,
                    SumPlace<T> sum, bool accumulate) {
  constexpr std::size_t wide = panel_columns<T, Arch>, height = tile_rows<Arch>,
                        size = Columns * width<T, Arch>;
  T waiting[shard_places - 1][height * size];
  const auto at = [&](std::size_t place) { return place == 0 ? sum : SumPlace<T>{waiting[place - 1], size}; };
  fold_shards(
      tokens.shards,
      [&](std::size_t shard, std::size_t place) {
        const SumPlace<T> to = at(place);
        const IndexRange own = tokens.of(shard);
        bool add = place == 0 && accumulate;
        for (std::size_t r = 0; own.begin == own.end && !add && r < rows; ++r)
          std::fill_n(to.sums + r * to.stride, size, T(0));
        for_each_block(own, gradient_depth, [&](std::size_t first, std::size_t count) {
          const T* const own_panel = panel + first * wide;
          gemm_panel<T, Arch, Columns>(left + first * height, 1, height, rows, own_panel, wide, count,
                                       to.sums, to.stride, size, add, own_panel);
          add = true;
        });
      },
      [&](std::size_t into, std::size_t from) { add_sums<T, Arch>(at(into), at(from), rows, size); });
}

/// lstm_weight_gradient for tokens that are packed at once.
template <class T, class Arch>
void sum_packed_tokens(const GateShape& shape, const T* dgates, const GradientTokens& tokens,
                       std::size_t first, std::span<const GradientOperand<T>> operands, IndexRange columns,
                       T* bias, T* scratch) {
  constexpr std::size_t wide = panel_columns<T, Arch>, height = tile_rows<Arch>;
  const std::size_t gate_row = shape.gate_row();
  T *const panel = scratch, *const tiles = scratch + tokens.count * wide;
  T* packed = tiles;
  for (const auto& o : operands) {
    pack_row_tiles<T, Arch>(o.rows + first, tokens.count, o.columns, packed);
    packed += ceil_div(o.columns, height) * height * tokens.count;
  }
  for (std::size_t column = columns.begin; column < columns.end; column += wide) {
    pack_shard_panels<T, Arch>(dgates + column, gate_row, tokens, panel,
                               bias == nullptr ? nullptr : bias + column);
    const T* tile = tiles;
    for (const auto& o : operands) {
      const IndexRange used = own_columns(o, {column, column + wide});
      if (used.begin < used.end)
        with_vectors((used.end - used.begin) / width<T, Arch>, [&](auto vectors) {
          for (std::size_t i = 0; i < o.columns; i += height)
            sum_shard_tile<T, Arch, vectors>(
                tokens, tile + i * tokens.count, std::min(height, o.columns - i), panel + used.begin - column,
                {o.sum + i * gate_row + used.begin, gate_row}, o.accumulate || first > 0);
        });
      tile += ceil_div(o.columns, height) * height * tokens.count;
    }
  }
}

}  // namespace detail

/// sum [N][gate_row] (+)= rows^T dgates over all tokens for every operand, and bias [gate_row] += the sum of
/// dgates (null: not wanted). Token k is row order[k] of dgates, and row k of operands; for the gate columns
/// in `columns` (multiples of 4W), of each operand those that are also its own (multiples of W; its other
/// sums stay as they are). What is there already is added to the first shard's sums. Allocates nothing.
template <class T, class Arch = DefaultArch>
void lstm_weight_gradient(const GateShape& shape, const T* dgates, const GradientTokens& tokens,
                          std::span<const GradientOperand<T>> operands, IndexRange columns, T* bias,
                          T* scratch) {
  const std::size_t gate_row = shape.gate_row();
  for (const auto& o : operands) {
    const IndexRange own = detail::own_columns(o, columns);
    for (std::size_t i = 0; tokens.count == 0 && !o.accumulate && i < o.columns; ++i)
      std::fill(o.sum + i * gate_row + own.begin, o.sum + i * gate_row + own.end, T(0));
  }
  const auto sum = [&](const T* gates, const GradientTokens& together, std::size_t first) {
    detail::sum_packed_tokens<T, Arch>(shape, gates, together, first, operands, columns, bias, scratch);
  };
  if (tokens.shards > 1) return sum(dgates, tokens, 0);
  detail::for_each_block({0, tokens.count}, gradient_depth, [&](std::size_t first, std::size_t count) {
    if (tokens.order == nullptr) return sum(dgates + first * gate_row, {.count = count}, first);
    sum(dgates, {.count = count, .order = tokens.order + first}, first);
  });
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
