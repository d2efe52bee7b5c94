// Answers to requests: one model, as many threads as there are, each with a Predictor of its own.
//
//     const auto model = ...;                              // trained or loaded, and left alone from now on
//     Predictor predictor(model, bce_with_logits());       // one for each thread
//     const double p = predictor(dna4.encode("TTGACA..."))[0];
#pragma once

#include <memory>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/nn/module.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Where a Predictor does its work.
struct PredictorOptions {
  /// Threads that share the work of one request; must outlive the predictor. Without, those of set_threads,
  /// which one request at a time has, while others do their work alone.
  ThreadPool* pool = nullptr;
};

/// Runs a model that it does not change: the model's forward() is const, as are those of all layers. Keeps
/// what a request needs, so that after one as large a request allocates nothing. Any number of predictors may
/// answer from one model at once, with the bits of one; each is for one thread at a time. Answers are
/// probabilities of class 1, of every class, or numbers, as the loss says. Throws option_error while another
/// thread trains the model. The model must outlive it.
template <class Model> class Predictor {
  static_assert(RunsOn<const Model, Tape<float>, SequenceBatch> ||
                    RunsOn<const Model, Tape<double>, SequenceBatch> ||
                    RunsOn<const Model, Tape<float>, FeatureBatch> ||
                    RunsOn<const Model, Tape<double>, FeatureBatch>,
                "seqlstm: threads share a Predictor's model, so its forward() must be const: "
                "`Var<T> forward(Tape<T>&, const SequenceBatch&) const`");
  static constexpr bool reads_features =
      !RunsOn<const Model, Tape<float>, SequenceBatch> && !RunsOn<const Model, Tape<double>, SequenceBatch>;

 public:
  /// What the model reads: FeatureBatch for a model of feature rows, else SequenceBatch.
  using Batch = std::conditional_t<reads_features, FeatureBatch, SequenceBatch>;
  /// What the model computes in: float, or double for a model that has no forward() in float.
  using Number = detail::NumberOf<const Model, Batch>;

  /// Packs the model's weights for the kernels, so that the first answer comes as fast as the others. Throws
  /// option_error while another thread trains the model.
  Predictor(const Model& model, Loss loss, PredictorOptions options = {})
      : model_(&model), loss_(std::move(loss)), options_(options), room_(std::make_unique<Room>()) {
    const detail::ReadsModel reading(&model);
    if constexpr (ModuleLike<Model>) prepare(const_cast<Model&>(model));  // changes nothing that can be seen
  }
  /// Of a model that remembers its loss (a Sequential after fit).
  explicit Predictor(const Model& model, PredictorOptions options = {})
      : Predictor(model, detail::remembered_loss(model), options) {}

  /// The answer for one sequence, until the next request; of a model that answers at every position those
  /// answers one after the other.
  std::span<const double> operator()(std::span<const Token> tokens) requires(!reads_features) {
    const auto answers = (*this)(std::span(&tokens, 1));
    return {answers.data(), answers.size()};
  }
  /// The same for a signal, rows of real numbers [length, channels].
  std::span<const double> operator()(ConstMatrixView<float> rows) requires(!reads_features) {
    room_->batch.assign(std::span(&rows, 1));
    const auto answers = (*this)(room_->batch);
    return {answers.data(), answers.size()};
  }
  /// For several that are read together: a row each, in their order; or a row for each position of the first,
  /// then of the second.
  ConstMatrixView<double> operator()(std::span<const std::span<const Token>> sequences) requires(
      !reads_features) {
    room_->batch.assign(sequences);
    return (*this)(room_->batch);
  }
  /// For a batch.
  ConstMatrixView<double> operator()(const Batch& batch) {
    const detail::ReadsModel reading(model_);
    if (options_.pool == nullptr) return answer(batch);
    const RunOn threads(*options_.pool);
    return answer(batch);
  }

  /// The model that answers.
  [[nodiscard]] const Model& model() const { return *model_; }
  /// The loss that says how outputs become answers.
  [[nodiscard]] const Loss& loss() const { return loss_; }

 private:
  using Room = detail::RequestRoom<Number>;

  ConstMatrixView<double> answer(const Batch& batch) {
    return detail::answer<Number, Batch>(detail::forward_of<Batch>(*model_), batch, loss_, *room_);
  }

  const Model* model_;
  Loss loss_;
  PredictorOptions options_;
  std::unique_ptr<Room> room_;  // so that a predictor can be moved
};

SEQLSTM_NAMESPACE_END
