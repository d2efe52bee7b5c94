// Definitions of curve.hpp.
#pragma once

#include <cmath>
#include <limits>
#include <seqlstm/metrics/curve.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE std::size_t check_ranking(const std::string& what, std::span<const int> truth,
                                         std::span<const double> scores) {
  if (truth.size() != scores.size() || truth.empty())
    throw shape_error(what + ": " + std::to_string(truth.size()) + " labels and " +
                      std::to_string(scores.size()) + " scores, expected as many of each, at least one");
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (truth[i] != 0 && truth[i] != 1)
      throw option_error(what + ": the label of row " + std::to_string(i) + " is " +
                         std::to_string(truth[i]) + ", expected 0 or 1");
    if (std::isnan(scores[i]))
      throw numeric_error(what + ": the score of row " + std::to_string(i) +
                          " is NaN and has no place in a ranking");
  }
  return static_cast<std::size_t>(std::count(truth.begin(), truth.end(), 1));
}

}  // namespace detail

SEQLSTM_INLINE std::vector<RocPoint> roc_curve(std::span<const int> truth, std::span<const double> scores) {
  const auto positives = static_cast<double>(detail::check_ranking("roc_curve", truth, scores));
  const double negatives = static_cast<double>(truth.size()) - positives;
  const auto rate = [](double count, double total) {
    return total > 0 ? count / total : std::numeric_limits<double>::quiet_NaN();
  };
  double tp = 0, fp = 0;
  std::vector<RocPoint> points = {
      {rate(fp, negatives), rate(tp, positives), std::numeric_limits<double>::infinity()}};
  detail::for_each_threshold(truth, scores, [&](double threshold, std::size_t p, std::size_t n) {
    tp += static_cast<double>(p);
    fp += static_cast<double>(n);
    points.push_back({rate(fp, negatives), rate(tp, positives), threshold});
  });
  return points;
}

SEQLSTM_INLINE double roc_auc(std::span<const int> truth, std::span<const double> scores) {
  const auto positives = static_cast<double>(detail::check_ranking("roc_auc", truth, scores));
  const double negatives = static_cast<double>(truth.size()) - positives;
  if (positives == 0 || negatives == 0) return std::numeric_limits<double>::quiet_NaN();
  double pairs = 0;  // halves of whole numbers: exact in any order
  detail::for_each_positive_step(truth, scores, [&](std::size_t p, std::size_t before, std::size_t tied) {
    pairs +=
        static_cast<double>(p) * (negatives - static_cast<double>(before) - static_cast<double>(tied) / 2);
  });
  return pairs / (positives * negatives);
}

SEQLSTM_INLINE double roc_auc(std::span<const int> truth, ConstMatrixView<double> scores) {
  return detail::one_against_rest(
      "roc_auc", truth, scores,
      [](std::span<const int> t, std::span<const double> s) { return roc_auc(t, s); });
}

SEQLSTM_INLINE double pr_auc(std::span<const int> truth, std::span<const double> scores) {
  const auto positives = static_cast<double>(detail::check_ranking("pr_auc", truth, scores));
  if (positives == 0) return 0;
  double area = 0, tp = 0;
  detail::for_each_positive_step(truth, scores, [&](std::size_t p, std::size_t before, std::size_t tied) {
    tp += static_cast<double>(p);
    const double called = tp + static_cast<double>(before + tied);
    area = std::fma(static_cast<double>(p) / positives, tp / called, area);
  });
  return area;
}

SEQLSTM_INLINE double pr_auc(std::span<const int> truth, ConstMatrixView<double> scores) {
  return detail::one_against_rest(
      "pr_auc", truth, scores,
      [](std::span<const int> t, std::span<const double> s) { return pr_auc(t, s); });
}

SEQLSTM_NAMESPACE_END
