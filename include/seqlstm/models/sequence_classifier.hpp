// A classifier of sequences: tokens (and, on demand, their positions) -> bidirectional LSTM -> last, max and
// mean of its states (and, on demand, mean of the token vectors and length) -> a small head.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/dropout.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/parameter_groups.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <seqlstm/nn/positional_embedding.hpp>
#include <seqlstm/nn/token_dropout.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Shape and dropouts of a SequenceClassifier.
struct SequenceClassifierOptions {
  std::size_t vocabulary = 4;      ///< V: ids are 0 .. V - 1; id V stands for a hidden token
  std::size_t positions = 0;       ///< length of the position table; 0: no position information
  std::size_t embedding_dim = 32;  ///< of token and position vectors
  std::size_t hidden = 64;         ///< LSTM units per direction
  std::size_t layers = 2;          ///< of the LSTM
  std::size_t outputs = 1;         ///< numbers per sequence
  bool composition = false;        ///< the head also sees which tokens there are and how many
  double token_dropout = 0.15;     ///< share of the tokens that a training step hides
  double layer_dropout = 0.3;      ///< between layers; with one layer there is none
  double head_dropout = 0.5;       ///< of what the head reads
};

/// How many parameters its embedding, LSTM and dense layers have: never more than there are.
inline double expected_parameters(const SequenceClassifierOptions& o) {
  return static_cast<double>(o.embedding_dim) *
             (static_cast<double>(o.vocabulary) + static_cast<double>(o.positions)) +
         expected_parameters(LstmOptions{
             .input = o.embedding_dim, .hidden = o.hidden, .layers = o.layers, .bidirectional = true}) +
         64 * (6 * static_cast<double>(o.hidden) + static_cast<double>(o.outputs));
}

/// Answers with `outputs` numbers a sequence: logits, or the values of a regression. Throws option_error for
/// an embedding_dim, hidden, layers or outputs of 0 and probabilities outside of 0 to 1.
template <Scalar T = float> class SequenceClassifier {
 public:
  /// Weights as each layer draws them; the LSTM's forget gates begin with a bias of 1.
  explicit SequenceClassifier(const SequenceClassifierOptions& o)
      : options_(o),
        mask_({.p = o.token_dropout, .id = static_cast<Token>(o.vocabulary)}),
        token_({.vocabulary = o.vocabulary + 1, .dim = o.embedding_dim, .padding = {}}),
        position_({.length = std::max<std::size_t>(1, o.positions), .dim = o.embedding_dim}),
        lstm_({.input = o.embedding_dim,
               .hidden = o.hidden,
               .layers = o.layers,
               .bidirectional = true,
               .dropout = o.layers > 1 ? o.layer_dropout : 0,
               .forget_bias = 1.0}),  // Jozefowicz et al. 2015: remember at first
        norm_(pooled_width(o)),
        dropout_(o.head_dropout),
        hidden_(pooled_width(o), 64),
        output_(64, o.outputs) {}

  /// [sequences, outputs]. On a training tape tokens are hidden first.
  Var<T> forward(Tape<T>& tape, const SequenceBatch& batch) const {
    const auto tokens = read(tape, batch);
    const auto y = lstm_(tape, tokens);
    const auto pooled = concat(last(y), max(y), mean(y));
    if (!options_.composition) return head(pooled);
    return head(concat(pooled, mean(dense_rows(tape, tokens)), log_lengths(tape, batch)));
  }

  /// The LSTM's states of every token.
  SeqVar<T> states(Tape<T>& tape, const SequenceBatch& batch) const { return lstm_(tape, read(tape, batch)); }

  template <class V> void fields(V& v) {
    v("mask", mask_);
    v("token", token_);
    if (options_.positions > 0) v("position", position_);
    v("lstm", lstm_);
    v("norm", norm_);
    v("dropout", dropout_);
    v("hidden", hidden_);
    v("output", output_);
  }
  /// The options of the constructor.
  [[nodiscard]] const SequenceClassifierOptions& options() const { return options_; }
  /// What reads, and the head: for fit_in_stages.
  [[nodiscard]] ParameterGroups groups() const {
    return {{"token", "position", "lstm"}, {"norm", "hidden", "output"}};
  }

 private:
  static std::size_t pooled_width(const SequenceClassifierOptions& o) {
    return 6 * o.hidden + (o.composition ? o.embedding_dim + 1 : 0);
  }
  EmbeddedTokens<T> read(Tape<T>& tape, const SequenceBatch& batch) const {
    const auto& seen = mask_(tape, batch);
    const auto tokens = token_(seen);
    return options_.positions > 0 ? tokens + position_(seen) : tokens;
  }
  Var<T> head(const Var<T>& pooled) const { return output_(relu(hidden_(dropout_(norm_(pooled))))); }
  static Var<T> log_lengths(Tape<T>& tape, const SequenceBatch& batch) {
    const auto lengths = tape.arena().template matrix<T>(batch.layout.sequences(), 1);
    for (std::size_t r = 0; r < batch.layout.sequences(); ++r)
      lengths(batch.layout.order(r), 0) = std::log1p(static_cast<T>(batch.layout.length(r)));
    return tape.leaf(lengths);
  }

  SequenceClassifierOptions options_;
  TokenDropout mask_;
  Embedding<T> token_;
  PositionalEmbedding<T> position_;
  Lstm<T> lstm_;
  BatchNorm<T> norm_;
  Dropout<T> dropout_;
  Dense<T> hidden_, output_;
};

SEQLSTM_NAMESPACE_END
