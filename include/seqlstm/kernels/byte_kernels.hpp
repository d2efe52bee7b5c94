// What a layer asks of the kernels where factors are int8: the names of VectorKernels that inference needs.
#pragma once

#include <seqlstm/kernels/gru_int8_forward.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Factors quantised to int8, weights by row once, activations by row at run time; exact int32 sums, on every
/// CPU the same. For inference. `room` and packed weights begin on 64-byte boundaries.
struct ByteKernels {
  using Number = float;                                   ///< numbers that layers hand in and out
  using Stored = std::int8_t;                             ///< packed weights, their scales beside them
  using Forward = LstmForwardArguments<float, Stored>;    ///< what forward() is given
  using Backward = LstmBackwardArguments<float, Stored>;  ///< there is no backward()

  /// What packed weights depend on besides the weights: nothing.
  static std::uint64_t order() { return 1; }
  /// Units in a panel: 16.
  static std::size_t lanes() { return byte_side; }
  /// Rows of saved gates after the last token's: none are saved.
  static std::size_t spare_rows() { return 0; }

  /// Bytes that pack_columns() needs for W [4H, n], or a GRU's [3H, n], all panels together.
  static std::size_t columns_size(const GateShape& shape, std::size_t n) {
    return shape.panels() * ByteBlock::size(n, places);
  }
  /// Quantises W, the units of `panels` only, as blocks of a panel's four places; of a GRU one is zero.
  static void pack_columns(const GateShape& shape, ConstMatrixView<float> w, Stored* packed,
                           IndexRange panels) {
    const ByteBlock block{w.cols(), places, packed};
    const std::size_t size = ByteBlock::size(block.terms, block.vectors);
    for (std::size_t p = panels.begin; p < panels.end; ++p)
      for_each_panel_block(shape, w, block, p, packed + p * size);
  }
  /// Bytes of room that forward() needs for so many parts.
  static std::size_t forward_room(const Forward& run, std::size_t parts) {
    return lstm_int8_forward_scratch(run.shape, run.layout.sequences(), parts, run.x != nullptr);
  }
  /// Runs one part of a forward pass: lstm_int8_forward.hpp.
  static void forward(const Forward& run, const LstmPart& part) { lstm_forward(run, part); }
  /// The same for a GRU that resets after the product: gru_int8_forward.hpp.
  static std::size_t gru_forward_room(const Forward& run, std::size_t parts) {
    return forward_room(run, parts);
  }
  /// Runs one part of its forward pass.
  static void gru_forward(const Forward& run, const LstmPart& part) { kernels::gru_forward(run, part); }
  /// table [rows][product_row] = rows W_ih^T, the rows quantised on the way. A row's bits do not depend on
  /// the others.
  static void gate_rows(const GateShape& shape, ConstMatrixView<float> rows, const Stored* columns,
                        float* table) {
    byte_gemm(rows, columns, MatrixView<float>(table, rows.rows(), shape.product_row()), false, places);
  }
  /// row [product_row] = column k of W_ih as it is multiplied.
  static void gate_column(const GateShape& shape, const Stored* columns, std::size_t k, float* row) {
    constexpr std::size_t wide = places * byte_side;
    for_each_byte_block(shape.input, shape.product_row(), places, columns,
                        [&](const ByteBlock& block, std::size_t first, std::size_t) {
                          for (std::size_t c = 0; c < wide; ++c) row[first + c] = block.weight(k, c);
                        });
  }

  /// Rows of x that one thread should have at least.
  static std::size_t grain() { return byte_rows; }
  /// Bytes that pack_factor() needs.
  static std::size_t factor_size(std::size_t depth, std::size_t columns) {
    return byte_factor_size(depth, columns);
  }
  /// Quantises w [columns, depth] by row for x w^T; `forward` is true, for there is no product with w itself.
  static void pack_factor(ConstMatrixView<float> w, bool /*forward*/, Stored* packed) {
    pack_byte_factor(w.cols(), w.rows(), packed, [&](std::size_t c) { return w.row_data(c); });
  }
  /// to [columns] = column k of w as it is multiplied.
  static void factor_column(std::size_t depth, std::size_t columns, const Stored* packed, std::size_t k,
                            float* to) {
    for_each_byte_block(depth, columns, places, packed,
                        [&](const ByteBlock& block, std::size_t first, std::size_t own) {
                          for (std::size_t c = 0; c < own; ++c) to[first + c] = block.weight(k, c);
                        });
  }
  /// y (+)= x w^T, w as packed.
  static void multiply(ConstMatrixView<float> x, const Stored* packed, MatrixView<float> y, bool accumulate) {
    byte_gemm(x, packed, y, accumulate);
  }

 private:
  static constexpr std::size_t places = 4;  // of a panel, a vector each

  static void for_each_panel_block(const GateShape& shape, ConstMatrixView<float> w, const ByteBlock& block,
                                   std::size_t panel, Stored* packed) {
    std::array<const float*, byte_columns> rows{};
    for (std::size_t g = 0; g < shape.gate_count(); ++g)
      for (std::size_t u = 0; u < std::min(byte_side, shape.hidden - panel * byte_side); ++u)
        rows[shape.place(g) * byte_side + u] = w.row_data(g * shape.hidden + panel * byte_side + u);
    pack_byte_block(block, packed, [&](std::size_t c) { return rows[c]; });
  }
};

}  // namespace kernels

SEQLSTM_NAMESPACE_END
