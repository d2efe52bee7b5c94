// Batch normalisation of columns (Ioffe and Szegedy 2015), forward and backward, for a range of columns.
//
//   for each vector of columns:  mean and variance over the rows (two passes), or those given
//     for each row:              y = weight (x - mean) / sqrt(variance + eps) + bias
//
// Sums over rows are taken in fixed blocks (reduce.hpp), so threads that own different columns agree on every
// bit.
#pragma once

#include <seqlstm/kernels/arguments.hpp>
#include <seqlstm/kernels/reduce.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// mean[c] and biased variance[c] of the rows of x, for the columns in `columns`. x must have a row.
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void column_moments(ConstMatrixView<T> x, IndexRange columns, T* mean, T* variance) {
  using V = Vec<T, Arch>;
  const V rows(static_cast<T>(x.rows()));
  for (std::size_t c = columns.begin; c < columns.end; c += V::size) {
    const std::size_t used = columns.end - c;
    const auto at = [&](std::size_t r) { return load_partial<V>(x.row_data(r) + c, used); };
    const V sum = detail::sum_rows<V>(x.rows(), [&](std::size_t r, const V& s) { return s + at(r); });
    const V m = divide(sum, rows);
    const V squares = detail::sum_rows<V>(x.rows(), [&](std::size_t r, const V& s) {
      const V d = at(r) - m;
      return fma(d, d, s);
    });
    store_partial(mean + c, m, used);
    store_partial(variance + c, divide(squares, rows), used);
  }
}

/// y = weight (x - mean) inverse + bias for the columns in `columns`.
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void normalize_columns(ConstMatrixView<T> x, IndexRange columns, const ColumnScale<T>& scale,
                                        const T* bias, MatrixView<T> y) {
  using V = Vec<T, Arch>;
  for (std::size_t c = columns.begin; c < columns.end; c += V::size) {
    const std::size_t used = columns.end - c;
    const V mean = load_partial<V>(scale.mean + c, used), inverse = load_partial<V>(scale.inverse + c, used);
    const V weight = load_partial<V>(scale.weight + c, used), shift = load_partial<V>(bias + c, used);
    for (std::size_t r = 0; r < x.rows(); ++r) {
      const V normal = (load_partial<V>(x.row_data(r) + c, used) - mean) * inverse;
      store_partial(y.row_data(r) + c, fma(weight, normal, shift), used);
    }
  }
}

/// sum_dy[c] = sum dy, sum_product[c] = sum dy (x - mean) inverse: the gradients of bias and weight.
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void normalize_sums(ConstMatrixView<T> x, ConstMatrixView<T> dy, IndexRange columns,
                                     const ColumnScale<T>& scale, T* sum_dy, T* sum_product) {
  using V = Vec<T, Arch>;
  for (std::size_t c = columns.begin; c < columns.end; c += V::size) {
    const std::size_t used = columns.end - c;
    const V mean = load_partial<V>(scale.mean + c, used), inverse = load_partial<V>(scale.inverse + c, used);
    const auto grad = [&](std::size_t r) { return load_partial<V>(dy.row_data(r) + c, used); };
    const V sum = detail::sum_rows<V>(dy.rows(), [&](std::size_t r, const V& s) { return s + grad(r); });
    const V product = detail::sum_rows<V>(dy.rows(), [&](std::size_t r, const V& s) {
      return fma(grad(r), load_partial<V>(x.row_data(r) + c, used) - mean, s);
    });
    store_partial(sum_dy + c, sum, used);
    store_partial(sum_product + c, product * inverse, used);
  }
}

/// dx += weight inverse (dy - mean_dy - normal mean_product), where mean and variance were those of the rows
/// themselves and mean_dy, mean_product are the sums of normalize_sums divided by the number of rows.
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void normalize_backward(ConstMatrixView<T> x, ConstMatrixView<T> dy, IndexRange columns,
                                         const ColumnScale<T>& scale, const T* sum_dy, const T* sum_product,
                                         MatrixView<T> dx) {
  using V = Vec<T, Arch>;
  const V rows(static_cast<T>(x.rows()));
  for (std::size_t c = columns.begin; c < columns.end; c += V::size) {
    const std::size_t used = columns.end - c;
    const V mean = load_partial<V>(scale.mean + c, used), inverse = load_partial<V>(scale.inverse + c, used);
    const V factor = load_partial<V>(scale.weight + c, used) * inverse;
    const V mean_dy = divide(load_partial<V>(sum_dy + c, used), rows);
    const V mean_product = divide(load_partial<V>(sum_product + c, used), rows);
    for (std::size_t r = 0; r < x.rows(); ++r) {
      const V normal = (load_partial<V>(x.row_data(r) + c, used) - mean) * inverse;
      const V centred = fnma(normal, mean_product, load_partial<V>(dy.row_data(r) + c, used) - mean_dy);
      T* place = dx.row_data(r) + c;
      store_partial(place, fma(factor, centred, load_partial<V>(place, used)), used);
    }
  }
}

/// dx += weight inverse dy, where mean and variance were constants.
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void normalize_backward(ConstMatrixView<T> dy, IndexRange columns,
                                         const ColumnScale<T>& scale, MatrixView<T> dx) {
  using V = Vec<T, Arch>;
  for (std::size_t c = columns.begin; c < columns.end; c += V::size) {
    const std::size_t used = columns.end - c;
    const V factor = load_partial<V>(scale.weight + c, used) * load_partial<V>(scale.inverse + c, used);
    for (std::size_t r = 0; r < dy.rows(); ++r) {
      T* place = dx.row_data(r) + c;
      store_partial(
          place, fma(factor, load_partial<V>(dy.row_data(r) + c, used), load_partial<V>(place, used)), used);
    }
  }
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
