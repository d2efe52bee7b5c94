// Running a trained model: no tape is recorded, dropout and batch norm are at rest, the caller's order is
// kept.
#pragma once

#include <concepts>
#include <functional>
#include <ostream>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/core/model_use.hpp>
#include <seqlstm/data/batches.hpp>
#include <seqlstm/metrics/report.hpp>
#include <seqlstm/nn/loss.hpp>
#include <seqlstm/nn/model_output.hpp>
#include <seqlstm/ranks/communicator.hpp>
#include <span>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// float, or double for a model whose forward takes a Tape<double>.
template <class Model, class Batch> struct NumberFor {
  using type = std::conditional_t<RunsOn<Model, Tape<float>, Batch>, float, double>;
};
template <class Model, class Batch> using NumberOf = typename NumberFor<Model, Batch>::type;

/// A model that says before it runs whether its output has a row for each position, where the type of the
/// output does not.
template <class Model>
concept SaysByPosition = requires(const Model& model) {
  { model.by_position() } -> std::same_as<bool>;
};

/// model.forward, with sentences for models that cannot be trained or judged.
template <class Model, Scalar T, class Batch>
auto output_of(Model& model, Tape<T>& tape, const Batch& batch) {
  static_assert(
      RunsOn<Model, Tape<T>, Batch>,
      "seqlstm: a model needs `Var<T> forward(Tape<T>&, const SequenceBatch&)` (SeqVar<T> for a row "
      "per position, FeatureBatch for features)");
  static_assert(
      std::convertible_to<decltype(model.forward(tape, batch)), ModelOutput<T>>,
      "seqlstm: forward() gives neither a Var<T>, a row per sequence (RowsAndSites<T> with scores of "
      "sites), nor a SeqVar<T>, a row per position, nor the CrfScores<T> of a Crf");
  return model.forward(tape, batch);
}

/// Does such a result of forward() have a row per position?
template <class Output, Scalar T>
inline constexpr bool gives_positions =
    !std::is_same_v<Output, Var<T>> && !std::is_same_v<Output, RowsAndSites<T>>;

/// A model as its forward() alone, so that what runs models is compiled once for all of them.
template <Scalar T, class Batch> struct Forward {
  std::function<ModelOutput<T>(Tape<T>&, const Batch&)> of_batch;
  bool by_position;  ///< has the output a row per position?

  /// The model's result. Throws option_error where the loss is of models of another kind.
  ModelOutput<T> run(Tape<T>& tape, const Batch& batch, const Loss& loss) const {
    const ModelOutput<T> output = of_batch(tape, batch);
    if (output.by_position() != by_position)
      throw option_error(
          "forward() gave a row per sequence as a ModelOutput, which says nothing of it before the "
          "model runs; let it return Var<T>, or give the model `bool by_position() const`");
    loss.check(output);
    return output;
  }
};
template <class Batch, class Model> auto forward_of(Model& model) {
  using T = NumberOf<Model, Batch>;
  using Output = decltype(output_of(model, std::declval<Tape<T>&>(), std::declval<const Batch&>()));
  bool by_position = gives_positions<Output, T>;
  if constexpr (SaysByPosition<Model>) by_position = model.by_position();
  return Forward<T, Batch>{
      [&model](Tape<T>& tape, const Batch& batch) -> ModelOutput<T> { return output_of(model, tape, batch); },
      by_position};
}

/// SequenceDataset, FeatureDataset.
template <class Data>
concept Dataset = requires {
  typename BatchesOf<Data>::Batch;
};

/// The names of the classes of records or of positions, where a data set has them.
template <class Dataset>
std::vector<std::string> label_names_of(const Dataset& data, bool by_position = false) {
  if constexpr (requires { data.position_label_names; })
    if (by_position) return data.position_label_names;
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

/// What a model says of every record of a data set, or of every position of it, in the data set's order.
struct Predictions {
  std::size_t rows = 0;        ///< one for each record, or one for each position of all records
  std::size_t cols = 0;        ///< outputs of the model; 0 without records
  std::vector<double> values;  ///< [rows x cols]: probabilities, or numbers for a regression
  double loss = 0;             ///< the loss of all records together; 0 without labels
  double loss_weight = 0;      ///< what that mean is over: rows that count, or their weights
  /// By position: record i has rows offsets[i] .. offsets[i + 1]; empty where a row is a record.
  std::vector<std::size_t> offsets = {};
  /// Labels that are more than the likeliest of each row: of a model that ends with a Crf the most likely
  /// path, a class for each position; of one trained with ctc_loss() what its frames spell. Record i has
  /// those from decoded_offsets[i] to before decoded_offsets[i + 1].
  std::vector<Token> decoded = {};
  std::vector<std::size_t> decoded_offsets = {};  ///< [records + 1]; empty where nothing is decoded

  /// The values as a matrix [rows, cols]; valid as long as they are.
  [[nodiscard]] ConstMatrixView<double> view() const { return {values.data(), rows, cols}; }
  /// Is there a row for each position?
  [[nodiscard]] bool by_position() const { return !offsets.empty(); }
  /// The classes of record i: the decoded ones, else for each of its rows that of the largest probability (of
  /// one column class 1 from 0.5 on). Of rows that are probabilities.
  [[nodiscard]] std::vector<Token> classes(std::size_t i) const;
  /// Appends what the same model, or another one of as many outputs, says of further records. The loss
  /// becomes that of all.
  void append(const Predictions& more);
  /// The rows of record i, one of a record or those of its positions; valid as long as the values.
  [[nodiscard]] ConstMatrixView<double> of_record(std::size_t i) const {
    return by_position() ? view().row_range(offsets[i], offsets[i + 1] - offsets[i]) : view().row_range(i, 1);
  }
};

/// The mean of what several models say of the same records, as an ensemble's answer; the loss is the mean of
/// theirs, and nothing is decoded. Throws shape_error for none, and for models that answer differently.
Predictions mean_of(std::span<const Predictions> of_models);

/// Tokens of a data set that predict() reads at once where the caller says nothing of it.
inline constexpr std::size_t most_predicted_tokens = std::size_t{1} << 18U;

namespace detail {
template <Scalar T, class Dataset>
Predictions predict_records(const Forward<T, typename BatchesOf<Dataset>::Batch>& forward,
                            const Dataset& data, const Loss& loss, BatchOptions options,
                            CommunicatorRef ranks);
}  // namespace detail

/// Probabilities (or numbers) of all records, or of all their positions where the model has a row for each.
/// Records of similar length run together; a record's result does not depend on the others. Memory is that of
/// one batch: without a budget, at most `most_predicted_tokens` tokens, or one longer sequence. A token takes
/// the outputs of all layers, 4 bytes each in f32: layers * directions * hidden for an LSTM.
///
/// `ranks` share the batches: all of them call it with the same model, data and options, and each has all
/// predictions, with the bits of one rank.
template <class Model, detail::Dataset Data>
Predictions predict(Model& model, const Data& data, const Loss& loss, const BatchOptions& options = {},
                    CommunicatorRef ranks = {}) {
  using Batch = typename detail::BatchesOf<Data>::Batch;
  const detail::ReadsModel reading(&model);
  return detail::predict_records<detail::NumberOf<Model, Batch>, Data>(detail::forward_of<Batch>(model), data,
                                                                       loss, options, ranks);
}
/// The same for a model that remembers its loss (a Sequential after fit).
template <class Model, detail::Dataset Data> Predictions predict(Model& model, const Data& data) {
  return predict(model, data, detail::remembered_loss(model));
}

/// The metrics of predictions against labels; "loss" stands first. Multi-label tasks count every label of
/// every record. Positions without a label that counts are left out. Of ctc_loss() there is "exact" beside
/// the loss: the share of records that are spelled without an error. Throws shape_error where there is not a
/// label for each row.
Report report_of(const Predictions& predictions, const BatchTargets& targets, const Loss& loss,
                 const std::vector<std::string>& label_names = {});
/// The same of labels alone, of records or of positions, whatever the rows are.
inline Report report_of(const Predictions& predictions, std::span<const double> labels, const Loss& loss,
                        const std::vector<std::string>& label_names = {}) {
  return report_of(predictions, BatchTargets{.labels = labels, .position_labels = labels}, loss, label_names);
}

namespace detail {
/// The same; without `curves` reports of positions have no "roc_auc" and "pr_auc", which take most of the
/// time of many positions.
Report report_of_rows(const Predictions& predictions, const BatchTargets& targets, const Loss& loss,
                      const std::vector<std::string>& label_names, bool curves);
}  // namespace detail

namespace detail {
/// The rows whose labels count; all of them, where all do.
class CountedRows {
 public:
  CountedRows(std::span<const double> labels, ConstMatrixView<double> rows);
  [[nodiscard]] std::span<const double> labels() const { return labels_; }
  [[nodiscard]] ConstMatrixView<double> rows() const { return rows_; }

 private:
  std::span<const double> labels_;
  ConstMatrixView<double> rows_;
  std::vector<double> kept_labels_, kept_values_;
};
}  // namespace detail

/// Runs the model over a labelled data set and reports; `ranks` share the batches, as in predict().
template <class Model, class Dataset>
Report evaluate(Model& model, const Dataset& data, const Loss& loss, const BatchOptions& options = {},
                CommunicatorRef ranks = {}) {
  const auto predictions = predict(model, data, loss, options, ranks);
  return report_of(predictions, data.targets(), loss,
                   detail::label_names_of(data, predictions.by_position()));
}
/// The same for a model that remembers its loss (a Sequential after fit).
template <class Model, class Dataset> Report evaluate(Model& model, const Dataset& data) {
  return evaluate(model, data, detail::remembered_loss(model));
}

/// What a model says of one sequence.
struct Prediction {
  std::vector<double> values;  ///< probability of class 1, of every class, or a number; position by position
};
/// Writes the values with a blank between them.
std::ostream& operator<<(std::ostream& out, const Prediction& prediction);

namespace detail {
/// What answering takes beside a model; kept from one request to the next.
template <Scalar T> struct RequestRoom {
  Tape<T> tape{Mode::inference};
  SequenceBatch batch;
  std::vector<double> values;
};
/// Probabilities (or numbers) of a batch, a row for each of its sequences, in their order; or for each of the
/// first one's positions, then of the second's.
template <Scalar T, class Batch>
ConstMatrixView<double> answer(const Forward<T, Batch>& forward, const Batch& batch, const Loss& loss,
                               RequestRoom<T>& room);
}  // namespace detail

/// `predict(model, dna4.encode("TTGACA..."))`. For many requests there is Predictor, which keeps its memory.
template <class Model> Prediction predict(Model& model, std::span<const Token> tokens, const Loss& loss) {
  const detail::ReadsModel reading(&model);
  detail::RequestRoom<detail::NumberOf<Model, SequenceBatch>> room;
  room.batch.assign(std::span(&tokens, 1));
  detail::answer(detail::forward_of<SequenceBatch>(model), room.batch, loss, room);
  return {std::move(room.values)};
}
/// The same for a model that remembers its loss (a Sequential after fit).
template <class Model> Prediction predict(Model& model, std::span<const Token> tokens) {
  return predict(model, tokens, detail::remembered_loss(model));
}
/// The same of a signal: rows of real numbers, [length, channels].
template <class Model> Prediction predict(Model& model, ConstMatrixView<float> rows, const Loss& loss) {
  const detail::ReadsModel reading(&model);
  detail::RequestRoom<detail::NumberOf<Model, SequenceBatch>> room;
  room.batch.assign(std::span(&rows, 1));
  detail::answer(detail::forward_of<SequenceBatch>(model), room.batch, loss, room);
  return {std::move(room.values)};
}
/// The same for a model that remembers its loss (a Sequential after fit).
template <class Model> Prediction predict(Model& model, ConstMatrixView<float> rows) {
  return predict(model, rows, detail::remembered_loss(model));
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
