// What a classifier learned, as a page to look at: figures, tables, and the command that made it.
#pragma once

#include <algorithm>
#include <iomanip>
#include <numeric>
#include <seqlstm/metrics/calibration.hpp>
#include <seqlstm/plot/all.hpp>
#include <seqlstm/train/baseline.hpp>
#include <sstream>

#include "support/class_report.hpp"
#include "support/program.hpp"

namespace examples {

namespace detail {

inline std::string shown_number(double value) {
  std::ostringstream text;
  text << std::setprecision(4) << value;
  return text.str();
}

/// The classes that are drawn: of two class 1 alone, of many the largest.
struct DrawnClass {
  std::string name;
  seqlstm::OneAgainstRest rows;
};
inline std::vector<DrawnClass> drawn_classes(const seqlstm::Predictions& predictions,
                                             const seqlstm::LabelledRecords& test,
                                             const std::vector<seqlstm::ClassMetrics>& classes) {
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
  const std::size_t first = predictions.cols == 1 ? 1 : 0;
  std::vector<DrawnClass> drawn;
  for (const std::size_t c : order)
    drawn.push_back({classes[c].name, seqlstm::one_against_rest(test.labels, predictions.view(), first + c)});
  return drawn;
}

/// Each row's largest probability, and whether it is that of the row's class.
struct Confidence {
  std::vector<int> right;
  std::vector<double> probability;
};
inline Confidence confidence(const seqlstm::Predictions& predictions, const seqlstm::LabelledRecords& test) {
  Confidence found;
  for (std::size_t r = 0; r < predictions.rows; ++r) {
    const auto row = predictions.view().row(r);
    const auto best = std::max_element(row.begin(), row.end());
    found.right.push_back(test.labels[r] == static_cast<double>(best - row.begin()) ? 1 : 0);
    found.probability.push_back(*best);
  }
  return found;
}

inline void add_metrics(seqlstm::plot::Page& page, const seqlstm::Report& report,
                        const std::vector<seqlstm::Baseline>& baselines) {
  std::vector<std::string> header = {"metric", "network"};
  for (const auto& baseline : baselines) header.push_back(baseline.name);
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, value] : report.metrics) {
    auto& row = rows.emplace_back(std::vector<std::string>{name, shown_number(value)});
    for (const auto& baseline : baselines) row.push_back(shown_number(baseline.report[name]));
  }
  page.heading("Test part").table(header, rows);
  if (const auto positive = report.positive_class(); !positive.empty())
    page.paragraph("Precision, recall, F1 and the area under precision and recall are of class '" + positive +
                   "'.");
  for (const auto& note : report.undefined) page.paragraph(note);
}

inline void add_history(seqlstm::plot::Page& page, const seqlstm::FitResult& fitted) {
  if (fitted.history.empty()) return;  // a loaded model
  seqlstm::plot::Series train{"training", {}, {}}, valid{"validation", {}, {}};
  for (const auto& epoch : fitted.history) {
    train.x.push_back(static_cast<double>(epoch.epoch));
    train.y.push_back(epoch.train_loss);
    valid.x.push_back(static_cast<double>(epoch.epoch));
    valid.y.push_back(epoch.valid["loss"]);
  }
  page.heading("Training")
      .figure(
          seqlstm::plot::figure_svg({train, valid}, {.x_title = "epoch", .y_title = "loss"}),
          "Loss of every epoch" +
              (fitted.best_epoch > 0 ? "; the weights are those of epoch " + std::to_string(fitted.best_epoch)
                                     : std::string()) +
              ".");
}

inline void add_class_figures(seqlstm::plot::Page& page, const seqlstm::Objective& plan,
                              const seqlstm::Predictions& predictions, const seqlstm::LabelledRecords& test,
                              const std::vector<seqlstm::ClassMetrics>& classes,
                              const seqlstm::Report& report) {
  namespace plot = seqlstm::plot;
  const auto drawn = drawn_classes(predictions, test, classes);
  std::vector<plot::Series> roc, recall;
  for (const auto& [name, rows] : drawn) {
    roc.push_back(plot::roc_series(name, rows.truth, rows.scores));
    recall.push_back(plot::precision_recall_series(name, rows.truth, rows.scores));
  }
  page.heading("Ranking")
      .figure(plot::figure_svg(roc, plot::roc_axes()), "ROC curve; the thin line is chance.")
      .figure(plot::figure_svg(recall, plot::precision_recall_axes()), "Precision and recall.");
  constexpr std::size_t readable = 60;
  if (plan.task != seqlstm::Task::multi_label && report.confusion.classes() <= readable)
    page.heading("Confusions")
        .figure(plot::confusion_svg(report.confusion, test.label_names),
                "Rows: true classes. Columns: predicted ones.");
  if (predictions.cols == 1) {
    const auto& [name, rows] = drawn[0];
    std::vector<double> of_it, others;
    for (std::size_t r = 0; r < rows.truth.size(); ++r)
      (rows.truth[r] == 1 ? of_it : others).push_back(rows.scores[r]);
    page.heading("Probabilities")
        .figure(plot::figure_svg({plot::histogram_series(name, of_it, 0, 1),
                                  plot::histogram_series("others", others, 0, 1)},
                                 {.x_title = "predicted probability of '" + name + "'",
                                  .y_title = "sequences",
                                  .x_range = std::pair(0.0, 1.0)}),
                "How probable the class is said to be, by true class.")
        .figure(plot::figure_svg({plot::calibration_series("", rows.truth, rows.scores)},
                                 plot::calibration_axes()),
                "Calibration; the thin line is perfect.");
  } else if (plan.task == seqlstm::Task::multi_class || plan.task == seqlstm::Task::binary) {
    const auto sure = confidence(predictions, test);
    std::vector<double> right, wrong;
    for (std::size_t r = 0; r < sure.right.size(); ++r)
      (sure.right[r] == 1 ? right : wrong).push_back(sure.probability[r]);
    page.heading("Probabilities")
        .figure(plot::figure_svg({plot::histogram_series("right", right, 0, 1),
                                  plot::histogram_series("wrong", wrong, 0, 1)},
                                 {.x_title = "probability of the predicted class",
                                  .y_title = "sequences",
                                  .x_range = std::pair(0.0, 1.0)}),
                "How sure the network is where it is right, and where it is wrong.")
        .figure(plot::figure_svg({plot::calibration_series("", sure.right, sure.probability)},
                                 {.x_title = "probability of the predicted class",
                                  .y_title = "share that is right",
                                  .x_range = std::pair(0.0, 1.0),
                                  .y_range = std::pair(0.0, 1.0),
                                  .diagonal = true}),
                "Calibration; the thin line is perfect.");
  }
}

inline void add_class_table(seqlstm::plot::Page& page, const std::vector<seqlstm::ClassMetrics>& results) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& r : results)
    rows.push_back({r.name, std::to_string(r.members), shown_number(r.precision), shown_number(r.recall),
                    shown_number(r.f1), shown_number(r.roc_auc)});
  page.heading("Classes").table({"class", "members", "precision", "recall", "F1", "ROC AUC"}, rows);
}

/// Bands of identity to the nearest training sequence, as the JSON has them.
inline void add_audit(seqlstm::plot::Page& page, const nlohmann::json& json, const std::string& metric) {
  const auto leakage = json.find("leakage");
  if (leakage == json.end() || !leakage->contains("bands")) return;
  std::vector<std::vector<std::string>> rows;
  for (const auto& band : leakage->at("bands")) {
    const auto percent = [&](const char* key) {
      return std::to_string(std::lround(100 * band.at(key).get<double>()));
    };
    const auto& metrics = band.contains("metrics") ? band.at("metrics") : nlohmann::json();
    const bool has = metrics.is_object() && metrics.contains(metric) && metrics.at(metric).is_number();
    rows.push_back({percent("low") + " to " + percent("high") + " %",
                    std::to_string(band.at("sequences").get<std::size_t>()),
                    has ? shown_number(metrics.at(metric).get<double>()) : "-"});
  }
  page.heading("Relatives in the training part")
      .paragraph("Test sequences by identity to the nearest training sequence: " +
                 leakage->at("method").get<std::string>() + ".")
      .table({"identity", "sequences", metric}, rows);
}

}  // namespace detail

/// `json` is what the program writes: the page has its configuration, and its audit where there is one.
inline std::string result_page(const std::string& program, const seqlstm::Objective& plan,
                               const seqlstm::Predictions& predictions, const seqlstm::LabelledRecords& test,
                               const seqlstm::Report& report, const std::vector<seqlstm::Baseline>& baselines,
                               const seqlstm::FitResult& fitted, const nlohmann::json& json) {
  seqlstm::plot::Page page(program + ": " + seqlstm::task_name(plan.task));
  page.code(command_line());
  page.paragraph(std::to_string(test.records.size()) + " test sequences.");
  detail::add_metrics(page, report, baselines);
  detail::add_history(page, fitted);
  auto shown = predictions;  // as --predict has them
  if (plan.has_temperature())
    seqlstm::temper({shown.values.data(), shown.rows, shown.cols}, plan.temperature);
  if (plan.task == seqlstm::Task::regression) {
    seqlstm::plot::Series points{"", test.labels, predictions.values, seqlstm::plot::Mark::points};
    page.heading("Predictions")
        .figure(seqlstm::plot::figure_svg({points}, {.x_title = "true value", .y_title = "predicted value"}),
                "Each point is a test sequence.");
  } else {
    const auto classes = seqlstm::per_class_metrics(test.labels, predictions.view(), test.label_names);
    detail::add_class_figures(page, plan, shown, test, classes, report);
    detail::add_class_table(page, classes);
  }
  detail::add_audit(page, json, plan.metric());
  page.heading("Configuration").code(seqlstm::io::json_text(json.at("config")));
  return page.html();
}

}  // namespace examples
