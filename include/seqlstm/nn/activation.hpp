// Activation functions, as functions of a Var or SeqVar and as layers for a chain.
#pragma once

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/set.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// body(first row, number of rows) over threads; `cost` operations an element.
template <Scalar T, class Body>
void for_row_parts(const MatrixView<T>& shape, std::size_t cost, Body&& body) {
  for_parts(shape.rows(), 1, shape.size() * cost,
            [&](IndexRange rows) { body(rows.begin, rows.end - rows.begin); });
}

template <template <class> class V, Scalar T> V<T> activate(kernels::Activation function, const V<T>& x) {
  V<T> y = x.tape().make_like(x, x.needs_gradient());
  const MatrixView<T> value = y.node()->value;
  for_row_parts(value, 4, [&](std::size_t first, std::size_t count) {
    Kernels<T>::activate(function, x.value().row_range(first, count), value.row_range(first, count));
  });
  x.tape().record(y, [function, x, y](ConstMatrixView<T> dy) {
    const MatrixView<T> dx = x.tape().gradient(x);
    for_row_parts(dx, 1, [&](std::size_t first, std::size_t count) {
      Kernels<T>::activate_backward(function, y.value().row_range(first, count), dy.row_range(first, count),
                                    dx.row_range(first, count), true);
    });
  });
  return y;
}

}  // namespace detail

/// 1 / (1 + e^-x), element by element.
template <template <class> class V, Scalar T> V<T> sigmoid(const V<T>& x) {
  return detail::activate(kernels::Activation::sigmoid, x);
}
/// (e^x - e^-x) / (e^x + e^-x), element by element.
template <template <class> class V, Scalar T> V<T> tanh(const V<T>& x) {
  return detail::activate(kernels::Activation::tanh, x);
}
/// max(x, 0), element by element; the derivative at 0 is 0.
template <template <class> class V, Scalar T> V<T> relu(const V<T>& x) {
  return detail::activate(kernels::Activation::relu, x);
}
/// e^x / sum of the row's e^x: each row becomes a probability distribution.
template <template <class> class V, Scalar T> V<T> softmax(const V<T>& x) {
  V<T> y = x.tape().make_like(x, x.cols(), x.needs_gradient());
  const MatrixView<T> value = y.node()->value;
  detail::for_row_parts(value, 4, [&](std::size_t first, std::size_t count) {
    detail::Kernels<T>::softmax_rows(x.value().row_range(first, count), value.row_range(first, count));
  });
  x.tape().record(y, [x, y](ConstMatrixView<T> dy) {
    const MatrixView<T> dx = x.tape().gradient(x);
    detail::for_row_parts(dx, 2, [&](std::size_t first, std::size_t count) {
      detail::Kernels<T>::softmax_backward_rows(y.value().row_range(first, count), dy.row_range(first, count),
                                                dx.row_range(first, count));
    });
  });
  return y;
}

/// sigmoid() as a layer, on a Var or a SeqVar. No parameters.
struct Sigmoid {
  /// sigmoid(x), of x's shape.
  template <template <class> class V, Scalar T> V<T> operator()(const V<T>& x) const { return sigmoid(x); }
  template <class Visitor> void fields(Visitor&) {}
};
/// tanh() as a layer, on a Var or a SeqVar. No parameters.
struct Tanh {
  /// tanh(x), of x's shape.
  template <template <class> class V, Scalar T> V<T> operator()(const V<T>& x) const { return tanh(x); }
  template <class Visitor> void fields(Visitor&) {}
};
/// relu() as a layer, on a Var or a SeqVar. No parameters.
struct Relu {
  /// relu(x), of x's shape.
  template <template <class> class V, Scalar T> V<T> operator()(const V<T>& x) const { return relu(x); }
  template <class Visitor> void fields(Visitor&) {}
};
/// softmax() as a layer, on a Var or a SeqVar. No parameters.
struct Softmax {
  /// softmax(x), row by row, of x's shape.
  template <template <class> class V, Scalar T> V<T> operator()(const V<T>& x) const { return softmax(x); }
  template <class Visitor> void fields(Visitor&) {}
};

SEQLSTM_NAMESPACE_END
