// Arithmetic of values on the tape: sums (residual connections, ensembles), products (gates of one's own),
// scaling.
#pragma once

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/kernels/set.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T> void require_same_shape(const char* what, const Variable<T>& a, const Variable<T>& b);

/// An uninitialised result for a function of the elements of a and b; of a direction only where both are.
template <template <class> class V, Scalar T> V<T> make_like_both(const V<T>& a, const V<T>& b) {
  V<T> y = a.tape().make_like(a, a.needs_gradient() || b.needs_gradient());
  if (b.node()->reverse_from != a.node()->reverse_from)
    y.node()->reverse_from = std::numeric_limits<std::size_t>::max();
  return y;
}

}  // namespace detail

/// a + b, element by element; both are of one shape.
template <template <class> class V, Scalar T>
requires std::derived_from<V<T>, Variable<T>> V<T>
operator+(const V<T>& a, const V<T>& b) {
  detail::require_same_shape("sum", a, b);
  V<T> y = detail::make_like_both(a, b);
  detail::Kernels<T>::add(a.value(), b.value(), y.node()->value);
  a.tape().record(y, [a, b](ConstMatrixView<T> dy) {
    for (const V<T>& x : {a, b}) {
      if (!x.needs_gradient()) continue;
      const MatrixView<T> dx = x.tape().gradient(x);
      detail::Kernels<T>::add(dx, dy, dx);
    }
  });
  return y;
}

/// a * b, element by element; both are of one shape.
template <template <class> class V, Scalar T>
requires std::derived_from<V<T>, Variable<T>> V<T>
operator*(const V<T>& a, const V<T>& b) {
  detail::require_same_shape("product", a, b);
  V<T> y = detail::make_like_both(a, b);
  detail::Kernels<T>::multiply_elements(a.value(), b.value(), y.node()->value, false);
  a.tape().record(y, [a, b](ConstMatrixView<T> dy) {
    const auto add_product = [&](const V<T>& x, const V<T>& other) {
      if (x.needs_gradient())
        detail::Kernels<T>::multiply_elements(other.value(), dy, x.tape().gradient(x), true);
    };
    add_product(a, b);
    add_product(b, a);
  });
  return y;
}

/// factor * x, element by element.
template <template <class> class V, Scalar T>
requires std::derived_from<V<T>, Variable<T>> V<T>
operator*(std::type_identity_t<T> factor, const V<T>& x) {
  V<T> y = x.tape().make_like(x, x.needs_gradient());
  detail::Kernels<T>::scale(factor, x.value(), y.node()->value);
  x.tape().record(y, [x, factor](ConstMatrixView<T> dy) {
    detail::Kernels<T>::add_scaled(factor, dy, x.tape().gradient(x));
  });
  return y;
}

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/autograd/ops.ipp>
#endif
