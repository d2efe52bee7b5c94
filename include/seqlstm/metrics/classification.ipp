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

namespace detail {

/// Sums over classes, where a class has p predicted rows and t members.
struct MatthewsSums {
  double cross = 0;      ///< p t
  double predicted = 0;  ///< p^2
  double truth = 0;      ///< t^2

  void add(double p, double t) {
    cross += p * t;
    predicted += p * p;
    truth += t * t;
  }
  /// Of n rows, of which `right` are on the diagonal.
  [[nodiscard]] double correlation(double n, double right) const {
    return ratio(right * n - cross, std::sqrt(n * n - predicted) * std::sqrt(n * n - truth));
  }
};

/// Class c against the classes whose place in `counts` is not 0.
inline double matthews_of_class(const ConfusionMatrix& m, std::size_t c, const std::vector<char>& counts) {
  const auto members = static_cast<double>(m.support(c)), found = static_cast<double>(m(c, c));
  double rows = members, predicted = found;
  for (std::size_t other = 0; other < m.classes(); ++other) {
    if (other == c || counts[other] == 0) continue;
    rows += static_cast<double>(m.support(other));
    predicted += static_cast<double>(m(other, c));
  }
  MatthewsSums sums;
  sums.add(predicted, members);
  sums.add(rows - predicted, rows - members);
  return sums.correlation(rows, found + (rows - members) - (predicted - found));
}

inline void check_class(const ConfusionMatrix& m, std::size_t c) {
  if (c >= m.classes())
    throw option_error("matthews correlation: class " + std::to_string(c) + " of a confusion matrix of " +
                       std::to_string(m.classes()) + " classes, expected less than that");
}

}  // namespace detail

SEQLSTM_INLINE double matthews_correlation(const ConfusionMatrix& m) {
  detail::MatthewsSums sums;
  for (std::size_t c = 0; c < m.classes(); ++c)
    sums.add(static_cast<double>(m.predicted(c)), static_cast<double>(m.support(c)));
  return sums.correlation(static_cast<double>(m.total()), static_cast<double>(m.correct()));
}

SEQLSTM_INLINE double matthews_correlation(const ConfusionMatrix& m, std::size_t c) {
  detail::check_class(m, c);
  return detail::matthews_of_class(m, c, std::vector<char>(m.classes(), 1));
}

SEQLSTM_INLINE double matthews_correlation(const ConfusionMatrix& m, std::size_t c,
                                           std::span<const std::size_t> others) {
  detail::check_class(m, c);
  std::vector<char> counts(m.classes());
  for (const std::size_t other : others) {
    detail::check_class(m, other);
    counts[other] = 1;
  }
  return detail::matthews_of_class(m, c, counts);
}

SEQLSTM_NAMESPACE_END
