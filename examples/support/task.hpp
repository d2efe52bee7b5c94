// What is to be learned: two classes, several, or a number. The task says which loss, how many outputs, which
// metric counts, and how outputs become predictions.
#pragma once

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/train/predict.hpp>
#include <set>
#include <string>
#include <vector>

namespace examples {

using seqlstm::Task;

inline constexpr const char* task_names[] = {"binary", "multi-class", "multi-label", "regression"};

inline std::string task_name(Task task) {
  return task_names[static_cast<std::size_t>(task)];
}
inline Task task_named(const std::string& name) {
  for (std::size_t t = 0; t < std::size(task_names); ++t)
    if (name == task_names[t]) return static_cast<Task>(t);
  throw seqlstm::format_error("task '" + name + "' is not known; expected binary, multi-class or regression");
}

/// Two labels: binary; more: multi-class; numbers that are not all whole: regression.
inline Task inferred_task(const std::vector<std::string>& labels) {
  bool numbers = true, whole = true;
  for (const auto& label : labels) {
    char* end = nullptr;
    const double value = std::strtod(label.c_str(), &end);
    numbers = numbers && !label.empty() && *end == '\0' && std::isfinite(value);
    whole = whole && value == std::trunc(value);
  }
  if (numbers && !whole) return Task::regression;
  return std::set<std::string>(labels.begin(), labels.end()).size() > 2 ? Task::multi_class : Task::binary;
}

/// A task with what it takes to train it. Numbers of a regression are learned as (value - mean) / deviation
/// of the training part.
struct TaskPlan {
  Task task = Task::binary;
  std::size_t classes = 2;
  double mean = 0, deviation = 1;

  [[nodiscard]] seqlstm::Loss loss() const {
    if (task == Task::regression) return seqlstm::mse();
    return task == Task::binary ? seqlstm::bce_with_logits() : seqlstm::cross_entropy();
  }
  /// Columns of the network's output.
  [[nodiscard]] std::size_t outputs() const { return loss().output_width(classes); }
  /// The metric shown beside the loss, and held against the floor.
  [[nodiscard]] const char* metric() const { return task == Task::regression ? "r2" : "mcc"; }

  /// Labels as the network learns them; class indices stay.
  template <class Dataset> [[nodiscard]] Dataset learned(Dataset data) const {
    for (double& label : data.labels) label = (label - mean) / deviation;
    return data;
  }
  /// Metrics of a model on data that went through learned(), in the data's own units.
  template <class Model, class Dataset> seqlstm::Report report(Model& model, const Dataset& data) const {
    auto predictions = seqlstm::predict_all(model, data, loss());
    std::vector<double> labels = data.labels;
    for (double& value : predictions.values) value = value * deviation + mean;
    for (double& value : labels) value = value * deviation + mean;
    std::vector<std::string> names;
    if constexpr (requires { data.label_names; }) names = data.label_names;
    return seqlstm::report_of(predictions, labels, loss(), names);
  }
};

/// The plan for a training part.
inline TaskPlan plan_for(Task task, const seqlstm::LabelledRecords& train) {
  TaskPlan plan{task, std::max<std::size_t>(2, train.label_names.size()), 0, 1};
  if (task != Task::regression) return plan;
  const auto count = static_cast<double>(train.labels.size());
  for (const double label : train.labels) plan.mean += label / count;
  double variance = 0;
  for (const double label : train.labels) variance += (label - plan.mean) * (label - plan.mean) / count;
  if (!(variance > 0))
    throw seqlstm::option_error("every label of the training part is " + std::to_string(plan.mean) +
                                "; there is nothing to learn");
  plan.deviation = std::sqrt(variance);
  return plan;
}

inline void to_json(nlohmann::json& j, const TaskPlan& plan) {
  j = {{"task", task_name(plan.task)},
       {"classes", plan.classes},
       {"mean", plan.mean},
       {"deviation", plan.deviation}};
}
inline void from_json(const nlohmann::json& j, TaskPlan& plan) {
  plan = {task_named(j.at("task")), j.at("classes"), j.at("mean"), j.at("deviation")};
}

/// The table --predict prints: id, then what the task predicts.
inline void write_predictions(std::ostream& out, const TaskPlan& plan, const seqlstm::TokenDataset& data,
                              const seqlstm::Predictions& predictions,
                              const std::vector<std::string>& label_names) {
  const auto name = [&](std::size_t c) {
    return c < label_names.size() ? label_names[c] : std::to_string(c);
  };
  out.precision(17);
  if (plan.task == Task::regression) {
    out << "id\tvalue\n";
    for (std::size_t i = 0; i < data.size(); ++i)
      out << data.names[i] << '\t' << predictions.values[i] * plan.deviation + plan.mean << '\n';
  } else if (plan.task == Task::binary) {
    out << "id\tprobability\tlabel\n";
    for (std::size_t i = 0; i < data.size(); ++i)
      out << data.names[i] << '\t' << predictions.values[i] << '\t'
          << name(predictions.values[i] >= 0.5 ? 1 : 0) << '\n';
  } else {
    out << "id\tlabel";
    for (std::size_t c = 0; c < predictions.cols; ++c) out << "\tprobability_" << name(c);
    out << '\n';
    for (std::size_t i = 0; i < data.size(); ++i) {
      const auto row = predictions.view().row(i);
      out << data.names[i] << '\t'
          << name(static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin()));
      for (const double p : row) out << '\t' << p;
      out << '\n';
    }
  }
}

}  // namespace examples
