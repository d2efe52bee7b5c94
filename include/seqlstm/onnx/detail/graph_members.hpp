// Members of a model on their way into a LayerGraph.
#pragma once

#include <cstddef>
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/any_sequential.hpp>
#include <seqlstm/nn/attention_pooling.hpp>
#include <seqlstm/nn/crf.hpp>
#include <seqlstm/nn/dropout.hpp>
#include <seqlstm/nn/gaussian_noise.hpp>
#include <seqlstm/nn/recipes.hpp>
#include <seqlstm/onnx/layer_graph.hpp>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

using NodeInputs = std::vector<std::size_t>;

/// A visitor of fields() that remembers the member of one name and type.
template <class Layer> struct MemberFinder {
  std::string_view wanted;
  Layer* found = nullptr;
  template <class Member> void operator()(std::string_view name, Member& member) {
    if constexpr (std::is_same_v<Member, Layer>)
      if (name == wanted) found = &member;
  }
};
template <class Layer, class Model> Layer* find_member(Model& model, std::string_view name) {
  MemberFinder<Layer> finder{name};
  model.fields(finder);
  return finder.found;
}

template <class T, class Variant> struct IsOneOf;
template <class T, class... Kinds>
struct IsOneOf<T, std::variant<Kinds...>> : std::bool_constant<(std::is_same_v<T, Kinds> || ...)> {};

/// A layer that stands in a graph as it is; anything else is refused by name.
template <class Layer>
std::size_t add_layer(LayerGraph& graph, const std::string& path, const Layer& layer, const NodeInputs& x) {
  if constexpr (IsOneOf<Layer, GraphLayer>::value) {
    return graph.add(path, layer, x);
  } else {
    throw option_error("'" + path +
                       "' is a layer of one's own, which ONNX does not know; write it as layers of the "
                       "library, or export what stands before it");
  }
}
// What does nothing in inference.
inline std::size_t add_layer(LayerGraph&, const std::string&, const Dropout<float>&, const NodeInputs& x) {
  return x.at(0);
}
inline std::size_t add_layer(LayerGraph&, const std::string&, const GaussianNoise<float>&,
                             const NodeInputs& x) {
  return x.at(0);
}
inline std::size_t add_layer(LayerGraph&, const std::string& path, const Crf<float>&, const NodeInputs&) {
  throw option_error("'" + path +
                     "' is a conditional random field, whose best path no operator of ONNX finds; export a "
                     "model without crf, or its emissions");
}
inline std::size_t add_layer(LayerGraph& graph, const std::string& path, const Mean&, const NodeInputs& x) {
  return graph.add(path, AdaptiveMean{1}, x);
}
inline std::size_t add_layer(LayerGraph& graph, const std::string& path, const Reversed&,
                             const NodeInputs& x) {
  return graph.add(path, Reversal(), x);
}
inline std::size_t add_layer(LayerGraph& graph, const std::string& path, const PoolingList& layer,
                             const NodeInputs& x) {
  NodeInputs parts;
  for (const PoolingKind kind : layer.kinds)
    parts.push_back(kind == PoolingKind::last   ? graph.add({}, Last(), x)
                    : kind == PoolingKind::mean ? graph.add({}, AdaptiveMean{1}, x)
                                                : graph.add({}, Max(), x));
  return graph.add(path, SideBySide(), parts);
}
template <class... Poolings>
std::size_t add_layer(LayerGraph& graph, const std::string& path, const Concat<Poolings...>& layer,
                      const NodeInputs& x) {
  NodeInputs parts;
  std::apply(
      [&](const auto&... pooling) { (parts.push_back(add_layer(graph, std::string(), pooling, x)), ...); },
      layer.poolings);
  return graph.add(path, SideBySide(), parts);
}
inline std::size_t add_layer(LayerGraph& graph, const std::string& path, const AttentionPooling<float>& layer,
                             const NodeInputs& x) {
  const std::size_t hidden = graph.add({}, Tanh(), {graph.add(path + ".hidden", layer.hidden, x)});
  const std::size_t weights =
      graph.add({}, StepSoftmax(), {graph.add(path + ".score", layer.score, {hidden})});
  return graph.add({}, WeightedSum(), {weights, x.at(0)});
}
inline std::size_t add_layer(LayerGraph& graph, const std::string& path,
                             const PositionedEmbedding<float>& layer, const NodeInputs&) {
  const std::size_t token = graph.add(path + ".token", layer.token);
  return graph.add({}, Addition(), {token, graph.add(path + ".position", layer.position)});
}
inline std::size_t add_layer(LayerGraph& graph, const std::string& path, const EmbeddedChannels<float>& layer,
                             const NodeInputs&) {
  const std::size_t token = graph.add(path + ".token", layer.token);
  return graph.add({}, SideBySide(), {token, graph.add(path + ".channels", layer.channels)});
}

/// A visitor of a chain's fields(): each layer reads the one before, the first reads the batch.
struct ChainReader {
  LayerGraph& graph;
  const std::string& prefix;
  NodeInputs inputs;
  template <class Layer> void operator()(std::string_view name, Layer& layer) {
    inputs = {add_layer(graph, prefix + std::string(name), std::as_const(layer), inputs)};
  }
};

}  // namespace io::detail
SEQLSTM_NAMESPACE_END
