// A chain of layers whose widths follow from one another.
//
//     auto model = sequential(embedding(16), lstm({.hidden = 64, .bidirectional = true}), last(), dense(1));
//     model.build({.vocabulary = 4});          // fit() does this from the data
//
// The arguments are recipes (recipes.hpp): they know what a user decides and learn the rest (vocabulary,
// columns) in build().
#pragma once

#include <optional>
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/loss.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/names.hpp>
#include <seqlstm/nn/recipes.hpp>
#include <tuple>
#include <type_traits>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

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
    static_assert(!std::is_same_v<X, CrfScores<T>>, "seqlstm: crf() is the last layer of a chain");
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
  auto forward(Tape<T>& tape, const SequenceBatch& batch) const {
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
