// Counting right and wrong: confusion matrix, accuracy, precision, recall, F1, Matthews correlation.
//
// Undefined cases follow scikit-learn: precision of a class never predicted, recall of a class without
// members and F1 of a class with neither are 0 (zero_division = 0), and so is the Matthews correlation when
// one class only was predicted or present. A Report says which of them it met.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <seqlstm/core/error.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Counts of pairs: row = true class, column = predicted class. Takes memory for the pairs that occur, not
/// for all there could be, where classes are many.
class ConfusionMatrix {
 public:
  ConfusionMatrix() = default;
  /// Counts pairs of class indices 0 .. classes - 1; throws option_error for an index outside, shape_error
  /// for different lengths.
  ConfusionMatrix(std::span<const int> truth, std::span<const int> predicted, std::size_t classes)
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

  [[nodiscard]] std::size_t classes() const { return classes_; }
  [[nodiscard]] std::size_t operator()(std::size_t truth, std::size_t predicted) const {
    if (classes_ <= few) return counts_[truth * classes_ + predicted];
    const std::pair pair{truth, predicted};
    const auto found = std::lower_bound(cells_.begin(), cells_.end(), pair,
                                        [](const Cell& cell, const auto& p) { return cell.pair < p; });
    return found != cells_.end() && found->pair == pair ? found->count : 0;
  }
  /// Members of a class.
  [[nodiscard]] std::size_t support(std::size_t c) const { return support_[c]; }
  /// Rows predicted as a class.
  [[nodiscard]] std::size_t predicted(std::size_t c) const { return predicted_[c]; }
  [[nodiscard]] std::size_t correct() const { return correct_; }
  [[nodiscard]] std::size_t total() const { return total_; }

  /// visit(truth, predicted, count) for every pair that occurs, in order of rows.
  template <class Visit> void for_each_pair(Visit&& visit) const {
    for (const Cell& cell : cells_) visit(cell.pair.first, cell.pair.second, cell.count);
    for (std::size_t i = 0; i < counts_.size(); ++i)
      if (counts_[i] > 0) visit(i / classes_, i % classes_, counts_[i]);
  }

 private:
  static constexpr std::size_t few = 64;  // classes of which every pair has a place
  struct Cell {
    std::pair<std::size_t, std::size_t> pair;
    std::size_t count;
  };

  [[nodiscard]] std::size_t checked(const char* what, std::span<const int> labels, std::size_t i) const {
    if (labels[i] < 0 || static_cast<std::size_t>(labels[i]) >= classes_)
      throw option_error("confusion matrix: the " + std::string(what) + " class of row " + std::to_string(i) +
                         " is " + std::to_string(labels[i]) + ", expected 0 or more and less than " +
                         std::to_string(classes_));
    return static_cast<std::size_t>(labels[i]);
  }

  std::size_t classes_ = 0, correct_ = 0, total_ = 0;
  std::vector<std::size_t> support_, predicted_;
  std::vector<std::size_t> counts_;  // of few classes
  std::vector<Cell> cells_;          // of many, in order
};

/// How per-class values become one: of the class 1 alone, their plain mean, their mean weighted by support,
/// or computed from the counts of all classes together.
enum class Average { binary, macro, weighted, micro };

namespace detail {
inline double ratio(double a, double b) {
  return b == 0 ? 0.0 : a / b;
}
}  // namespace detail

/// Share of rows on the diagonal; 0 without rows.
inline double accuracy(const ConfusionMatrix& m) {
  return detail::ratio(static_cast<double>(m.correct()), static_cast<double>(m.total()));
}
/// Of the rows predicted as class c, the share that is.
inline double precision(const ConfusionMatrix& m, std::size_t c) {
  return detail::ratio(static_cast<double>(m(c, c)), static_cast<double>(m.predicted(c)));
}
/// Of the members of class c, the share that was found.
inline double recall(const ConfusionMatrix& m, std::size_t c) {
  return detail::ratio(static_cast<double>(m(c, c)), static_cast<double>(m.support(c)));
}
/// Harmonic mean of both: 2 TP / (2 TP + FP + FN).
inline double f1(const ConfusionMatrix& m, std::size_t c) {
  return detail::ratio(2.0 * static_cast<double>(m(c, c)),
                       static_cast<double>(m.predicted(c) + m.support(c)));
}

namespace detail {
/// Classes that neither occur nor were predicted do not count, as in scikit-learn.
template <class Metric> double averaged(const ConfusionMatrix& m, Average average, Metric metric) {
  if (average == Average::micro) return accuracy(m);
  if (average == Average::binary) {
    if (m.classes() != 2)
      throw option_error("metric: average binary needs two classes, got " + std::to_string(m.classes()) +
                         "; use macro, weighted or micro");
    return metric(m, std::size_t{1});
  }
  double sum = 0, weights = 0;
  for (std::size_t c = 0; c < m.classes(); ++c) {
    if (m.support(c) + m.predicted(c) == 0) continue;
    const double weight = average == Average::macro ? 1.0 : static_cast<double>(m.support(c));
    sum = std::fma(weight, metric(m, c), sum);
    weights += weight;
  }
  return ratio(sum, weights);
}
}  // namespace detail

inline double precision(const ConfusionMatrix& m, Average average) {
  return detail::averaged(m, average, [](const auto& x, std::size_t c) { return precision(x, c); });
}
inline double recall(const ConfusionMatrix& m, Average average) {
  return detail::averaged(m, average, [](const auto& x, std::size_t c) { return recall(x, c); });
}
inline double f1(const ConfusionMatrix& m, Average average) {
  return detail::averaged(m, average, [](const auto& x, std::size_t c) { return f1(x, c); });
}

/// Matthews correlation coefficient (Matthews 1975; several classes: Gorodkin 2004, equation 8).
inline double matthews_correlation(const ConfusionMatrix& m) {
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
