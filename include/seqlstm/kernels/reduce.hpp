// Reductions over rows and columns: softmax, log-sum-exp, sums.
//
// Vectors run over columns. A row is reduced lane by lane and the lanes are added in order at its end; a
// column is summed in blocks of `sum_block` rows and the blocks are added in order. A result depends neither
// on the rows computed beside it nor on how the columns are split over threads.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/core/view.hpp>
#include <seqlstm/kernels/math.hpp>
#include <type_traits>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Rows of a column that are summed before they are added to the total.
inline constexpr std::size_t sum_block = 256;

namespace detail {

/// The first `count` elements, `rest` behind them; reads no further.
template <class V, class T> [[gnu::always_inline]] inline V load_or(const T* p, std::size_t count, T rest) {
  if (count >= V::size) return load<V>(p);
  T lanes[V::size];
  for (std::size_t i = 0; i < V::size; ++i) lanes[i] = i < count ? p[i] : rest;
  return load<V>(lanes);
}

/// combine(...combine(lane 0, lane 1)..., last lane).
template <class V, class Combine> typename V::value_type reduce_lanes(const V& v, Combine combine) {
  typename V::value_type lanes[V::size];
  store(lanes, v);
  auto result = lanes[0];
  for (std::size_t i = 1; i < V::size; ++i) result = combine(result, lanes[i]);
  return result;
}
template <class V> typename V::value_type sum_lanes(const V& v) {
  return reduce_lanes(v, [](auto a, auto b) { return a + b; });
}

/// The largest of n numbers; -inf for none. NaNs may be passed over: exp(x - maximum) brings them back.
template <class T, class Arch> T maximum(const T* x, std::size_t n) {
  using V = Vec<T, Arch>;
  constexpr T lowest = -std::numeric_limits<T>::infinity();
  V best(lowest);
  for (std::size_t i = 0; i < n; i += V::size) best = at_least(load_or<V>(x + i, n - i, lowest), best);
  return reduce_lanes(best, [](T a, T b) { return std::max(a, b); });
}

/// Sum of exp(x - shift); `each(i, e, used)` gets the vectors on the way.
template <class T, class Arch, class Each> T sum_exp(const T* x, std::size_t n, T shift, Each each) {
  using V = Vec<T, Arch>;
  V sum(T(0));
  for (std::size_t i = 0; i < n; i += V::size) {
    const V e = kernels::exp(load_or<V>(x + i, n - i, -std::numeric_limits<T>::infinity()) - V(shift));
    each(i, e, n - i);
    sum = sum + e;
  }
  return sum_lanes(sum);
}

/// fold(row, sum) over all rows, in blocks: the sum of one vector of columns.
template <class V, class Fold> [[gnu::always_inline]] inline V sum_rows(std::size_t rows, Fold&& fold) {
  using T = typename V::value_type;
  V total(T(0));
  for (std::size_t first = 0; first < rows; first += sum_block) {
    const std::size_t last = std::min(rows, first + sum_block);
    V sum(T(0));
    for (std::size_t r = first; r < last; ++r) sum = fold(r, sum);
    total = total + sum;
  }
  return total;
}

}  // namespace detail

/// y = exp(x - max) / sum exp(x - max), row by row; y may be x. A row with a NaN or +inf, and a row of -inf
/// alone, which is no distribution, become NaN.
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void softmax_rows(ConstMatrixView<T> x, MatrixView<T> y) {
  using V = Vec<T, Arch>;
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const T* from = x.row_data(r);
    T* to = y.row_data(r);
    const std::size_t n = x.cols();
    const T sum = detail::sum_exp<T, Arch>(
        from, n, detail::maximum<T, Arch>(from, n),
        [&](std::size_t i, const V& e, std::size_t used) { store_partial(to + i, e, used); });
    for (std::size_t i = 0; i < n; i += V::size)
      store_partial(to + i, divide(load_partial<V>(to + i, n - i), V(sum)), n - i);
  }
}

/// dx += y (dy - sum y dy), row by row: the gradient of softmax_rows from its result y.
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void softmax_backward_rows(ConstMatrixView<T> y, ConstMatrixView<T> dy, MatrixView<T> dx) {
  using V = Vec<T, Arch>;
  const std::size_t n = y.cols();
  for (std::size_t r = 0; r < y.rows(); ++r) {
    V dot(T(0));
    for (std::size_t i = 0; i < n; i += V::size)
      dot = fma(load_partial<V>(y.row_data(r) + i, n - i), load_partial<V>(dy.row_data(r) + i, n - i), dot);
    const V total(detail::sum_lanes(dot));
    for (std::size_t i = 0; i < n; i += V::size) {
      const V difference = load_partial<V>(dy.row_data(r) + i, n - i) - total;
      T* place = dx.row_data(r) + i;
      store_partial(place,
                    fma(load_partial<V>(y.row_data(r) + i, n - i), difference, load_partial<V>(place, n - i)),
                    n - i);
    }
  }
}

/// out[r] = log sum exp x[r], shifted by the row's maximum: no overflow. A row of -inf alone (and one without
/// columns) gives -inf, a row with +inf gives +inf, a row with a NaN gives NaN.
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void log_sum_exp_rows(ConstMatrixView<T> x, T* out) {
  using V = Vec<T, Arch>;
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const T largest = detail::maximum<T, Arch>(x.row_data(r), x.cols());
    const T shift = std::isfinite(largest) ? largest : T(0);
    const auto nothing = [](std::size_t, const V&, std::size_t) {};
    out[r] = shift + std::log(detail::sum_exp<T, Arch>(x.row_data(r), x.cols(), shift, nothing));
  }
}

/// out[c] += sum of column c, for the columns in `columns`.
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void add_column_sums(ConstMatrixView<T> x, IndexRange columns, T* out) {
  using V = Vec<T, Arch>;
  for (std::size_t c = columns.begin; c < columns.end; c += V::size) {
    const std::size_t used = columns.end - c;
    const V sum = detail::sum_rows<V>(
        x.rows(), [&](std::size_t r, const V& s) { return s + load_partial<V>(x.row_data(r) + c, used); });
    store_partial(out + c, load_partial<V>(out + c, used) + sum, used);
  }
}

/// start + the squares of n numbers, or of their differences from y, added one after the other in double.
template <class T> double add_squares(double start, const T* x, const T* y, std::size_t n) {
  double sum = start;
  for (std::size_t i = 0; i < n; ++i) {
    const double v = double{x[i]} - (y == nullptr ? 0.0 : double{y[i]});
    sum = std::fma(v, v, sum);
  }
  return sum;
}

/// Sum of squares in double, in eight interleaved parts: one order on every machine, and no chain of
/// additions that wait for each other.
template <class T> double sum_of_squares(const T* x, std::size_t n) {
  constexpr std::size_t parts = 8;
  std::array<double, parts> sum{};
  const auto add = [](double v, double total) {
    if constexpr (std::is_same_v<T, float>) return v * v + total;  // a float's square is exact, fused or not
    return std::fma(v, v, total);
  };
  std::size_t i = 0;
  for (; i + parts <= n; i += parts)
    for (std::size_t k = 0; k < parts; ++k) sum[k] = add(double{x[i + k]}, sum[k]);
  for (std::size_t k = 0; i + k < n; ++k) sum[k] = add(double{x[i + k]}, sum[k]);
  double total = 0;
  for (const double part : sum) total += part;
  return total;
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
