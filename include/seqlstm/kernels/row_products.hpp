// A small matrix for each row: S_r [heads, cols], stored as one row of heads * cols numbers, times the row's
// own vectors w_r [heads] and x_r [cols]. Weighted sums of tokens and their gradients are made of these.
//
//   for each row r, each head k:   for each vector of columns:   one of
//     S_r[k] += w_r[k] x_r         add_outer_rows
//     w_r[k] += S_r[k] . x_r       add_dot_rows
//     x_r    += w_r[k] S_r[k]      mix_rows
//
// A row's bits do not depend on the rows beside it. A dot product is summed lane by lane and the lanes are
// added in order; heads are added in order.
#pragma once

#include <seqlstm/kernels/reduce.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// S_r += w_r x_r^T.
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void add_outer_rows(ConstMatrixView<T> w, ConstMatrixView<T> x, MatrixView<T> s) {
  using V = Vec<T, Arch>;
  const std::size_t n = x.cols();
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const T* row = x.row_data(r);
    for (std::size_t k = 0; k < w.cols(); ++k) {
      const V factor(w(r, k));
      T* sum = s.row_data(r) + k * n;
      for (std::size_t i = 0; i < n; i += V::size)
        store_partial(sum + i, fma(factor, load_partial<V>(row + i, n - i), load_partial<V>(sum + i, n - i)),
                      n - i);
    }
  }
}

/// w_r += S_r x_r.
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void add_dot_rows(ConstMatrixView<T> s, ConstMatrixView<T> x, MatrixView<T> w) {
  using V = Vec<T, Arch>;
  const std::size_t n = x.cols();
  for (std::size_t r = 0; r < x.rows(); ++r) {
    for (std::size_t k = 0; k < w.cols(); ++k) {
      const T* factors = s.row_data(r) + k * n;
      V dot(T(0));
      for (std::size_t i = 0; i < n; i += V::size)
        dot = fma(load_partial<V>(factors + i, n - i), load_partial<V>(x.row_data(r) + i, n - i), dot);
      w(r, k) += detail::sum_lanes(dot);
    }
  }
}

/// x_r (+)= S_r^T w_r.
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void mix_rows(ConstMatrixView<T> w, ConstMatrixView<T> s, MatrixView<T> x, bool accumulate) {
  using V = Vec<T, Arch>;
  const std::size_t n = x.cols();
  for (std::size_t r = 0; r < x.rows(); ++r) {
    T* row = x.row_data(r);
    for (std::size_t i = 0; i < n; i += V::size) {
      V sum = accumulate ? load_partial<V>(row + i, n - i) : V(T(0));
      for (std::size_t k = 0; k < w.cols(); ++k)
        sum = fma(V(w(r, k)), load_partial<V>(s.row_data(r) + k * n + i, n - i), sum);
      store_partial(row + i, sum, n - i);
    }
  }
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
