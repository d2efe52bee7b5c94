// A classifier of signals: rows of real numbers, standardised -> noise and hidden channels (in training) ->
// convolutions (on demand) -> bidirectional LSTM -> last, max and mean of its states (and, on demand, sums
// under learned weights) -> a small head.
#pragma once

#include <cstddef>
#include <optional>
#include <seqlstm/models/ensemble.hpp>
#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/attention_pooling.hpp>
#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/channels.hpp>
#include <seqlstm/nn/concat.hpp>
#include <seqlstm/nn/conv1d.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/dropout.hpp>
#include <seqlstm/nn/gaussian_noise.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Shape, noise and dropouts of a SignalClassifier.
struct SignalClassifierOptions {
  std::size_t channels = 1;                   ///< F: real numbers at each position
  std::size_t filters = 32;                   ///< of each convolution over the channels; 0: no convolutions
  std::vector<std::size_t> kernels = {3, 7};  ///< positions that each convolution sees
  std::size_t hidden = 64;                    ///< LSTM units per direction
  std::size_t layers = 1;                     ///< of the LSTM
  std::size_t heads = 0;                      ///< of the attention beside the other poolings; 0: none
  std::size_t dense = 64;                     ///< units of the layer before the last
  std::size_t outputs = 1;                    ///< numbers per sequence
  double noise = 0.1;                         ///< deviation of what training adds to standardised numbers
  double offset = 0.4;                        ///< likewise, but one number a channel for the whole sequence
  double channel_dropout = 0;  ///< share of the channels that training hides, for a whole sequence
  double layer_dropout = 0.3;  ///< between layers; with one layer there is none
  double head_dropout = 0.3;   ///< of what the head reads
};

namespace detail {

/// Columns that the LSTM reads: the channels, and what convolutions see in them.
inline std::size_t signal_features(const SignalClassifierOptions& o) {
  return o.channels + (o.filters > 0 ? o.filters * o.kernels.size() : 0);
}
inline LstmOptions signal_lstm(const SignalClassifierOptions& o) {
  return {.input = signal_features(o),
          .hidden = o.hidden,
          .layers = o.layers,
          .bidirectional = true,
          .dropout = o.layers > 1 ? o.layer_dropout : 0,
          .forget_bias = 1.0};  // Jozefowicz et al. 2015: remember at first
}
/// Columns of the poolings side by side.
inline std::size_t signal_pooled(const SignalClassifierOptions& o) {
  return (6 + 2 * o.heads) * o.hidden;
}

}  // namespace detail

/// How many parameters its convolutions, LSTM, attention and dense layers have: never more than there are.
inline double expected_parameters(const SignalClassifierOptions& o) {
  double count = expected_parameters(detail::signal_lstm(o)) +
                 static_cast<double>(o.dense) *
                     (static_cast<double>(detail::signal_pooled(o)) + static_cast<double>(o.outputs));
  for (const std::size_t kernel : o.kernels)
    count += static_cast<double>(o.filters) * static_cast<double>(kernel) * static_cast<double>(o.channels);
  if (o.heads > 0)
    count += static_cast<double>(AttentionPoolingOptions().attention) *
             (2 * static_cast<double>(o.hidden) + static_cast<double>(o.heads));
  return count;
}

/// Answers with `outputs` numbers a sequence: logits, or the values of a regression. Standardises its
/// channels by the scale of the constructor. Records may be shorter than a kernel: beyond a record's ends
/// convolutions see zeros, the training part's means. Throws option_error for channels, hidden, layers, dense
/// or outputs of 0 and for a noise or a probability out of range.
template <Scalar T = float> class SignalClassifier {
 public:
  /// Weights as each layer draws them; the LSTM's forget gates begin with a bias of 1. `scale` is of the
  /// channels of the training part; without it they stay as they are until weights are loaded. Throws
  /// shape_error for one of another number of channels.
  explicit SignalClassifier(const SignalClassifierOptions& o, const ChannelScale& scale = {})
      : options_(checked(o)),
        channels_(scale_of(o, scale)),
        noise_({.stddev = o.noise}),
        offset_({.stddev = o.offset, .variational = true}),
        hiding_({.p = o.channel_dropout, .variational = true}),
        lstm_(detail::signal_lstm(o)),
        norm_(detail::signal_pooled(o)),
        dropout_(o.head_dropout),
        dense_(detail::signal_pooled(o), o.dense),
        output_(o.dense, o.outputs) {
    for (const std::size_t kernel : o.kernels)
      if (o.filters > 0)
        convolutions_.emplace_back(Conv1dOptions{.input = o.channels, .output = o.filters, .kernel = kernel});
    if (o.heads > 0) attention_.emplace(AttentionPoolingOptions{.input = 2 * o.hidden, .heads = o.heads});
  }

  /// [sequences, outputs]. On a training tape channels are disturbed first.
  Var<T> forward(Tape<T>& tape, const SequenceBatch& batch) const {
    const SeqVar<T> y = states(tape, batch);
    const Var<T> pooled = concat(last(y), max(y), mean(y));
    const Var<T> all = attention_ ? concat(pooled, (*attention_)(y)) : pooled;
    return output_(dropout_(relu(dense_(dropout_(norm_(all))))));
  }
  /// The LSTM's states of every position, [positions, 2 * hidden].
  SeqVar<T> states(Tape<T>& tape, const SequenceBatch& batch) const {
    const SeqVar<T> input = hiding_(offset_(noise_(channels_(tape, batch))));
    SeqVar<T> x = input;
    for (const auto& convolution : convolutions_) x = concat(x, relu(convolution(input)));
    return lstm_(x);
  }

  template <class V> void fields(V& v) {
    v("channels", channels_);
    v("noise", noise_);
    v("offset", offset_);
    v("hiding", hiding_);
    for (std::size_t c = 0; c < convolutions_.size(); ++c)
      v("convolution" + std::to_string(c), convolutions_[c]);
    v("lstm", lstm_);
    if (attention_) v("attention", *attention_);
    v("norm", norm_);
    v("dropout", dropout_);
    v("hidden", dense_);
    v("output", output_);
  }
  /// The options of the constructor.
  [[nodiscard]] const SignalClassifierOptions& options() const { return options_; }

 private:
  static const SignalClassifierOptions& checked(const SignalClassifierOptions& o) {
    if (o.channels == 0)
      throw option_error("signal classifier: channels is 0, expected at least one number at each position");
    return o;
  }
  static ChannelScale scale_of(const SignalClassifierOptions& o, const ChannelScale& scale) {
    if (scale.channels() == 0)
      return {std::vector<float>(o.channels, 0.0F), std::vector<float>(o.channels, 1.0F)};
    if (scale.channels() != o.channels)
      throw shape_error("signal classifier: a scale of " + std::to_string(scale.channels()) +
                        " channels for " + std::to_string(o.channels));
    return scale;
  }

  SignalClassifierOptions options_;
  ChannelInput<T> channels_;
  GaussianNoise<T> noise_, offset_;
  Dropout<T> hiding_;
  std::vector<Conv1d<T>> convolutions_;
  Lstm<T> lstm_;
  std::optional<AttentionPooling<T>> attention_;
  BatchNorm<T> norm_;
  Dropout<T> dropout_;
  Dense<T> dense_, output_;
};

/// One network or several that answer as one.
using SignalNet = Ensemble<SignalClassifier<float>>;

SEQLSTM_NAMESPACE_END
