// Running a trained model: no tape is recorded, dropout and batch norm are at rest, the caller's order is
// kept.
#pragma once

#include <ostream>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/metrics/report.hpp>
#include <seqlstm/nn/loss.hpp>
#include <seqlstm/train/batches.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// float, or double for a model whose forward takes a Tape<double>.
template <class Model, class Batch>
using NumberOf = std::conditional_t < requires(Model& m, Tape<float>& tape, const Batch& batch) {
  m.forward(tape, batch);
}
, float, double > ;

/// model.forward, with sentences for models that cannot be trained or judged.
template <class Model, Scalar T, class Batch>
Var<T> output_of(Model& model, Tape<T>& tape, const Batch& batch) {
  static_assert(
      RunsOn<Model, Tape<T>, Batch>,
      "seqlstm: a model needs `Var<T> forward(Tape<T>&, const TokenBatch&)` (FeatureBatch for features)");
  static_assert(
      !std::is_same_v<decltype(model.forward(tape, batch)), SeqVar<T>>,
      "seqlstm: the model's result has a row per token; pool the steps first: last(), mean() or max()");
  return model.forward(tape, batch);
}

/// The classes' names, where a data set has them.
template <class Dataset> std::vector<std::string> label_names_of(const Dataset& data) {
  if constexpr (requires { data.label_names; }) return data.label_names;
  return {};
}

/// The loss a model was fitted with, where it remembers one.
template <class Model> const Loss& remembered_loss(const Model& model) {
  if (!model.trained_with)
    throw option_error(
        "evaluate, predict: the model was not fitted yet; fit it, or pass the loss it is trained with");
  return *model.trained_with;
}

}  // namespace detail

/// What a model says of every record of a data set, in the data set's order.
struct Predictions {
  std::size_t rows = 0, cols = 0;
  std::vector<double> values;  ///< [rows x cols]: probabilities, or numbers for a regression
  double loss = 0;             ///< the loss of all records together; 0 without labels

  [[nodiscard]] ConstMatrixView<double> view() const { return {values.data(), rows, cols}; }
};

/// Tokens that predict_all reads at once where the caller says nothing of it.
inline constexpr std::size_t most_predicted_tokens = std::size_t{1} << 18U;

/// Probabilities (or numbers) of all records. Records of similar length run together; a record's result does
/// not depend on the others. Memory is that of one batch: without a budget, at most `most_predicted_tokens`
/// tokens, or one longer sequence. A token takes the outputs of all layers, 4 bytes each in f32: layers *
/// directions * hidden for an LSTM.
template <class Model, class Dataset>
Predictions predict_all(Model& model, const Dataset& data, const Loss& loss, BatchOptions options = {}) {
  using Batches = detail::BatchesOf<Dataset>;
  using T = detail::NumberOf<Model, typename Batches::Batch>;
  const FlushDenormals flush;
  options.shuffle = false;
  if (options.token_budget == 0 && options.most_tokens == 0) options.most_tokens = most_predicted_tokens;
  auto batcher = Batches::make(data, options);
  batcher.begin_epoch(0);
  typename Batches::Batch batch;
  Tape<T> tape(Mode::inference);
  Predictions result;
  result.rows = data.size();
  double loss_sum = 0, weight_sum = 0;
  while (batcher.next(batch)) {
    tape.reset();
    const Var<T> output = detail::output_of(model, tape, batch);
    if (!batch.labels.empty()) {
      // A batch of classes that do not count alone has no mean.
      if (const double weight = loss.total_weight(batch.labels, output.rows()); weight > 0) {
        loss_sum += static_cast<double>(loss(output, batch.labels).value()(0, 0)) * weight;
        weight_sum += weight;
      }
    }
    if (result.values.empty()) {
      result.cols = output.cols();
      result.values.resize(result.rows * result.cols);
    }
    auto* probabilities = tape.arena().template allocate<double>(output.rows() * output.cols());
    loss.probabilities(output.value(), MatrixView<double>(probabilities, output.rows(), output.cols()));
    for (std::size_t r = 0; r < output.rows(); ++r)
      std::copy_n(probabilities + r * result.cols, result.cols,
                  result.values.begin() + static_cast<std::ptrdiff_t>(batch.records[r] * result.cols));
  }
  if (weight_sum != 0) result.loss = loss_sum / weight_sum;
  return result;
}

/// The metrics of predictions against labels; "loss" stands first. Multi-label tasks count every label of
/// every record.
inline Report report_of(const Predictions& predictions, std::span<const double> labels, const Loss& loss,
                        const std::vector<std::string>& label_names = {}) {
  Report report;
  switch (loss.task(predictions.cols)) {
    case Task::regression:
      report = regression_report(labels, predictions.values);
      break;
    case Task::multi_label:
      report = classification_report(labels, {predictions.values.data(), predictions.values.size(), 1}, {});
      break;
    case Task::binary:
    case Task::multi_class:
      report = classification_report(labels, predictions.view(), label_names);
      break;
  }
  report.metrics.insert(report.metrics.begin(), {"loss", predictions.loss});
  return report;
}

/// Runs the model over a labelled data set and reports.
template <class Model, class Dataset>
Report evaluate(Model& model, const Dataset& data, const Loss& loss, const BatchOptions& options = {}) {
  return report_of(predict_all(model, data, loss, options), data.labels, loss, detail::label_names_of(data));
}
/// The same for a model that remembers its loss (a Sequential after fit).
template <class Model, class Dataset> Report evaluate(Model& model, const Dataset& data) {
  return evaluate(model, data, detail::remembered_loss(model));
}

/// What a model says of one sequence.
struct Prediction {
  std::vector<double> values;  ///< probability of class 1, of every class, or a number
};
inline std::ostream& operator<<(std::ostream& out, const Prediction& prediction) {
  for (std::size_t i = 0; i < prediction.values.size(); ++i)
    out << (i > 0 ? " " : "") << prediction.values[i];
  return out;
}

/// `predict(model, dna4.encode("TTGACA..."))`.
template <class Model> Prediction predict(Model& model, std::span<const Token> tokens, const Loss& loss) {
  using T = detail::NumberOf<Model, TokenBatch>;
  const FlushDenormals flush;
  TokenBatch batch;
  batch.assign(std::span(&tokens, 1));
  Tape<T> tape(Mode::inference);
  const Var<T> output = detail::output_of(model, tape, batch);
  Prediction prediction{std::vector<double>(output.cols())};
  loss.probabilities(output.value(), MatrixView<double>(prediction.values.data(), 1, output.cols()));
  return prediction;
}
template <class Model> Prediction predict(Model& model, std::span<const Token> tokens) {
  return predict(model, tokens, detail::remembered_loss(model));
}

SEQLSTM_NAMESPACE_END
