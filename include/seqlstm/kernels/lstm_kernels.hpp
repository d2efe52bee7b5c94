// The two sets of kernels an LSTM layer can be computed with, under the same names: on vectors in the layer's
// own numbers, or on tiles with bfloat16 factors.
#pragma once

#include <seqlstm/core/arena.hpp>
#include <seqlstm/kernels/gather.hpp>
#include <seqlstm/kernels/lstm_bf16_backward.hpp>
#include <seqlstm/kernels/lstm_bf16_forward.hpp>
#include <seqlstm/kernels/outer_bf16.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Factors as they are.
template <class T> struct VectorKernels {
  using Number = T;
  using Stored = T;  ///< packed weights, saved gates and their gradients
  using Shape = LstmShape<T>;
  using Forward = LstmForward<T>;
  using Backward = LstmBackward<T>;
  static constexpr std::size_t spare_rows = 0;  ///< of saved gates, behind the last token's

  /// What packed weights depend on besides the weights: nothing.
  static std::uint64_t order() { return 0; }
  static std::size_t columns_size(const Shape& shape, std::size_t n) { return shape.gate_row() * n; }
  static std::size_t rows_size(const Shape& shape, std::size_t n) {
    return packed_size<T>(shape.gate_row(), n);
  }
  static void pack_columns(const Shape& shape, ConstMatrixView<T> w, T* packed, Range panels) {
    pack_gate_columns<T>(shape, w, packed, panels);
  }
  static void pack_rows(const Shape& shape, ConstMatrixView<T> w, T* packed, Range panels) {
    pack_gate_rows<T>(shape, w, packed, panels);
  }

  /// Room for what forward() needs besides; `projects`: whether inputs of many steps are multiplied at once.
  static std::size_t forward_room(const Forward& run, std::size_t parts, bool projects) {
    return projects && run.gates == nullptr ? parts * projection_size(run.shape, *run.layout) : 0;
  }
  static void give_room(Forward& run, T* room, bool projects) {
    if (projects) run.projected = run.gates != nullptr ? run.gates : room;
  }

  static std::size_t backward_room(const Backward&, std::size_t /*parts*/) { return 0; }
  static void give_room(Backward&, T*) {}

  /// table [rows][gate_row] = rows W_ih^T. A row's bits do not depend on the others.
  static void gate_rows(const Shape& shape, ConstMatrixView<T> rows, const T* columns, T* table) {
    gemm_panels<T>(rows.data(), rows.stride(), 1, rows.rows(), shape.input, columns, shape.gate_row(), table,
                   shape.gate_row(), false);
  }
  /// W as a factor.
  static T rounded(T weight) { return weight; }
  /// out (+)= gate gradients [rows][gate_row] times W_ih packed by rows.
  static void times_rows(const Shape& shape, const T* gradients, std::size_t rows, const T* weights,
                         MatrixView<T> out, bool accumulate) {
    gemm_panels<T>(gradients, shape.gate_row(), 1, rows, shape.gate_row(), weights, out.cols(), out.data(),
                   out.stride(), accumulate);
  }
  /// Scratch memory for weight gradients of so many gate columns.
  static std::size_t gradient_room(const Shape& shape, std::size_t /*columns*/) {
    return weight_gradient_scratch<T>(2, shape.input + shape.hidden);
  }
  /// Sums of outer products of n columns with gate rows: numbers they take, zero, plus rows of gate gradients
  /// at the places ids, and into the gradient [4H, n].
  static std::size_t sums_size(const Shape& shape, std::size_t n) { return n * shape.gate_row(); }
  static void clear_sums(const Shape& shape, std::size_t n, T* sums, Range columns) {
    for (std::size_t i = 0; i < n; ++i)
      std::fill_n(sums + i * shape.gate_row() + columns.begin, columns.end - columns.begin, T(0));
  }
  static void add_to_sums(const Shape& shape, ConstMatrixView<T> rows, const std::int32_t* ids, std::size_t n,
                          T* sums, Range columns) {
    scatter_add_rows<T>(rows, ids, {sums, n, shape.gate_row()}, columns);
  }
  static void unpack_sums(const Shape& shape, const T* sums, MatrixView<T> gradient, Range panels) {
    unpack_gate_gradient(shape, sums, gradient, panels);
  }
  /// sums row indices[k] += gate gradients of token k, for the columns in `columns`.
  static void add_gate_rows(const Shape& shape, const T* gradients, std::size_t tokens,
                            const std::int32_t* indices, MatrixView<T> sums, Range columns) {
    scatter_add_rows<T>({gradients, tokens, shape.gate_row()}, indices, sums, columns);
  }
  /// Where sums [rows][gate_row] of gate gradients are kept as factors, and how columns of them get there.
  static T* room_for_factors(Arena&, const Shape&, T* sums, std::size_t /*rows*/) { return sums; }
  static void store_factors(const Shape&, const T*, std::size_t, Range, T*) {}
};

/// Factors rounded to bfloat16, float sums: AMX, dot products or vectors with the same bits.
struct TileKernels {
  using Number = float;
  using Stored = bfloat16;
  using Shape = TileGateShape;
  using Forward = LstmForwardBf16;
  using Backward = LstmBackwardBf16;
  static constexpr std::size_t spare_rows = block_rows;

  /// What packed weights depend on besides the weights.
  static std::uint64_t order() { return arrangement(); }
  static std::size_t columns_size(const Shape& shape, std::size_t n) { return tile_columns_size(shape, n); }
  static std::size_t rows_size(const Shape& shape, std::size_t n) { return tile_rows_size(shape, n); }
  static void pack_columns(const Shape& shape, ConstMatrixView<float> w, bfloat16* packed, Range panels) {
    pack_tile_columns(shape, w, packed, panels);
  }
  static void pack_rows(const Shape& shape, ConstMatrixView<float> w, bfloat16* packed, Range panels) {
    pack_tile_rows(shape, w, packed, panels);
  }

  static std::size_t forward_room(const Forward& run, std::size_t parts, bool /*projects*/) {
    return lstm_forward_scratch(run.shape, run.layout->sequences(), parts, run.x != nullptr);
  }
  static void give_room(Forward& run, bfloat16* room, bool /*projects*/) { run.scratch = room; }

  static std::size_t backward_room(const Backward& back, std::size_t parts) {
    return lstm_backward_scratch(back.shape, back.layout->sequences(), parts);
  }
  static void give_room(Backward& back, bfloat16* room) { back.scratch = room; }

  static void gate_rows(const Shape& shape, ConstMatrixView<float> rows, const bfloat16* columns,
                        float* table) {
    tile_gemm(rows, columns, shape.gate_row(), table, shape.gate_row(), false);
  }
  static float rounded(float weight) { return static_cast<float>(bfloat16::flushed(weight)); }
  static void times_rows(const Shape& shape, const bfloat16* gradients, std::size_t rows,
                         const bfloat16* weights, MatrixView<float> out, bool accumulate) {
    with_tiles<>([&](auto& tiles) {
      tile_gemm(tiles, gradients, shape.gate_row(), rows, depth_tiles(shape.gate_row()), weights, out.cols(),
                out.data(), out.stride(), accumulate);
    });
  }
  static std::size_t gradient_room(const Shape& shape, std::size_t columns) {
    const auto room = [&](std::size_t operands, std::size_t n) {
      return OuterGroups(operands, n).scratch(columns);
    };
    return std::max({room(2, shape.input + shape.hidden), room(1, shape.input), room(1, shape.hidden)});
  }
  static std::size_t sums_size(const Shape& shape, std::size_t n) { return BlockedSums::size(shape, n); }
  static void clear_sums(const Shape&, std::size_t n, float* sums, Range columns) {
    BlockedSums(n, sums).clear(columns);
  }
  static void add_to_sums(const Shape&, ConstMatrixView<float> rows, const std::int32_t* ids, std::size_t n,
                          float* sums, Range columns) {
    const BlockedSums blocks(n, sums);
    for (std::size_t k = 0; k < rows.rows(); ++k)
      for (std::size_t column = columns.begin; column < columns.end; ++column)
        blocks(static_cast<std::size_t>(ids[k]), column) += rows(k, column);
  }
  static void unpack_sums(const Shape& shape, float* sums, MatrixView<float> gradient, Range panels) {
    const BlockedSums blocks(gradient.cols(), sums);
    shape.for_each_weight(panels, gradient.cols(), [&](std::size_t column, std::size_t row, std::size_t k) {
      gradient(row, k) += blocks(k, column);
    });
  }
  static void add_gate_rows(const Shape& shape, const bfloat16* gradients, std::size_t tokens,
                            const std::int32_t* indices, MatrixView<float> sums, Range columns) {
    using V = Vec<float, DefaultArch>;
    for (std::size_t k = 0; k < tokens; ++k) {
      const bfloat16* source = gradients + k * shape.gate_row();
      float* place = sums.row_data(static_cast<std::size_t>(indices[k]));
      for (std::size_t i = columns.begin; i < columns.end; i += V::size)
        store(place + i, load<V>(place + i) + load<V>(source + i));
    }
  }
  static bfloat16* room_for_factors(Arena& arena, const Shape& shape, float* /*sums*/, std::size_t rows) {
    return arena.allocate<bfloat16>((rows + spare_rows) * shape.gate_row());
  }
  static void store_factors(const Shape& shape, const float* sums, std::size_t rows, Range columns,
                            bfloat16* factors) {
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t first = r * shape.gate_row() + columns.begin, count = columns.end - columns.begin;
      round_row(sums + first, count, factors + first, count);
    }
  }
};

}  // namespace kernels

SEQLSTM_NAMESPACE_END
