// One step of an LSTM with a projection, peepholes or layer norm, for some rows: products by the matrix
// kernels, then the cells (kernels/lstm_cells.hpp). Sequences and streams take the same one.
#pragma once

#include <seqlstm/nn/detail/lstm_direction.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Added to variances.
inline constexpr double lstm_norm_eps = 1e-5;

/// What a step of n rows reads and writes. What is made for the layer norm alone is not touched without one.
template <Scalar T> struct LstmCellRows {
  ConstMatrixView<T> x, h_before, c_before;
  MatrixView<T> inputs;    // [n, 4H], W_ih x; without a layer norm: gates
  MatrixView<T> products;  // [n, 4H], W_hh h, for the layer norm
  MatrixView<T> normal;    // [n, 4H], the same normalised; may be `products`
  MatrixView<T> gates;     // [n, 4H], i f g o; may be `inputs`
  MatrixView<T> c;         // [n, H]; may be c_before
  MatrixView<T> output;    // [n, H], o tanh(c); without a projection: y
  MatrixView<T> y;         // [n, P or H]
  T *input_mean, *input_inverse, *hidden_mean, *hidden_inverse;  // [n], moments for the layer norm
};

/// Room for a step whose numbers need not stay.
template <Scalar T> struct LstmCellRoom {
  MatrixView<T> gates, products, output;
  T* moments = nullptr;  // [2n]

  /// Numbers that it takes for n rows.
  static std::size_t size(std::size_t rows, std::size_t hidden) { return rows * (9 * hidden + 2); }
  LstmCellRoom() = default;
  LstmCellRoom(T* room, std::size_t rows, std::size_t hidden)
      : gates(room, rows, 4 * hidden),
        products(room + gates.size(), rows, 4 * hidden),
        output(room + 2 * gates.size(), rows, hidden),
        moments(room + 2 * gates.size() + output.size()) {}

  /// The step in rows [first, first + count) of the room.
  [[nodiscard]] LstmCellRows<T> rows(std::size_t first, std::size_t count) const {
    const auto own = [&](const MatrixView<T>& view) { return view.row_range(first, count); };
    LstmCellRows<T> step{};
    step.inputs = step.gates = own(gates);
    step.products = step.normal = own(products);
    step.output = own(output);
    step.input_mean = step.hidden_mean = moments + 2 * first;
    step.input_inverse = step.hidden_inverse = moments + 2 * first + count;
    return step;
  }
};

template <class P, Scalar T> void lstm_cell_step(const LstmStepWeights<P>& w, const LstmCellRows<T>& rows) {
  using Numbers = Kernels<T>;
  constexpr T eps = static_cast<T>(lstm_norm_eps);
  P::multiply(rows.x, w.input, rows.inputs, false);
  if (w.norm_ih == nullptr) {
    P::multiply(rows.h_before, w.hidden, rows.gates, true);
  } else {
    Numbers::normalize_rows(rows.inputs, eps, w.norm_ih, w.zeros, rows.input_mean, rows.input_inverse,
                            rows.gates);
    P::multiply(rows.h_before, w.hidden, rows.products, false);
    Numbers::normalize_rows(rows.products, eps, w.norm_hh, w.zeros, rows.hidden_mean, rows.hidden_inverse,
                            rows.normal);
    Numbers::add(rows.gates, rows.normal, rows.gates);
  }
  Numbers::lstm_cells(
      {rows.gates, w.bias, w.peephole, w.norm_c, w.norm_c_bias, eps, rows.c_before, rows.c, rows.output});
  if (w.projection != nullptr) P::multiply(rows.output, w.projection, rows.y, false);
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
