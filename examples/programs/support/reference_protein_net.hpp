// The protein classifier of a published notebook, layer by layer: Embedding(27, 100), four bidirectional
// LSTMs of 32 units with dropout 0.2 between them, the last states of both directions, Dense 50, BatchNorm,
// Sigmoid, Dense, BatchNorm, Sigmoid. Trained with binary cross-entropy on one-hot classes.
#pragma once

#include <nlohmann/json.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/pooling.hpp>

namespace examples {

struct ReferenceProteinNetOptions {
  std::size_t vocabulary = 27;
  std::size_t classes = 20;
};

inline void to_json(nlohmann::json& j, const ReferenceProteinNetOptions& o) {
  j = {{"vocabulary", o.vocabulary}, {"classes", o.classes}};
}
inline void from_json(const nlohmann::json& j, ReferenceProteinNetOptions& o) {
  o = {.vocabulary = seqlstm::io::size_from(j, "vocabulary", 1),
       .classes = seqlstm::io::size_from(j, "classes", 1)};
}

/// Trained numbers of its token vectors and of its output.
inline double expected_parameters(const ReferenceProteinNetOptions& o) {
  return 100 * static_cast<double>(o.vocabulary) + 50 * static_cast<double>(o.classes);
}

template <seqlstm::Scalar T = float> class ReferenceProteinNet {
 public:
  explicit ReferenceProteinNet(const ReferenceProteinNetOptions& o)
      : options_(o),
        embedding_({.vocabulary = o.vocabulary, .width = 100, .padding = 0}),
        lstm_({.input = 100,
               .hidden = 32,
               .layers = 4,
               .bidirectional = true,
               .dropout = 0.2,
               .forget_bias = {}}),
        hidden_(64, 50),
        norm1_(50),
        output_(50, o.classes),
        norm2_(o.classes) {}

  seqlstm::Var<T> forward(seqlstm::Tape<T>& tape, const seqlstm::TokenBatch& batch) {
    const auto h = final_states(states(tape, batch));
    return sigmoid(norm2_(output_(sigmoid(norm1_(hidden_(h))))));
  }
  /// The last LSTM's states of every token.
  seqlstm::SeqVar<T> states(seqlstm::Tape<T>& tape, const seqlstm::TokenBatch& batch) {
    return lstm_(tape, embedding_(batch));
  }
  template <class V> void fields(V& v) {
    v("embedding", embedding_);
    v("lstm", lstm_);
    v("layers.0", hidden_);
    v("layers.1", norm1_);
    v("layers.3", output_);
    v("layers.4", norm2_);
  }
  [[nodiscard]] const ReferenceProteinNetOptions& options() const { return options_; }

 private:
  ReferenceProteinNetOptions options_;
  seqlstm::Embedding<T> embedding_;
  seqlstm::Lstm<T> lstm_;
  seqlstm::Dense<T> hidden_;
  seqlstm::BatchNorm<T> norm1_;
  seqlstm::Dense<T> output_;
  seqlstm::BatchNorm<T> norm2_;
};

}  // namespace examples
