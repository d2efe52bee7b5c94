// A masked language model (Devlin et al. 2019, section 3.1): token vectors -> bidirectional LSTM -> which
// token stood at every place. A SequenceClassifier goes on with its vectors and LSTM
// (io::load_masked_encoder).
#pragma once

#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/lstm.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Shape and dropout of a MaskedLanguageModel.
struct MaskedLanguageModelOptions {
  std::size_t vocabulary = 21;     ///< V: ids are 0 .. V - 1; id V stands for a hidden token
  std::size_t embedding_dim = 32;  ///< of token vectors
  std::size_t hidden = 64;         ///< LSTM units per direction
  std::size_t layers = 2;          ///< of the LSTM
  double dropout = 0.1;            ///< between layers; with one layer there is none
};

/// How many parameters such a network has but for a few biases: never more than there are.
inline double expected_parameters(const MaskedLanguageModelOptions& o) {
  const double vocabulary = static_cast<double>(o.vocabulary);
  return (vocabulary + 1) * static_cast<double>(o.embedding_dim) +
         expected_parameters(LstmOptions{
             .input = o.embedding_dim, .hidden = o.hidden, .layers = o.layers, .bidirectional = true}) +
         vocabulary * (2 * static_cast<double>(o.hidden) + 1);
}

/// Answers with `vocabulary` logits a token; fit_masked_model() trains it.
template <Scalar T = float> class MaskedLanguageModel {
 public:
  /// Throws option_error for sizes of 0, and between layers for a dropout outside of 0 to 1.
  explicit MaskedLanguageModel(const MaskedLanguageModelOptions& o)
      : token({.vocabulary = o.vocabulary + 1, .dim = o.embedding_dim, .padding = {}}),
        options_(o),
        lstm_({.input = o.embedding_dim,
               .hidden = o.hidden,
               .layers = o.layers,
               .bidirectional = true,
               .dropout = o.layers > 1 ? o.dropout : 0,
               .forget_bias = 1.0}),
        decoder_(2 * o.hidden, o.vocabulary) {}

  /// Logits [tokens, vocabulary] of the token that stands at every place.
  SeqVar<T> forward(Tape<T>& tape, const SequenceBatch& batch) const { return decoder_(states(tape, batch)); }
  /// The LSTM's states of every token.
  SeqVar<T> states(Tape<T>& tape, const SequenceBatch& batch) const { return lstm_(tape, token(batch)); }
  template <class V> void fields(V& v) {
    v("token", token);
    v("lstm", lstm_);
    v("decoder", decoder_);
  }
  /// The options of the constructor.
  [[nodiscard]] const MaskedLanguageModelOptions& options() const { return options_; }

  Embedding<T> token;  ///< [vocabulary + 1, embedding_dim], the hidden token's vector last

 private:
  MaskedLanguageModelOptions options_;
  Lstm<T> lstm_;
  Dense<T> decoder_;
};

SEQLSTM_NAMESPACE_END
