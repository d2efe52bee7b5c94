// How far numbers are from their targets.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <seqlstm/core/error.hpp>
#include <span>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {
inline void check_pairs(const char* what, std::span<const double> truth, std::span<const double> predicted) {
  if (truth.size() != predicted.size() || truth.empty())
    throw shape_error(std::string(what) + ": " + std::to_string(truth.size()) + " targets and " +
                      std::to_string(predicted.size()) +
                      " predictions, expected as many of each, at least one");
}
inline double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}
/// Ranks from 1; equal values share the mean of their ranks.
inline std::vector<double> ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> rank(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    end = std::max(end, i + 1);  // a NaN equals nothing, not even itself
    for (std::size_t k = i; k < end; ++k) rank[order[k]] = (static_cast<double>(i + end) + 1) / 2;
    i = end;
  }
  return rank;
}
}  // namespace detail

inline double mean_squared_error(std::span<const double> truth, std::span<const double> predicted) {
  detail::check_pairs("mse", truth, predicted);
  double sum = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const double d = predicted[i] - truth[i];
    sum = std::fma(d, d, sum);
  }
  return sum / static_cast<double>(truth.size());
}
inline double mean_absolute_error(std::span<const double> truth, std::span<const double> predicted) {
  detail::check_pairs("mae", truth, predicted);
  double sum = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) sum += std::abs(predicted[i] - truth[i]);
  return sum / static_cast<double>(truth.size());
}
/// 1 - residual / total sum of squares. For a constant target 1 when every prediction is exact, else 0
/// (scikit-learn); NaN for fewer than two rows.
inline double r2_score(std::span<const double> truth, std::span<const double> predicted) {
  detail::check_pairs("r2", truth, predicted);
  if (truth.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  const double mean = detail::mean_of(truth);
  double residual = 0, total = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    residual += (truth[i] - predicted[i]) * (truth[i] - predicted[i]);
    total += (truth[i] - mean) * (truth[i] - mean);
  }
  if (total == 0) return residual == 0 ? 1.0 : 0.0;
  return 1 - residual / total;
}
/// Pearson's correlation; NaN when one side is constant (as scipy).
inline double pearson(std::span<const double> a, std::span<const double> b) {
  detail::check_pairs("pearson", a, b);
  const double mean_a = detail::mean_of(a), mean_b = detail::mean_of(b);
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  if (aa == 0 || bb == 0) return std::numeric_limits<double>::quiet_NaN();
  return ab / std::sqrt(aa * bb);
}
/// Spearman's correlation: Pearson's of the ranks, ties at their mean rank; NaN when one side is constant.
inline double spearman(std::span<const double> a, std::span<const double> b) {
  detail::check_pairs("spearman", a, b);
  const auto rank_a = detail::ranks(a), rank_b = detail::ranks(b);
  return pearson(rank_a, rank_b);
}

SEQLSTM_NAMESPACE_END
