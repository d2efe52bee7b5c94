// A classifier of sequences: tokens (and, on demand, their positions) -> bidirectional LSTM -> last, max and
// mean of its states -> a small head. Its options are saved with it.
#pragma once

#include <nlohmann/json.hpp>
#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <seqlstm/nn/position.hpp>
#include <seqlstm/nn/token_mask.hpp>

namespace examples {

struct SequenceNetOptions {
  std::size_t vocabulary = 4;
  std::size_t positions = 0;  ///< length of the position table; 0: no position information
  std::size_t width = 32;     ///< of token and position vectors
  std::size_t hidden = 64;
  std::size_t layers = 2;
  std::size_t outputs = 1;
  double token_mask = 0.15;
  double layer_dropout = 0.3;
  double head_dropout = 0.5;
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SequenceNetOptions, vocabulary, positions, width, hidden, layers, outputs,
                                   token_mask, layer_dropout, head_dropout)

template <seqlstm::Scalar T = float> class SequenceNet {
 public:
  explicit SequenceNet(const SequenceNetOptions& o)
      : options_(o),
        mask_({.p = o.token_mask, .id = static_cast<seqlstm::Token>(o.vocabulary)}),
        token_({.vocabulary = o.vocabulary + 1, .width = o.width, .padding = {}}),
        position_({.length = std::max<std::size_t>(1, o.positions), .width = o.width}),
        lstm_({.input = o.width,
               .hidden = o.hidden,
               .layers = o.layers,
               .bidirectional = true,
               .dropout = o.layer_dropout,
               .forget_bias = 1.0}),  // Jozefowicz et al. 2015: remember at first
        norm_(6 * o.hidden),
        dropout_(o.head_dropout),
        hidden_(6 * o.hidden, 64),
        output_(64, o.outputs) {}

  seqlstm::Var<T> forward(seqlstm::Tape<T>& tape, const seqlstm::TokenBatch& batch) {
    const auto& seen = mask_(tape, batch);
    auto tokens = token_(seen);
    if (options_.positions > 0) tokens = tokens + position_(seen);
    const auto y = lstm_(tape, tokens);
    const auto pooled = norm_(concat(last(y), max(y), mean(y)));
    return output_(relu(hidden_(dropout_(pooled))));
  }

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
  [[nodiscard]] const SequenceNetOptions& options() const { return options_; }

 private:
  SequenceNetOptions options_;
  seqlstm::TokenMask mask_;
  seqlstm::Embedding<T> token_;
  seqlstm::Position<T> position_;
  seqlstm::Lstm<T> lstm_;
  seqlstm::BatchNorm<T> norm_;
  seqlstm::Dropout<T> dropout_;
  seqlstm::Dense<T> hidden_, output_;
};

}  // namespace examples
