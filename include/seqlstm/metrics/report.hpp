// Everything one wants to know of a result: named metrics, and the confusion matrix where there are classes.
#pragma once

#include <iomanip>
#include <memory>
#include <ostream>
#include <seqlstm/core/view.hpp>
#include <seqlstm/metrics/classification.hpp>
#include <seqlstm/metrics/curve.hpp>
#include <seqlstm/metrics/regression.hpp>
#include <string>
#include <string_view>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

/// Named metrics in a fixed order; for classes accuracy, precision, recall, f1, mcc, roc_auc, pr_auc (of
/// class 1 for two classes, macro means for more), for numbers mse, mae, r2, spearman.
struct Report {
  std::vector<std::pair<std::string, double>> metrics;
  ConfusionMatrix confusion;             ///< empty for regression
  std::vector<std::string> label_names;  ///< may be empty

  /// A metric by name; option_error with the names there are.
  [[nodiscard]] double operator[](std::string_view name) const {
    std::string known;
    for (const auto& [key, value] : metrics) {
      if (key == name) return value;
      known += (known.empty() ? "" : ", ") + key;
    }
    throw option_error("metric '" + std::string(name) + "' is not known here; expected one of " + known);
  }
};

/// Is a smaller value of that metric the better one?
inline bool smaller_is_better(std::string_view metric) {
  return metric == "loss" || metric == "mse" || metric == "mae";
}

/// From class indices and probabilities [rows, classes], or [rows, 1] for the probability of class 1. The
/// class of the largest probability is the prediction (0.5 and above for one column).
inline Report classification_report(std::span<const double> truth, ConstMatrixView<double> probabilities) {
  const std::size_t rows = probabilities.rows(), classes = std::max<std::size_t>(2, probabilities.cols());
  if (truth.size() != rows || rows == 0)
    throw shape_error("classification report: " + std::to_string(truth.size()) + " labels for " +
                      std::to_string(rows) + " rows of probabilities, expected as many, at least one");
  std::vector<std::size_t> target(rows), predicted(rows);
  const auto score = [&](std::size_t r, std::size_t c) {
    if (probabilities.cols() > 1) return probabilities(r, c);
    return c == 1 ? probabilities(r, 0) : 1 - probabilities(r, 0);
  };
  for (std::size_t r = 0; r < rows; ++r) {
    target[r] = static_cast<std::size_t>(truth[r]);
    std::size_t best = classes == 2 ? 1 : 0;
    for (std::size_t c = 0; c < classes; ++c)
      if (score(r, c) > score(r, best)) best = c;
    predicted[r] = best;
  }
  Report report;
  report.confusion = ConfusionMatrix(target, predicted, classes);
  const auto& m = report.confusion;
  const Average average = classes == 2 ? Average::binary : Average::macro;
  double roc = 0, pr = 0;
  const auto is_class = std::make_unique<bool[]>(rows);
  std::vector<double> scores(rows);
  const std::size_t first = classes == 2 ? 1 : 0;
  for (std::size_t c = first; c < classes; ++c) {
    for (std::size_t r = 0; r < rows; ++r) {
      is_class[r] = target[r] == c;
      scores[r] = score(r, c);
    }
    roc += roc_auc({is_class.get(), rows}, scores);
    pr += pr_auc({is_class.get(), rows}, scores);
  }
  const auto count = static_cast<double>(classes - first);
  report.metrics = {
      {"accuracy", accuracy(m)}, {"precision", precision(m, average)}, {"recall", recall(m, average)},
      {"f1", f1(m, average)},    {"mcc", matthews_correlation(m)},     {"roc_auc", roc / count},
      {"pr_auc", pr / count}};
  return report;
}

inline Report regression_report(std::span<const double> truth, std::span<const double> predicted) {
  return {{{"mse", mean_squared_error(truth, predicted)},
           {"mae", mean_absolute_error(truth, predicted)},
           {"r2", r2_score(truth, predicted)},
           {"spearman", spearman(truth, predicted)}},
          {},
          {}};
}

/// A line per metric, then the confusion matrix.
inline std::ostream& operator<<(std::ostream& out, const Report& report) {
  const auto flags = out.flags();
  const auto digits = out.precision();
  out << std::fixed << std::setprecision(4);
  for (const auto& [name, value] : report.metrics)
    out << std::left << std::setw(10) << name << ' ' << value << '\n';
  const auto& m = report.confusion;
  if (m.classes() > 0) {
    const auto name = [&](std::size_t c) {
      return c < report.label_names.size() ? report.label_names[c] : std::to_string(c);
    };
    std::size_t wide = 6;
    for (std::size_t c = 0; c < m.classes(); ++c) wide = std::max(wide, name(c).size());
    const int w = static_cast<int>(wide) + 1;
    out << std::left << std::setw(w + 6) << "confusion (row: true, column: predicted)" << '\n';
    out << std::string(static_cast<std::size_t>(w), ' ') << std::right;
    for (std::size_t c = 0; c < m.classes(); ++c) out << std::setw(w) << name(c);
    out << '\n';
    for (std::size_t r = 0; r < m.classes(); ++r) {
      out << std::left << std::setw(w) << name(r) << std::right;
      for (std::size_t c = 0; c < m.classes(); ++c) out << std::setw(w) << m(r, c);
      out << '\n';
    }
  }
  out.flags(flags);
  out.precision(digits);
  return out;
}

SEQLSTM_NAMESPACE_END
