// The protein classifier of a published notebook, layer by layer: Embedding(27, 100), four bidirectional
// LSTMs of 32 units with dropout 0.2 between them, the last states of both directions, Dense 50, BatchNorm,
// Sigmoid, Dense, BatchNorm, Sigmoid. Trained with binary cross-entropy on one-hot classes.
#pragma once

#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/pooling.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Shape and dropout of a ReferenceProteinNet. Other sizes than the notebook's are possible.
struct ReferenceProteinNetOptions {
  std::size_t vocabulary = 27;      ///< id 0 is padding
  std::size_t classes = 20;         ///< columns of the answer
  std::size_t embedding_dim = 100;  ///< of token vectors
  std::size_t hidden = 32;          ///< LSTM units per direction
  std::size_t layers = 4;           ///< of the LSTM; with one layer there is no dropout
  std::size_t dense = 50;           ///< units of the head's first layer
  double dropout = 0.2;             ///< between LSTM layers
  friend bool operator==(const ReferenceProteinNetOptions&, const ReferenceProteinNetOptions&) = default;
};

/// How many parameters such a network has but for a few biases: never more than there are.
inline double expected_parameters(const ReferenceProteinNetOptions& o) {
  const double dense = static_cast<double>(o.dense);
  return static_cast<double>(o.vocabulary) * static_cast<double>(o.embedding_dim) +
         expected_parameters(LstmOptions{
             .input = o.embedding_dim, .hidden = o.hidden, .layers = o.layers, .bidirectional = true}) +
         dense * (2 * static_cast<double>(o.hidden) + static_cast<double>(o.classes));
}

/// Answers with a probability for each class. Its parameters have PyTorch's names.
template <Scalar T = float> class ReferenceProteinNet {
 public:
  /// Throws option_error for sizes of 0, and between layers for a dropout outside of 0 to 1.
  explicit ReferenceProteinNet(const ReferenceProteinNetOptions& o = {})
      : options_(o),
        embedding_({.vocabulary = o.vocabulary, .dim = o.embedding_dim, .padding = 0}),
        lstm_({.input = o.embedding_dim,
               .hidden = o.hidden,
               .layers = o.layers,
               .bidirectional = true,
               .dropout = o.layers > 1 ? o.dropout : 0,
               .forget_bias = {}}),
        hidden_(2 * o.hidden, o.dense),
        norm1_(o.dense),
        output_(o.dense, o.classes),
        norm2_(o.classes) {}

  /// Probabilities [sequences, classes], each of a sigmoid of its own: a row's sum need not be 1.
  Var<T> forward(Tape<T>& tape, const SequenceBatch& batch) const {
    const auto h = final_states(states(tape, batch));
    return sigmoid(norm2_(output_(sigmoid(norm1_(hidden_(h))))));
  }
  /// The last LSTM's states of every token.
  SeqVar<T> states(Tape<T>& tape, const SequenceBatch& batch) const { return lstm_(tape, embedding_(batch)); }
  template <class V> void fields(V& v) {
    v("embedding", embedding_);
    v("lstm", lstm_);
    v("layers.0", hidden_);
    v("layers.1", norm1_);
    v("layers.3", output_);
    v("layers.4", norm2_);
  }
  /// The options of the constructor.
  [[nodiscard]] const ReferenceProteinNetOptions& options() const { return options_; }

 private:
  ReferenceProteinNetOptions options_;
  Embedding<T> embedding_;
  Lstm<T> lstm_;
  Dense<T> hidden_;
  BatchNorm<T> norm1_;
  Dense<T> output_;
  BatchNorm<T> norm2_;
};

SEQLSTM_NAMESPACE_END
