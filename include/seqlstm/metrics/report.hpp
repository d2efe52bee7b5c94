// Everything one wants to know of a result: named metrics, and the confusion matrix where there are classes.
#pragma once

#include <ostream>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/view.hpp>
#include <seqlstm/metrics/classification.hpp>
#include <seqlstm/metrics/curve.hpp>
#include <seqlstm/metrics/detail/undefined.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Named metrics in a fixed order; for classes accuracy, precision, recall, f1, mcc, roc_auc, pr_auc (of
/// class 1 for two classes, macro means for more), of positions also sov; for numbers mse, mae, r2, spearman.
struct Report {
  std::vector<std::pair<std::string, double>> metrics;  ///< name and value
  ConfusionMatrix confusion;                            ///< empty for regression
  std::vector<std::string> label_names;                 ///< may be empty
  std::vector<std::string> undefined;  ///< a sentence for each undefined case met, and what it counts as

  /// A metric by name; option_error with the names there are.
  [[nodiscard]] double operator[](std::string_view name) const;
  /// The class that precision, recall, f1 and pr_auc are of, class 1 of two: its name, or "1" without names.
  /// Empty where there are more classes, or none.
  [[nodiscard]] std::string positive_class() const;
};

/// Is a smaller value of that metric the better one?
inline bool smaller_is_better(std::string_view metric) {
  return metric == "loss" || metric == "mse" || metric == "mae";
}

namespace detail {

/// As a terminal may show it.
std::string class_name(const std::vector<std::string>& names, std::size_t c);

/// Labels as class indices below `classes`.
std::vector<int> class_indices(std::span<const double> labels, std::size_t classes);

/// The class of each row's largest probability, the first of equals; for one column 1 from 0.5 on.
std::vector<int> predicted_classes(ConstMatrixView<double> probabilities);

/// The report of classes that were predicted by whatever rule; roc_auc and pr_auc are of the probabilities,
/// and left out without `curves`. Two classes or more, as many of each as the matrix has rows.
Report report_of_classes(std::span<const int> truth, std::span<const int> predicted,
                         ConstMatrixView<double> probabilities, std::vector<std::string> label_names,
                         bool curves = true);

/// A number with four decimals, or with four digits where that would hide or drown it.
std::string metric_text(double value);

/// Of classes too many for a table: the pairs that are most often confused.
void print_confusions(std::ostream& out, const Report& report);

/// A row and a column per class, both named, as wide as the longest name or count.
void print_confusion(std::ostream& out, const Report& report);

}  // namespace detail

/// From class indices and probabilities [rows, classes], or [rows, 1] for the probability of class 1. The
/// class of the largest probability is the prediction, the first of equals; for one column class 1 from 0.5
/// on.
Report classification_report(std::span<const double> truth, ConstMatrixView<double> probabilities,
                             std::vector<std::string> label_names = {});

/// From numbers and what was predicted for them. Throws shape_error where they are not as many.
Report regression_report(std::span<const double> truth, std::span<const double> predicted);

/// A line per metric, one for the positive class of two, the confusion matrix (of more than 50 classes its
/// largest errors), and a line per undefined case, at most 20. Control characters in names are escaped.
std::ostream& operator<<(std::ostream& out, const Report& report);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/metrics/report.ipp>
#endif
