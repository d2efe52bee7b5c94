// Normalisation, forward and backward: of columns, for batch normalisation (Ioffe and Szegedy 2015), and of
// rows, for layer normalisation (Ba, Kiros and Hinton 2016).
//
//   for each vector of columns:  mean and variance over the rows (two passes), or those given
//     for each row:              y = weight (x - mean) / sqrt(variance + eps) + bias
//
//   for each row:                mean and variance over the columns (two passes)
//     for each vector of columns:  y = weight (x - mean) / sqrt(variance + eps) + bias
//
// Sums over rows are taken in fixed blocks (reduce.hpp), so threads that own different columns agree on every
// bit. Sums over a row are taken lane by lane, so a row's bits do not depend on the rows beside it.
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

/// y = weight (x - mean) inverse + bias with mean[r] of each row and inverse[r] = 1 / sqrt(variance + eps),
/// the variance biased.
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void normalize_rows(ConstMatrixView<T> x, T eps, const T* weight, const T* bias, T* mean,
                                     T* inverse, MatrixView<T> y) {
  using V = Vec<T, Arch>;
  const std::size_t n = x.cols();
  const T count = static_cast<T>(n);
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const T* row = x.row_data(r);
    V sum(T(0)), squares(T(0));
    for (std::size_t i = 0; i < n; i += V::size) sum = sum + load_partial<V>(row + i, n - i);
    mean[r] = detail::sum_lanes(sum) / count;
    const V centre(mean[r]);
    for (std::size_t i = 0; i < n; i += V::size) {
      const V d = detail::load_or<V>(row + i, n - i, mean[r]) - centre;
      squares = fma(d, d, squares);
    }
    inverse[r] = T(1) / std::sqrt(detail::sum_lanes(squares) / count + eps);
    const V factor(inverse[r]);
    for (std::size_t i = 0; i < n; i += V::size) {
      const V normal = (load_partial<V>(row + i, n - i) - centre) * factor;
      store_partial(y.row_data(r) + i,
                    fma(load_partial<V>(weight + i, n - i), normal, load_partial<V>(bias + i, n - i)), n - i);
    }
  }
}

/// dx += inverse (g - the row's mean of g - normal times the row's mean of g normal), where g = weight dy and
/// normal = (x - mean) inverse: the gradient of normalize_rows().
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void normalize_rows_backward(ConstMatrixView<T> x, ConstMatrixView<T> dy, const T* weight,
                                              const T* mean, const T* inverse, MatrixView<T> dx) {
  using V = Vec<T, Arch>;
  const std::size_t n = x.cols();
  const T count = static_cast<T>(n);
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const V centre(mean[r]), factor(inverse[r]);
    const auto at = [n](const T* row, std::size_t i) { return load_partial<V>(row + i, n - i); };
    const auto normal = [&](std::size_t i) { return (at(x.row_data(r), i) - centre) * factor; };
    V sum(T(0)), product(T(0));
    for (std::size_t i = 0; i < n; i += V::size) {
      const V w = at(weight, i), d = at(dy.row_data(r), i);
      sum = fma(w, d, sum);
      product = fma(w * d, normal(i), product);
    }
    const V minus_mean(-detail::sum_lanes(sum) / count), mean_product(detail::sum_lanes(product) / count);
    for (std::size_t i = 0; i < n; i += V::size) {
      const V centred = fma(at(weight, i), at(dy.row_data(r), i), minus_mean);
      T* place = dx.row_data(r) + i;
      store_partial(place, fma(factor, fnma(normal(i), mean_product, centred), load_partial<V>(place, n - i)),
                    n - i);
    }
  }
}

/// out[c] += the sum of dy (x - mean) inverse over the rows, for the columns in `columns`: the gradient of
/// normalize_rows() by its weight.
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void add_normal_products(ConstMatrixView<T> x, ConstMatrixView<T> dy, IndexRange columns,
                                          const T* mean, const T* inverse, T* out) {
  using V = Vec<T, Arch>;
  for (std::size_t c = columns.begin; c < columns.end; c += V::size) {
    const std::size_t used = columns.end - c;
    const V sum = detail::sum_rows<V>(x.rows(), [&](std::size_t r, const V& s) {
      const V normal = (load_partial<V>(x.row_data(r) + c, used) - V(mean[r])) * V(inverse[r]);
      return fma(load_partial<V>(dy.row_data(r) + c, used), normal, s);
    });
    store_partial(out + c, load_partial<V>(out + c, used) + sum, used);
  }
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
