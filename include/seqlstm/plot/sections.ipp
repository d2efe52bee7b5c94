// Definitions of sections.hpp.
#pragma once

#include <algorithm>
#include <iomanip>
#include <numeric>
#include <seqlstm/plot/confusion.hpp>
#include <seqlstm/plot/curves.hpp>
#include <seqlstm/plot/figure.hpp>
#include <seqlstm/plot/sections.hpp>
#include <sstream>

SEQLSTM_NAMESPACE_BEGIN

namespace plot {

namespace detail {

inline std::string shown_number(double value) {
  std::ostringstream text;
  text << std::setprecision(4) << value;
  return text.str();
}

/// The rows of one class that is drawn.
struct DrawnClass {
  std::string name;
  OneAgainstRest rows;
};
/// Of two classes class 1 alone, of many the largest.
inline std::vector<DrawnClass> drawn_classes(std::span<const double> labels,
                                             ConstMatrixView<double> probabilities,
                                             const std::vector<ClassMetrics>& classes) {
  constexpr std::size_t most = 12;
  std::vector<std::size_t> order(classes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (order.size() > most) {
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const std::size_t left = classes[a].members, right = classes[b].members;
      return left != right ? left > right : a < b;
    });
    order.resize(most);
  }
  const std::size_t first = probabilities.cols() == 1 ? 1 : 0;
  std::vector<DrawnClass> drawn;
  for (const std::size_t c : order)
    drawn.push_back({classes[c].name, one_against_rest(labels, probabilities, first + c)});
  return drawn;
}

/// Each row's largest probability, and whether it is that of the row's class.
inline OneAgainstRest confidence(std::span<const double> labels, ConstMatrixView<double> probabilities) {
  OneAgainstRest found;
  for (std::size_t r = 0; r < probabilities.rows(); ++r) {
    const auto row = probabilities.row(r);
    const auto best = std::max_element(row.begin(), row.end());
    found.truth.push_back(labels[r] == static_cast<double>(best - row.begin()) ? 1 : 0);
    found.scores.push_back(*best);
  }
  return found;
}

/// Histograms of the scores of rows that are of it, and that are not; and their calibration.
inline void add_probabilities(Page& page, const OneAgainstRest& rows,
                              const std::pair<std::string, std::string>& names, const std::string& x_title,
                              const std::string& caption, const FigureOptions& calibration) {
  std::vector<double> of_it, others;
  for (std::size_t r = 0; r < rows.truth.size(); ++r)
    (rows.truth[r] == 1 ? of_it : others).push_back(rows.scores[r]);
  page.heading("Probabilities")
      .figure(figure_svg(
                  {histogram_series(names.first, of_it, 0, 1), histogram_series(names.second, others, 0, 1)},
                  {.x_title = x_title, .y_title = "sequences", .x_range = std::pair(0.0, 1.0)}),
              caption)
      .figure(figure_svg({calibration_series("", rows.truth, rows.scores)}, calibration),
              "Calibration; the thin line is perfect.");
}

}  // namespace detail

SEQLSTM_INLINE void add_metrics(Page& page, const Report& report,
                                const std::vector<std::pair<std::string, Report>>& baselines) {
  std::vector<std::string> header = {"metric", "network"};
  for (const auto& [name, baseline] : baselines) header.push_back(name);
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, value] : report.metrics) {
    auto& row = rows.emplace_back(std::vector<std::string>{name, detail::shown_number(value)});
    for (const auto& baseline : baselines) row.push_back(detail::shown_number(baseline.second[name]));
  }
  page.heading("Test part").table(header, rows);
  if (const auto positive = report.positive_class(); !positive.empty())
    page.paragraph("Precision, recall, F1 and the area under precision and recall are of class '" + positive +
                   "'.");
  for (const auto& note : report.undefined) page.paragraph(note);
}

SEQLSTM_INLINE void add_losses(Page& page, std::span<const double> train, std::span<const double> valid,
                               std::size_t best_epoch, std::size_t first_epoch) {
  if (train.empty()) return;
  const auto series = [&](const char* name, std::span<const double> losses) {
    Series made{name, {}, {losses.begin(), losses.end()}};
    for (std::size_t e = 0; e < losses.size(); ++e) made.x.push_back(static_cast<double>(first_epoch + e));
    return made;
  };
  page.heading("Training")
      .figure(figure_svg({series("training", train), series("validation", valid)},
                         {.x_title = "epoch", .y_title = "loss"}),
              "Loss of every epoch" +
                  (best_epoch > 0 ? "; the weights are those of epoch " + std::to_string(best_epoch)
                                  : std::string()) +
                  ".");
}

SEQLSTM_INLINE void add_classes(Page& page, std::span<const double> labels,
                                ConstMatrixView<double> probabilities, const Report& report,
                                const std::vector<ClassMetrics>& classes) {
  const std::size_t expected = probabilities.cols() == 1 ? 1 : probabilities.cols();
  if (classes.size() != expected)
    throw shape_error("add_classes: metrics of " + std::to_string(classes.size()) + " classes, expected " +
                      std::to_string(expected));
  const auto drawn = detail::drawn_classes(labels, probabilities, classes);
  std::vector<Series> roc, recall;
  for (const auto& [name, rows] : drawn) {
    roc.push_back(roc_series(name, rows.truth, rows.scores));
    recall.push_back(precision_recall_series(name, rows.truth, rows.scores));
  }
  page.heading("Ranking")
      .figure(figure_svg(roc, roc_axes()), "ROC curve; the thin line is chance.")
      .figure(figure_svg(recall, precision_recall_axes()), "Precision and recall.");
  constexpr std::size_t readable = 60;
  const bool one_each = labels.size() == probabilities.rows();
  if (one_each && report.confusion.classes() <= readable)
    page.heading("Confusions")
        .figure(confusion_svg(report.confusion, report.label_names),
                "Rows: true classes. Columns: predicted ones.");
  if (probabilities.cols() == 1) {
    const auto& [name, rows] = drawn[0];
    detail::add_probabilities(page, rows, {name, "others"}, "predicted probability of '" + name + "'",
                              "How probable the class is said to be, by true class.", calibration_axes());
  } else if (one_each) {
    detail::add_probabilities(page, detail::confidence(labels, probabilities), {"right", "wrong"},
                              "probability of the predicted class",
                              "How sure the network is where it is right, and where it is wrong.",
                              {.x_title = "probability of the predicted class",
                               .y_title = "share that is right",
                               .x_range = std::pair(0.0, 1.0),
                               .y_range = std::pair(0.0, 1.0),
                               .diagonal = true});
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& c : classes)
    rows.push_back({c.name, std::to_string(c.members), detail::shown_number(c.precision),
                    detail::shown_number(c.recall), detail::shown_number(c.f1),
                    detail::shown_number(c.roc_auc)});
  page.heading("Classes").table({"class", "members", "precision", "recall", "F1", "ROC AUC"}, rows);
}

SEQLSTM_INLINE void add_numbers(Page& page, std::span<const double> truth,
                                std::span<const double> predicted) {
  const Series points{"", {truth.begin(), truth.end()}, {predicted.begin(), predicted.end()}, Mark::points};
  page.heading("Predictions")
      .figure(figure_svg({points}, {.x_title = "true value", .y_title = "predicted value"}),
              "Each point is a test sequence.");
}

}  // namespace plot

SEQLSTM_NAMESPACE_END
