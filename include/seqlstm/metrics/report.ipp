// Definitions of report.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <seqlstm/metrics/regression.hpp>
#include <seqlstm/metrics/report.hpp>
#include <sstream>
#include <tuple>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE double Report::operator[](std::string_view name) const {
  std::vector<std::string> names;
  std::string known;
  for (const auto& [key, value] : metrics) {
    if (key == name) return value;
    names.push_back(key);
    known += (known.empty() ? "" : ", ") + key;
  }
  const std::string meant = nearest_name(name, names);
  throw option_error("metric '" + std::string(name) + "' is not known here; " +
                     (meant.empty() ? "" : "did you mean '" + meant + "'? ") + "expected one of " + known);
}

SEQLSTM_INLINE std::string Report::positive_class() const {
  if (confusion.classes() != 2) return {};
  return label_names.size() > 1 ? label_names[1] : "1";
}

namespace detail {

SEQLSTM_INLINE std::string class_name(const std::vector<std::string>& names, std::size_t c) {
  return c < names.size() ? printable(names[c]) : std::to_string(c);
}

SEQLSTM_INLINE std::vector<int> class_indices(std::span<const double> labels, std::size_t classes) {
  std::vector<int> indices(labels.size());
  for (std::size_t r = 0; r < labels.size(); ++r) {
    if (!(labels[r] >= 0 && labels[r] < static_cast<double>(classes) && std::trunc(labels[r]) == labels[r])) {
      std::ostringstream what;
      what << "classification report: the label of row " << r << " is " << labels[r]
           << ", expected a whole number from 0 to " << classes - 1;
      throw option_error(what.str());
    }
    indices[r] = static_cast<int>(labels[r]);
  }
  return indices;
}

SEQLSTM_INLINE std::vector<int> predicted_classes(ConstMatrixView<double> probabilities) {
  std::vector<int> classes(probabilities.rows());
  for (std::size_t r = 0; r < classes.size(); ++r) {
    const auto row = probabilities.row(r);
    for (std::size_t c = 0; c < row.size(); ++c)
      if (std::isnan(row[c]))
        throw numeric_error("classification report: the probability in row " + std::to_string(r) +
                            ", column " + std::to_string(c) + " is NaN; look for NaN in the model's weights");
    classes[r] = row.size() == 1 ? (row[0] >= 0.5 ? 1 : 0)
                                 : static_cast<int>(std::max_element(row.begin(), row.end()) - row.begin());
  }
  return classes;
}

SEQLSTM_INLINE std::string metric_text(double value) {
  const double size = std::abs(value);
  const bool plain = size == 0 || (size >= 1e-3 && size < 1e6) || !std::isfinite(value);
  std::ostringstream out;
  out << (plain ? std::fixed : std::scientific) << std::setprecision(plain ? 4 : 3) << value;
  return out.str();
}

SEQLSTM_INLINE void print_confusions(std::ostream& out, const Report& report) {
  constexpr std::size_t most = 20;
  struct Pair {
    std::size_t truth, predicted, count;
  };
  std::vector<Pair> pairs;
  report.confusion.for_each_pair([&](std::size_t truth, std::size_t predicted, std::size_t count) {
    if (truth != predicted) pairs.push_back({truth, predicted, count});
  });
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
    return std::tie(b.count, a.truth, a.predicted) < std::tie(a.count, b.truth, b.predicted);
  });
  out << "confusion of " << report.confusion.classes() << " classes: " << pairs.size()
      << " pairs are confused" << (pairs.size() > most ? ", the most frequent ones:\n" : "\n");
  pairs.resize(std::min(most, pairs.size()));
  for (const Pair& pair : pairs)
    out << "  " << class_name(report.label_names, pair.truth) << " as "
        << class_name(report.label_names, pair.predicted) << ": " << pair.count << '\n';
}

SEQLSTM_INLINE void print_confusion(std::ostream& out, const Report& report) {
  constexpr std::size_t readable = 50;
  const ConfusionMatrix& m = report.confusion;
  if (m.classes() > readable) return print_confusions(out, report);
  const auto name = [&](std::size_t c) { return class_name(report.label_names, c); };
  const auto padding = [](const std::string& text, std::size_t width) {
    return std::string(width - std::min(width, text.size()), ' ');
  };
  std::size_t names = 0, cells = std::to_string(m.total()).size();
  for (std::size_t c = 0; c < m.classes(); ++c) names = std::max(names, name(c).size());
  cells = std::max(cells, names) + 2;
  out << "confusion (row: true, column: predicted)\n" << std::string(names, ' ');
  for (std::size_t c = 0; c < m.classes(); ++c) out << padding(name(c), cells) << name(c);
  out << '\n';
  for (std::size_t r = 0; r < m.classes(); ++r) {
    out << name(r) << padding(name(r), names);
    for (std::size_t c = 0; c < m.classes(); ++c) {
      const std::string count = std::to_string(m(r, c));
      out << padding(count, cells) << count;
    }
    out << '\n';
  }
}

SEQLSTM_INLINE Report report_of_classes(std::span<const int> truth, std::span<const int> predicted,
                                        ConstMatrixView<double> probabilities,
                                        std::vector<std::string> label_names, bool curves) {
  const ConfusionMatrix m(truth, predicted, std::max<std::size_t>(2, probabilities.cols()));
  const bool binary = m.classes() == 2;
  const Average average = binary ? Average::binary : Average::macro;
  Report report = {{{"accuracy", accuracy(m)},
                    {"precision", precision(m, average)},
                    {"recall", recall(m, average)},
                    {"f1", f1(m, average)},
                    {"mcc", matthews_correlation(m)}},
                   m,
                   label_names,
                   undefined_classes(
                       m, [&](std::size_t c) { return class_name(label_names, c); }, curves)};
  if (!curves) return report;
  std::vector<double> of_class_1(binary ? truth.size() : 0);
  for (std::size_t r = 0; r < of_class_1.size(); ++r)
    of_class_1[r] = probabilities(r, probabilities.cols() - 1);
  report.metrics.emplace_back("roc_auc", binary ? roc_auc(truth, of_class_1) : roc_auc(truth, probabilities));
  report.metrics.emplace_back("pr_auc", binary ? pr_auc(truth, of_class_1) : pr_auc(truth, probabilities));
  return report;
}

}  // namespace detail

SEQLSTM_INLINE Report classification_report(std::span<const double> truth,
                                            ConstMatrixView<double> probabilities,
                                            std::vector<std::string> label_names) {
  const std::size_t rows = probabilities.rows(), classes = std::max<std::size_t>(2, probabilities.cols());
  if (truth.size() != rows || probabilities.empty())
    throw shape_error("classification report: " + std::to_string(truth.size()) +
                      " labels and probabilities " + shape_text(probabilities) +
                      ", expected a row for each label, at least one, and a column for each class");
  const auto target = detail::class_indices(truth, classes);
  return detail::report_of_classes(target, detail::predicted_classes(probabilities), probabilities,
                                   std::move(label_names));
}

SEQLSTM_INLINE Report regression_report(std::span<const double> truth, std::span<const double> predicted) {
  return {{{"mse", mean_squared_error(truth, predicted)},
           {"mae", mean_absolute_error(truth, predicted)},
           {"r2", r2_score(truth, predicted)},
           {"spearman", spearman(truth, predicted)}},
          {},
          {},
          detail::undefined_numbers(truth, predicted)};
}

SEQLSTM_INLINE std::ostream& operator<<(std::ostream& out, const Report& report) {
  for (const auto& [name, value] : report.metrics) {
    const std::string number = detail::metric_text(value);
    out << name << std::string(name.size() < 10 ? 10 - name.size() : 0, ' ') << ' '
        << std::string(number.size() < 10 ? 10 - number.size() : 0, ' ') << number << '\n';
  }
  const bool curves = std::any_of(report.metrics.begin(), report.metrics.end(),
                                  [](const auto& metric) { return metric.first == "pr_auc"; });
  if (const std::string positive = report.positive_class(); !positive.empty())
    out << (curves ? "precision, recall, f1 and pr_auc" : "precision, recall and f1") << " are of class '"
        << printable(positive) << "'\n";
  if (report.confusion.classes() > 0) detail::print_confusion(out, report);
  constexpr std::size_t most = 20;  // classes without members are soon many
  const std::size_t notes = report.undefined.size(), shown = notes > most ? most - 1 : notes;
  for (std::size_t i = 0; i < shown; ++i) out << "note: " << report.undefined[i] << '\n';
  if (shown < notes) out << "note: and " << notes - shown << " more of this kind\n";
  return out;
}

SEQLSTM_NAMESPACE_END
