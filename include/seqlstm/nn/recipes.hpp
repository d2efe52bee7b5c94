// Recipes of layers: what a chain (sequential.hpp) is written as. Each knows what its user decides and learns
// the rest, vocabulary and columns, from the data and the layer before it.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/attention_pooling.hpp>
#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/channels.hpp>
#include <seqlstm/nn/concat.hpp>
#include <seqlstm/nn/conv1d.hpp>
#include <seqlstm/nn/crf.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/dropout.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/gaussian_noise.hpp>
#include <seqlstm/nn/gru.hpp>
#include <seqlstm/nn/layer_norm.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/merge_directions.hpp>
#include <seqlstm/nn/one_hot.hpp>
#include <seqlstm/nn/pool1d.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <seqlstm/nn/positional_embedding.hpp>
#include <seqlstm/nn/reversed.hpp>
#include <seqlstm/nn/rnn.hpp>
#include <tuple>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

/// What a chain must know of the data before its layers can be made.
struct BuildInfo {
  std::size_t vocabulary = 0;  ///< number of token ids
  std::size_t max_length = 0;  ///< tokens of the longest sequence; only positional_embedding() reads it
  std::uint64_t seed = 0;      ///< of the initial weights
  ChannelScale channels = {};  ///< of the training data's real numbers; only channels() reads it
};

/// The state of a chain being built: what the data is, and how many columns the last layer made.
struct ChainWidth {
  BuildInfo info;        ///< what build() was given
  std::size_t cols = 0;  ///< of the last layer made; 0 before the first
};

// ---- recipes: build<T>(ChainWidth&) makes the layer and moves the width on
// ----------------------------------------

/// An Embedding of the data's vocabulary; made by embedding().
struct EmbeddingRecipe {
  std::size_t dim;  ///< numbers per token
  /// The layer, for chain.info.vocabulary ids; sets chain.cols to dim.
  template <class T> Embedding<T> build(ChainWidth& chain) const {
    chain.cols = dim;
    return Embedding<T>({.vocabulary = chain.info.vocabulary, .dim = dim, .padding = {}});
  }
};

/// A OneHot of the data's vocabulary; made by one_hot().
struct OneHotRecipe {
  /// The layer; sets chain.cols to the vocabulary.
  template <class T> OneHot<T> build(ChainWidth& chain) const {
    chain.cols = chain.info.vocabulary;
    return OneHot<T>(chain.info.vocabulary);
  }
};

/// A PositionalEmbedding to be added to an EmbeddingRecipe, no layer by itself; made by
/// positional_embedding().
struct PositionalEmbeddingRecipe {
  std::size_t length;  ///< 0: the longest sequence of the training data
};

/// Token vector plus position vector, as one layer.
template <Scalar T> struct PositionedEmbedding {
  Embedding<T> token;               ///< [V, dim]
  PositionalEmbedding<T> position;  ///< [length, dim]
  /// The expression row(token) + row(position); refers to the batch.
  EmbeddedTokens<T> operator()(const SequenceBatch& batch) const { return token(batch) + position(batch); }
  template <class V> void fields(V& v) {
    v("token", token);
    v("position", position);
  }
};

/// A PositionedEmbedding; made by adding the two recipes.
struct PositionedEmbeddingRecipe {
  EmbeddingRecipe token;               ///< its dim is that of the positions too
  PositionalEmbeddingRecipe position;  ///< its length
  /// The layer, with a position for each of chain.info.max_length tokens where no length was asked for.
  template <class T> PositionedEmbedding<T> build(ChainWidth& chain) const {
    const std::size_t length = position.length > 0 ? position.length : chain.info.max_length;
    return {token.build<T>(chain), PositionalEmbedding<T>({.length = length, .dim = token.dim})};
  }
};

/// A ChannelInput of the data's channels, with their scale; made by channels().
struct ChannelsRecipe {
  /// The layer; sets chain.cols to the number of channels. Throws option_error for data without channels.
  template <class T> ChannelInput<T> build(ChainWidth& chain) const {
    chain.cols = chain.info.channels.channels();
    if (chain.cols == 0)
      throw option_error("channels(): the data has no real numbers at its positions; begin with embedding()");
    return ChannelInput<T>(chain.info.channels);
  }
};

/// Token vectors and channels side by side.
template <Scalar T> struct EmbeddedChannels {
  Embedding<T> token;        ///< [V, dim]
  ChannelInput<T> channels;  ///< [tokens, F]
  /// [tokens, dim + F].
  SeqVar<T> operator()(Tape<T>& tape, const SequenceBatch& batch) const {
    return concat(dense_rows(tape, token(batch)), channels(tape, batch));
  }
  template <class V> void fields(V& v) {
    v("token", token);
    v("channels", channels);
  }
};

/// An EmbeddedChannels; made by concat(embedding(), channels()).
struct EmbeddedChannelsRecipe {
  EmbeddingRecipe token;    ///< of the letters
  ChannelsRecipe channels;  ///< of the numbers beside them
  /// The layer; sets chain.cols to the columns of both.
  template <class T> EmbeddedChannels<T> build(ChainWidth& chain) const {
    auto letters = token.build<T>(chain);
    auto numbers = channels.build<T>(chain);
    chain.cols += token.dim;
    return {std::move(letters), std::move(numbers)};
  }
};

/// A layer that reads what the layer before it gives.
template <template <class> class Layer, class Options> struct LayerRecipe {
  Options options;  ///< `input` is not read
  /// The layer with input chain.cols; sets chain.cols to its output.
  template <class T> Layer<T> build(ChainWidth& chain) const {
    Options complete = options;
    complete.input = chain.cols;
    Layer<T> layer(std::move(complete));
    chain.cols = layer.output();
    return layer;
  }
};
/// What lstm() returns.
using LstmRecipe = LayerRecipe<Lstm, LstmOptions>;
/// What gru() returns.
using GruRecipe = LayerRecipe<Gru, GruOptions>;
/// What rnn() returns.
using RnnRecipe = LayerRecipe<Rnn, RnnOptions>;
/// What conv1d() returns.
using Conv1dRecipe = LayerRecipe<Conv1d, Conv1dOptions>;
/// What attention_pooling() returns.
using AttentionPoolingRecipe = LayerRecipe<AttentionPooling, AttentionPoolingOptions>;
/// What dense() returns.
using DenseRecipe = LayerRecipe<Dense, DenseOptions>;

/// A Crf of the columns of the layer before, the last layer of a chain; made by crf().
struct CrfRecipe {
  CrfOptions options;  ///< `labels` is not read
  /// The layer of chain.cols labels.
  template <class T> Crf<T> build(ChainWidth& chain) const {
    CrfOptions complete = options;
    complete.labels = chain.cols;
    return Crf<T>(std::move(complete));
  }
};

/// A LayerNorm of the columns of the layer before; made by layer_norm().
struct LayerNormRecipe {
  LayerNormOptions options = {};  ///< `width` is not read
  /// The layer with width chain.cols.
  template <class T> LayerNorm<T> build(ChainWidth& chain) const {
    LayerNormOptions complete = options;
    complete.width = chain.cols;
    return LayerNorm<T>(std::move(complete));
  }
};

/// A BatchNorm of the columns of the layer before; made by batch_norm().
struct BatchNormRecipe {
  BatchNormOptions options = {};  ///< `width` is not read
  /// The layer with width chain.cols.
  template <class T> BatchNorm<T> build(ChainWidth& chain) const {
    BatchNormOptions complete = options;
    complete.width = chain.cols;
    return BatchNorm<T>(std::move(complete));
  }
};

/// A MergeDirections; made by merge_directions().
struct MergeDirectionsRecipe {
  MergeDirections layer;  ///< what build() copies
  /// The layer; half of the columns remain. Throws shape_error where their number is odd.
  template <class T> MergeDirections build(ChainWidth& chain) const {
    detail::check_halves(chain.cols);
    chain.cols /= 2;
    return layer;
  }
};

/// A Dropout; made by dropout().
struct DropoutRecipe {
  DropoutOptions options;  ///< those of the layer
  /// The layer; the width stays.
  template <class T> Dropout<T> build(ChainWidth&) const { return Dropout<T>(options); }
};

/// A GaussianNoise; made by gaussian_noise().
struct GaussianNoiseRecipe {
  GaussianNoiseOptions options;  ///< those of the layer
  /// The layer; the width stays.
  template <class T> GaussianNoise<T> build(ChainWidth&) const { return GaussianNoise<T>(options); }
};

/// A layer without parameters; poolings multiply the width.
template <class Layer> struct PlainRecipe {
  Layer layer;  ///< what build() copies
  /// A copy of the layer; chain.cols times Layer::widths where it is a pooling.
  template <class T> Layer build(ChainWidth& chain) const {
    if constexpr (requires { Layer::widths; }) chain.cols *= Layer::widths;
    return layer;
  }
};

/// A learned vector of `dim` numbers per token.
inline EmbeddingRecipe embedding(std::size_t dim) {
  return {dim};
}
/// Tokens as unit vectors, one column per token id.
inline OneHotRecipe one_hot() {
  return {};
}
/// A vector per position, to be added: `embedding(16) + positional_embedding()`. `length` 0 takes the
/// training data's longest.
inline PositionalEmbeddingRecipe positional_embedding(std::size_t length = 0) {
  return {length};
}
/// Token vector plus position vector.
inline PositionedEmbeddingRecipe operator+(EmbeddingRecipe token, PositionalEmbeddingRecipe place) {
  return {token, place};
}
/// The data's real numbers at each position, standardised by the training part's mean and deviation.
inline ChannelsRecipe channels() {
  return {};
}
/// Token vectors and the numbers beside them, side by side.
inline EmbeddedChannelsRecipe concat(EmbeddingRecipe token, ChannelsRecipe channels) {
  return {token, channels};
}
/// An Lstm; its `input` follows from the layer before.
inline LstmRecipe lstm(LstmOptions options) {
  return {std::move(options)};
}
/// A Gru; its `input` follows from the layer before.
inline GruRecipe gru(GruOptions options) {
  return {std::move(options)};
}
/// An Rnn; its `input` follows from the layer before.
inline RnnRecipe rnn(RnnOptions options) {
  return {std::move(options)};
}
/// A Conv1d over the steps; its `input` follows from the layer before.
inline Conv1dRecipe conv1d(Conv1dOptions options) {
  return {std::move(options)};
}
/// The largest values of windows of steps: fewer steps remain.
inline PlainRecipe<MaxPool1d> max_pool1d(Pool1dOptions options) {
  return {MaxPool1d(std::move(options))};
}
/// The means of windows of steps.
inline PlainRecipe<AvgPool1d> avg_pool1d(Pool1dOptions options) {
  return {AvgPool1d(std::move(options))};
}
/// A Crf at the end of a chain that answers at every position; its `labels` follow from the layer before.
/// Trained with crf_loss().
inline CrfRecipe crf(CrfOptions options = {}) {
  return {std::move(options)};
}
/// A Dense; its `input` follows from the layer before.
inline DenseRecipe dense(DenseOptions options) {
  return {std::move(options)};
}
/// The same from its number of outputs, with a bias.
inline DenseRecipe dense(std::size_t output) {
  return dense({.output = output});
}
/// A BatchNorm of the columns of the layer before.
inline BatchNormRecipe batch_norm(BatchNormOptions options = {}) {
  return {std::move(options)};
}
/// A LayerNorm of the columns of the layer before.
inline LayerNormRecipe layer_norm(LayerNormOptions options = {}) {
  return {std::move(options)};
}
/// The two directions of a bidirectional layer, or of last() of it, as one.
inline MergeDirectionsRecipe merge_directions(MergeMode mode) {
  return {{mode}};
}
/// Every sequence from its last token to its first, as a layer of a chain.
inline PlainRecipe<Reversed> reversed() {
  return {};
}
/// Weighted sums over the tokens, with weights that are learned; `input` follows from the layer before.
inline AttentionPoolingRecipe attention_pooling(AttentionPoolingOptions options = {}) {
  return {std::move(options)};
}
/// A Dropout with probability p, not variational.
DropoutRecipe dropout(double p);
/// The same with all options.
inline DropoutRecipe dropout(DropoutOptions options) {
  return {std::move(options)};
}
/// A GaussianNoise, behind channels() for instance.
inline GaussianNoiseRecipe gaussian_noise(GaussianNoiseOptions options = {}) {
  return {std::move(options)};
}
/// sigmoid(x) as a layer of a chain.
inline PlainRecipe<Sigmoid> sigmoid() {
  return {};
}
/// tanh(x) as a layer of a chain.
inline PlainRecipe<Tanh> tanh() {
  return {};
}
/// relu(x) as a layer of a chain.
inline PlainRecipe<Relu> relu() {
  return {};
}
/// softmax(x) as a layer of a chain.
inline PlainRecipe<Softmax> softmax() {
  return {};
}
/// last(x) as a layer of a chain.
inline PlainRecipe<Last> last() {
  return {};
}
/// mean(x) as a layer of a chain.
inline PlainRecipe<Mean> mean() {
  return {};
}
/// max(x) as a layer of a chain.
inline PlainRecipe<Max> max() {
  return {};
}
/// Several poolings of the same states side by side, as one layer: concat(last(), max(), mean()).
template <class... Poolings>
PlainRecipe<Concat<Poolings...>> concat(const PlainRecipe<Poolings>&... poolings) {
  return {{std::tuple(poolings.layer...)}};
}

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/recipes.ipp>
#endif
