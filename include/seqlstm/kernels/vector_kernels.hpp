// Everything a network asks of the kernels for numbers T, on vectors of one instruction set.
#pragma once

#include <seqlstm/kernels/elementwise.hpp>
#include <seqlstm/kernels/gather.hpp>
#include <seqlstm/kernels/lstm_backward.hpp>
#include <seqlstm/kernels/lstm_forward.hpp>
#include <seqlstm/kernels/lstm_weight_gradient.hpp>
#include <seqlstm/kernels/norm.hpp>
#include <seqlstm/kernels/update.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Factors as they are. The functions up to store_factors are those of TileKernels too: what a layer computes
/// on either.
template <class T, class Arch = DefaultArch> struct VectorKernels : VectorProducts<T, Arch> {
  using Number = T;
  using Stored = T;  ///< packed weights, saved gates and their gradients
  using Forward = LstmForwardArguments<T, Stored>;
  using Backward = LstmBackwardArguments<T, Stored>;
  using Operand = GradientOperand<T>;

  /// Units in a panel.
  static std::size_t lanes() { return width<T, Arch>; }
  /// Rows of saved gates behind the last token's.
  static std::size_t spare_rows() { return 0; }

  static std::size_t columns_size(const GateShape& shape, std::size_t n) { return shape.gate_row() * n; }
  static std::size_t rows_size(const GateShape& shape, std::size_t n) {
    return packed_size<T, Arch>(shape.gate_row(), n);
  }
  static void pack_columns(const GateShape& shape, ConstMatrixView<T> w, T* packed, Range panels) {
    pack_gate_columns<T, Arch>(shape, w, packed, panels);
  }
  static void pack_rows(const GateShape& shape, ConstMatrixView<T> w, T* packed, Range panels) {
    pack_gate_rows<T, Arch>(shape, w, packed, panels);
  }

  /// Numbers of room that forward() needs for so many parts, and backward().
  static std::size_t forward_room(const Forward& run, std::size_t parts) {
    return run.projects && run.gates == nullptr ? parts * projection_size(run.shape, run.layout) : 0;
  }
  static std::size_t backward_room(const Backward&, std::size_t /*parts*/) { return 0; }
  static void forward(const Forward& run, const LstmPart& part) { lstm_forward<T, Arch>(run, part); }
  static void backward(const Backward& run, const LstmPart& part) { lstm_backward<T, Arch>(run, part); }

  /// table [rows][gate_row] = rows W_ih^T. A row's bits do not depend on the others.
  static void gate_rows(const GateShape& shape, ConstMatrixView<T> rows, const T* columns, T* table) {
    gemm_panels<T, Arch>(rows.data(), rows.stride(), 1, rows.rows(), shape.input, columns, shape.gate_row(),
                         table, shape.gate_row(), false);
  }
  /// W as a factor.
  static T rounded(T weight) { return weight; }
  /// out (+)= gate gradients [rows][gate_row] times W_ih packed by rows.
  static void times_rows(const GateShape& shape, const T* gradients, std::size_t rows, const T* weights,
                         MatrixView<T> out, bool accumulate) {
    gemm_panels<T, Arch>(gradients, shape.gate_row(), 1, rows, shape.gate_row(), weights, out.cols(),
                         out.data(), out.stride(), accumulate);
  }

  /// Scratch memory of weight_gradient() for so many gate columns.
  static std::size_t gradient_room(const GateShape& shape, std::size_t /*columns*/) {
    return weight_gradient_scratch<T, Arch>(2, shape.input + shape.hidden);
  }
  static void weight_gradient(const GateShape& shape, const T* dgates, std::size_t tokens,
                              std::span<const Operand> operands, Range columns, T* bias, T* scratch) {
    lstm_weight_gradient<T, Arch>(shape, dgates, tokens, operands, columns, bias, scratch);
  }
  /// Sums of outer products of n columns with gate rows: numbers they take, zero, plus rows of gate gradients
  /// at the places ids, and into the gradient [4H, n].
  static std::size_t sums_size(const GateShape& shape, std::size_t n) { return n * shape.gate_row(); }
  static void clear_sums(const GateShape& shape, std::size_t n, T* sums, Range columns) {
    for (std::size_t i = 0; i < n; ++i)
      std::fill_n(sums + i * shape.gate_row() + columns.begin, columns.end - columns.begin, T(0));
  }
  static void add_to_sums(const GateShape& shape, ConstMatrixView<T> rows, const std::int32_t* ids,
                          std::size_t n, T* sums, Range columns) {
    kernels::scatter_add_rows<T, Arch>(rows, ids, {sums, n, shape.gate_row()}, columns);
  }
  static void unpack_sums(const GateShape& shape, T* sums, MatrixView<T> gradient, Range panels) {
    unpack_gate_gradient<T, Arch>(shape, sums, gradient, panels);
  }
  /// sums row indices[k] += gate gradients of token k, for the columns in `columns`.
  static void add_gate_rows(const GateShape& shape, const T* gradients, std::size_t tokens,
                            const std::int32_t* indices, MatrixView<T> sums, Range columns) {
    kernels::scatter_add_rows<T, Arch>({gradients, tokens, shape.gate_row()}, indices, sums, columns);
  }
  /// Columns of sums [rows][gate_row] of gate gradients, as factors of times_rows().
  static void store_factors(const GateShape&, const T*, std::size_t, Range, T*) {}

  static void gather_rows(ConstMatrixView<T> table, const std::int32_t* ids, std::size_t count,
                          MatrixView<T> out, bool accumulate) {
    kernels::gather_rows<T, Arch>(table, ids, count, out, accumulate);
  }
  static void scatter_add_rows(ConstMatrixView<T> rows, const std::int32_t* ids, MatrixView<T> table,
                               Range columns) {
    kernels::scatter_add_rows<T, Arch>(rows, ids, table, columns);
  }

  static void add(ConstMatrixView<T> a, ConstMatrixView<T> b, MatrixView<T> out) {
    kernels::add<T, Arch>(a, b, out);
  }
  static void multiply_elements(ConstMatrixView<T> a, ConstMatrixView<T> b, MatrixView<T> out,
                                bool accumulate) {
    kernels::multiply_elements<T, Arch>(a, b, out, accumulate);
  }
  static void scale(T factor, ConstMatrixView<T> x, MatrixView<T> out) {
    kernels::scale<T, Arch>(factor, x, out);
  }
  static void add_scaled(T factor, ConstMatrixView<T> x, MatrixView<T> out) {
    kernels::add_scaled<T, Arch>(factor, x, out);
  }
  static void activate(Activation function, ConstMatrixView<T> x, MatrixView<T> y) {
    kernels::activate<T, Arch>(function, x, y);
  }
  static void activate_backward(Activation function, ConstMatrixView<T> y, ConstMatrixView<T> dy,
                                MatrixView<T> dx, bool accumulate) {
    kernels::activate_backward<T, Arch>(function, y, dy, dx, accumulate);
  }
  static void mask_elements(const T* x, const std::uint8_t* keep, T kept, T* out, std::size_t n,
                            bool accumulate) {
    kernels::mask_elements(x, keep, kept, out, n, accumulate);
  }

  static void softmax_rows(ConstMatrixView<T> x, MatrixView<T> y) { kernels::softmax_rows<T, Arch>(x, y); }
  static void softmax_backward_rows(ConstMatrixView<T> y, ConstMatrixView<T> dy, MatrixView<T> dx) {
    kernels::softmax_backward_rows<T, Arch>(y, dy, dx);
  }
  static void log_sum_exp_rows(ConstMatrixView<T> x, T* out) { kernels::log_sum_exp_rows<T, Arch>(x, out); }
  static void add_column_sums(ConstMatrixView<T> x, Range columns, T* out) {
    kernels::add_column_sums<T, Arch>(x, columns, out);
  }
  static double add_squares(double start, const T* x, const T* y, std::size_t n) {
    return kernels::add_squares(start, x, y, n);
  }
  static double sum_of_squares(const T* x, std::size_t n) { return kernels::sum_of_squares(x, n); }

  static void column_moments(ConstMatrixView<T> x, Range columns, T* mean, T* variance) {
    kernels::column_moments<T, Arch>(x, columns, mean, variance);
  }
  static void normalize_columns(ConstMatrixView<T> x, Range columns, const ColumnScale<T>& scale,
                                const T* bias, MatrixView<T> y) {
    kernels::normalize_columns<T, Arch>(x, columns, scale, bias, y);
  }
  static void normalize_sums(ConstMatrixView<T> x, ConstMatrixView<T> dy, Range columns,
                             const ColumnScale<T>& scale, T* sum_dy, T* sum_product) {
    kernels::normalize_sums<T, Arch>(x, dy, columns, scale, sum_dy, sum_product);
  }
  static void normalize_backward(ConstMatrixView<T> x, ConstMatrixView<T> dy, Range columns,
                                 const ColumnScale<T>& scale, const T* sum_dy, const T* sum_product,
                                 MatrixView<T> dx) {
    kernels::normalize_backward<T, Arch>(x, dy, columns, scale, sum_dy, sum_product, dx);
  }
  static void normalize_backward_fixed(ConstMatrixView<T> dy, Range columns, const ColumnScale<T>& scale,
                                       MatrixView<T> dx) {
    kernels::normalize_backward<T, Arch>(dy, columns, scale, dx);
  }

  static void sgd(const SgdStep<T>& step, std::size_t n, T* weights, const T* gradients, T* buffer) {
    kernels::sgd<T, Arch>(step, n, weights, gradients, buffer);
  }
  static void adam(const AdamStep<T>& step, std::size_t n, T* weights, const T* gradients, T* mean,
                   T* square) {
    kernels::adam<T, Arch>(step, n, weights, gradients, mean, square);
  }
  static void rmsprop(const RmsPropStep<T>& step, std::size_t n, T* weights, const T* gradients, T* square) {
    kernels::rmsprop<T, Arch>(step, n, weights, gradients, square);
  }
};

}  // namespace kernels

SEQLSTM_NAMESPACE_END
