// The protein classifier of the reference vectors: a struct with PyTorch's names, any widths.
#pragma once

#include <seqlstm/nn/all.hpp>

namespace testing {

struct ProteinSizes {
  std::size_t vocabulary = 27, embedding = 100, hidden = 32, layers = 4, dense = 50, classes = 20;
};

template <seqlstm::Scalar T> struct ProteinNet {
  explicit ProteinNet(const ProteinSizes& s)
      : embedding({.vocabulary = s.vocabulary, .width = s.embedding, .padding = 0}),
        lstm({.input = s.embedding, .hidden = s.hidden, .layers = s.layers, .bidirectional = true}),
        hidden(2 * s.hidden, s.dense),
        norm1(s.dense),
        output(s.dense, s.classes),
        norm2(s.classes) {}

  seqlstm::Var<T> forward(seqlstm::Tape<T>& tape, const seqlstm::TokenBatch& batch) {
    const auto h = final_states(lstm(tape, embedding(batch)));
    return sigmoid(norm2(output(sigmoid(norm1(hidden(h))))));
  }
  template <class V> void fields(V& v) {
    v("embedding", embedding);
    v("lstm", lstm);
    v("layers.0", hidden);
    v("layers.1", norm1);
    v("layers.3", output);
    v("layers.4", norm2);
  }

  seqlstm::Embedding<T> embedding;
  seqlstm::Lstm<T> lstm;
  seqlstm::Dense<T> hidden;
  seqlstm::BatchNorm<T> norm1;
  seqlstm::Dense<T> output;
  seqlstm::BatchNorm<T> norm2;
};

}  // namespace testing
