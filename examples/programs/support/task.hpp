// What is to be learned: two classes, several, any of several labels, or a number. The task says which loss,
// how many outputs, which metric counts, and how outputs become predictions.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/data/label_names.hpp>
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/metrics/calibration.hpp>
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
  throw seqlstm::format_error("task '" + name +
                              "' is not known; expected binary, multi-class, multi-label or regression");
}

/// Tokens of a usual batch: sequences of very different lengths come in batches of so many tokens, and of no
/// more than fit into memory.
inline std::size_t batch_tokens(const seqlstm::TokenDataset& data, std::size_t batch_size) {
  constexpr std::size_t most = 65536;
  const std::size_t usual = batch_size * data.tokens() / std::max<std::size_t>(1, data.size());
  return std::clamp<std::size_t>(usual, 1, most);
}

/// Has every record one class, of which parts can have their share?
inline bool has_classes(Task task) {
  return task == Task::binary || task == Task::multi_class;
}

/// Two labels: binary; more: multi-class; mostly numbers that are not whole: regression (whose reader names
/// those that are none).
inline Task inferred_task(const std::vector<std::string>& labels) {
  std::size_t numbers = 0, broken = 0;
  for (const auto& label : labels) {
    const auto value = seqlstm::parse_number(label);
    broken += value && *value != std::trunc(*value) ? 1 : 0;
    numbers += value ? 1 : 0;
  }
  if (2 * numbers > labels.size() && broken > 0) return Task::regression;
  return seqlstm::label_classes(labels).size() > 2 ? Task::multi_class : Task::binary;
}

/// How data is cut where a model only looks at it: as 64 sequences of usual length. Long ones come in smaller
/// batches, so that they do not take all memory.
template <class Dataset> seqlstm::BatchOptions batches_to_judge(const Dataset& data) {
  seqlstm::BatchOptions options;
  if constexpr (requires { data.tokens(); }) options.token_budget = batch_tokens(data, options.batch_size);
  return options;
}

/// A task with what it takes to train it. Numbers of a regression are learned as (value - mean) / deviation
/// of the training part.
struct TaskPlan {
  Task task = Task::binary;
  std::size_t classes = 2;  ///< or labels of a multi-label task
  double mean = 0, deviation = 1;
  std::vector<double> class_weights = {};  ///< in the loss; 1 without
  bool one_hot =
      false;  ///< classes are learned as columns of 0 and 1 by binary cross-entropy of probabilities
  double temperature = 1;  ///< of the classes' probabilities, fitted on validation

  [[nodiscard]] seqlstm::Loss loss() const {
    if (task == Task::regression) return seqlstm::mse();
    if (one_hot) return seqlstm::bce();
    if (task == Task::multi_class) return seqlstm::cross_entropy({.class_weights = class_weights});
    if (task == Task::binary && !class_weights.empty())
      return seqlstm::bce_with_logits({.pos_weight = {class_weights[1] / class_weights[0]}});
    return seqlstm::bce_with_logits({.pos_weight = class_weights});
  }
  /// Columns of the network's output.
  [[nodiscard]] std::size_t outputs() const {
    if (task == Task::regression) return 1;
    return task == Task::binary && !one_hot ? 1 : classes;
  }
  /// The metric shown beside the loss, and held against the floor.
  [[nodiscard]] const char* metric() const { return task == Task::regression ? "r2" : "mcc"; }
  /// The same without what is only one network's way to learn it.
  [[nodiscard]] TaskPlan plain() const { return {task, classes, mean, deviation, {}, false, 1}; }

  /// Labels as the network learns them; class indices stay, unless they become columns.
  template <class Dataset> [[nodiscard]] Dataset learned(Dataset data) const {
    if (one_hot) {
      std::vector<double> columns(data.labels.size() * classes);
      for (std::size_t i = 0; i < data.labels.size(); ++i)
        columns[i * classes + static_cast<std::size_t>(data.labels[i])] = 1;
      data.labels = std::move(columns);
      data.label_width = classes;
    }
    for (double& label : data.labels) label = (label - mean) / deviation;
    return data;
  }
  /// Labels of data that went through learned(), as they were.
  [[nodiscard]] std::vector<double> original(const std::vector<double>& learned) const {
    std::vector<double> labels;
    if (!one_hot) {
      for (const double value : learned) labels.push_back(value * deviation + mean);
      return labels;
    }
    for (std::size_t i = 0; i < learned.size(); i += classes) {
      const auto first = learned.begin() + static_cast<std::ptrdiff_t>(i);
      labels.push_back(
          static_cast<double>(std::max_element(first, first + static_cast<std::ptrdiff_t>(classes)) - first));
    }
    return labels;
  }
  /// What a model says of data, in the data's own units; the loss is of data that went through learned().
  template <class Model, class Dataset>
  seqlstm::Predictions predict(Model& model, const Dataset& data) const {
    auto predictions = seqlstm::predict_all(model, data, loss(), batches_to_judge(data));
    for (double& value : predictions.values) value = value * deviation + mean;
    return predictions;
  }
  /// Metrics of such predictions for labels in the data's own units.
  [[nodiscard]] seqlstm::Report judge(const seqlstm::Predictions& predictions,
                                      const std::vector<double>& labels,
                                      const std::vector<std::string>& names) const {
    if (!one_hot) return seqlstm::report_of(predictions, labels, loss(), names);
    auto report = seqlstm::classification_report(labels, predictions.view(), names);
    report.metrics.insert(report.metrics.begin(), {"loss", predictions.loss});
    return report;
  }
  /// Metrics of a model on data that went through learned(), in the data's own units.
  template <class Model, class Dataset> seqlstm::Report report(Model& model, const Dataset& data) const {
    std::vector<std::string> names;
    if constexpr (requires { data.label_names; }) names = data.label_names;
    return judge(predict(model, data), original(data.labels), names);
  }
  /// Are there probabilities that a temperature can mend? Those of classes that exclude each other.
  [[nodiscard]] bool has_temperature() const {
    return (task == Task::binary || task == Task::multi_class) && !one_hot;
  }
};

/// A simpler model's result on the same test part.
struct Baseline {
  std::string name;
  seqlstm::Predictions predictions;  ///< in the data's own units
  seqlstm::Report report;
};
template <class Model, class Dataset>
Baseline baseline_of(std::string name, const TaskPlan& plan, Model& model, const Dataset& test,
                     const std::vector<std::string>& label_names) {
  auto predictions = plan.predict(model, test);
  auto report = plan.judge(predictions, plan.original(test.labels), label_names);
  return {std::move(name), std::move(predictions), std::move(report)};
}

/// The plan for a training part.
inline TaskPlan plan_for(Task task, const seqlstm::LabelledRecords& train) {
  TaskPlan plan;
  plan.task = task;
  plan.classes = std::max<std::size_t>(2, train.label_names.size());
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
       {"deviation", plan.deviation},
       {"class_weights", plan.class_weights},
       {"one_hot", plan.one_hot},
       {"temperature", plan.temperature}};
}
inline void from_json(const nlohmann::json& j, TaskPlan& plan) {
  using seqlstm::io::number_from;
  plan = {task_named(seqlstm::io::text_from(j, "task")),
          seqlstm::io::size_from(j, "classes", 1),
          number_from(j, "mean"),
          number_from(j, "deviation"),
          seqlstm::io::numbers_from(j, "class_weights"),
          seqlstm::io::flag_from(j, "one_hot"),
          number_from(j, "temperature")};
  if (!(plan.deviation > 0) || !(plan.temperature > 0))
    throw seqlstm::format_error("'deviation' and 'temperature' must be above 0; train the model again");
  if (plan.task == Task::binary && plan.classes != 2)
    throw seqlstm::format_error("'classes' is " + std::to_string(plan.classes) +
                                " of a binary task, expected 2; train the model again");
  const std::size_t weights = plan.class_weights.size();
  if (weights > 0 && weights != plan.classes)
    throw seqlstm::format_error("'class_weights' has " + std::to_string(weights) + " numbers for " +
                                std::to_string(plan.classes) + " classes; train the model again");
}

/// The table --predict prints: id, then what the task predicts. `predictions` are in the data's own units;
/// without `header` rows alone, of a table that goes on. Tabs, line breaks and other control characters of
/// ids and names are escaped.
inline void write_predictions(std::ostream& out, const TaskPlan& plan, const std::vector<std::string>& ids,
                              seqlstm::Predictions predictions, const std::vector<std::string>& label_names,
                              bool header = true) {
  using seqlstm::printable;
  if (plan.has_temperature())
    seqlstm::temper({predictions.values.data(), predictions.rows, predictions.cols}, plan.temperature);
  const auto name = [&](std::size_t c) {
    return c < label_names.size() ? printable(label_names[c]) : std::to_string(c);
  };
  out.precision(17);
  if (plan.task == Task::regression) {
    if (header) out << "id\tvalue\n";
    for (std::size_t i = 0; i < ids.size(); ++i)
      out << printable(ids[i]) << '\t' << predictions.values[i] << '\n';
  } else if (plan.task == Task::binary && predictions.cols == 1) {
    if (header) out << "id\tprobability\tlabel\n";
    for (std::size_t i = 0; i < ids.size(); ++i)
      out << printable(ids[i]) << '\t' << predictions.values[i] << '\t'
          << name(predictions.values[i] >= 0.5 ? 1 : 0) << '\n';
  } else {
    const bool several = plan.task == Task::multi_label;
    if (header) {
      out << (several ? "id\tlabels" : "id\tlabel");
      for (std::size_t c = 0; c < predictions.cols; ++c) out << "\tprobability_" << name(c);
      out << '\n';
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto row = predictions.view().row(i);
      std::string said;
      for (std::size_t c = 0; several && c < row.size(); ++c)
        if (row[c] >= 0.5) said += (said.empty() ? "" : ";") + name(c);
      if (!several)
        said = name(static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin()));
      out << printable(ids[i]) << '\t' << said;
      for (const double p : row) out << '\t' << p;
      out << '\n';
    }
  }
}

}  // namespace examples
