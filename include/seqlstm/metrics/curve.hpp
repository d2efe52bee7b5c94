// Quality of a ranking: area under the ROC curve and average precision.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <seqlstm/core/error.hpp>
#include <span>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// One point of a ROC curve: everything scored at least `threshold` is called positive.
struct RocPoint {
  double false_positive_rate, true_positive_rate, threshold;
};

namespace detail {

/// Rows by falling score; equal scores are one step. step(threshold, positives, negatives) gets each step's
/// counts.
template <class Step>
void for_each_threshold(std::span<const bool> truth, std::span<const double> scores, Step&& step) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  for (std::size_t i = 0; i < order.size();) {
    const double threshold = scores[order[i]];
    std::size_t positives = 0, negatives = 0;
    for (; i < order.size() && scores[order[i]] == threshold; ++i)
      (truth[order[i]] ? positives : negatives) += 1;
    step(threshold, positives, negatives);
  }
}

inline std::size_t check_ranking(const char* what, std::span<const bool> truth,
                                 std::span<const double> scores) {
  if (truth.size() != scores.size())
    throw shape_error(std::string(what) + ": " + std::to_string(truth.size()) + " labels and " +
                      std::to_string(scores.size()) + " scores");
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (std::isnan(scores[i]))
      throw numeric_error(std::string(what) + ": score " + std::to_string(i) + " is NaN");
  return static_cast<std::size_t>(std::count(truth.begin(), truth.end(), true));
}

}  // namespace detail

/// Points of the ROC curve from (0, 0) to (1, 1).
inline std::vector<RocPoint> roc_curve(std::span<const bool> truth, std::span<const double> scores) {
  const auto positives = static_cast<double>(detail::check_ranking("roc_curve", truth, scores));
  const double negatives = static_cast<double>(truth.size()) - positives;
  std::vector<RocPoint> points = {{0, 0, std::numeric_limits<double>::infinity()}};
  double tp = 0, fp = 0;
  detail::for_each_threshold(truth, scores, [&](double threshold, std::size_t p, std::size_t n) {
    tp += static_cast<double>(p);
    fp += static_cast<double>(n);
    points.push_back({fp / negatives, tp / positives, threshold});
  });
  return points;
}

/// Probability that a random positive scores above a random negative, ties half. NaN when one class only is
/// present (scikit-learn warns and returns NaN).
inline double roc_auc(std::span<const bool> truth, std::span<const double> scores) {
  const std::size_t positives = detail::check_ranking("roc_auc", truth, scores);
  const std::size_t negatives = truth.size() - positives;
  if (positives == 0 || negatives == 0) return std::numeric_limits<double>::quiet_NaN();
  double area = 0, tp = 0;
  detail::for_each_threshold(truth, scores, [&](double, std::size_t p, std::size_t n) {
    area += static_cast<double>(n) * (tp + static_cast<double>(p) / 2);
    tp += static_cast<double>(p);
  });
  return area / (static_cast<double>(positives) * static_cast<double>(negatives));
}

/// Average precision: sum over thresholds of precision times the recall gained. 0 without positives, as
/// scikit-learn.
inline double pr_auc(std::span<const bool> truth, std::span<const double> scores) {
  const auto positives = static_cast<double>(detail::check_ranking("pr_auc", truth, scores));
  if (positives == 0) return 0;
  double area = 0, tp = 0, called = 0;
  detail::for_each_threshold(truth, scores, [&](double, std::size_t p, std::size_t n) {
    tp += static_cast<double>(p);
    called += static_cast<double>(p + n);
    area += static_cast<double>(p) / positives * (tp / called);
  });
  return area;
}

SEQLSTM_NAMESPACE_END
