// Definitions of regression.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <seqlstm/metrics/regression.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE void check_pairs(const char* what, std::span<const double> truth,
                                std::span<const double> predicted) {
  if (truth.size() != predicted.size() || truth.empty())
    throw shape_error(std::string(what) + ": " + std::to_string(truth.size()) + " targets and " +
                      std::to_string(predicted.size()) +
                      " predictions, expected as many of each, at least one");
}

SEQLSTM_INLINE bool has_nan(std::span<const double> values) {
  return std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); });
}

SEQLSTM_INLINE bool all_equal(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [&](double v) { return v == values.front(); });
}

SEQLSTM_INLINE double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

SEQLSTM_INLINE std::vector<double> standardized(std::span<const double> values) {
  const double mean = mean_of(values);
  std::vector<double> result(values.size());
  double largest = 0, sum = 0;
  for (const double v : values) largest = std::max(largest, std::abs(v - mean));
  for (std::size_t i = 0; i < values.size(); ++i) {
    result[i] = (values[i] - mean) / largest;  // first, so that no square overflows or vanishes
    sum = std::fma(result[i], result[i], sum);
  }
  for (double& v : result) v /= std::sqrt(sum);
  return result;
}

SEQLSTM_INLINE std::vector<double> ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> rank(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    for (std::size_t k = i; k < end; ++k) rank[order[k]] = (static_cast<double>(i + end) + 1) / 2;
    i = end;
  }
  return rank;
}

}  // namespace detail

SEQLSTM_INLINE double mean_squared_error(std::span<const double> truth, std::span<const double> predicted) {
  detail::check_pairs("mse", truth, predicted);
  double sum = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const double d = predicted[i] - truth[i];
    sum = std::fma(d, d, sum);
  }
  return sum / static_cast<double>(truth.size());
}

SEQLSTM_INLINE double mean_absolute_error(std::span<const double> truth, std::span<const double> predicted) {
  detail::check_pairs("mae", truth, predicted);
  double sum = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) sum += std::abs(predicted[i] - truth[i]);
  return sum / static_cast<double>(truth.size());
}

SEQLSTM_INLINE double r2_score(std::span<const double> truth, std::span<const double> predicted) {
  detail::check_pairs("r2", truth, predicted);
  if (truth.size() < 2 || detail::has_nan(truth) || detail::has_nan(predicted))
    return std::numeric_limits<double>::quiet_NaN();
  if (detail::all_equal(truth)) return std::equal(truth.begin(), truth.end(), predicted.begin()) ? 1.0 : 0.0;
  const double mean = detail::mean_of(truth);
  double residual = 0, total = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    residual = std::fma(truth[i] - predicted[i], truth[i] - predicted[i], residual);
    total = std::fma(truth[i] - mean, truth[i] - mean, total);
  }
  return 1 - residual / total;
}

SEQLSTM_INLINE double pearson(std::span<const double> a, std::span<const double> b) {
  detail::check_pairs("pearson", a, b);
  if (detail::has_nan(a) || detail::has_nan(b) || detail::all_equal(a) || detail::all_equal(b))
    return std::numeric_limits<double>::quiet_NaN();
  const auto x = detail::standardized(a), y = detail::standardized(b);
  return std::clamp(std::inner_product(x.begin(), x.end(), y.begin(), 0.0), -1.0, 1.0);
}

SEQLSTM_INLINE double spearman(std::span<const double> a, std::span<const double> b) {
  detail::check_pairs("spearman", a, b);
  if (detail::has_nan(a) || detail::has_nan(b)) return std::numeric_limits<double>::quiet_NaN();
  return pearson(detail::ranks(a), detail::ranks(b));
}

SEQLSTM_NAMESPACE_END
