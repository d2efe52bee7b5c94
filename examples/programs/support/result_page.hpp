// What a classifier learned, as a page to look at: figures, tables, and the command that made it.
#pragma once

#include <cmath>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <seqlstm/data/record.hpp>
#include <seqlstm/metrics/calibration.hpp>
#include <seqlstm/plot/sections.hpp>
#include <seqlstm/train/baseline.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support/program.hpp"

namespace examples {

namespace detail {

inline std::string shown_number(double value) {
  std::ostringstream text;
  text << std::setprecision(4) << value;
  return text.str();
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
inline std::string result_page(const std::string& program, const seqlstm::Objective& objective,
                               const seqlstm::Predictions& predictions, const seqlstm::LabelledRecords& test,
                               const seqlstm::Report& report, const std::vector<seqlstm::Baseline>& baselines,
                               const seqlstm::FitResult& fitted, const nlohmann::json& json) {
  namespace plot = seqlstm::plot;
  plot::Page page(program + ": " + seqlstm::task_name(objective.task));
  page.code(command_line());
  page.paragraph(std::to_string(test.records.size()) + " test sequences.");
  std::vector<std::pair<std::string, seqlstm::Report>> others;
  for (const auto& baseline : baselines) others.emplace_back(baseline.name, baseline.report);
  plot::add_metrics(page, report, others);
  std::vector<double> train, valid;
  for (const auto& epoch : fitted.history) {
    train.push_back(epoch.train_loss);
    valid.push_back(epoch.valid["loss"]);
  }
  plot::add_losses(page, train, valid, fitted.best_epoch);
  if (objective.task == seqlstm::Task::regression) {
    plot::add_numbers(page, test.labels, predictions.values);
  } else {
    auto shown = predictions;  // as --predict has them
    if (objective.has_temperature())
      seqlstm::temper({shown.values.data(), shown.rows, shown.cols}, objective.temperature);
    plot::add_classes(page, test.labels, shown.view(), report,
                      seqlstm::per_class_metrics(test.labels, predictions.view(), test.label_names));
  }
  detail::add_audit(page, json, objective.metric());
  page.heading("Configuration").code(seqlstm::io::json_text(json.at("config")));
  return page.html();
}

}  // namespace examples
