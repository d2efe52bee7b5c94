// What a layer asks of the kernels where factors are rounded to bfloat16: VectorKernels' names, on tiles.
#pragma once

#include <seqlstm/kernels/lstm_bf16_backward.hpp>
#include <seqlstm/kernels/lstm_bf16_forward.hpp>
#include <seqlstm/kernels/outer_bf16.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Factors rounded to bfloat16, float sums: AMX, dot products or vectors with the same bits. `gates` and
/// `room` begin on 64-byte boundaries; `gates` has spare_rows() more rows than there are tokens.
struct TileKernels : TileProducts {
  using Number = float;
  using Stored = bfloat16;
  using Forward = LstmForwardArguments<float, Stored>;
  using Backward = LstmBackwardArguments<float, Stored>;
  using Operand = GradientOperand<float>;

  static std::size_t lanes() { return tile_side; }
  static std::size_t spare_rows() { return block_rows; }

  static std::size_t columns_size(const GateShape& shape, std::size_t n) {
    return tile_columns_size(shape, n);
  }
  static std::size_t rows_size(const GateShape& shape, std::size_t n) { return tile_rows_size(shape, n); }
  static void pack_columns(const GateShape& shape, ConstMatrixView<float> w, bfloat16* packed, Range panels) {
    pack_tile_columns(shape, w, packed, panels);
  }
  static void pack_rows(const GateShape& shape, ConstMatrixView<float> w, bfloat16* packed, Range panels) {
    pack_tile_rows(shape, w, packed, panels);
  }

  static std::size_t forward_room(const Forward& run, std::size_t parts) {
    return lstm_forward_scratch(run.shape, run.layout.sequences(), parts, run.x != nullptr);
  }
  static std::size_t backward_room(const Backward& run, std::size_t parts) {
    return lstm_backward_scratch(run.shape, run.layout.sequences(), parts);
  }
  static void forward(const Forward& run, const LstmPart& part) { lstm_forward(run, part); }
  static void backward(const Backward& run, const LstmPart& part) { lstm_backward(run, part); }

  static void gate_rows(const GateShape& shape, ConstMatrixView<float> rows, const bfloat16* columns,
                        float* table) {
    tile_gemm(rows, columns, shape.gate_row(), table, shape.gate_row(), false);
  }
  static float rounded(float weight) { return static_cast<float>(bfloat16::flushed(weight)); }
  static void times_rows(const GateShape& shape, const bfloat16* gradients, std::size_t rows,
                         const bfloat16* weights, MatrixView<float> out, bool accumulate) {
    with_tiles<>([&](auto& tiles) {
      tile_gemm(tiles, gradients, shape.gate_row(), rows, depth_tiles(shape.gate_row()), weights, out.cols(),
                out.data(), out.stride(), accumulate);
    });
  }

  static std::size_t gradient_room(const GateShape& shape, std::size_t columns) {
    const auto room = [&](std::size_t operands, std::size_t n) {
      return OuterGroups(operands, n).scratch(columns);
    };
    return std::max({room(2, shape.input + shape.hidden), room(1, shape.input), room(1, shape.hidden)});
  }
  static void weight_gradient(const GateShape& shape, const bfloat16* dgates, std::size_t tokens,
                              std::span<const Operand> operands, Range columns, float* bias,
                              bfloat16* scratch) {
    lstm_weight_gradient(shape, dgates, tokens, operands, columns, bias, scratch);
  }
  static std::size_t sums_size(const GateShape& shape, std::size_t n) { return BlockedSums::size(shape, n); }
  static void clear_sums(const GateShape&, std::size_t n, float* sums, Range columns) {
    BlockedSums(n, sums).clear(columns);
  }
  static void add_to_sums(const GateShape&, ConstMatrixView<float> rows, const std::int32_t* ids,
                          std::size_t n, float* sums, Range columns) {
    const BlockedSums blocks(n, sums);
    for (std::size_t k = 0; k < rows.rows(); ++k)
      for (std::size_t column = columns.begin; column < columns.end; ++column)
        blocks(static_cast<std::size_t>(ids[k]), column) += rows(k, column);
  }
  static void unpack_sums(const GateShape& shape, float* sums, MatrixView<float> gradient, Range panels) {
    const BlockedSums blocks(gradient.cols(), sums);
    for_each_weight<tile_side>(
        shape, panels, gradient.cols(),
        [&](std::size_t column, std::size_t row, std::size_t k) { gradient(row, k) += blocks(k, column); });
  }
  static void add_gate_rows(const GateShape& shape, const bfloat16* gradients, std::size_t tokens,
                            const std::int32_t* indices, MatrixView<float> sums, Range columns) {
    using V = Vec<float, DefaultArch>;
    for (std::size_t k = 0; k < tokens; ++k) {
      const bfloat16* source = gradients + k * shape.gate_row();
      float* place = sums.row_data(static_cast<std::size_t>(indices[k]));
      for (std::size_t i = columns.begin; i < columns.end; i += V::size)
        store(place + i, load<V>(place + i) + load<V>(source + i));
    }
  }
  static void store_factors(const GateShape& shape, const float* sums, std::size_t rows, Range columns,
                            bfloat16* factors) {
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t first = r * shape.gate_row() + columns.begin, count = columns.end - columns.begin;
      round_row(sums + first, count, factors + first, count);
    }
  }
};

}  // namespace kernels

SEQLSTM_NAMESPACE_END
