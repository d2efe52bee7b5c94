// AWD-LSTM (Merity, Keskar and Socher 2018): an embedding and a stack of LSTMs with dropout everywhere, as a
// reader of tokens (AwdLstm) and as a language model (AwdLanguageModel).
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/carried_state.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/tied_decoder.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Probabilities of the five dropouts.
struct AwdDropouts {
  double embedding = 0;  ///< of a token's whole vector
  double input = 0;      ///< of numbers of the vectors that enter the first LSTM, one mask per sequence
  double weight = 0;     ///< of recurrent weights
  double hidden = 0;     ///< of numbers between the LSTMs, so of 2 or more, one mask per sequence
  double output = 0;     ///< of numbers that reach the decoder, one mask per sequence

  /// All of them times a factor, as the usual sets are used.
  [[nodiscard]] AwdDropouts times(double factor) const;
  /// Those of so many LSTMs: between the LSTMs of one there is nothing to drop, so that `hidden` is 0.
  [[nodiscard]] AwdDropouts for_layers(std::size_t layers) const;
  /// The usual set for language models, before the factor (Howard and Ruder 2018; fastai's awd_lstm).
  static AwdDropouts language_model() { return {0.02, 0.2, 0.15, 0.1, 0.25}; }
  /// The same for classifiers.
  static AwdDropouts classifier() { return {0.1, 0.6, 0.5, 0.2, 0.4}; }
};

/// Shape and dropouts of an AwdLstm. The sizes are those of Merity et al. (2018).
struct AwdLstmOptions {
  std::size_t vocabulary = 0;       ///< V: ids are 0 .. V - 1
  std::size_t embedding_dim = 400;  ///< of token vectors, and of the last LSTM
  std::size_t hidden = 1150;        ///< of the other LSTMs
  std::size_t layers = 3;           ///< LSTMs; one alone has embedding_dim units
  AwdDropouts dropouts = {};        ///< `output` is for AwdLanguageModel alone
};

/// Trained numbers of an AwdLstm of these options. A double: it does not wrap around.
double expected_parameters(const AwdLstmOptions& o);

/// Embedding(V, embedding_dim) -> LSTM(hidden) -> ... -> LSTM(embedding_dim), with four of the dropouts.
/// Parameters: embedding.weight, rnns.0.weight_ih_l0, ... Without dropout of its input the first LSTM looks
/// tokens up. Throws option_error for sizes of 0, probabilities out of range and a `hidden` dropout of one
/// LSTM, token_error for an id outside the vocabulary.
template <Scalar T = float> class AwdLstm {
 public:
  AwdLstm() = default;
  /// Token vectors are normal with the standard deviation of U(-0.1, 0.1), LSTMs as Lstm draws them.
  explicit AwdLstm(AwdLstmOptions options);

  /// The last LSTM's states of every token [tokens, embedding_dim]; sequences begin with zero states.
  SeqVar<T> operator()(Tape<T>& tape, const SequenceBatch& batch) const;
  /// The same for the next window of the streams whose states are in `carried`, which then has the new ones.
  SeqVar<T> operator()(Tape<T>& tape, const SequenceBatch& batch, CarriedState<T>& carried) const;

  /// States of streams at their beginning, zero, for training windows.
  [[nodiscard]] CarriedState<T> carried_state(std::size_t streams) const;
  /// The same for step(): one element per LSTM.
  [[nodiscard]] std::vector<LstmStream<T>> initial_state(std::size_t streams) const;
  /// One more token of every stream; the last LSTM's state [streams, embedding_dim], valid until the next
  /// step. No dropout, no gradient.
  MatrixView<T> step(std::span<const Token> ids, std::vector<LstmStream<T>>& states) const;

  /// Other probabilities, for instance of a classifier on a language model's encoder. Throws option_error as
  /// the constructor does.
  void set_dropouts(const AwdDropouts& dropouts);
  /// The options, with the dropouts that set_dropouts() set last.
  [[nodiscard]] const AwdLstmOptions& options() const { return options_; }
  /// The token vectors, for instance for a TiedDecoder.
  [[nodiscard]] Embedding<T>& embedding() { return embedding_; }
  /// The same, to read.
  [[nodiscard]] const Embedding<T>& embedding() const { return embedding_; }
  /// Columns of the result.
  [[nodiscard]] std::size_t output() const { return options_.embedding_dim; }

  template <class V> void fields(V& v) {
    v("embedding", embedding_);
    v("input", input_);
    for (std::size_t l = 0; l < rnns_.size(); ++l) v(names_[l], rnns_[l]);
    v("hidden", hidden_);
  }

 private:
  /// run(l, lstm, x...) reads what enters layer l: rows, or tokens with their tape.
  template <class Run> SeqVar<T> read(Tape<T>& tape, const SequenceBatch& batch, Run run) const {
    const auto tokens = embedding_(batch);
    const bool dense = tape.training() && input_.training && options_.dropouts.input > 0;
    SeqVar<T> y = dense ? run(0, rnns_[0], input_(dense_rows(tape, tokens))) : run(0, rnns_[0], tape, tokens);
    for (std::size_t l = 1; l < rnns_.size(); ++l) y = run(l, rnns_[l], hidden_(y));
    return y;
  }

  AwdLstmOptions options_;
  Embedding<T> embedding_;
  Dropout<T> input_{DropoutOptions{.p = 0, .variational = true, .name = "awd_lstm: input"}};
  Dropout<T> hidden_{DropoutOptions{.p = 0, .variational = true, .name = "awd_lstm: hidden"}};
  std::vector<Lstm<T>> rnns_;
  std::vector<std::string> names_;  // made once: walking the fields allocates nothing
};

/// What a language model says of a batch.
template <Scalar T> struct LanguageOutput {
  SeqVar<T> logits;  ///< [tokens, V], for the token that follows each
  Var<T> penalty;    ///< to be added to the loss; may be undefined
};

/// How strongly large and quickly changing states are punished (Merity et al. 2017).
struct ActivationPenalties {
  double alpha = 2;  ///< factor of activation_penalty() of the states after the output dropout; 0: none
  double beta = 1;   ///< factor of temporal_penalty() of the states before it; 0: none
};

/// AwdLstm with a decoder tied to its embedding: logits of the next token at every token.
template <Scalar T = float> class AwdLanguageModel {
 public:
  AwdLanguageModel() = default;
  /// Throws what AwdLstm throws, and option_error for an output dropout outside of 0 to 1.
  explicit AwdLanguageModel(const AwdLstmOptions& options, ActivationPenalties penalties = {});

  /// The next window of the streams whose states are in `carried`, which then has the new ones. A penalty is
  /// there on a training tape where alpha or beta is above 0. Throws shape_error where the batch has another
  /// number of sequences than `carried` has streams.
  LanguageOutput<T> forward(Tape<T>& tape, const SequenceBatch& batch, CarriedState<T>& carried) const;
  /// States of streams at their beginning, zero, for forward().
  [[nodiscard]] CarriedState<T> carried_state(std::size_t streams) const {
    return encoder.carried_state(streams);
  }
  /// The same for step(): one element per LSTM.
  [[nodiscard]] std::vector<LstmStream<T>> initial_state(std::size_t streams) const {
    return encoder.initial_state(streams);
  }
  /// Logits [streams, V] after one more token of every stream; on an inference tape, until its reset.
  Var<T> step(Tape<T>& tape, std::span<const Token> ids, std::vector<LstmStream<T>>& states) const;

  /// Packs the vectors for the decoder's products; seqlstm::prepare() calls it.
  void prepare() const { decoder.prepare(encoder.embedding()); }
  template <class V> void fields(V& v) {
    v("encoder", encoder);
    v("output", output_);
    v("decoder", decoder);
  }

  AwdLstm<T> encoder;      ///< what a classifier takes over (io::load_encoder)
  TiedDecoder<T> decoder;  ///< with the vectors of encoder.embedding()

 private:
  ActivationPenalties penalties_;
  Dropout<T> output_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/models/awd_lstm.ipp>
#endif
