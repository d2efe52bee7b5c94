// A chain of layers that is known only when the program runs: what a file of another library's model holds
// (io/architecture.hpp). Where the layers are known in the source, sequential() needs no table of them.
//
//     AnySequential<float> model({embedding(16), lstm({.hidden = 64}), last(), dense(1)});
//     fit(model, train);
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/loss.hpp>
#include <seqlstm/nn/model_output.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/recipes.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// A pooling over a whole sequence.
enum class PoolingKind { last, mean, max };

/// Poolings of the same steps side by side: a Concat of what is known when the program runs.
struct PoolingList {
  std::vector<PoolingKind> kinds;  ///< from left to right, at least one
  /// concat() of all of them, [sequences, kinds * cols].
  template <Scalar T> Var<T> operator()(const SeqVar<T>& x) const {
    Var<T> all = pooled(kinds.front(), x);
    for (std::size_t k = 1; k < kinds.size(); ++k) all = concat(all, pooled(kinds[k], x));
    return all;
  }
  template <class Visitor> void fields(Visitor&) {}

 private:
  template <Scalar T> static Var<T> pooled(PoolingKind kind, const SeqVar<T>& x) {
    return kind == PoolingKind::last ? last(x) : kind == PoolingKind::mean ? mean(x) : max(x);
  }
};

/// A PoolingList; made by poolings().
struct PoolingListRecipe {
  std::vector<PoolingKind> kinds;  ///< those of the layer
  /// The layer; multiplies the width. Throws option_error for none.
  template <class T> PoolingList build(ChainWidth& chain) const {
    if (kinds.empty()) throw option_error("poolings: expected at least one of last, mean and max");
    chain.cols *= kinds.size();
    return {kinds};
  }
};
/// Poolings side by side, as concat(last(), max()) makes them in a Sequential.
inline PoolingListRecipe poolings(std::vector<PoolingKind> kinds) {
  return {std::move(kinds)};
}

/// One of the recipes that an AnySequential is made of.
using AnyRecipe =
    std::variant<EmbeddingRecipe, OneHotRecipe, ChannelsRecipe, LstmRecipe, GruRecipe, RnnRecipe,
                 Conv1dRecipe, PlainRecipe<MaxPool1d>, PlainRecipe<AvgPool1d>, PlainRecipe<Reversed>,
                 MergeDirectionsRecipe, PlainRecipe<Last>, PlainRecipe<Mean>, PlainRecipe<Max>,
                 PoolingListRecipe, AttentionPoolingRecipe, DenseRecipe, BatchNormRecipe, LayerNormRecipe,
                 DropoutRecipe, GaussianNoiseRecipe, PlainRecipe<Sigmoid>, PlainRecipe<Tanh>,
                 PlainRecipe<Relu>, PlainRecipe<Softmax>, CrfRecipe>;

/// The name of the function that makes the recipe: "lstm", "max_pool1d".
const char* recipe_name(const AnyRecipe& recipe);

/// Trained numbers that such a chain has at least, for data of so many tokens and channels. A double: it does
/// not wrap around.
double expected_parameters(const std::vector<AnyRecipe>& recipes, const BuildInfo& info);

namespace detail {

template <Scalar T, class Recipe>
using BuiltLayer = decltype(std::declval<const Recipe&>().template build<T>(std::declval<ChainWidth&>()));
template <Scalar T, class Recipes> struct LayerOf;
template <Scalar T, class... Recipes> struct LayerOf<T, std::variant<Recipes...>> {
  using type = std::variant<BuiltLayer<T, Recipes>...>;
};

/// Throws option_error unless each recipe makes a layer that takes what the one before it gives. Does the
/// whole chain answer at every position?
bool checked_chain(const std::vector<AnyRecipe>& recipes);

}  // namespace detail

/// A Sequential whose recipes are values, not types: layers have the same names ("0", "1", ...), the same
/// first weights for a seed, and the same results to the bit. What would be a compile error of a Sequential
/// is an option_error of the constructor: it names the layer. A value: copies are deep.
template <Scalar T = float> class AnySequential {
 public:
  using Number = T;  ///< of its weights and outputs: float or double
  /// A layer of any of the kinds.
  using Layer = typename detail::LayerOf<T, AnyRecipe>::type;

  /// A chain of nothing, which io::load fills.
  AnySequential() = default;
  /// A chain without layers until build(). Layer i comes from recipe i. Throws option_error for no recipes,
  /// and where one does not take what the one before it gives.
  explicit AnySequential(std::vector<AnyRecipe> recipes);
  /// The same of a list.
  AnySequential(std::initializer_list<AnyRecipe> recipes) : AnySequential(std::vector<AnyRecipe>(recipes)) {}

  /// As that of a Sequential. Throws option_error for a chain of nothing, and as the layers do.
  void build(const BuildInfo& info);
  /// Are there layers?
  [[nodiscard]] bool built() const { return !layers_.empty(); }
  /// What the last build() was given; zeros before the first.
  [[nodiscard]] const BuildInfo& info() const { return info_; }
  /// What the layers are made of.
  [[nodiscard]] const std::vector<AnyRecipe>& recipes() const { return recipes_; }
  /// Has the output a row for each position, not for each sequence?
  [[nodiscard]] bool by_position() const { return by_position_; }

  /// Runs the chain over a batch. Throws option_error before build().
  ModelOutput<T> forward(Tape<T>& tape, const SequenceBatch& batch) const;

  /// Layer i, for instance to read its weights: std::get<Lstm<float>>(model.layer(1)). Only after build().
  [[nodiscard]] Layer& layer(std::size_t i) { return layers_.at(i); }
  /// The same, to read.
  [[nodiscard]] const Layer& layer(std::size_t i) const { return layers_.at(i); }

  std::optional<Loss> trained_with;  ///< as that of a Sequential
  /// What set_precision asked for: kept for the layers that build() makes.
  [[nodiscard]] Precision precision() const { return precision_.value_or(Precision::f32); }
  /// Of the layers that the next build() makes. The free set_precision() changes those that exist as well.
  void set_precision(Precision precision) { precision_ = precision; }
  bool training = true;  ///< what set_training asked for, kept likewise

  template <class V> void fields(V& v) {
    for (std::size_t i = 0; i < layers_.size(); ++i)
      std::visit([&](auto& layer) { v(std::to_string(i), layer); }, layers_[i]);
  }

 private:
  std::vector<AnyRecipe> recipes_;
  std::vector<Layer> layers_;
  std::optional<Precision> precision_;
  BuildInfo info_;
  bool by_position_ = false;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/any_sequential.ipp>
#endif
