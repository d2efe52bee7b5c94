// What a model says of a batch: a row per sequence, a row per position, or the scores of a conditional random
// field.
#pragma once

#include <seqlstm/autograd/variable.hpp>
#include <seqlstm/nn/crf.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// The result of a model's forward(), whichever of its kinds it is. A light handle, valid until the tape's
/// next step.
template <Scalar T> class ModelOutput {
 public:
  /// A row per sequence.
  ModelOutput(const Var<T>& rows) : rows_(rows) {}  // NOLINT(google-explicit-constructor)
  /// A row per position.
  ModelOutput(const SeqVar<T>& positions)  // NOLINT(google-explicit-constructor)
      : positions_(positions), by_position_(true) {}
  /// Scores of the labels of all positions together.
  ModelOutput(const CrfScores<T>& scores)  // NOLINT(google-explicit-constructor)
      : positions_(scores.emissions), crf_(scores.crf), by_position_(true) {}

  /// Is there a row for each position, not for each sequence?
  [[nodiscard]] bool by_position() const { return by_position_; }
  /// The rows per sequence. Only where by_position() is false.
  [[nodiscard]] const Var<T>& rows() const { return rows_; }
  /// The rows per position. Only where by_position() is true.
  [[nodiscard]] const SeqVar<T>& positions() const { return positions_; }
  /// Does the model end with a conditional random field, whose emissions positions() are?
  [[nodiscard]] bool has_crf() const { return crf_ != nullptr; }
  /// Its scores. Only where has_crf() is true.
  [[nodiscard]] CrfScores<T> crf_scores() const { return {positions_, crf_}; }
  /// The numbers of either kind.
  [[nodiscard]] ConstMatrixView<T> value() const { return by_position_ ? positions_.value() : rows_.value(); }

 private:
  Var<T> rows_;
  SeqVar<T> positions_;
  const Crf<T>* crf_ = nullptr;
  bool by_position_ = false;
};

SEQLSTM_NAMESPACE_END
