// Definitions of per_class.hpp.
#pragma once

#include <algorithm>
#include <iomanip>
#include <seqlstm/core/text.hpp>
#include <seqlstm/metrics/classification.hpp>
#include <seqlstm/metrics/curve.hpp>
#include <seqlstm/metrics/per_class.hpp>
#include <seqlstm/metrics/report.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Has every row a 0 or 1 for each column, not one class index? Throws shape_error for neither.
inline bool has_label_columns(std::span<const double> labels, ConstMatrixView<double> probabilities) {
  const std::size_t rows = probabilities.rows(), cols = probabilities.cols();
  if (labels.size() == rows) return false;
  if (labels.size() == rows * cols) return true;
  throw shape_error("per-class metrics: " + std::to_string(labels.size()) +
                    " labels, expected a class index for each of " + std::to_string(rows) +
                    " rows, or a 0 or 1 for each of " + std::to_string(cols) + " columns too");
}

}  // namespace detail

SEQLSTM_INLINE OneAgainstRest one_against_rest(std::span<const double> labels,
                                               ConstMatrixView<double> probabilities, std::size_t c) {
  const std::size_t rows = probabilities.rows(), cols = probabilities.cols();
  const bool columns = detail::has_label_columns(labels, probabilities), one = cols == 1;
  if (c >= (one ? 2 : cols))
    throw shape_error("per-class metrics: class " + std::to_string(c) + " of predictions with " +
                      std::to_string(cols) + " columns");
  OneAgainstRest found;
  found.truth.reserve(rows);
  found.scores.reserve(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    const bool is_it = columns ? labels[r * cols + c] != 0 : labels[r] == static_cast<double>(c);
    found.truth.push_back(is_it ? 1 : 0);
    found.scores.push_back(!one     ? probabilities(r, c)
                           : c == 1 ? probabilities(r, 0)
                                    : 1 - probabilities(r, 0));
  }
  return found;
}

namespace detail {

SEQLSTM_INLINE std::vector<ClassMetrics> metrics_of_classes(std::span<const double> labels,
                                                            ConstMatrixView<double> probabilities,
                                                            std::span<const int> predicted,
                                                            const std::vector<std::string>& names) {
  const bool one = probabilities.cols() == 1, by_half = predicted.empty();
  std::vector<ClassMetrics> found;
  for (std::size_t c = one ? 1 : 0; c < (one ? 2 : probabilities.cols()); ++c) {
    const auto [truth, scores] = seqlstm::one_against_rest(labels, probabilities, c);
    std::vector<int> called(truth.size());
    for (std::size_t r = 0; r < truth.size(); ++r)
      called[r] = (by_half ? scores[r] >= 0.5 : predicted[r] == static_cast<int>(c)) ? 1 : 0;
    const ConfusionMatrix m(truth, called, 2);
    found.push_back({c < names.size() ? names[c] : std::to_string(c), m.support(1), precision(m, 1),
                     recall(m, 1), f1(m, 1), roc_auc(truth, scores)});
  }
  return found;
}

}  // namespace detail

SEQLSTM_INLINE std::vector<ClassMetrics> per_class_metrics(std::span<const double> labels,
                                                           ConstMatrixView<double> probabilities,
                                                           const std::vector<std::string>& names) {
  const bool by_half = probabilities.cols() == 1 || detail::has_label_columns(labels, probabilities);
  return detail::metrics_of_classes(
      labels, probabilities, by_half ? std::vector<int>() : detail::predicted_classes(probabilities), names);
}

SEQLSTM_INLINE std::ostream& operator<<(std::ostream& out, const std::vector<ClassMetrics>& classes) {
  std::size_t width = 5;
  for (const auto& one : classes) width = std::max(width, printable(one.name).size());
  const auto precision = out.precision(4);
  const auto flags = out.flags();
  out << std::left << std::setw(static_cast<int>(width)) << "class" << std::right
      << "   members precision    recall        f1   roc_auc\n"
      << std::fixed;
  for (const auto& one : classes)
    out << std::left << std::setw(static_cast<int>(width)) << printable(one.name) << std::right
        << std::setw(10) << one.members << std::setw(10) << one.precision << std::setw(10) << one.recall
        << std::setw(10) << one.f1 << std::setw(10) << one.roc_auc << '\n';
  out.flags(flags);
  out.precision(precision);
  return out;
}

SEQLSTM_NAMESPACE_END
