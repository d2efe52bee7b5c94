// Running a trained model: no tape is recorded, dropout and batch norm are at rest, the caller's order is
// kept.
#pragma once

#include <functional>
#include <ostream>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/core/model_use.hpp>
#include <seqlstm/data/batches.hpp>
#include <seqlstm/metrics/report.hpp>
#include <seqlstm/nn/loss.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// float, or double for a model whose forward takes a Tape<double>.
template <class Model, class Batch> struct NumberFor {
  using type = std::conditional_t<RunsOn<Model, Tape<float>, Batch>, float, double>;
};
template <class Model, class Batch> using NumberOf = typename NumberFor<Model, Batch>::type;

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

/// A model as its forward() alone, so that what runs models is compiled once for all of them.
template <Scalar T, class Batch> using Forward = std::function<Var<T>(Tape<T>&, const Batch&)>;
template <class Batch, class Model> auto forward_of(Model& model) {
  using T = NumberOf<Model, Batch>;
  return Forward<T, Batch>(
      [&model](Tape<T>& tape, const Batch& batch) -> Var<T> { return output_of(model, tape, batch); });
}

/// TokenDataset, FeatureDataset.
template <class Data>
concept Dataset = requires {
  typename BatchesOf<Data>::Batch;
};

/// The classes' names, where a data set has them.
template <class Dataset> std::vector<std::string> label_names_of(const Dataset& data) {
  if constexpr (requires { data.label_names; }) return data.label_names;
  return {};
}

/// The loss a model was fitted with, where it remembers one.
template <class Model> const Loss& remembered_loss(const Model& model) {
  static_assert(
      requires { model.trained_with; },
      "seqlstm: this model does not remember its loss; pass the one it is trained with, as in "
      "evaluate(model, test, bce_with_logits())");
  if (!model.trained_with)
    throw option_error(
        "evaluate, predict: the model was not fitted yet; fit it, or pass the loss it is trained with");
  return *model.trained_with;
}

}  // namespace detail

/// What a model says of every record of a data set, in the data set's order.
struct Predictions {
  std::size_t rows = 0;        ///< one for each record
  std::size_t cols = 0;        ///< outputs of the model; 0 without records
  std::vector<double> values;  ///< [rows x cols]: probabilities, or numbers for a regression
  double loss = 0;             ///< the loss of all records together; 0 without labels

  /// The values as a matrix [rows, cols]; valid as long as they are.
  [[nodiscard]] ConstMatrixView<double> view() const { return {values.data(), rows, cols}; }
};

/// Tokens of a data set that predict() reads at once where the caller says nothing of it.
inline constexpr std::size_t most_predicted_tokens = std::size_t{1} << 18U;

namespace detail {
template <Scalar T, class Dataset>
Predictions predict_records(const Forward<T, typename BatchesOf<Dataset>::Batch>& forward,
                            const Dataset& data, const Loss& loss, BatchOptions options);
}  // namespace detail

/// Probabilities (or numbers) of all records. Records of similar length run together; a record's result does
/// not depend on the others. Memory is that of one batch: without a budget, at most `most_predicted_tokens`
/// tokens, or one longer sequence. A token takes the outputs of all layers, 4 bytes each in f32: layers *
/// directions * hidden for an LSTM.
template <class Model, detail::Dataset Data>
Predictions predict(Model& model, const Data& data, const Loss& loss, const BatchOptions& options = {}) {
  using Batch = typename detail::BatchesOf<Data>::Batch;
  const detail::ReadsModel reading(&model);
  return detail::predict_records<detail::NumberOf<Model, Batch>, Data>(detail::forward_of<Batch>(model), data,
                                                                       loss, options);
}
/// The same for a model that remembers its loss (a Sequential after fit).
template <class Model, detail::Dataset Data> Predictions predict(Model& model, const Data& data) {
  return predict(model, data, detail::remembered_loss(model));
}

/// The metrics of predictions against labels; "loss" stands first. Multi-label tasks count every label of
/// every record.
Report report_of(const Predictions& predictions, std::span<const double> labels, const Loss& loss,
                 const std::vector<std::string>& label_names = {});

/// Runs the model over a labelled data set and reports.
template <class Model, class Dataset>
Report evaluate(Model& model, const Dataset& data, const Loss& loss, const BatchOptions& options = {}) {
  return report_of(predict(model, data, loss, options), data.labels, loss, detail::label_names_of(data));
}
/// The same for a model that remembers its loss (a Sequential after fit).
template <class Model, class Dataset> Report evaluate(Model& model, const Dataset& data) {
  return evaluate(model, data, detail::remembered_loss(model));
}

/// What a model says of one sequence.
struct Prediction {
  std::vector<double> values;  ///< probability of class 1, of every class, or a number
};
/// Writes the values with a blank between them.
std::ostream& operator<<(std::ostream& out, const Prediction& prediction);

namespace detail {
/// What answering takes beside a model; kept from one request to the next.
template <Scalar T> struct RequestRoom {
  Tape<T> tape{Mode::inference};
  TokenBatch batch;
  std::vector<double> values;
};
/// Probabilities (or numbers) of a batch, a row for each of its sequences, in their order.
template <Scalar T, class Batch>
ConstMatrixView<double> answer(const Forward<T, Batch>& forward, const Batch& batch, const Loss& loss,
                               RequestRoom<T>& room);
}  // namespace detail

/// `predict(model, dna4.encode("TTGACA..."))`. For many requests there is Predictor, which keeps its memory.
template <class Model> Prediction predict(Model& model, std::span<const Token> tokens, const Loss& loss) {
  const detail::ReadsModel reading(&model);
  detail::RequestRoom<detail::NumberOf<Model, TokenBatch>> room;
  room.batch.assign(std::span(&tokens, 1));
  detail::answer(detail::forward_of<TokenBatch>(model), room.batch, loss, room);
  return {std::move(room.values)};
}
/// The same for a model that remembers its loss (a Sequential after fit).
template <class Model> Prediction predict(Model& model, std::span<const Token> tokens) {
  return predict(model, tokens, detail::remembered_loss(model));
}
/// Letters are no tokens: a sentence that says what to write.
template <class Model, std::convertible_to<std::string_view> Letters, class... More>
Prediction predict(Model& /*model*/, const Letters& /*sequence*/, const More&... /*more*/) {
  static_assert(!std::convertible_to<Letters, std::string_view>,
                "seqlstm: a model reads tokens; write predict(model, tokenizer.encode(sequence))");
  return {};
}

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/infer/predict.ipp>
#endif
