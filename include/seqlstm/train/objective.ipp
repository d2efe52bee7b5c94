// Definitions of objective.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <iterator>
#include <seqlstm/core/text.hpp>
#include <seqlstm/data/label_names.hpp>
#include <seqlstm/data/sites.hpp>
#include <seqlstm/train/objective.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {
inline constexpr const char* task_names[] = {"binary", "multi-class", "multi-label", "regression"};
}

SEQLSTM_INLINE std::string task_name(Task task) {
  return detail::task_names[static_cast<std::size_t>(task)];
}

SEQLSTM_INLINE Task task_named(std::string_view name) {
  for (std::size_t t = 0; t < std::size(detail::task_names); ++t)
    if (name == detail::task_names[t]) return static_cast<Task>(t);
  throw format_error("task '" + std::string(name) +
                     "' is not known; expected binary, multi-class, multi-label or regression");
}

SEQLSTM_INLINE bool has_classes(Task task) {
  return task == Task::binary || task == Task::multi_class;
}

SEQLSTM_INLINE Task inferred_task(std::span<const std::string> labels) {
  std::size_t numbers = 0, broken = 0;
  for (const auto& label : labels) {
    const auto value = parse_number(label);
    broken += value && *value != std::trunc(*value) ? 1 : 0;
    numbers += value ? 1 : 0;
  }
  if (2 * numbers > labels.size() && broken > 0) return Task::regression;
  return label_classes(labels).size() > 2 ? Task::multi_class : Task::binary;
}

SEQLSTM_INLINE std::size_t batch_tokens(const SequenceDataset& data, std::size_t batch_size) {
  constexpr std::size_t most = 65536;
  const std::size_t usual = batch_size * data.tokens() / std::max<std::size_t>(1, data.size());
  return std::clamp<std::size_t>(usual, 1, most);
}

SEQLSTM_INLINE Loss Objective::loss() const {
  if (!class_weights.empty() && class_weights.size() != classes)
    throw option_error("objective: " + std::to_string(class_weights.size()) + " class weights for " +
                       std::to_string(classes) + " classes");
  if (task == Task::regression) return mse();
  if (one_hot) return bce();
  if (task == Task::multi_class)
    return cross_entropy({.class_weights = class_weights}).with_sites(site_weight);
  if (task == Task::binary && !class_weights.empty())
    return bce_with_logits({.pos_weight = {class_weights[1] / class_weights[0]}}).with_sites(site_weight);
  return bce_with_logits({.pos_weight = class_weights}).with_sites(site_weight);
}

SEQLSTM_INLINE bool Objective::has_site(std::size_t of_class) const {
  return std::find(site_classes.begin(), site_classes.end(), of_class) != site_classes.end();
}

SEQLSTM_INLINE void Objective::learn_sites(const LabelledRecords& train, double weight) {
  if (!has_temperature())
    throw option_error("sites are learned beside classes that exclude each other, the labels are a " +
                       task_name(task) + " task" + (one_hot ? " of columns" : ""));
  site_weight = weight;
  site_classes.clear();
  const auto sites = sites_of(train);
  for (std::size_t c = 0; c < classes; ++c)
    for (std::size_t i = 0; i < sites.size(); ++i)
      if (sites[i] && train.labels[i] == static_cast<double>(c)) {
        site_classes.push_back(c);
        break;
      }
  if (site_classes.empty())
    throw option_error("no record of the training part has a site; there is nothing to learn of them");
}

SEQLSTM_INLINE std::size_t Objective::outputs() const {
  if (task == Task::regression) return 1;
  return task == Task::binary && !one_hot ? 1 : classes;
}

SEQLSTM_INLINE Report Objective::evaluate_rows(const Predictions& predictions, std::span<const double> labels,
                                               std::span<const std::size_t> rows,
                                               const std::vector<std::string>& names) const {
  Predictions some{rows.size(), predictions.cols, {}, std::nan("")};
  std::vector<double> of_rows;
  const std::size_t width = predictions.rows == 0 ? 1 : labels.size() / predictions.rows;
  for (const std::size_t row : rows) {
    const auto said = predictions.view().row(row);
    some.values.insert(some.values.end(), said.begin(), said.end());
    const auto label = labels.subspan(row * width, width);
    of_rows.insert(of_rows.end(), label.begin(), label.end());
  }
  auto report = evaluate(some, of_rows, names);
  report.metrics.erase(report.metrics.begin());
  return report;
}

SEQLSTM_INLINE std::vector<double> Objective::columns(std::span<const double> labels) const {
  std::vector<double> columns(labels.size() * classes);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!(labels[i] >= 0 && labels[i] < static_cast<double>(classes)))
      throw option_error("objective: label " + detail::number_text(labels[i]) +
                         ", expected a class from 0 to " + std::to_string(classes - 1));
    columns[i * classes + static_cast<std::size_t>(labels[i])] = 1;
  }
  return columns;
}

SEQLSTM_INLINE std::vector<double> Objective::original(std::span<const double> learned) const {
  std::vector<double> labels;
  if (!one_hot) {
    for (const double value : learned) labels.push_back(value * stddev + mean);
    return labels;
  }
  for (std::size_t i = 0; i < learned.size(); i += classes) {
    const auto row = learned.subspan(i, classes);
    labels.push_back(static_cast<double>(std::max_element(row.begin(), row.end()) - row.begin()));
  }
  return labels;
}

SEQLSTM_INLINE Report Objective::evaluate(const Predictions& predictions, std::span<const double> labels,
                                          const std::vector<std::string>& names) const {
  if (!one_hot) return report_of(predictions, labels, loss(), names);
  auto report = classification_report(labels, predictions.view(), names);
  report.metrics.insert(report.metrics.begin(), {"loss", predictions.loss});
  return report;
}

SEQLSTM_INLINE std::vector<double> balanced_class_weights(std::span<const double> labels, std::size_t classes,
                                                          double power) {
  auto counts = class_counts(labels);
  if (counts.size() > classes)
    throw option_error("balanced_class_weights: class " + std::to_string(counts.size() - 1) + " of " +
                       std::to_string(classes));
  counts.resize(classes);
  std::vector<double> weights;
  for (const std::size_t members : counts)
    weights.push_back(
        std::pow(static_cast<double>(labels.size()) /
                     (static_cast<double>(classes) * std::max(1.0, static_cast<double>(members))),
                 power));
  return weights;
}

SEQLSTM_INLINE Objective objective_for(Task task, std::span<const double> labels, std::size_t classes) {
  Objective objective;
  objective.task = task;
  objective.classes = std::max<std::size_t>(2, classes);
  if (task != Task::regression) return objective;
  const auto count = static_cast<double>(labels.size());
  for (const double label : labels) objective.mean += label / count;
  double variance = 0;
  for (const double label : labels) variance += (label - objective.mean) * (label - objective.mean) / count;
  if (!(variance > 0))
    throw option_error("every label of the training part is " + std::to_string(objective.mean) +
                       "; there is nothing to learn");
  objective.stddev = std::sqrt(variance);
  return objective;
}

SEQLSTM_INLINE Objective objective_for(Task task, const LabelledRecords& train) {
  return objective_for(task, train.labels, train.label_names.size());
}

SEQLSTM_NAMESPACE_END
