// Functions of corresponding elements: activations, their derivatives, sums of rows.
#pragma once

#include <cmath>
#include <seqlstm/kernels/arguments.hpp>
#include <seqlstm/kernels/math.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// out = f(in...), vector by vector; all views have out's shape, and out may be one of them. f is called with
/// zeros behind the last element.
template <class T, class Arch = DefaultArch, class F, class... In>
[[gnu::flatten]] void map(MatrixView<T> out, F f, const In&... in) {
  using V = Vec<T, Arch>;
  const bool dense = out.stride() == out.cols() && ((in.stride() == in.cols()) && ...);
  const std::size_t rows = dense ? 1 : out.rows(), cols = dense ? out.size() : out.cols();
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t i = 0; i < cols; i += V::size)
      store_partial(out.row_data(r) + i, f(load_partial<V>(in.row_data(r) + i, cols - i)...), cols - i);
  }
}

/// out = a + b.
template <class T, class Arch = DefaultArch>
void add(ConstMatrixView<T> a, ConstMatrixView<T> b, MatrixView<T> out) {
  map<T, Arch>(
      out, [](const auto& u, const auto& v) { return u + v; }, a, b);
}
/// out (+)= a b, element by element.
template <class T, class Arch = DefaultArch>
void multiply_elements(ConstMatrixView<T> a, ConstMatrixView<T> b, MatrixView<T> out, bool accumulate) {
  if (accumulate) {
    map<T, Arch>(
        out, [](const auto& d, const auto& u, const auto& v) { return fma(u, v, d); }, out, a, b);
  } else {
    map<T, Arch>(
        out, [](const auto& u, const auto& v) { return u * v; }, a, b);
  }
}
/// out = factor * x.
template <class T, class Arch = DefaultArch> void scale(T factor, ConstMatrixView<T> x, MatrixView<T> out) {
  using V = Vec<T, Arch>;
  map<T, Arch>(
      out, [f = V(factor)](const V& u) { return u * f; }, x);
}
/// out += x.
template <class T, class Arch = DefaultArch> void add(ConstMatrixView<T> x, MatrixView<T> out) {
  map<T, Arch>(
      out, [](const auto& a, const auto& b) { return a + b; }, out, x);
}
/// out += factor * x.
template <class T, class Arch = DefaultArch>
void add_scaled(T factor, ConstMatrixView<T> x, MatrixView<T> out) {
  using V = Vec<T, Arch>;
  map<T, Arch>(
      out, [f = V(factor)](const V& a, const V& b) { return fma(f, b, a); }, out, x);
}

/// y = e^x.
template <class T, class Arch = DefaultArch> void exponential(ConstMatrixView<T> x, MatrixView<T> y) {
  map<T, Arch>(
      y, [](const auto& v) { return kernels::exp(v); }, x);
}

/// An activation function: apply(x), and its derivative from the result, slope(y).
/// tests/kernels/elementwise.cpp compares both with the textbook.
struct SigmoidFunction {
  /// 1 / (1 + e^-x).
  template <class V> static V apply(const V& x) { return kernels::sigmoid(x); }
  /// y (1 - y).
  template <class V> static V slope(const V& y) { return fnma(y, y, y); }
};
/// The same for the hyperbolic tangent.
struct TanhFunction {
  /// tanh x.
  template <class V> static V apply(const V& x) { return kernels::tanh(x); }
  /// 1 - y^2.
  template <class V> static V slope(const V& y) { return fnma(y, y, V(1)); }
};
/// max(x, 0); NaN stays NaN. The slope at 0 is 0, as in PyTorch.
struct ReluFunction {
  /// x, or 0 where x < 0.
  template <class V> static V apply(const V& x) { return kernels::select(x < V(0), V(0), x); }
  /// 1, or 0 where y <= 0.
  template <class V> static V slope(const V& y) { return kernels::select(y <= V(0), V(0), V(1)); }
};

/// y = F(x).
template <class F, class T, class Arch = DefaultArch> void activate(ConstMatrixView<T> x, MatrixView<T> y) {
  map<T, Arch>(
      y, [](const auto& v) { return F::apply(v); }, x);
}
/// dx += F'(x) dy, from y = F(x).
template <class F, class T, class Arch = DefaultArch>
void activate_backward(ConstMatrixView<T> y, ConstMatrixView<T> dy, MatrixView<T> dx) {
  map<T, Arch>(
      dx, [](const auto& d, const auto& v, const auto& g) { return fma(F::slope(v), g, d); }, dx, y, dy);
}

namespace detail {
/// Calls body(F()) for the function of that name.
template <class Body> void with_activation(Activation function, Body&& body) {
  if (function == Activation::sigmoid) return body(SigmoidFunction());
  if (function == Activation::tanh) return body(TanhFunction());
  body(ReluFunction());
}
}  // namespace detail

/// y = f(x) for a function chosen at run time.
template <class T, class Arch = DefaultArch>
void activate(Activation function, ConstMatrixView<T> x, MatrixView<T> y) {
  detail::with_activation(function, [&]<class F>(F) { activate<F, T, Arch>(x, y); });
}
/// dx (+)= f'(x) dy, from y = f(x).
template <class T, class Arch = DefaultArch>
void activate_backward(Activation function, ConstMatrixView<T> y, ConstMatrixView<T> dy, MatrixView<T> dx,
                       bool accumulate) {
  detail::with_activation(function, [&]<class F>(F) {
    if (accumulate) return activate_backward<F, T, Arch>(y, dy, dx);
    map<T, Arch>(
        dx, [](const auto& v, const auto& g) { return g * F::slope(v); }, y, dy);
  });
}

/// out (+)= x * kept where `keep` is 1, x * 0 where it is 0: NaN and infinity stay NaN there.
template <class T>
void mask_elements(const T* x, const std::uint8_t* keep, T kept, T* out, std::size_t n, bool accumulate) {
  const auto factor = [&](std::size_t i) { return kept * static_cast<T>(keep[i]); };  // no branch
  if (accumulate) {
    for (std::size_t i = 0; i < n; ++i) out[i] = std::fma(x[i], factor(i), out[i]);
  } else {
    for (std::size_t i = 0; i < n; ++i) out[i] = x[i] * factor(i);
  }
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
