// Definitions of classification.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/metrics/classification.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE ConfusionMatrix::ConfusionMatrix(std::span<const int> truth, std::span<const int> predicted,
                                                std::size_t classes)
    : classes_(classes), support_(classes), predicted_(classes) {
  if (truth.size() != predicted.size())
    throw shape_error("confusion matrix: " + std::to_string(truth.size()) + " true and " +
                      std::to_string(predicted.size()) + " predicted classes, expected as many of each");
  std::vector<std::pair<std::size_t, std::size_t>> pairs(truth.size());
  for (std::size_t i = 0; i < truth.size(); ++i) {
    pairs[i] = {checked("true", truth, i), checked("predicted", predicted, i)};
    ++support_[pairs[i].first];
    ++predicted_[pairs[i].second];
    correct_ += pairs[i].first == pairs[i].second ? 1 : 0;
  }
  total_ = truth.size();
  if (classes <= few) {
    counts_.resize(classes * classes);
    for (const auto& [t, p] : pairs) ++counts_[t * classes + p];
    return;
  }
  std::sort(pairs.begin(), pairs.end());
  for (const auto& pair : pairs) {
    if (cells_.empty() || cells_.back().pair != pair) cells_.push_back({pair, 0});
    ++cells_.back().count;
  }
}

SEQLSTM_INLINE std::size_t ConfusionMatrix::operator()(std::size_t truth, std::size_t predicted) const {
  if (classes_ <= few) return counts_[truth * classes_ + predicted];
  const std::pair pair{truth, predicted};
  const auto found = std::lower_bound(cells_.begin(), cells_.end(), pair,
                                      [](const Cell& cell, const auto& p) { return cell.pair < p; });
  return found != cells_.end() && found->pair == pair ? found->count : 0;
}

SEQLSTM_INLINE std::size_t ConfusionMatrix::checked(const char* what, std::span<const int> labels,
                                                    std::size_t i) const {
  if (labels[i] < 0 || static_cast<std::size_t>(labels[i]) >= classes_)
    throw option_error("confusion matrix: the " + std::string(what) + " class of row " + std::to_string(i) +
                       " is " + std::to_string(labels[i]) + ", expected 0 or more and less than " +
                       std::to_string(classes_));
  return static_cast<std::size_t>(labels[i]);
}

SEQLSTM_INLINE double accuracy(const ConfusionMatrix& m) {
  return detail::ratio(static_cast<double>(m.correct()), static_cast<double>(m.total()));
}

SEQLSTM_INLINE double precision(const ConfusionMatrix& m, std::size_t c) {
  return detail::ratio(static_cast<double>(m(c, c)), static_cast<double>(m.predicted(c)));
}

SEQLSTM_INLINE double recall(const ConfusionMatrix& m, std::size_t c) {
  return detail::ratio(static_cast<double>(m(c, c)), static_cast<double>(m.support(c)));
}

SEQLSTM_INLINE double f1(const ConfusionMatrix& m, std::size_t c) {
  return detail::ratio(2.0 * static_cast<double>(m(c, c)),
                       static_cast<double>(m.predicted(c) + m.support(c)));
}

SEQLSTM_INLINE double precision(const ConfusionMatrix& m, Average average) {
  return detail::averaged(m, average, [](const auto& x, std::size_t c) { return precision(x, c); });
}

SEQLSTM_INLINE double recall(const ConfusionMatrix& m, Average average) {
  return detail::averaged(m, average, [](const auto& x, std::size_t c) { return recall(x, c); });
}

SEQLSTM_INLINE double f1(const ConfusionMatrix& m, Average average) {
  return detail::averaged(m, average, [](const auto& x, std::size_t c) { return f1(x, c); });
}

SEQLSTM_INLINE double matthews_correlation(const ConfusionMatrix& m) {
  const auto n = static_cast<double>(m.total()), right = static_cast<double>(m.correct());
  double cross = 0, predicted = 0, truth = 0;
  for (std::size_t c = 0; c < m.classes(); ++c) {
    const auto p = static_cast<double>(m.predicted(c)), t = static_cast<double>(m.support(c));
    cross += p * t;
    predicted += p * p;
    truth += t * t;
  }
  const double spread = std::sqrt(n * n - predicted) * std::sqrt(n * n - truth);
  return detail::ratio(right * n - cross, spread);
}

SEQLSTM_NAMESPACE_END
