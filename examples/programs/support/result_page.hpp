// What a classifier learned, as a page to look at: figures, tables, and the command that made it.
#pragma once

#include <algorithm>
#include <iomanip>
#include <numeric>
#include <seqlstm/plot/all.hpp>
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

/// One output or class against the rest: which rows are of it, and how sure the model is of that.
struct OneClass {
  std::string name;
  std::vector<int> truth;
  std::vector<double> scores;
};
/// Class 1 alone of two; of many classes the largest.
inline std::vector<OneClass> drawn_classes(const TaskPlan& plan, const seqlstm::Predictions& predictions,
                                           const seqlstm::LabelledRecords& test) {
  constexpr std::size_t most = 12;
  std::vector<OneClass> classes;
  const bool several = plan.task == Task::multi_label, one = predictions.cols == 1;
  for (std::size_t c = one ? 1 : 0; c < (one ? 2 : predictions.cols); ++c) {
    auto& drawn = classes.emplace_back();
    drawn.name = c < test.label_names.size() ? test.label_names[c] : std::to_string(c);
    for (std::size_t r = 0; r < predictions.rows; ++r) {
      drawn.truth.push_back(several ? static_cast<int>(test.labels[r * test.label_width + c])
                                    : (test.labels[r] == static_cast<double>(c) ? 1 : 0));
      drawn.scores.push_back(predictions.view()(r, one ? 0 : c));
    }
  }
  const auto members = [](const OneClass& c) { return std::accumulate(c.truth.begin(), c.truth.end(), 0); };
  if (classes.size() > most) {
    std::vector<std::size_t> order(classes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const int left = members(classes[a]), right = members(classes[b]);
      return left != right ? left > right : a < b;
    });
    std::vector<OneClass> largest;
    for (std::size_t i = 0; i < most; ++i) largest.push_back(std::move(classes[order[i]]));
    classes = std::move(largest);
  }
  return classes;
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
                        const std::vector<Baseline>& baselines) {
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

inline void add_class_figures(seqlstm::plot::Page& page, const TaskPlan& plan,
                              const seqlstm::Predictions& predictions, const seqlstm::LabelledRecords& test,
                              const seqlstm::Report& report) {
  namespace plot = seqlstm::plot;
  const auto classes = drawn_classes(plan, predictions, test);
  std::vector<plot::Series> roc, recall;
  for (const auto& c : classes) {
    roc.push_back(plot::roc_series(c.name, c.truth, c.scores));
    recall.push_back(plot::precision_recall_series(c.name, c.truth, c.scores));
  }
  page.heading("Ranking")
      .figure(plot::figure_svg(roc, plot::roc_axes()), "ROC curve; the thin line is chance.")
      .figure(plot::figure_svg(recall, plot::precision_recall_axes()), "Precision and recall.");
  constexpr std::size_t readable = 60;
  if (plan.task != Task::multi_label && report.confusion.classes() <= readable)
    page.heading("Confusions")
        .figure(plot::confusion_svg(report.confusion, test.label_names),
                "Rows: true classes. Columns: predicted ones.");
  if (predictions.cols == 1) {
    const auto& c = classes[0];
    std::vector<double> of_it, others;
    for (std::size_t r = 0; r < c.truth.size(); ++r)
      (c.truth[r] == 1 ? of_it : others).push_back(c.scores[r]);
    page.heading("Probabilities")
        .figure(plot::figure_svg({plot::histogram_series(c.name, of_it, 0, 1),
                                  plot::histogram_series("others", others, 0, 1)},
                                 {.x_title = "predicted probability of '" + c.name + "'",
                                  .y_title = "sequences",
                                  .x_range = std::pair(0.0, 1.0)}),
                "How probable the class is said to be, by true class.")
        .figure(plot::figure_svg({plot::calibration_series("", c.truth, c.scores)}, plot::calibration_axes()),
                "Calibration; the thin line is perfect.");
  } else if (plan.task == Task::multi_class || plan.task == Task::binary) {
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

inline void add_class_table(seqlstm::plot::Page& page, const std::vector<ClassResult>& results) {
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
inline std::string result_page(const std::string& program, const TaskPlan& plan,
                               const seqlstm::Predictions& predictions, const seqlstm::LabelledRecords& test,
                               const seqlstm::Report& report, const std::vector<Baseline>& baselines,
                               const seqlstm::FitResult& fitted, const nlohmann::json& json) {
  seqlstm::plot::Page page(program + ": " + task_name(plan.task));
  page.code(command_line());
  page.paragraph(std::to_string(test.records.size()) + " test sequences.");
  detail::add_metrics(page, report, baselines);
  detail::add_history(page, fitted);
  auto shown = predictions;  // as --predict has them
  if (plan.has_temperature())
    seqlstm::temper({shown.values.data(), shown.rows, shown.cols}, plan.temperature);
  if (plan.task == Task::regression) {
    seqlstm::plot::Series points{"", test.labels, predictions.values, seqlstm::plot::Mark::points};
    page.heading("Predictions")
        .figure(seqlstm::plot::figure_svg({points}, {.x_title = "true value", .y_title = "predicted value"}),
                "Each point is a test sequence.");
  } else {
    detail::add_class_figures(page, plan, shown, test, report);
    detail::add_class_table(page, class_results(plan, predictions, test));
  }
  detail::add_audit(page, json, plan.metric());
  page.heading("Configuration").code(seqlstm::io::json_text(json.at("config")));
  return page.html();
}

}  // namespace examples
