// Rows of real numbers on their way into a network: signals, profiles, measurements at every position.
#pragma once

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/parameter.hpp>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// The real numbers of a batch, [tokens, channel_count], on the tape; nothing flows back to them. The batch
/// must outlive the tape's step. Throws shape_error for a batch without channels.
template <Scalar T> SeqVar<T> channels(Tape<T>& tape, const SequenceBatch& batch);

/// Mean and standard deviation of each channel.
struct ChannelScale {
  std::vector<float> mean;    ///< [channels]
  std::vector<float> stddev;  ///< [channels], above 0: 1 where a channel never changes
  /// Number of channels.
  [[nodiscard]] std::size_t channels() const { return mean.size(); }
};
/// Those of all rows [positions, channels], NaN left out, summed in double; population standard deviation
/// (n, not n - 1), as scikit-learn's StandardScaler has it. A channel without a number gets 0 and 1.
ChannelScale channel_scale(ConstMatrixView<float> rows);

/// (x - mean) / stddev, channel by channel: scikit-learn's StandardScaler as a layer, whose numbers are saved
/// with the model. They are no parameters: no training changes them. Throws shape_error when x has another
/// width.
template <Scalar T = float> class StandardScaler {
 public:
  StandardScaler() = default;
  /// Of so many channels, which leaves them as they are until set() is called.
  explicit StandardScaler(std::size_t channels);
  /// With the scale of a training part.
  explicit StandardScaler(const ChannelScale& scale) : StandardScaler(scale.channels()) { set(scale); }

  /// Takes another scale. Throws shape_error for another number of channels.
  void set(const ChannelScale& scale);
  /// [tokens, channels] of x alike.
  SeqVar<T> operator()(const SeqVar<T>& x) const;
  /// The scale it has.
  [[nodiscard]] ChannelScale scale() const;
  /// Number of channels.
  [[nodiscard]] std::size_t channels() const { return mean_.values().size(); }

  template <class V> void fields(V& v) {
    v("mean", mean_);
    v("stddev", stddev_);
  }

 private:
  Buffer<T> mean_, stddev_;  // [channels]
};

/// The channels of a batch, standardised: the first layer of a network that reads signals.
template <Scalar T = float> class ChannelInput {
 public:
  ChannelInput() = default;
  /// Channels of this scale.
  explicit ChannelInput(const ChannelScale& scale) : scaler_(scale) {}
  /// [tokens, channels].
  SeqVar<T> operator()(Tape<T>& tape, const SequenceBatch& batch) const {
    return scaler_(seqlstm::channels(tape, batch));
  }
  /// Number of channels.
  [[nodiscard]] std::size_t channels() const { return scaler_.channels(); }
  /// The scale it has.
  [[nodiscard]] ChannelScale scale() const { return scaler_.scale(); }
  template <class V> void fields(V& v) { v("scaler", scaler_); }

 private:
  StandardScaler<T> scaler_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/channels.ipp>
#endif
