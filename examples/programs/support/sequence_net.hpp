// A classifier of sequences: tokens (and, on demand, their positions) -> bidirectional LSTM -> last, max and
// mean of its states (and, on demand, mean of the token vectors and length) -> a small head. Its options are
// saved with it.
#pragma once

#include <nlohmann/json.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <seqlstm/nn/position.hpp>
#include <seqlstm/nn/token_mask.hpp>
#include <seqlstm/train/transfer.hpp>

namespace examples {

struct SequenceNetOptions {
  std::size_t vocabulary = 4;
  std::size_t positions = 0;  ///< length of the position table; 0: no position information
  std::size_t width = 32;     ///< of token and position vectors
  std::size_t hidden = 64;
  std::size_t layers = 2;
  std::size_t outputs = 1;
  bool composition = false;  ///< the head also sees which tokens there are and how many
  double token_mask = 0.15;
  double layer_dropout = 0.3;  ///< between layers; of one layer none, whatever its file says
  double head_dropout = 0.5;
};

inline void to_json(nlohmann::json& j, const SequenceNetOptions& o) {
  j = {{"vocabulary", o.vocabulary},
       {"positions", o.positions},
       {"width", o.width},
       {"hidden", o.hidden},
       {"layers", o.layers},
       {"outputs", o.outputs},
       {"composition", o.composition},
       {"token_mask", o.token_mask},
       {"layer_dropout", o.layer_dropout},
       {"head_dropout", o.head_dropout}};
}
inline void from_json(const nlohmann::json& j, SequenceNetOptions& o) {
  using seqlstm::io::size_from;
  const auto probability = [&](const char* key) { return seqlstm::io::number_from(j, key, 0, 1); };
  o = {.vocabulary = size_from(j, "vocabulary", 1, seqlstm::io::largest_size - 2),
       .positions = size_from(j, "positions"),
       .width = size_from(j, "width", 1),
       .hidden = size_from(j, "hidden", 1),
       .layers = size_from(j, "layers", 1, seqlstm::io::most_layers),
       .outputs = size_from(j, "outputs", 1),
       .composition = seqlstm::io::flag_from(j, "composition"),
       .token_mask = probability("token_mask"),
       .layer_dropout = probability("layer_dropout"),
       .head_dropout = probability("head_dropout")};
}

/// Trained numbers of such a network's reading part; the head has more.
inline double expected_parameters(const SequenceNetOptions& o) {
  return static_cast<double>(o.width) *
             (static_cast<double>(o.vocabulary) + static_cast<double>(o.positions)) +
         expected_parameters(seqlstm::LstmOptions{
             .input = o.width, .hidden = o.hidden, .layers = o.layers, .bidirectional = true}) +
         64 * (6 * static_cast<double>(o.hidden) + static_cast<double>(o.outputs));
}

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
               .dropout = o.layers > 1 ? o.layer_dropout : 0,
               .forget_bias = 1.0}),  // Jozefowicz et al. 2015: remember at first
        norm_(pooled_width(o)),
        dropout_(o.head_dropout),
        hidden_(pooled_width(o), 64),
        output_(64, o.outputs) {}

  seqlstm::Var<T> forward(seqlstm::Tape<T>& tape, const seqlstm::TokenBatch& batch) {
    const auto tokens = read(tape, batch);
    const auto y = lstm_(tape, tokens);
    const auto pooled = concat(last(y), max(y), mean(y));
    if (!options_.composition) return head(pooled);
    return head(concat(pooled, mean(dense_rows(tape, tokens)), log_lengths(tape, batch)));
  }

  /// The LSTM's states of every token.
  seqlstm::SeqVar<T> states(seqlstm::Tape<T>& tape, const seqlstm::TokenBatch& batch) {
    return lstm_(tape, read(tape, batch));
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
  /// What reads, and the head.
  [[nodiscard]] seqlstm::LayerGroups groups() const {
    return {{"token", "position", "lstm"}, {"norm", "hidden", "output"}};
  }

 private:
  static std::size_t pooled_width(const SequenceNetOptions& o) {
    return 6 * o.hidden + (o.composition ? o.width + 1 : 0);
  }
  seqlstm::EmbeddedTokens<T> read(seqlstm::Tape<T>& tape, const seqlstm::TokenBatch& batch) {
    const auto& seen = mask_(tape, batch);
    const auto tokens = token_(seen);
    return options_.positions > 0 ? tokens + position_(seen) : tokens;
  }
  seqlstm::Var<T> head(const seqlstm::Var<T>& pooled) {
    return output_(relu(hidden_(dropout_(norm_(pooled)))));
  }
  static seqlstm::Var<T> log_lengths(seqlstm::Tape<T>& tape, const seqlstm::TokenBatch& batch) {
    const auto lengths = tape.arena().template matrix<T>(batch.layout.sequences(), 1);
    for (std::size_t r = 0; r < batch.layout.sequences(); ++r)
      lengths(batch.layout.order(r), 0) = std::log1p(static_cast<T>(batch.layout.length(r)));
    return tape.leaf(lengths);
  }

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
