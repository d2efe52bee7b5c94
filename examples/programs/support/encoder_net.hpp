// A classifier on a language model's encoder (Howard and Ruder 2018, section 3.3): its states' last, max and
// mean; here also their means over pieces of the sequence, and the last, max and mean of a bidirectional LSTM
// on the states, since the encoder has not seen what follows. Then BatchNorm, Dropout 0.5, Dense 50, ReLU,
// BatchNorm, Dropout 0.1, Dense. A training step reads every sequence in a reading frame drawn anew; a
// prediction is the mean of all frames' logits.
#pragma once

#include <nlohmann/json.hpp>
#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/data/reading_frames.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/awd_lstm.hpp>
#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <seqlstm/train/transfer.hpp>

namespace examples {

struct EncoderNetOptions {
  seqlstm::TokenizerConfig tokenizer = seqlstm::Tokenizer(seqlstm::dna4, {.k = 5, .stride = 2}).to_config();
  std::size_t width = 400;
  std::size_t hidden = 1150;
  std::size_t layers = 3;
  std::size_t outputs = 1;
  std::size_t pieces = 6;    ///< of the sequence, whose states are averaged one by one; 0: only the whole
  std::size_t context = 64;  ///< units per direction of the LSTM that reads the encoder's states
  double dropout = 0.4;      ///< factor of the AWD-LSTM's dropouts for classifiers
};

inline void to_json(nlohmann::json& j, const EncoderNetOptions& o) {
  j = {{"tokenizer", o.tokenizer}, {"width", o.width},   {"hidden", o.hidden},   {"layers", o.layers},
       {"outputs", o.outputs},     {"pieces", o.pieces}, {"context", o.context}, {"dropout", o.dropout}};
}
inline void from_json(const nlohmann::json& j, EncoderNetOptions& o) {
  using seqlstm::io::size_from;
  o = {.tokenizer = j.at("tokenizer").get<seqlstm::TokenizerConfig>(),
       .width = size_from(j, "width", 1),
       .hidden = size_from(j, "hidden", 1),
       .layers = size_from(j, "layers", 1, seqlstm::io::most_layers),
       .outputs = size_from(j, "outputs", 1),
       .pieces = size_from(j, "pieces"),
       .context = size_from(j, "context", 1),
       .dropout = seqlstm::io::number_from(j, "dropout", 0, 1)};
}

/// Trained numbers of such a network's reading parts and of its head's first layer. Throws format_error for a
/// configuration that is no tokenizer's.
inline double expected_parameters(const EncoderNetOptions& o) {
  const double width = static_cast<double>(o.width), context = static_cast<double>(o.context);
  return expected_parameters(
             seqlstm::AwdLstmOptions{.vocabulary = seqlstm::Tokenizer::from_config(o.tokenizer).vocabulary(),
                                     .width = o.width,
                                     .hidden = o.hidden,
                                     .layers = o.layers}) +
         expected_parameters(
             seqlstm::LstmOptions{.input = o.width, .hidden = o.context, .bidirectional = true}) +
         50 * ((3 + static_cast<double>(o.pieces)) * width + 6 * context + static_cast<double>(o.outputs));
}

template <seqlstm::Scalar T = float> class EncoderNet {
 public:
  /// Throws format_error for a configuration that is no tokenizer's.
  explicit EncoderNet(const EncoderNetOptions& o)
      : EncoderNet(o, seqlstm::Tokenizer::from_config(o.tokenizer)) {}

  seqlstm::Var<T> forward(seqlstm::Tape<T>& tape, const seqlstm::TokenBatch& batch) {
    if (frames() == 1) return head(states(tape, batch));
    if (tape.training()) {
      frames_.draw(batch, tape.next_random(), read_[0]);
      return head(states(tape, read_[0]));
    }
    auto sum = head(states(tape, batch));
    for (std::size_t frame = 1; frame < frames_.count(); ++frame) {
      frames_.read(batch, frame, read_[frame]);
      sum = sum + head(states(tape, read_[frame]));
    }
    return T(1) / static_cast<T>(frames_.count()) * sum;
  }
  /// The encoder's states of every token, in the frame it was encoded in.
  seqlstm::SeqVar<T> states(seqlstm::Tape<T>& tape, const seqlstm::TokenBatch& batch) {
    return encoder(tape, batch);
  }

  /// The network as it reads in one frame; its encoder need not read what precedes a mutation again
  /// (seqlstm::ReadsForward).
  struct OneFrame {
    EncoderNet& net;
    seqlstm::AwdLstm<T>& encoder;
    seqlstm::Var<T> forward(seqlstm::Tape<T>& tape, const seqlstm::TokenBatch& batch) {
      return head(encoder(tape, batch));
    }
    seqlstm::Var<T> head(const seqlstm::SeqVar<T>& states) { return net.head(states); }
  };
  [[nodiscard]] OneFrame one_frame() { return {*this, encoder}; }
  [[nodiscard]] std::size_t frames() const { return frames_.count(); }

  template <class V> void fields(V& v) {
    v("encoder", encoder);
    v("context", context_);
    v("norm1", norm1_);
    v("dropout1", dropout1_);
    v("hidden", hidden_);
    v("norm2", norm2_);
    v("dropout2", dropout2_);
    v("output", output_);
  }
  [[nodiscard]] const EncoderNetOptions& options() const { return options_; }
  /// The embedding with the first LSTM, each further LSTM, the head.
  [[nodiscard]] seqlstm::LayerGroups groups() const {
    std::vector<std::vector<std::string>> groups = {{"encoder.embedding", "encoder.rnns.0"}};
    for (std::size_t l = 1; l < options_.layers; ++l) groups.push_back({"encoder.rnns." + std::to_string(l)});
    groups.push_back({"context", "norm1", "hidden", "norm2", "output"});
    return seqlstm::LayerGroups(groups);
  }

  seqlstm::AwdLstm<T> encoder;

 private:
  EncoderNet(const EncoderNetOptions& o, const seqlstm::Tokenizer& tokenizer)
      : encoder({.vocabulary = tokenizer.vocabulary(),
                 .width = o.width,
                 .hidden = o.hidden,
                 .layers = o.layers,
                 .dropouts = seqlstm::AwdDropouts::classifier().times(o.dropout)}),
        options_(o),
        frames_(tokenizer),
        read_(frames_.count()),
        context_({.input = o.width, .hidden = o.context, .bidirectional = true, .forget_bias = 1.0}),
        norm1_(pooled_width(o)),
        dropout1_(0.5),
        dropout2_(0.1),
        hidden_(pooled_width(o), 50),
        norm2_(50),
        output_(50, o.outputs) {}
  /// What is said of the states in one frame.
  seqlstm::Var<T> head(const seqlstm::SeqVar<T>& y) {
    auto pooled = concat(last(y), max(y), mean(y));
    if (options_.pieces > 0) pooled = concat(pooled, means(y, options_.pieces));
    const auto z = context_(y);
    pooled = concat(pooled, last(z), max(z), mean(z));
    return output_(dropout2_(norm2_(relu(hidden_(dropout1_(norm1_(pooled)))))));
  }
  static std::size_t pooled_width(const EncoderNetOptions& o) {
    return (3 + o.pieces) * o.width + 6 * o.context;
  }

  EncoderNetOptions options_;
  seqlstm::ReadingFrames frames_;
  std::vector<seqlstm::TokenBatch> read_;  // in each frame; for one forward a step, which they outlive
  seqlstm::Lstm<T> context_;
  seqlstm::BatchNorm<T> norm1_;
  seqlstm::Dropout<T> dropout1_, dropout2_;
  seqlstm::Dense<T> hidden_;
  seqlstm::BatchNorm<T> norm2_;
  seqlstm::Dense<T> output_;
};

}  // namespace examples
