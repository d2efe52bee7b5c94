// Everything a network asks of the kernels for numbers T, on vectors of one instruction set.
#pragma once

#include <seqlstm/kernels/ctc.hpp>
#include <seqlstm/kernels/elementwise.hpp>
#include <seqlstm/kernels/gather.hpp>
#include <seqlstm/kernels/gru_backward.hpp>
#include <seqlstm/kernels/gru_forward.hpp>
#include <seqlstm/kernels/lstm_backward.hpp>
#include <seqlstm/kernels/lstm_cells.hpp>
#include <seqlstm/kernels/lstm_forward.hpp>
#include <seqlstm/kernels/lstm_weight_gradient.hpp>
#include <seqlstm/kernels/norm.hpp>
#include <seqlstm/kernels/row_products.hpp>
#include <seqlstm/kernels/update.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Factors as they are. The functions up to store_factors are those of TileKernels too: what a layer computes
/// on either.
template <class T, class Arch = DefaultArch> struct VectorKernels : VectorProducts<T, Arch> {
  using Number = T;                                   ///< numbers that layers hand in and out
  using Stored = T;                                   ///< packed weights, saved gates and their gradients
  using Forward = LstmForwardArguments<T, Stored>;    ///< what forward() is given
  using Backward = LstmBackwardArguments<T, Stored>;  ///< what backward() is given
  using Operand = GradientOperand<T>;                 ///< what weight_gradient() sums

  /// Units in a panel.
  static std::size_t lanes() { return width<T, Arch>; }
  /// Rows of saved gates behind the last token's.
  static std::size_t spare_rows() { return 0; }

  /// Numbers that pack_columns() needs for W [GH, n] of G gates, all panels together.
  static std::size_t columns_size(const GateShape& shape, std::size_t n) { return shape.product_row() * n; }
  /// The same for pack_rows().
  static std::size_t rows_size(const GateShape& shape, std::size_t n) {
    return packed_size<T, Arch>(shape.product_row(), n);
  }
  /// Packs W [GH, n], the units of `panels` only, for x W^T: x [., n] to gate rows.
  static void pack_columns(const GateShape& shape, ConstMatrixView<T> w, T* packed, IndexRange panels) {
    pack_gate_columns<T, Arch>(shape, w, packed, panels);
  }
  /// Packs W alike for products of gate rows with it: gate rows to [., n].
  static void pack_rows(const GateShape& shape, ConstMatrixView<T> w, T* packed, IndexRange panels) {
    pack_gate_rows<T, Arch>(shape, w, packed, panels);
  }

  /// Numbers of room that forward() needs for so many parts.
  static std::size_t forward_room(const Forward& run, std::size_t parts) {
    return run.projects && run.gates == nullptr ? parts * projection_size(run.shape, run.layout) : 0;
  }
  /// The same for backward(): none.
  static std::size_t backward_room(const Backward&, std::size_t /*parts*/) { return 0; }
  /// Runs one part of a forward pass: lstm_forward.hpp.
  static void forward(const Forward& run, const LstmPart& part) { lstm_forward<T, Arch>(run, part); }
  /// Runs one part of a backward pass: lstm_backward.hpp.
  static void backward(const Backward& run, const LstmPart& part) { lstm_backward<T, Arch>(run, part); }

  /// table [rows][product_row] = rows W_ih^T. A row's bits do not depend on the others.
  static void gate_rows(const GateShape& shape, ConstMatrixView<T> rows, const T* columns, T* table) {
    const auto multiply = [&](std::size_t first, std::size_t count) {
      gemm_panels<T, Arch>(rows.data(), rows.stride(), 1, rows.rows(), shape.input,
                           columns + first * shape.input, count, table + first, shape.product_row(), false);
    };
    if (shape.gate_count() == 4) return multiply(0, shape.product_row());
    for (std::size_t panel = 0; panel < shape.panels(); ++panel)  // narrower than gemm's
      multiply(panel * 3 * lanes(), 3 * lanes());
  }
  /// An element of W as a factor.
  static T rounded(T weight) { return weight; }
  /// out (+)= gate gradients [rows][gate_row] times W_ih packed by rows.
  static void times_rows(const GateShape& shape, const T* gradients, std::size_t rows, const T* weights,
                         MatrixView<T> out, bool accumulate) {
    gemm_panels<T, Arch>(gradients + shape.first_column(), shape.gate_row(), 1, rows, shape.product_row(),
                         weights, out.cols(), out.data(), out.stride(), accumulate);
  }

  /// Numbers of scratch memory that weight_gradient() needs for so many gate columns of these tokens.
  static std::size_t gradient_room(const GateShape& shape, std::size_t /*columns*/,
                                   const GradientTokens& tokens) {
    const bool may_reset_first = shape.gates != Gates::lstm;  // then W_hn is multiplied by another row than h
    return weight_gradient_scratch<T, Arch>(may_reset_first ? 3 : 2,
                                            shape.input + (may_reset_first ? 2 : 1) * shape.hidden, tokens);
  }
  /// Every operand's sum (+)= rows^T dgates over all tokens, and bias [gate_row] += sums of dgates (null: not
  /// wanted), for the gate columns in `columns`, whole panels: lstm_weight_gradient.hpp.
  static void weight_gradient(const GateShape& shape, const T* dgates, const GradientTokens& tokens,
                              std::span<const Operand> operands, IndexRange columns, T* bias, T* scratch) {
    lstm_weight_gradient<T, Arch>(shape, dgates, tokens, operands, columns, bias, scratch);
  }
  /// Numbers that sums of outer products of n columns with gate rows take: [n][gate_row].
  static std::size_t sums_size(const GateShape& shape, std::size_t n) { return n * shape.gate_row(); }
  /// Makes such sums zero in the gate columns of `columns`.
  static void clear_sums(const GateShape& shape, std::size_t n, T* sums, IndexRange columns) {
    for (std::size_t i = 0; i < n; ++i)
      std::fill_n(sums + i * shape.gate_row() + columns.begin, columns.end - columns.begin, T(0));
  }
  /// Row ids[k] of such sums += row k of `rows`, for the gate columns in `columns`: what one-hot inputs add.
  static void add_to_sums(const GateShape& shape, ConstMatrixView<T> rows, const std::int32_t* ids,
                          std::size_t n, T* sums, IndexRange columns) {
    kernels::scatter_add_rows<T, Arch>(rows, ids, {sums, n, shape.gate_row()}, columns);
  }
  /// gradient [GH, n] += the transpose of such sums, the units of `panels` only.
  static void unpack_sums(const GateShape& shape, T* sums, MatrixView<T> gradient, IndexRange panels) {
    unpack_gate_gradient<T, Arch>(shape, sums, gradient, panels);
  }
  /// sums row indices[k] += gate gradients of token k, for the columns in `columns`.
  static void add_gate_rows(const GateShape& shape, const T* gradients, const GradientTokens& tokens,
                            const std::int32_t* indices, MatrixView<T> sums, IndexRange columns) {
    const std::size_t row = shape.gate_row();
    if (tokens.order == nullptr)
      return kernels::scatter_add_rows<T, Arch>({gradients, tokens.count, row}, indices, sums, columns);
    for (std::size_t k = 0; k < tokens.count; ++k)
      kernels::scatter_add_rows<T, Arch>({gradients + tokens.order[k] * row, 1, row}, indices + k, sums,
                                         columns);
  }
  /// Columns of sums [rows][gate_row] of gate gradients, as factors of times_rows(). Here the sums are the
  /// factors.
  static void store_factors(const GateShape&, const T*, std::size_t, IndexRange, T*) {}

  /// The same as forward_room(), forward(), backward_room() and backward() for a GRU: gru_forward.hpp,
  /// gru_backward.hpp.
  static std::size_t gru_forward_room(const Forward& run, std::size_t parts) {
    return kernels::gru_forward_room(run, parts);
  }
  /// Runs one part of a GRU's forward pass.
  static void gru_forward(const Forward& run, const LstmPart& part) {
    kernels::gru_forward<T, Arch>(run, part);
  }
  /// Numbers of room that gru_backward() needs for so many parts.
  static std::size_t gru_backward_room(const Backward& run, std::size_t parts) {
    return kernels::gru_backward_room(run, parts);
  }
  /// Runs one part of a GRU's backward pass.
  static void gru_backward(const Backward& run, const LstmPart& part) {
    kernels::gru_backward<T, Arch>(run, part);
  }

  /// One step of LSTM cells with peepholes, a normalised c or neither: lstm_cells.hpp.
  static void lstm_cells(const LstmCells<T>& cells) { kernels::lstm_cells<T, Arch>(cells); }
  /// The way back through it.
  static void lstm_cells_backward(const LstmCellsBackward<T>& cells) {
    kernels::lstm_cells_backward<T, Arch>(cells);
  }

  /// out row k (+)= table row ids[k], for k < count.
  static void gather_rows(ConstMatrixView<T> table, const std::int32_t* ids, std::size_t count,
                          MatrixView<T> out, bool accumulate) {
    kernels::gather_rows<T, Arch>(table, ids, count, out, accumulate);
  }
  /// table row ids[k] += row k of `rows`, for the columns in `columns`.
  static void scatter_add_rows(ConstMatrixView<T> rows, const std::int32_t* ids, MatrixView<T> table,
                               IndexRange columns) {
    kernels::scatter_add_rows<T, Arch>(rows, ids, table, columns);
  }

  /// out = a + b.
  static void add(ConstMatrixView<T> a, ConstMatrixView<T> b, MatrixView<T> out) {
    kernels::add<T, Arch>(a, b, out);
  }
  /// out (+)= a b, element by element.
  static void multiply_elements(ConstMatrixView<T> a, ConstMatrixView<T> b, MatrixView<T> out,
                                bool accumulate) {
    kernels::multiply_elements<T, Arch>(a, b, out, accumulate);
  }
  /// out = factor * x.
  static void scale(T factor, ConstMatrixView<T> x, MatrixView<T> out) {
    kernels::scale<T, Arch>(factor, x, out);
  }
  /// out += factor * x.
  static void add_scaled(T factor, ConstMatrixView<T> x, MatrixView<T> out) {
    kernels::add_scaled<T, Arch>(factor, x, out);
  }
  /// y = e^x, element by element; y may be x.
  static void exponential(ConstMatrixView<T> x, MatrixView<T> y) { kernels::exponential<T, Arch>(x, y); }
  /// y = f(x).
  static void activate(Activation function, ConstMatrixView<T> x, MatrixView<T> y) {
    kernels::activate<T, Arch>(function, x, y);
  }
  /// dx (+)= f'(x) dy, from y = f(x).
  static void activate_backward(Activation function, ConstMatrixView<T> y, ConstMatrixView<T> dy,
                                MatrixView<T> dx, bool accumulate) {
    kernels::activate_backward<T, Arch>(function, y, dy, dx, accumulate);
  }
  /// out (+)= x * kept where `keep` is 1, x * 0 where it is 0; [n] each.
  static void mask_elements(const T* x, const std::uint8_t* keep, T kept, T* out, std::size_t n,
                            bool accumulate) {
    kernels::mask_elements(x, keep, kept, out, n, accumulate);
  }

  /// y = softmax of x, row by row; y may be x.
  static void softmax_rows(ConstMatrixView<T> x, MatrixView<T> y) { kernels::softmax_rows<T, Arch>(x, y); }
  /// dx += the gradient of softmax_rows() from its result y.
  static void softmax_backward_rows(ConstMatrixView<T> y, ConstMatrixView<T> dy, MatrixView<T> dx) {
    kernels::softmax_backward_rows<T, Arch>(y, dy, dx);
  }
  /// out[r] = log of the sum of e^x of row r, without overflow.
  static void log_sum_exp_rows(ConstMatrixView<T> x, T* out) { kernels::log_sum_exp_rows<T, Arch>(x, out); }
  /// out[c] += the sum of column c, for the columns in `columns`.
  static void add_column_sums(ConstMatrixView<T> x, IndexRange columns, T* out) {
    kernels::add_column_sums<T, Arch>(x, columns, out);
  }
  /// start + the squares of n numbers x, or of x - y where y is not null, one after the other in double.
  static double add_squares(double start, const T* x, const T* y, std::size_t n) {
    return kernels::add_squares(start, x, y, n);
  }
  /// The sum of n squares in double, in one order on every machine.
  static double sum_of_squares(const T* x, std::size_t n) { return kernels::sum_of_squares(x, n); }

  /// mean[c] and biased variance[c] of the rows of x, for the columns in `columns`. x must have a row.
  static void column_moments(ConstMatrixView<T> x, IndexRange columns, T* mean, T* variance) {
    kernels::column_moments<T, Arch>(x, columns, mean, variance);
  }
  /// y = weight (x - mean) inverse + bias for the columns in `columns`.
  static void normalize_columns(ConstMatrixView<T> x, IndexRange columns, const ColumnScale<T>& scale,
                                const T* bias, MatrixView<T> y) {
    kernels::normalize_columns<T, Arch>(x, columns, scale, bias, y);
  }
  /// sum_dy[c] = the sum of dy, sum_product[c] = that of dy (x - mean) inverse: the gradients of bias and
  /// weight.
  static void normalize_sums(ConstMatrixView<T> x, ConstMatrixView<T> dy, IndexRange columns,
                             const ColumnScale<T>& scale, T* sum_dy, T* sum_product) {
    kernels::normalize_sums<T, Arch>(x, dy, columns, scale, sum_dy, sum_product);
  }
  /// dx += the gradient of normalize_columns() where mean and variance are those of the rows of x; with the
  /// sums that normalize_sums() gives.
  static void normalize_backward(ConstMatrixView<T> x, ConstMatrixView<T> dy, IndexRange columns,
                                 const ColumnScale<T>& scale, const T* sum_dy, const T* sum_product,
                                 MatrixView<T> dx) {
    kernels::normalize_backward<T, Arch>(x, dy, columns, scale, sum_dy, sum_product, dx);
  }
  /// The same where mean and variance are constants.
  static void normalize_backward_fixed(ConstMatrixView<T> dy, IndexRange columns, const ColumnScale<T>& scale,
                                       MatrixView<T> dx) {
    kernels::normalize_backward<T, Arch>(dy, columns, scale, dx);
  }

  /// y = weight (x - mean) inverse + bias with mean[r] and inverse[r] = 1 / sqrt(variance + eps) of each row.
  static void normalize_rows(ConstMatrixView<T> x, T eps, const T* weight, const T* bias, T* mean, T* inverse,
                             MatrixView<T> y) {
    kernels::normalize_rows<T, Arch>(x, eps, weight, bias, mean, inverse, y);
  }
  /// dx += the gradient of normalize_rows(), with the mean and inverse that it gave.
  static void normalize_rows_backward(ConstMatrixView<T> x, ConstMatrixView<T> dy, const T* weight,
                                      const T* mean, const T* inverse, MatrixView<T> dx) {
    kernels::normalize_rows_backward<T, Arch>(x, dy, weight, mean, inverse, dx);
  }
  /// out[c] += the sum of dy (x - mean) inverse over the rows, for the columns in `columns`.
  static void add_normal_products(ConstMatrixView<T> x, ConstMatrixView<T> dy, IndexRange columns,
                                  const T* mean, const T* inverse, T* out) {
    kernels::add_normal_products<T, Arch>(x, dy, columns, mean, inverse, out);
  }

  /// S_r += w_r x_r^T, for the row w_r [heads] of w, x_r [cols] of x and S_r [heads, cols], a row of s.
  static void add_outer_rows(ConstMatrixView<T> w, ConstMatrixView<T> x, MatrixView<T> s) {
    kernels::add_outer_rows<T, Arch>(w, x, s);
  }
  /// w_r += S_r x_r.
  static void add_dot_rows(ConstMatrixView<T> s, ConstMatrixView<T> x, MatrixView<T> w) {
    kernels::add_dot_rows<T, Arch>(s, x, w);
  }
  /// x_r (+)= S_r^T w_r.
  static void mix_rows(ConstMatrixView<T> w, ConstMatrixView<T> s, MatrixView<T> x, bool accumulate) {
    kernels::mix_rows<T, Arch>(w, s, x, accumulate);
  }

  /// log P of a record's labels, and the gradient of its share in the loss: ctc.hpp.
  static double ctc_record(const CtcRecord<T>& record) { return kernels::ctc_record<T, Arch>(record); }

  /// Sgd's update of n weights.
  static void sgd(const SgdStep<T>& step, std::size_t n, T* weights, const T* gradients, T* buffer) {
    kernels::sgd<T, Arch>(step, n, weights, gradients, buffer);
  }
  /// Adam's and AdamW's update of n weights.
  static void adam(const AdamStep<T>& step, std::size_t n, T* weights, const T* gradients, T* mean,
                   T* square) {
    kernels::adam<T, Arch>(step, n, weights, gradients, mean, square);
  }
  /// RmsProp's update of n weights.
  static void rmsprop(const RmsPropStep<T>& step, std::size_t n, T* weights, const T* gradients, T* square) {
    kernels::rmsprop<T, Arch>(step, n, weights, gradients, square);
  }
};

}  // namespace kernels

SEQLSTM_NAMESPACE_END
