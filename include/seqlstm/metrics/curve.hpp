// Quality of a ranking: area under the ROC curve and average precision, of two classes or one against the
// rest.
#pragma once

#include <algorithm>
#include <functional>
#include <numeric>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/view.hpp>
#include <span>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// One point of a ROC curve: everything scored at least `threshold` is called positive.
struct RocPoint {
  double false_positive_rate,  ///< share of the negatives that are called positive; NaN without negatives
      true_positive_rate,      ///< share of the positives that are; NaN without positives
      threshold;               ///< infinity at (0, 0), where nothing is called positive
};

namespace detail {

/// Rows by falling score; equal scores are one step. step(threshold, positives, negatives) gets each step's
/// counts.
template <class Step>
void for_each_threshold(std::span<const int> truth, std::span<const double> scores, Step&& step) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  for (std::size_t i = 0; i < order.size();) {
    const double threshold = scores[order[i]];
    std::size_t positives = 0, negatives = 0;
    for (; i < order.size() && scores[order[i]] == threshold; ++i)
      (truth[order[i]] == 1 ? positives : negatives) += 1;
    step(threshold, positives, negatives);
  }
}

/// The steps that have positives, in falling order, with the negatives that score higher and those of the
/// step itself: step(positives, before, tied). Sorts the positives only: of one class among many they are
/// few.
template <class Step>
void for_each_positive_step(std::span<const int> truth, std::span<const double> scores, Step&& step) {
  std::vector<double> positive;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (truth[i] == 1) positive.push_back(scores[i]);
  std::sort(positive.begin(), positive.end(), std::greater<>());
  std::vector<std::size_t> count;  // of every distinct score
  std::size_t distinct = 0;
  for (const double score : positive) {
    if (distinct > 0 && positive[distinct - 1] == score) {
      ++count.back();
    } else {
      positive[distinct++] = score;
      count.push_back(1);
    }
  }
  positive.resize(distinct);
  std::vector<std::size_t> above(distinct + 1), equal(distinct);  // negatives between two scores, and at one
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (truth[i] == 1) continue;
    const auto place = std::lower_bound(positive.begin(), positive.end(), scores[i], std::greater<>());
    const auto k = static_cast<std::size_t>(place - positive.begin());
    ++(place != positive.end() && *place == scores[i] ? equal[k] : above[k]);
  }
  std::size_t before = 0;
  for (std::size_t k = 0; k < distinct; ++k) {
    before += above[k];
    step(count[k], before, equal[k]);
    before += equal[k];
  }
}

/// Number of positives; throws for what no curve can be drawn from.
std::size_t check_ranking(const std::string& what, std::span<const int> truth,
                          std::span<const double> scores);

/// Mean over columns c of metric(truth == c, column c).
template <class Metric>
double one_against_rest(const std::string& what, std::span<const int> truth, ConstMatrixView<double> scores,
                        Metric metric) {
  if (truth.size() != scores.rows() || scores.cols() == 0)
    throw shape_error(what + ": " + std::to_string(truth.size()) + " labels and scores " +
                      shape_text(scores) + ", expected a row for each label and a column for each class");
  std::vector<int> is_class(truth.size());
  std::vector<double> column(truth.size());
  double sum = 0;
  for (std::size_t c = 0; c < scores.cols(); ++c) {
    for (std::size_t r = 0; r < truth.size(); ++r) {
      if (truth[r] < 0 || static_cast<std::size_t>(truth[r]) >= scores.cols())
        throw option_error(what + ": the class of row " + std::to_string(r) + " is " +
                           std::to_string(truth[r]) + ", expected 0 or more and less than " +
                           std::to_string(scores.cols()));
      is_class[r] = static_cast<std::size_t>(truth[r]) == c ? 1 : 0;
      column[r] = scores(r, c);
    }
    sum += metric(is_class, column);
  }
  return sum / static_cast<double>(scores.cols());
}

}  // namespace detail

/// Points of the ROC curve from (0, 0) to (1, 1), one for each distinct score, of labels 0 and 1. Without
/// negatives every false positive rate is NaN, without positives every true positive rate (scikit-learn warns
/// and returns NaN).
std::vector<RocPoint> roc_curve(std::span<const int> truth, std::span<const double> scores);

/// Probability that a random positive (label 1) scores above a random negative (label 0), ties half. NaN when
/// one class only is present (scikit-learn warns and returns NaN).
double roc_auc(std::span<const int> truth, std::span<const double> scores);

/// The mean over classes of class against rest, of class indices and scores [rows, classes]; NaN when a class
/// has no members or all of them.
double roc_auc(std::span<const int> truth, ConstMatrixView<double> scores);

/// Average precision of labels 0 and 1: sum over thresholds of precision times the recall gained. 0 without
/// positives (as scikit-learn, with a warning there).
double pr_auc(std::span<const int> truth, std::span<const double> scores);

/// The mean over classes of class against rest; a class without members counts as 0.
double pr_auc(std::span<const int> truth, ConstMatrixView<double> scores);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/metrics/curve.ipp>
#endif
