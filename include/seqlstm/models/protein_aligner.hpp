// A network that says how two proteins are related: their states, softly aligned, give one number, and an
// ordinal scale turns it into levels of relation (Bepler and Berger 2019, "Learning protein sequence
// embeddings using information from structure").
#pragma once

#include <seqlstm/models/masked_language_model.hpp>
#include <seqlstm/nn/ordinal_loss.hpp>
#include <seqlstm/nn/pair_scores.hpp>
#include <seqlstm/nn/pool1d.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Shape and dropout of a ProteinAligner.
struct ProteinAlignerOptions {
  std::size_t vocabulary = 21;     ///< V: ids are 0 .. V - 1
  std::size_t embedding_dim = 32;  ///< of token vectors
  std::size_t hidden = 64;         ///< LSTM units per direction
  std::size_t layers = 2;          ///< of the LSTM
  double dropout = 0.1;            ///< between layers; with one layer there is none
  std::size_t states = 64;         ///< numbers of a position that are compared
  std::size_t stride = 4;          ///< neighbouring positions whose states are averaged before that
  std::size_t levels = 5;          ///< of relation: none, class, fold, superfamily, family
};

/// The options of an aligner that can go on with this masked language model, other sizes as `o` has them.
ProteinAlignerOptions aligner_options(const MaskedLanguageModelOptions& masked, ProteinAlignerOptions o = {});

/// With x the token vectors: h = LSTM(x) in both directions, q = states([x; h]), averaged over `stride`
/// positions; two proteins are as similar as soft_symmetric_alignment(pair_distances(q, q)) says. Embedding
/// and LSTM have the shapes and names of a MaskedLanguageModel, which start_from() takes them over from.
template <Scalar T = float> class ProteinAligner {
 public:
  /// Weights as each layer draws them. Throws option_error for a size of 0, fewer than two levels, and
  /// between layers for a dropout outside of 0 to 1.
  explicit ProteinAligner(const ProteinAlignerOptions& o);

  /// q of every position, [tokens, states]. Token V, which a masked model hides others behind, is read as
  /// well. Throws token_error for one above it. The batch must outlive the tape's step.
  SeqVar<T> position_states(Tape<T>& tape, const SequenceBatch& batch) const;
  /// q averaged over `stride` positions, the last of them over what is left: [windows, states].
  SeqVar<T> states(Tape<T>& tape, const SequenceBatch& batch) const;
  /// How similar the sequences of each pair are, [pairs, 1], at most 0. Throws as pair_distances() does.
  Var<T> forward(Tape<T>& tape, const SequenceBatch& batch, std::span<const SequencePair> pairs) const;
  /// Takes token vectors and LSTM of a masked language model. Throws option_error where its sizes differ.
  void start_from(const MaskedLanguageModel<T>& masked);

  template <class V> void fields(V& v) {
    v("token", token_);
    v("lstm", lstm_);
    v("states", states_);
    v("scale", scale);
  }
  /// The options of the constructor.
  [[nodiscard]] const ProteinAlignerOptions& options() const { return options_; }

 private:
  ProteinAlignerOptions options_;
  Embedding<T> token_;  // [vocabulary + 1]: the last one's vector is the masked model's
  Lstm<T> lstm_;
  Dense<T> states_;
  AvgPool1d windows_;

 public:
  OrdinalScale<T> scale;  ///< from similarity to levels, for ordinal_loss()
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/models/protein_aligner.ipp>
#endif
