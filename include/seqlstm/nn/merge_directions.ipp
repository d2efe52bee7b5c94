// Definitions of merge_directions.hpp.
#pragma once

#include <cmath>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/nn/merge_directions.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE void check_halves(std::size_t cols) {
  if (cols % 2 != 0)
    throw shape_error("merge_directions: input has " + std::to_string(cols) +
                      " columns, expected an even number: those of two directions side by side");
}

template <Scalar T> void merge_halves(MergeMode mode, ConstMatrixView<T> x, MatrixView<T> y) {
  const std::size_t half = y.cols();
  for_parts(y.rows(), 1, x.size(), [&](IndexRange rows) {
    for (std::size_t r = rows.begin; r < rows.end; ++r) {
      const T* a = x.row_data(r);
      const T* b = a + half;
      T* to = y.row_data(r);
      for (std::size_t c = 0; c < half; ++c)
        to[c] = mode == MergeMode::product ? a[c] * b[c]
                : mode == MergeMode::mean  ? (a[c] + b[c]) * T(0.5)
                                           : a[c] + b[c];
    }
  });
}

template <Scalar T>
void add_half_gradients(MergeMode mode, ConstMatrixView<T> x, ConstMatrixView<T> dy, MatrixView<T> dx) {
  const std::size_t half = dy.cols();
  const T share = mode == MergeMode::mean ? T(0.5) : T(1);
  for_parts(dy.rows(), 1, x.size(), [&](IndexRange rows) {
    for (std::size_t r = rows.begin; r < rows.end; ++r) {
      const T* from = x.row_data(r);
      const T* d = dy.row_data(r);
      T* to = dx.row_data(r);
      for (std::size_t c = 0; c < half; ++c) {
        to[c] = std::fma(d[c], mode == MergeMode::product ? from[half + c] : share, to[c]);
        to[half + c] = std::fma(d[c], mode == MergeMode::product ? from[c] : share, to[half + c]);
      }
    }
  });
}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                                            \
  template void detail::merge_halves(MergeMode mode, ConstMatrixView<T> x, MatrixView<T> y);            \
  template void detail::add_half_gradients(MergeMode mode, ConstMatrixView<T> x, ConstMatrixView<T> dy, \
                                           MatrixView<T> dx);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
