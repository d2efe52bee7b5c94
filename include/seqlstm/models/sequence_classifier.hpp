// A classifier of sequences: tokens (and, on demand, their positions; convolutions over them) ->
// bidirectional LSTM -> last, max and mean of its states (and, on demand, sums under learned weights; mean of
// the token vectors and length) -> a small head.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/attention_pooling.hpp>
#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/concat.hpp>
#include <seqlstm/nn/conv1d.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/dropout.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/model_output.hpp>
#include <seqlstm/nn/parameter_groups.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <seqlstm/nn/positional_embedding.hpp>
#include <seqlstm/nn/step_weights.hpp>
#include <seqlstm/nn/token_dropout.hpp>
#include <string>
#include <vector>

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
  std::size_t filters = 0;  ///< of each convolution over the vectors, read beside them; 0: no convolutions
  std::vector<std::size_t> kernels = {3, 7};  ///< positions that each convolution sees
  std::size_t attention_heads = 0;  ///< sums of states under learned weights that the head reads; 0: none
  bool sites = false;  ///< every position is scored as the sequence's site, where the head reads the states
};

namespace detail {

/// Columns that the LSTM reads: of vectors, and of what convolutions see in them.
inline std::size_t classifier_features(const SequenceClassifierOptions& o) {
  return o.embedding_dim + (o.filters > 0 ? o.filters * o.kernels.size() : 0);
}
/// Columns that the head reads: last, max and mean of the states, their sums, composition and length.
inline std::size_t classifier_summary(const SequenceClassifierOptions& o) {
  return (3 + o.attention_heads + (o.sites ? 1 : 0)) * 2 * o.hidden +
         (o.composition ? o.embedding_dim + 1 : 0);
}

}  // namespace detail

/// How many parameters its embedding, convolutions, LSTM, attention and dense layers have: never more than
/// there are.
inline double expected_parameters(const SequenceClassifierOptions& o) {
  const auto count = [](std::size_t n) { return static_cast<double>(n); };
  double convolutions = 0;
  for (const std::size_t kernel : o.kernels)
    convolutions += count(o.filters) * count(kernel) * count(o.embedding_dim);
  return count(o.embedding_dim) * (count(o.vocabulary) + count(o.positions)) + convolutions +
         expected_parameters(LstmOptions{.input = detail::classifier_features(o),
                                         .hidden = o.hidden,
                                         .layers = o.layers,
                                         .bidirectional = true}) +
         64 * (count(6 + 2 * o.attention_heads) * count(o.hidden) + count(o.outputs)) +
         (o.attention_heads > 0 ? 128 * count(o.hidden) : 0);
}

/// Answers with `outputs` numbers a sequence: logits, or the values of a regression. Throws option_error for
/// an embedding_dim, hidden, layers, outputs or kernel of 0 and probabilities outside of 0 to 1.
template <Scalar T = float> class SequenceClassifier {
 public:
  /// Weights as each layer draws them; the LSTM's forget gates begin with a bias of 1.
  explicit SequenceClassifier(const SequenceClassifierOptions& o)
      : options_(o),
        mask_({.p = o.token_dropout, .id = static_cast<Token>(o.vocabulary)}),
        token_({.vocabulary = o.vocabulary + 1, .dim = o.embedding_dim, .padding = {}}),
        position_({.length = std::max<std::size_t>(1, o.positions), .dim = o.embedding_dim}),
        lstm_({.input = detail::classifier_features(o),
               .hidden = o.hidden,
               .layers = o.layers,
               .bidirectional = true,
               .dropout = o.layers > 1 ? o.layer_dropout : 0,
               .forget_bias = 1.0}),  // Jozefowicz et al. 2015: remember at first
        norm_(detail::classifier_summary(o)),
        dropout_(o.head_dropout),
        hidden_(detail::classifier_summary(o), 64),
        output_(64, o.outputs) {
    for (const std::size_t kernel : o.kernels)
      if (o.filters > 0)
        convolutions_.emplace_back(
            Conv1dOptions{.input = o.embedding_dim, .output = o.filters, .kernel = kernel});
    if (o.attention_heads > 0)
      attention_.emplace(AttentionPoolingOptions{.input = 2 * o.hidden, .heads = o.attention_heads});
    if (o.sites) site_.emplace(2 * o.hidden, 1);
  }

  /// [sequences, outputs], and the scores of sites where the options have them. On a training tape tokens are
  /// hidden first.
  RowsAndSites<T> forward(Tape<T>& tape, const SequenceBatch& batch) const {
    const auto tokens = read(tape, batch);
    const auto y = states_of(tape, tokens);
    auto pooled = concat(last(y), max(y), mean(y));
    if (attention_) pooled = concat(pooled, (*attention_)(y));
    SeqVar<T> sites;
    if (site_) {
      sites = (*site_)(y);
      pooled = concat(pooled, weighted_sum(softmax_steps(sites), y));
    }
    if (options_.composition)
      pooled = concat(pooled, mean(dense_rows(tape, tokens)), log_lengths(tape, batch));
    return {head(pooled), sites};
  }

  /// The LSTM's states of every token.
  SeqVar<T> states(Tape<T>& tape, const SequenceBatch& batch) const {
    return states_of(tape, read(tape, batch));
  }

  template <class V> void fields(V& v) {
    v("mask", mask_);
    v("token", token_);
    if (options_.positions > 0) v("position", position_);
    for (std::size_t c = 0; c < convolutions_.size(); ++c)
      v("convolution" + std::to_string(c), convolutions_[c]);
    v("lstm", lstm_);
    if (attention_) v("attention", *attention_);
    if (site_) v("site", *site_);
    v("norm", norm_);
    v("dropout", dropout_);
    v("hidden", hidden_);
    v("output", output_);
  }
  /// The options of the constructor.
  [[nodiscard]] const SequenceClassifierOptions& options() const { return options_; }
  /// What reads, and the head: for fit_in_stages.
  [[nodiscard]] ParameterGroups groups() const {
    std::vector<std::string> reading = {"token", "position", "lstm"};
    for (std::size_t c = 0; c < convolutions_.size(); ++c)
      reading.push_back("convolution" + std::to_string(c));
    return ParameterGroups({reading, {"attention", "site", "norm", "hidden", "output"}});
  }

 private:
  EmbeddedTokens<T> read(Tape<T>& tape, const SequenceBatch& batch) const {
    const auto& seen = mask_(tape, batch);
    const auto tokens = token_(seen);
    return options_.positions > 0 ? tokens + position_(seen) : tokens;
  }
  /// Without convolutions vectors are looked up in the gates: no dense rows are made.
  SeqVar<T> states_of(Tape<T>& tape, const EmbeddedTokens<T>& tokens) const {
    if (convolutions_.empty()) return lstm_(tape, tokens);
    const auto vectors = dense_rows(tape, tokens);
    auto x = vectors;
    for (const auto& convolution : convolutions_) x = concat(x, relu(convolution(vectors)));
    return lstm_(x);
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
  std::vector<Conv1d<T>> convolutions_;
  Lstm<T> lstm_;
  std::optional<AttentionPooling<T>> attention_;
  std::optional<Dense<T>> site_;
  BatchNorm<T> norm_;
  Dropout<T> dropout_;
  Dense<T> hidden_, output_;
};

SEQLSTM_NAMESPACE_END
