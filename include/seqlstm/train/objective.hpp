// What is to be learned: two classes, several, any of several labels, or a number. The task says which loss,
// how many outputs, which metric counts, and how outputs become predictions.
#pragma once

#include <seqlstm/data/batches.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/nn/loss.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// "binary", "multi-class", "multi-label" or "regression".
std::string task_name(Task task);
/// The task of that name; format_error for any other.
Task task_named(std::string_view name);
/// Has every record one class, of which parts can have their share?
bool has_classes(Task task);
/// What a label column is: of two classes binary, of more multi-class; mostly numbers that are not whole:
/// regression (whose reader names those that are none).
Task inferred_task(std::span<const std::string> labels);

/// Tokens of `batch_size` sequences of usual length, at most 65,536: long sequences come in smaller batches,
/// so that they do not take all memory.
std::size_t batch_tokens(const SequenceDataset& data, std::size_t batch_size);
/// How a data set is cut where a model only reads it: as 64 sequences of usual length.
template <class Dataset> BatchOptions prediction_batches(const Dataset& data) {
  BatchOptions options;
  if constexpr (requires { data.tokens(); }) options.max_tokens = batch_tokens(data, options.batch_size);
  return options;
}

/// A task with what it takes to train it. Numbers of a regression are learned as (value - mean) / stddev
/// of the training part.
struct Objective {
  Task task = Task::binary;                ///< what a label is
  std::size_t classes = 2;                 ///< or labels of a multi-label task
  double mean = 0;                         ///< of the training part's numbers; 0 for classes
  double stddev = 1;                       ///< of them, above 0; 1 for classes
  std::vector<double> class_weights = {};  ///< in the loss; 1 without
  bool one_hot = false;  ///< classes are columns of 0 and 1, learned by binary cross-entropy of probabilities
  double temperature = 1;  ///< of the classes' probabilities, fitted on validation
  double site_weight = 0;  ///< of the loss of each record's site beside that of its class; 0: no sites
  std::vector<std::size_t> site_classes = {};  ///< whose records have sites

  /// Throws option_error for other than as many class weights as classes.
  [[nodiscard]] Loss loss() const;
  /// Have records of this class sites?
  [[nodiscard]] bool has_site(std::size_t of_class) const;
  /// Lets sites be learned beside the classes: `site_classes` are those of records with a site. Throws
  /// option_error for a task other than classes that exclude each other, and where no record has a site.
  void learn_sites(const LabelledRecords& train, double weight);
  /// Columns of the model's output.
  [[nodiscard]] std::size_t outputs() const;
  /// The metric shown beside the loss, and compared with a baseline's: "r2" or "mcc".
  [[nodiscard]] const char* metric() const { return task == Task::regression ? "r2" : "mcc"; }
  /// The same without what is only one model's way to learn it: weights, columns, temperature.
  [[nodiscard]] Objective plain() const { return {task, classes, mean, stddev, {}, false, 1}; }
  /// Are there probabilities that a temperature can mend? Those of classes that exclude each other.
  [[nodiscard]] bool has_temperature() const {
    return (task == Task::binary || task == Task::multi_class) && !one_hot;
  }

  /// A data set with its labels as the model learns them; class indices stay, unless they become columns.
  /// Throws option_error for one that is no class then.
  template <class Dataset> [[nodiscard]] Dataset learned(Dataset data) const {
    if (one_hot) {
      data.labels = columns(data.labels);
      data.label_width = classes;
    }
    for (double& label : data.labels) label = (label - mean) / stddev;
    return data;
  }
  /// Labels of data that went through learned(), as they were.
  [[nodiscard]] std::vector<double> original(std::span<const double> learned) const;

  /// What a model says of data, in the data's own units; the loss is of data that went through learned().
  /// `ranks` share the batches, as in seqlstm::predict().
  template <class Model, class Dataset>
  Predictions predict(Model& model, const Dataset& data, CommunicatorRef ranks = {}) const {
    auto predictions = seqlstm::predict(model, data, loss(), prediction_batches(data), ranks);
    for (double& value : predictions.values) value = value * stddev + mean;
    return predictions;
  }
  /// Metrics of such predictions for labels in the data's own units.
  [[nodiscard]] Report evaluate(const Predictions& predictions, std::span<const double> labels,
                                const std::vector<std::string>& names) const;
  /// Metrics of some rows of such predictions, without the loss, which is of all. `labels` are those of all
  /// rows, in the data's own units.
  [[nodiscard]] Report evaluate_rows(const Predictions& predictions, std::span<const double> labels,
                                     std::span<const std::size_t> rows,
                                     const std::vector<std::string>& names) const;
  /// Metrics of a model on data that went through learned(), in the data's own units.
  template <class Model, class Dataset> Report evaluate(Model& model, const Dataset& data) const {
    return evaluate(predict(model, data), original(data.labels), detail::label_names_of(data));
  }

 private:
  [[nodiscard]] std::vector<double> columns(std::span<const double> labels) const;
};

/// Class weights (rows / (classes * members))^power: with a power of 1 all classes count alike, with 0 all
/// rows; 0.5 is between. A class without members counts as one of one. Throws option_error for labels that
/// are no classes below `classes`.
std::vector<double> balanced_class_weights(std::span<const double> labels, std::size_t classes,
                                           double power = 1);

/// The objective for the labels of a training part, of so many classes (at least 2; of no meaning for a
/// regression). Throws option_error where all numbers of a regression are one.
Objective objective_for(Task task, std::span<const double> labels, std::size_t classes);
/// The same of labelled records.
Objective objective_for(Task task, const LabelledRecords& train);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/train/objective.ipp>
#endif
