// What a layer asks of the kernels where factors are rounded to bfloat16: VectorKernels' names, on tiles.
#pragma once

#include <seqlstm/kernels/gru_bf16.hpp>
#include <seqlstm/kernels/lstm_bf16_backward.hpp>
#include <seqlstm/kernels/lstm_bf16_forward.hpp>
#include <seqlstm/kernels/outer_bf16.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Factors rounded to bfloat16, float sums: AMX, dot products or vectors with the same bits. `gates` and
/// `room` begin on 64-byte boundaries; `gates` has spare_rows() more rows than there are tokens.
struct TileKernels : TileProducts {
  using Number = float;                                   ///< numbers that layers hand in and out
  using Stored = bfloat16;                                ///< packed weights, saved gates and their gradients
  using Forward = LstmForwardArguments<float, Stored>;    ///< what forward() is given
  using Backward = LstmBackwardArguments<float, Stored>;  ///< what backward() is given
  using Operand = GradientOperand<float>;                 ///< what weight_gradient() sums

  /// Units in a panel: 16.
  static std::size_t lanes() { return tile_side; }
  /// Rows of saved gates after the last token's: whole tiles are read, these rows for nothing.
  static std::size_t spare_rows() { return block_rows; }

  /// bfloat16 numbers that pack_columns() needs for W [GH, n] of G gates, all panels together.
  static std::size_t columns_size(const GateShape& shape, std::size_t n) {
    return tile_columns_size(shape, n);
  }
  /// The same for pack_rows().
  static std::size_t rows_size(const GateShape& shape, std::size_t n) { return tile_rows_size(shape, n); }
  /// Packs W [GH, n], the units of `panels` only, as tiles for x W^T: x [., n] to gate rows.
  static void pack_columns(const GateShape& shape, ConstMatrixView<float> w, bfloat16* packed,
                           IndexRange panels) {
    pack_tile_columns(shape, w, packed, panels);
  }
  /// Packs W alike for products of gate rows with it: gate rows to [., n].
  static void pack_rows(const GateShape& shape, ConstMatrixView<float> w, bfloat16* packed,
                        IndexRange panels) {
    pack_tile_rows(shape, w, packed, panels);
  }

  /// bfloat16 numbers of room that forward() needs for so many parts.
  static std::size_t forward_room(const Forward& run, std::size_t parts) {
    return lstm_forward_scratch(run.shape, run.layout.sequences(), parts, run.x != nullptr);
  }
  /// The same for backward().
  static std::size_t backward_room(const Backward& run, std::size_t parts) {
    return lstm_backward_scratch(run.shape, run.layout.sequences(), parts);
  }
  /// Runs one part of a forward pass: lstm_bf16_forward.hpp.
  static void forward(const Forward& run, const LstmPart& part) { lstm_forward(run, part); }
  /// Runs one part of a backward pass: lstm_bf16_backward.hpp.
  static void backward(const Backward& run, const LstmPart& part) { lstm_backward(run, part); }

  /// bfloat16 numbers of room that gru_forward() needs for so many parts.
  static std::size_t gru_forward_room(const Forward& run, std::size_t parts) {
    return forward_room(run, parts);
  }
  /// The same for gru_backward().
  static std::size_t gru_backward_room(const Backward& run, std::size_t parts) {
    return backward_room(run, parts);
  }
  /// Runs one part of a GRU's forward pass: gru_bf16.hpp.
  static void gru_forward(const Forward& run, const LstmPart& part) { kernels::gru_forward(run, part); }
  /// Runs one part of its backward pass.
  static void gru_backward(const Backward& run, const LstmPart& part) { kernels::gru_backward(run, part); }

  /// table [rows][gate_row] = rows W_ih^T, the rows rounded on the way. A row's bits do not depend on the
  /// others.
  static void gate_rows(const GateShape& shape, ConstMatrixView<float> rows, const bfloat16* columns,
                        float* table) {
    tile_gemm(rows, columns, shape.gate_row(), table, shape.gate_row(), false);
  }
  /// An element of W as a factor: rounded, denormal numbers as zero.
  static float rounded(float weight) { return static_cast<float>(bfloat16::flushed(weight)); }
  /// out (+)= gate gradients [rows][gate_row] times W_ih packed by rows. Like saved gates they have
  /// spare_rows() more rows.
  static void times_rows(const GateShape& shape, const bfloat16* gradients, std::size_t rows,
                         const bfloat16* weights, MatrixView<float> out, bool accumulate) {
    with_tiles<>([&](auto& tiles) {
      tile_gemm(tiles, gradients, shape.gate_row(), rows, depth_tiles(shape.gate_row()), weights, out.cols(),
                out.data(), out.stride(), accumulate);
    });
  }

  /// bfloat16 numbers of scratch memory that weight_gradient() needs for so many gate columns of these
  /// tokens.
  static std::size_t gradient_room(const GateShape& shape, std::size_t columns,
                                   const GradientTokens& tokens) {
    const auto room = [&](std::size_t operands, std::size_t n) {
      return OuterGroups(operands, n, tokens).scratch(columns);
    };
    return std::max({room(2, shape.input + shape.hidden), room(1, shape.input), room(1, shape.hidden)});
  }
  /// Every operand's sum (+)= rows^T dgates over all tokens, and bias [gate_row] += sums of dgates (null: not
  /// wanted), for the gate columns in `columns`, whole panels: outer_bf16.hpp.
  static void weight_gradient(const GateShape& shape, const bfloat16* dgates, const GradientTokens& tokens,
                              std::span<const Operand> operands, IndexRange columns, float* bias,
                              bfloat16* scratch) {
    lstm_weight_gradient(shape, dgates, tokens, operands, columns, bias, scratch);
  }
  /// Floats that sums of outer products of n columns with gate rows take: BlockedSums.
  static std::size_t sums_size(const GateShape& shape, std::size_t n) { return BlockedSums::size(shape, n); }
  /// Makes such sums zero in the gate columns of `columns`, whole blocks.
  static void clear_sums(const GateShape&, std::size_t n, float* sums, IndexRange columns) {
    BlockedSums(n, sums).clear(columns);
  }
  /// Row ids[k] of such sums += row k of `rows`, for the gate columns in `columns`: what one-hot inputs add.
  static void add_to_sums(const GateShape&, ConstMatrixView<float> rows, const std::int32_t* ids,
                          std::size_t n, float* sums, IndexRange columns) {
    const BlockedSums blocks(n, sums);
    for (std::size_t k = 0; k < rows.rows(); ++k)
      for (std::size_t column = columns.begin; column < columns.end; ++column)
        blocks(static_cast<std::size_t>(ids[k]), column) += rows(k, column);
  }
  /// gradient [GH, n] += the transpose of such sums, the units of `panels` only.
  static void unpack_sums(const GateShape& shape, float* sums, MatrixView<float> gradient,
                          IndexRange panels) {
    const BlockedSums blocks(gradient.cols(), sums);
    const auto first_of = [&](std::size_t unit, std::size_t gate) { return shape.gate_column(gate, unit); };
    for_each_weight<tile_side>(
        shape, panels, gradient.cols(), first_of,
        [&](std::size_t column, std::size_t row, std::size_t k) { gradient(row, k) += blocks(k, column); });
  }
  /// sums row indices[k] += gate gradients of token k, for the columns in `columns`, whole panels.
  static void add_gate_rows(const GateShape& shape, const bfloat16* gradients, const GradientTokens& tokens,
                            const std::int32_t* indices, MatrixView<float> sums, IndexRange columns) {
    using V = Vec<float, DefaultArch>;
    for (std::size_t k = 0; k < tokens.count; ++k) {
      const std::size_t row = tokens.order == nullptr ? k : tokens.order[k];
      const bfloat16* source = gradients + row * shape.gate_row();
      float* place = sums.row_data(static_cast<std::size_t>(indices[k]));
      for (std::size_t i = columns.begin; i < columns.end; i += V::size)
        store(place + i, load<V>(place + i) + load<V>(source + i));
    }
  }
  /// Columns of sums [rows][gate_row] of gate gradients, rounded, as factors [rows][gate_row] of
  /// times_rows().
  static void store_factors(const GateShape& shape, const float* sums, std::size_t rows, IndexRange columns,
                            bfloat16* factors) {
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t first = r * shape.gate_row() + columns.begin, count = columns.end - columns.begin;
      round_row(sums + first, count, factors + first, count);
    }
  }
};

}  // namespace kernels

SEQLSTM_NAMESPACE_END
