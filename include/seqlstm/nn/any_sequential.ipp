// Definitions of any_sequential.hpp.
#pragma once

#include <array>
#include <seqlstm/nn/any_sequential.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/names.hpp>
#include <type_traits>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// What a layer gives for what it does not take.
struct NotTaken {};

/// The layer's result, as apply_layer of a Sequential has it, or NotTaken.
template <Scalar T, class Layer, class X> auto applied(Tape<T>& tape, const Layer& layer, const X& x) {
  if constexpr (std::is_same_v<X, CrfScores<T>>) {
    return NotTaken{};
  } else if constexpr (requires { layer(tape, x); }) {
    return layer(tape, x);
  } else if constexpr (std::is_same_v<X, EmbeddedTokens<T>>) {
    return applied(tape, layer, dense_rows(tape, x));
  } else if constexpr (requires { layer(x); }) {
    return layer(x);
  } else {
    return NotTaken{};
  }
}

/// What goes from layer to layer: the batch, tokens that are not yet looked up, a row per token, a row per
/// sequence, or what a Crf makes.
template <Scalar T>
using ChainValue = std::variant<std::reference_wrapper<const SequenceBatch>, EmbeddedTokens<T>, SeqVar<T>,
                                Var<T>, CrfScores<T>>;
inline constexpr std::size_t at_batch = 0;
inline constexpr std::size_t at_tokens = 1;
inline constexpr std::size_t at_steps = 2;
inline constexpr std::size_t at_rows = 3;
inline constexpr std::size_t at_scores = 4;
inline constexpr std::size_t not_taken = std::variant_npos;

template <class X> const X& unwrapped(const X& x) {
  return x;
}
template <class X> const X& unwrapped(const std::reference_wrapper<const X>& x) {
  return x.get();
}

/// Which of the values Y is.
template <class Y, std::size_t... Index> constexpr std::size_t place_of(std::index_sequence<Index...>) {
  std::size_t place = not_taken;
  ((place = std::is_same_v<Y, std::variant_alternative_t<Index, ChainValue<float>>> ? Index : place), ...);
  return place;
}
/// Which value such a layer makes of each of them.
template <class Layer, std::size_t... Index>
constexpr std::array<std::size_t, sizeof...(Index)> places_after(std::index_sequence<Index...> all) {
  return {place_of<decltype(applied<float>(
      std::declval<Tape<float>&>(), std::declval<const Layer&>(),
      unwrapped(std::declval<const std::variant_alternative_t<Index, ChainValue<float>>&>())))>(all)...};
}

SEQLSTM_INLINE bool checked_chain(const std::vector<AnyRecipe>& recipes) {
  if (recipes.empty()) throw option_error("sequential: no layers, expected at least one");
  std::size_t value = at_batch;
  for (std::size_t i = 0; i < recipes.size(); ++i) {
    const std::string layer =
        "sequential: layer " + std::to_string(i) + " (" + recipe_name(recipes[i]) + ") ";
    const auto after = std::visit(
        [](const auto& recipe) {
          using Layer = BuiltLayer<float, std::remove_cvref_t<decltype(recipe)>>;
          return places_after<Layer>(std::make_index_sequence<std::variant_size_v<ChainValue<float>>>());
        },
        recipes[i]);
    if (after[value] == not_taken) {
      if (value == at_batch)
        throw option_error(layer + "cannot be the first: begin a chain with embedding, one_hot or channels");
      if (value == at_scores) throw option_error(layer + "stands after crf, the last layer of a chain");
      if (after[at_batch] != not_taken) throw option_error(layer + "can only be the first of a chain");
      if (value == at_rows)
        throw option_error(layer + "takes one row per token, but the steps before it were pooled already");
      throw option_error(layer + "takes one row per sequence; pool the steps first: last, mean or max");
    }
    value = after[value];
  }
  return value != at_rows;
}

template <Scalar T> ModelOutput<T> output_of_chain(Tape<T>& tape, const ChainValue<T>& value) {
  if (const auto* tokens = std::get_if<at_tokens>(&value)) return dense_rows(tape, *tokens);
  if (const auto* steps = std::get_if<at_steps>(&value)) return *steps;
  if (const auto* scores = std::get_if<at_scores>(&value)) return *scores;
  return std::get<at_rows>(value);
}

}  // namespace detail

SEQLSTM_INLINE const char* recipe_name(const AnyRecipe& recipe) {
  constexpr std::array<const char*, std::variant_size_v<AnyRecipe>> names = {"embedding",
                                                                             "one_hot",
                                                                             "channels",
                                                                             "lstm",
                                                                             "gru",
                                                                             "rnn",
                                                                             "conv1d",
                                                                             "max_pool1d",
                                                                             "avg_pool1d",
                                                                             "reversed",
                                                                             "merge_directions",
                                                                             "last",
                                                                             "mean",
                                                                             "max",
                                                                             "poolings",
                                                                             "attention_pooling",
                                                                             "dense",
                                                                             "batch_norm",
                                                                             "layer_norm",
                                                                             "dropout",
                                                                             "gaussian_noise",
                                                                             "sigmoid",
                                                                             "tanh",
                                                                             "relu",
                                                                             "softmax",
                                                                             "crf"};
  return names[recipe.index()];
}

namespace detail {

/// Parameters of a layer with so many input columns at least, and its output columns.
struct LayerSize {
  double parameters, cols;
};
inline LayerSize recurrent_size(double gates, double inputs, double hidden, std::size_t layers,
                                bool bidirectional) {
  const double directions = bidirectional ? 2 : 1;
  const double first = gates * hidden * (inputs + hidden + 2),
               further = gates * hidden * ((directions + 1) * hidden + 2);
  return {directions * (first + static_cast<double>(layers - 1) * further), directions * hidden};
}

}  // namespace detail

SEQLSTM_INLINE double expected_parameters(const std::vector<AnyRecipe>& recipes, const BuildInfo& info) {
  using detail::LayerSize;
  const auto vocabulary = static_cast<double>(info.vocabulary);
  double total = 0, cols = 0;
  const auto size = [&]<class Recipe>(const Recipe& recipe) -> LayerSize {
    if constexpr (std::is_same_v<Recipe, EmbeddingRecipe>) {
      return {vocabulary * static_cast<double>(recipe.dim), static_cast<double>(recipe.dim)};
    } else if constexpr (std::is_same_v<Recipe, OneHotRecipe>) {
      return {0, vocabulary};
    } else if constexpr (std::is_same_v<Recipe, ChannelsRecipe>) {
      return {0, static_cast<double>(info.channels.channels())};
    } else if constexpr (std::is_same_v<Recipe, LstmRecipe>) {
      constexpr double most = 1e15;  // fits a size; columns may be many more in a file that lies
      auto options = recipe.options;
      options.input = static_cast<std::size_t>(std::min(cols, most));
      return {expected_parameters(options),
              static_cast<double>(options.output()) * (options.bidirectional ? 2 : 1)};
    } else if constexpr (std::is_same_v<Recipe, GruRecipe>) {
      const auto& o = recipe.options;
      return detail::recurrent_size(3, cols, static_cast<double>(o.hidden), o.layers, o.bidirectional);
    } else if constexpr (std::is_same_v<Recipe, RnnRecipe>) {
      const auto& o = recipe.options;
      return detail::recurrent_size(1, cols, static_cast<double>(o.hidden), o.layers, o.bidirectional);
    } else if constexpr (std::is_same_v<Recipe, Conv1dRecipe>) {
      const auto output = static_cast<double>(recipe.options.output);
      return {output * cols * static_cast<double>(recipe.options.kernel), output};
    } else if constexpr (std::is_same_v<Recipe, DenseRecipe>) {
      const auto output = static_cast<double>(recipe.options.output);
      return {output * cols, output};
    } else if constexpr (std::is_same_v<Recipe, AttentionPoolingRecipe>) {
      const auto attention = static_cast<double>(recipe.options.attention),
                 heads = static_cast<double>(recipe.options.heads);
      return {attention * (cols + 1 + heads), heads * cols};
    } else if constexpr (std::is_same_v<Recipe, BatchNormRecipe> || std::is_same_v<Recipe, LayerNormRecipe>) {
      return {2 * cols, cols};
    } else if constexpr (std::is_same_v<Recipe, CrfRecipe>) {
      return {cols * (cols + 2), cols};
    } else if constexpr (std::is_same_v<Recipe, PoolingListRecipe>) {
      return {0, cols * static_cast<double>(recipe.kinds.size())};
    } else if constexpr (std::is_same_v<Recipe, MergeDirectionsRecipe>) {
      return {0, cols / 2};
    } else {
      return {0, cols};
    }
  };
  for (const AnyRecipe& recipe : recipes) {
    const LayerSize layer = std::visit(size, recipe);
    total += layer.parameters;
    cols = layer.cols;
  }
  return total;
}

template <Scalar T>
AnySequential<T>::AnySequential(std::vector<AnyRecipe> recipes)
    : recipes_(std::move(recipes)), by_position_(detail::checked_chain(recipes_)) {}

template <Scalar T> void AnySequential<T>::build(const BuildInfo& info) {
  if (recipes_.empty())
    throw option_error("sequential: a chain of nothing; give it recipes, or load it from a file");
  ChainWidth chain{info, 0};
  std::vector<Layer> layers;
  layers.reserve(recipes_.size());
  for (const AnyRecipe& recipe : recipes_)
    layers.push_back(std::visit([&](const auto& r) { return Layer(r.template build<T>(chain)); }, recipe));
  layers_ = std::move(layers);
  initialize(*this, info.seed);
  set_names(*this);
  if (precision_) seqlstm::set_precision(*this, *precision_);
  if (!training) seqlstm::set_training(*this, false);
  info_ = info;
}

template <Scalar T>
ModelOutput<T> AnySequential<T>::forward(Tape<T>& tape, const SequenceBatch& batch) const {
  if (!built()) throw option_error("sequential: call build() (fit does) before forward()");
  using Value = detail::ChainValue<T>;
  Value value = std::cref(batch);
  for (const Layer& of_any : layers_) {
    Value next = std::visit(
        [&](const auto& layer, const auto& x) -> Value {
          auto y = detail::applied<T>(tape, layer, detail::unwrapped(x));
          if constexpr (std::is_same_v<decltype(y), detail::NotTaken>) {
            throw option_error("sequential: a layer was replaced by one that does not fit");
          } else {
            return y;
          }
        },
        of_any, value);
    value = std::move(next);
  }
  return detail::output_of_chain<T>(tape, value);
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class AnySequential<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
