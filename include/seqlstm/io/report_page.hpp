// What was learned, as one HTML page to look at: figures, tables, the configuration and the command that made
// it.
#pragma once

#include <cmath>
#include <functional>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <seqlstm/data/record.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/metrics/calibration.hpp>
#include <seqlstm/metrics/positions.hpp>
#include <seqlstm/plot/figure.hpp>
#include <seqlstm/plot/sections.hpp>
#include <seqlstm/train/baseline.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// Which program made a result, and how.
struct PageOrigin {
  std::string program;  ///< the page's title begins with it
  std::string command;  ///< as a shell would take it
};

namespace detail {

inline std::string shown_number(double value, int digits) {
  std::ostringstream text;
  text << std::setprecision(digits) << value;
  return text.str();
}

/// The losses of a training.
inline void add_losses(plot::Page& page, const FitResult& fitted) {
  std::vector<double> train, valid;
  for (const auto& epoch : fitted.history) {
    train.push_back(epoch.train_loss);
    valid.push_back(epoch.valid["loss"]);
  }
  plot::add_losses(page, train, valid, fitted.best_epoch);
}

/// Bands of identity to the nearest training sequence, as the JSON has them.
inline void add_audit(plot::Page& page, const nlohmann::json& json, const std::string& metric) {
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
                    has ? shown_number(metrics.at(metric).get<double>(), 4) : "-"});
  }
  page.heading("Relatives in the training part")
      .paragraph("Test sequences by identity to the nearest training sequence: " +
                 leakage->at("method").get<std::string>() + ".")
      .table({"identity", "sequences", metric}, rows);
}

}  // namespace detail

/// A classifier's test part as a page. `predictions` and `labels`, those of `report`, are in the data's own
/// units; `json` is what the program writes: the page has its "config", and its "leakage" audit where there
/// is one.
inline std::string result_page(const PageOrigin& origin, const Objective& objective,
                               const Predictions& predictions, std::span<const double> labels,
                               const std::vector<std::string>& label_names, const Report& report,
                               const std::vector<Baseline>& baselines, const FitResult& fitted,
                               const nlohmann::json& json) {
  plot::Page page(origin.program + ": " + task_name(objective.task));
  page.code(origin.command);
  page.paragraph(std::to_string(predictions.rows) + " test sequences.");
  std::vector<std::pair<std::string, Report>> others;
  for (const auto& baseline : baselines) others.emplace_back(baseline.name, baseline.report);
  plot::add_metrics(page, report, others);
  detail::add_losses(page, fitted);
  if (objective.task == Task::regression) {
    plot::add_numbers(page, labels, predictions.values);
  } else {
    auto shown = predictions;  // as predictions are written
    if (objective.has_temperature())
      apply_temperature({shown.values.data(), shown.rows, shown.cols}, objective.temperature);
    plot::add_classes(page, labels, shown.view(), report,
                      per_class_metrics(labels, predictions.view(), label_names));
  }
  detail::add_audit(page, json, objective.metric());
  page.heading("Configuration").code(json_text(json.at("config")));
  return page.html();
}

/// The same of labelled records.
inline std::string result_page(const PageOrigin& origin, const Objective& objective,
                               const Predictions& predictions, const LabelledRecords& test,
                               const Report& report, const std::vector<Baseline>& baselines,
                               const FitResult& fitted, const nlohmann::json& json) {
  return result_page(origin, objective, predictions, test.labels, test.label_names, report, baselines, fitted,
                     json);
}

/// The test part of a model that labels every position as a page: the metrics beside those of others by name,
/// the losses of `fitted`, and the positions that count as classification. `json` as for result_page().
inline std::string position_page(const PageOrigin& origin, const PositionResults& results,
                                 const std::vector<std::string>& names, const Report& report,
                                 const std::vector<std::pair<std::string, Report>>& baselines,
                                 const FitResult& fitted, const nlohmann::json& json) {
  plot::Page page(origin.program);
  page.code(origin.command);
  const seqlstm::detail::CountedRows counted(results.labels, results.probabilities);
  page.paragraph(std::to_string(counted.labels().size()) + " positions of the test part.");
  plot::add_metrics(page, report, baselines);
  detail::add_losses(page, fitted);
  plot::add_classes(page, counted.labels(), counted.rows(), report, position_class_metrics(results, names));
  page.heading("Configuration").code(json_text(json.at("config")));
  return page.html();
}

/// A test part of which metrics alone are shown: `part` says in a sentence what it is, the metrics stand
/// beside those of others by name, and there are the losses of `fitted`. `json` as for result_page().
inline std::string metrics_page(const PageOrigin& origin, const std::string& part, const Report& report,
                                const std::vector<std::pair<std::string, Report>>& baselines,
                                const FitResult& fitted, const nlohmann::json& json) {
  plot::Page page(origin.program);
  page.code(origin.command);
  page.paragraph(part);
  plot::add_metrics(page, report, baselines);
  detail::add_losses(page, fitted);
  page.heading("Configuration").code(json_text(json.at("config")));
  return page.html();
}

/// A language model's training as a page. Of `json` it has "metrics", "epochs" ("epoch", "train_loss",
/// "tokens_per_second") and "config"; `valid_loss(epoch)` is the number that one of the epochs has of
/// validation, NaN without.
inline std::string language_page(const PageOrigin& origin, const nlohmann::json& json,
                                 const std::function<double(const nlohmann::json& epoch)>& valid_loss) {
  plot::Page page(origin.program);
  page.code(origin.command);
  std::vector<std::vector<std::string>> metrics;
  for (const auto& [name, value] : json.at("metrics").items())
    metrics.push_back({name, value.is_number() ? detail::shown_number(value.get<double>(), 5) : ""});
  page.heading("Held-out part").table({"metric", "value"}, metrics);
  plot::Series train{"training", {}, {}}, valid{"validation", {}, {}}, rate{"", {}, {}};
  for (const auto& epoch : json.at("epochs")) {
    const auto number = epoch.at("epoch").get<double>();
    train.x.push_back(number);
    train.y.push_back(epoch.at("train_loss").get<double>());
    valid.x.push_back(number);
    valid.y.push_back(valid_loss(epoch));
    rate.x.push_back(number);
    rate.y.push_back(epoch.at("tokens_per_second").get<double>());
  }
  if (!train.x.empty()) {
    page.heading("Training")
        .figure(plot::figure_svg({train, valid}, {.x_title = "epoch", .y_title = "loss"}),
                "Loss of every epoch, in nats a token.")
        .figure(plot::figure_svg({rate}, {.x_title = "epoch", .y_title = "tokens a second"}), "Speed.");
  }
  page.heading("Configuration").code(json_text(json.at("config")));
  return page.html();
}

}  // namespace io

SEQLSTM_NAMESPACE_END
