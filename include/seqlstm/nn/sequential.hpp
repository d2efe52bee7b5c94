// A chain of layers whose widths follow from one another.
//
//     auto model = sequential(embedding(16), lstm({.hidden = 64, .bidirectional = true}), last(), dense(1));
//     model.build({.vocabulary = 4});          // fit() does this from the data
//
// The arguments are recipes: they know what a user decides and learn the rest (vocabulary, columns) in
// build().
#pragma once

#include <optional>
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/dropout.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/loss.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/names.hpp>
#include <seqlstm/nn/one_hot.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <seqlstm/nn/positional_embedding.hpp>
#include <seqlstm/nn/rnn.hpp>
#include <tuple>
#include <type_traits>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

/// What a chain must know of the data before its layers can be made.
struct BuildInfo {
  std::size_t vocabulary = 0;  ///< number of token ids
  std::size_t max_length = 0;  ///< tokens of the longest sequence; only positional_embedding() reads it
  std::uint64_t seed = 0;      ///< of the initial weights
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
  EmbeddedTokens<T> operator()(const TokenBatch& batch) const { return token(batch) + position(batch); }
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

/// An Lstm or Rnn that reads what the layer before it gives; made by lstm() and rnn().
template <template <class> class Layer, class Options> struct RecurrentRecipe {
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
using LstmRecipe = RecurrentRecipe<Lstm, LstmOptions>;
/// What rnn() returns.
using RnnRecipe = RecurrentRecipe<Rnn, RnnOptions>;

/// A Dense that reads what the layer before it gives; made by dense().
struct DenseRecipe {
  DenseOptions options;  ///< `input` is not read
  /// The layer with input chain.cols; sets chain.cols to its output.
  template <class T> Dense<T> build(ChainWidth& chain) const {
    DenseOptions complete = options;
    complete.input = std::exchange(chain.cols, options.output);
    return Dense<T>(std::move(complete));
  }
};

/// A BatchNorm with the usual momentum and eps; made by batch_norm().
struct BatchNormRecipe {
  /// The layer with width chain.cols.
  template <class T> BatchNorm<T> build(ChainWidth& chain) const { return BatchNorm<T>(chain.cols); }
};

/// A Dropout; made by dropout().
struct DropoutRecipe {
  DropoutOptions options;  ///< those of the layer
  /// The layer; the width stays.
  template <class T> Dropout<T> build(ChainWidth&) const { return Dropout<T>(options); }
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
/// An Lstm; its `input` follows from the layer before.
inline LstmRecipe lstm(LstmOptions options) {
  return {std::move(options)};
}
/// An Rnn; its `input` follows from the layer before.
inline RnnRecipe rnn(RnnOptions options) {
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
inline BatchNormRecipe batch_norm() {
  return {};
}
/// A Dropout with probability p, not variational.
DropoutRecipe dropout(double p);
/// The same with all options.
inline DropoutRecipe dropout(DropoutOptions options) {
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

namespace detail {

/// Hands `x` to a layer: with the tape where the layer wants it, as dense rows where it cannot look tokens
/// up.
template <Scalar T, class Layer, class X> auto apply_layer(Tape<T>& tape, Layer& layer, const X& x) {
  if constexpr (requires { layer(tape, x); }) {
    return layer(tape, x);
  } else if constexpr (requires { layer(x); }) {
    return layer(x);
  } else if constexpr (std::is_same_v<X, EmbeddedTokens<T>>) {
    return layer(dense_rows(tape, x));
  } else {
    static_assert(!std::is_same_v<X, Var<T>>,
                  "seqlstm: this layer takes one row per token, but the steps before it were pooled already");
    static_assert(
        !std::is_same_v<X, SeqVar<T>>,
        "seqlstm: this layer takes one row per sequence; pool the steps first: last(), mean() or max()");
  }
}

}  // namespace detail

/// A chain of layers, called "0", "1", ... as PyTorch's nn.Sequential calls them. A value: copies are deep.
template <Scalar T, class... Recipes> class Sequential {
  using Layers =
      std::tuple<decltype(std::declval<const Recipes&>().template build<T>(std::declval<ChainWidth&>()))...>;

 public:
  using Number = T;  ///< of its weights and outputs: float or double

  /// A chain without layers until build(). Layer i comes from recipe i.
  explicit Sequential(Recipes... recipes) : recipes_(std::move(recipes)...) {}

  /// Makes the layers, with weights drawn from info.seed, in the precision that set_precision asked for
  /// before or after the last build. Forgets what was learned.
  void build(const BuildInfo& info) {
    ChainWidth chain{info, 0};
    std::apply([&](const auto&... recipe) { layers_.emplace(Layers{recipe.template build<T>(chain)...}); },
               recipes_);
    initialize(*this, info.seed);
    set_names(*this);
    if (precision_) seqlstm::set_precision(*this, *precision_);
    if (!training) seqlstm::set_training(*this, false);
    info_ = info;
  }
  /// Are there layers?
  [[nodiscard]] bool built() const { return layers_.has_value(); }
  /// What the last build() was given; zeros before the first.
  [[nodiscard]] const BuildInfo& info() const { return info_; }

  /// Runs the chain over a batch. Throws option_error before build().
  auto forward(Tape<T>& tape, const TokenBatch& batch) const {
    if (!built()) throw option_error("sequential: call build() (fit does) before forward()");
    return run<0>(tape, batch);
  }

  /// Layer `Index`, for instance to read its weights. Only after build().
  template <std::size_t Index> auto& layer() { return std::get<Index>(*layers_); }
  /// The same, to read.
  template <std::size_t Index> const auto& layer() const { return std::get<Index>(*layers_); }
  std::optional<Loss> trained_with;  ///< set by fit, so that evaluate and predict need not be told

  /// What set_precision asked for: kept for the layers that build() makes.
  [[nodiscard]] Precision precision() const { return precision_.value_or(Precision::f32); }
  /// Of the layers that the next build() makes. The free set_precision() changes those that exist as well.
  void set_precision(Precision precision) { precision_ = precision; }
  bool training = true;  ///< what set_training asked for, kept likewise

  template <class V> void fields(V& v) {
    if (built()) visit(v, std::index_sequence_for<Recipes...>{});
  }

 private:
  template <std::size_t Index, class X> auto run(Tape<T>& tape, const X& x) const {
    auto y = detail::apply_layer(tape, layer<Index>(), x);
    if constexpr (Index + 1 < sizeof...(Recipes)) {
      return run<Index + 1>(tape, y);
    } else {
      return y;
    }
  }
  template <class V, std::size_t... Index> void visit(V& v, std::index_sequence<Index...>) {
    (v(std::to_string(Index), layer<Index>()), ...);
  }

  std::tuple<Recipes...> recipes_;
  std::optional<Layers> layers_;
  std::optional<Precision> precision_;
  BuildInfo info_;
};

/// A chain of the given recipes, in float; `sequential<double>(...)` in double.
template <Scalar T = float, class... Recipes> Sequential<T, Recipes...> sequential(Recipes... recipes) {
  return Sequential<T, Recipes...>(std::move(recipes)...);
}

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/sequential.ipp>
#endif
