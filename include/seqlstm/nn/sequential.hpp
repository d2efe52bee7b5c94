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
#include <seqlstm/nn/position.hpp>
#include <seqlstm/nn/rnn.hpp>
#include <tuple>
#include <type_traits>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

/// What a chain must know of the data before its layers can be made.
struct BuildInfo {
  std::size_t vocabulary = 0;  ///< number of token ids
  std::size_t max_length = 0;  ///< tokens of the longest sequence; only position() reads it
  std::uint64_t seed = 0;      ///< of the initial weights
};

/// The state of a chain being built: what the data is, and how many columns the last layer made.
struct ChainWidth {
  BuildInfo info;
  std::size_t cols = 0;
};

// ---- recipes: build<T>(ChainWidth&) makes the layer and moves the width on
// ----------------------------------------

struct EmbeddingRecipe {
  std::size_t width;
  template <class T> Embedding<T> build(ChainWidth& chain) const {
    chain.cols = width;
    return Embedding<T>({.vocabulary = chain.info.vocabulary, .width = width, .padding = {}});
  }
};

struct OneHotRecipe {
  template <class T> OneHot<T> build(ChainWidth& chain) const {
    chain.cols = chain.info.vocabulary;
    return OneHot<T>(chain.info.vocabulary);
  }
};

struct PositionRecipe {
  std::size_t length;  // 0: the longest sequence of the training data
};

/// Token vector plus position vector, as one layer.
template <Scalar T> struct PositionedEmbedding {
  Embedding<T> token;
  Position<T> position;
  EmbeddedTokens<T> operator()(const TokenBatch& batch) const { return token(batch) + position(batch); }
  template <class V> void fields(V& v) {
    v("token", token);
    v("position", position);
  }
};

struct PositionedEmbeddingRecipe {
  EmbeddingRecipe token;
  PositionRecipe position;
  template <class T> PositionedEmbedding<T> build(ChainWidth& chain) const {
    const std::size_t length = position.length > 0 ? position.length : chain.info.max_length;
    return {token.build<T>(chain), Position<T>({.length = length, .width = token.width})};
  }
};

template <template <class> class Layer, class Options> struct RecurrentRecipe {
  Options options;
  template <class T> Layer<T> build(ChainWidth& chain) const {
    Options complete = options;
    complete.input = chain.cols;
    Layer<T> layer(std::move(complete));
    chain.cols = layer.output();
    return layer;
  }
};
using LstmRecipe = RecurrentRecipe<Lstm, LstmOptions>;
using RnnRecipe = RecurrentRecipe<Rnn, RnnOptions>;

struct DenseRecipe {
  DenseOptions options;
  template <class T> Dense<T> build(ChainWidth& chain) const {
    DenseOptions complete = options;
    complete.input = std::exchange(chain.cols, options.output);
    return Dense<T>(std::move(complete));
  }
};

struct BatchNormRecipe {
  template <class T> BatchNorm<T> build(ChainWidth& chain) const { return BatchNorm<T>(chain.cols); }
};

struct DropoutRecipe {
  DropoutOptions options;
  template <class T> Dropout<T> build(ChainWidth&) const { return Dropout<T>(options); }
};

/// A layer without parameters; poolings multiply the width.
template <class Layer> struct PlainRecipe {
  Layer layer;
  template <class T> Layer build(ChainWidth& chain) const {
    if constexpr (requires { Layer::widths; }) chain.cols *= Layer::widths;
    return layer;
  }
};

inline EmbeddingRecipe embedding(std::size_t width) {
  return {width};
}
inline OneHotRecipe one_hot() {
  return {};
}
/// A vector per position, to be added: `embedding(16) + position()`. `length` 0 takes the training data's
/// longest.
inline PositionRecipe position(std::size_t length = 0) {
  return {length};
}
inline PositionedEmbeddingRecipe operator+(EmbeddingRecipe token, PositionRecipe place) {
  return {token, place};
}
inline LstmRecipe lstm(LstmOptions options) {
  return {std::move(options)};
}
inline RnnRecipe rnn(RnnOptions options) {
  return {std::move(options)};
}
inline DenseRecipe dense(DenseOptions options) {
  return {std::move(options)};
}
inline DenseRecipe dense(std::size_t output) {
  return dense({.output = output});
}
inline BatchNormRecipe batch_norm() {
  return {};
}
DropoutRecipe dropout(double p);
inline DropoutRecipe dropout(DropoutOptions options) {
  return {std::move(options)};
}
inline PlainRecipe<Sigmoid> sigmoid() {
  return {};
}
inline PlainRecipe<Tanh> tanh() {
  return {};
}
inline PlainRecipe<Relu> relu() {
  return {};
}
inline PlainRecipe<Softmax> softmax() {
  return {};
}
inline PlainRecipe<Last> last() {
  return {};
}
inline PlainRecipe<Mean> mean() {
  return {};
}
inline PlainRecipe<Max> max() {
  return {};
}
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
  using Number = T;

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
  [[nodiscard]] bool built() const { return layers_.has_value(); }
  [[nodiscard]] const BuildInfo& info() const { return info_; }

  /// Runs the chain over a batch. Throws option_error before build().
  auto forward(Tape<T>& tape, const TokenBatch& batch) const {
    if (!built()) throw option_error("sequential: call build() (fit does) before forward()");
    return run<0>(tape, batch);
  }

  /// Layer `I`, for instance to read its weights.
  template <std::size_t Index> auto& layer() { return std::get<Index>(*layers_); }
  template <std::size_t Index> const auto& layer() const { return std::get<Index>(*layers_); }
  std::optional<Loss> trained_with;  ///< set by fit, so that evaluate and predict need not be told

  /// What set_precision asked for: kept for the layers that build() makes.
  [[nodiscard]] Precision precision() const { return precision_.value_or(Precision::f32); }
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
