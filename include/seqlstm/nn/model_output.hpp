// What a model says of a batch: a row per sequence, on demand with scores of sites; a row per position; or
// the scores of a conditional random field.
#pragma once

#include <seqlstm/autograd/variable.hpp>
#include <seqlstm/nn/crf.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// A row per sequence and, where a model looks for one position of each sequence, that position's score: what
/// forward() of such a model returns.
template <Scalar T> struct RowsAndSites {
  Var<T> rows;  ///< [sequences, columns]
  SeqVar<T> sites =
      {};  ///< [tokens, 1], logits under a softmax over each sequence; undefined: none is looked for

  /// Of rows alone, or of both.
  RowsAndSites(const Var<T>& of_sequences,
               const SeqVar<T>& of_positions = {})  // NOLINT(google-explicit-constructor)
      : rows(of_sequences), sites(of_positions) {}
  /// The rows.
  operator Var<T>() const { return rows; }  // NOLINT(google-explicit-constructor)
  /// The numbers of the rows.
  [[nodiscard]] ConstMatrixView<T> value() const { return rows.value(); }
};

/// The result of a model's forward(), whichever of its kinds it is. A light handle, valid until the tape's
/// next step.
template <Scalar T> class ModelOutput {
 public:
  /// A row per sequence.
  ModelOutput(const Var<T>& rows) : rows_(rows) {}  // NOLINT(google-explicit-constructor)
  /// A row per sequence, maybe with scores of sites.
  ModelOutput(const RowsAndSites<T>& output)  // NOLINT(google-explicit-constructor)
      : rows_(output.rows), positions_(output.sites), has_sites_(output.sites.defined()) {}
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
  /// Are there scores of sites beside the rows per sequence?
  [[nodiscard]] bool has_sites() const { return has_sites_; }
  /// These scores. Only where has_sites() is true.
  [[nodiscard]] const SeqVar<T>& sites() const { return positions_; }
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
  bool by_position_ = false, has_sites_ = false;
};

SEQLSTM_NAMESPACE_END
