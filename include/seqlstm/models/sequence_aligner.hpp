// A network that aligns sequences: one encoder reads both, and the products of their states score every two
// positions. A convolution sees the neighbourhood, an LSTM in both directions what lies beyond and what is
// shifted.
#pragma once

#include <seqlstm/nn/conv1d.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/one_hot.hpp>
#include <seqlstm/nn/pair_scores.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Shape of a SequenceAligner.
struct SequenceAlignerOptions {
  std::size_t vocabulary = 4;  ///< letters
  std::size_t filters = 64;    ///< of the convolution
  std::size_t kernel = 15;     ///< letters that it sees
  std::size_t hidden = 48;     ///< units of each direction of the LSTM
  std::size_t states = 64;     ///< numbers of a position that are compared
};

/// What a SequenceAligner makes of a batch.
template <Scalar T> struct AlignmentScores {
  PairScores<T> pairs;  ///< of every two positions of each pair
  SeqVar<T> gap;        ///< [tokens, 1]: that a position is aligned to none
};

/// With x the one-hot letters: c = convolution(x), h = LSTM(c), q = states([c; h]); positions i of one
/// sequence and j of another score q_i . q_j, and gap([c; h]) scores that i has no partner. alignment_loss()
/// trains it, monotone_path() reads alignments from it.
template <Scalar T = float> class SequenceAligner {
 public:
  /// Weights as each layer draws them. Throws option_error for a size of 0.
  explicit SequenceAligner(const SequenceAlignerOptions& o);

  /// The scores of pairs of sequences of one batch, for alignment_loss(). Throws as pair_products() does, and
  /// token_error for a letter outside the vocabulary. The batch must outlive the tape's step.
  AlignmentScores<T> forward(Tape<T>& tape, const SequenceBatch& batch,
                             std::span<const SequencePair> pairs) const;

  template <class V> void fields(V& v) {
    v("convolution", convolution_);
    v("lstm", lstm_);
    v("states", states_);
    v("gap", gap_);
  }
  /// The options of the constructor.
  [[nodiscard]] const SequenceAlignerOptions& options() const { return options_; }

 private:
  SequenceAlignerOptions options_;
  OneHot<T> letters_;
  Conv1d<T> convolution_;
  Lstm<T> lstm_;
  Dense<T> states_, gap_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/models/sequence_aligner.ipp>
#endif
