// Counting right and wrong: confusion matrix, accuracy, precision, recall, F1, Matthews correlation.
//
// Undefined cases follow scikit-learn: precision of a class never predicted, recall of a class without
// members and F1 of a class with neither are 0 (zero_division = 0), and so is the Matthews correlation when
// one class only was predicted or present. A Report says which of them it met.
#pragma once

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
  ConfusionMatrix(std::span<const int> truth, std::span<const int> predicted, std::size_t classes);

  /// Number of classes; 0 for an empty matrix.
  [[nodiscard]] std::size_t classes() const { return classes_; }
  /// Members of class `truth` that were predicted as class `predicted`, both below classes().
  [[nodiscard]] std::size_t operator()(std::size_t truth, std::size_t predicted) const;
  /// Members of a class.
  [[nodiscard]] std::size_t support(std::size_t c) const { return support_[c]; }
  /// Rows predicted as a class.
  [[nodiscard]] std::size_t predicted(std::size_t c) const { return predicted_[c]; }
  /// Rows on the diagonal.
  [[nodiscard]] std::size_t correct() const { return correct_; }
  /// All rows.
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

  [[nodiscard]] std::size_t checked(const char* what, std::span<const int> labels, std::size_t i) const;

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
double accuracy(const ConfusionMatrix& m);
/// Of the rows predicted as class c, the share that is.
double precision(const ConfusionMatrix& m, std::size_t c);
/// Of the members of class c, the share that was found.
double recall(const ConfusionMatrix& m, std::size_t c);
/// Harmonic mean of both: 2 TP / (2 TP + FP + FN).
double f1(const ConfusionMatrix& m, std::size_t c);

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

/// Precision over classes. Classes that neither occur nor were predicted do not count. Throws option_error
/// for Average::binary of other than two classes.
double precision(const ConfusionMatrix& m, Average average);
/// Recall over classes. Throws as precision() does.
double recall(const ConfusionMatrix& m, Average average);
/// F1 over classes: a mean is that of the classes' F1, not F1 of mean precision and recall. Throws as
/// precision() does.
double f1(const ConfusionMatrix& m, Average average);

/// Matthews correlation coefficient (Matthews 1975; several classes: Gorodkin 2004, equation 8).
double matthews_correlation(const ConfusionMatrix& m);
/// Of class c against all others: a row is of class c or not, and was predicted as c or not. MCC2 of the
/// signal peptide literature. Throws option_error for a class that there is not.
double matthews_correlation(const ConfusionMatrix& m, std::size_t c);
/// Of class c against the classes `others` alone: rows of any further class do not count, whatever they were
/// predicted as. MCC1 of the signal peptide literature, where `others` is what has no signal peptide. Throws
/// option_error for a class that there is not.
double matthews_correlation(const ConfusionMatrix& m, std::size_t c, std::span<const std::size_t> others);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/metrics/classification.ipp>
#endif
