// From a model to its LayerGraph: chains here, the library's networks in model_graphs.hpp. A network of one's
// own says how its forward() joins its members:
//
//     template <> struct seqlstm::io::GraphOf<Net> {
//       static std::size_t add(GraphBuilder<Net>& net) {
//         const auto y = net.layer<Lstm<float>>("lstm", {net.layer<Embedding<float>>("embedding")});
//         return net.layer<Dense<float>>("head", {net.function(Last{}, {y})});
//       }
//     };
#pragma once

#include <cstddef>
#include <optional>
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/any_sequential.hpp>
#include <seqlstm/nn/attention_pooling.hpp>
#include <seqlstm/nn/crf.hpp>
#include <seqlstm/nn/dropout.hpp>
#include <seqlstm/nn/gaussian_noise.hpp>
#include <seqlstm/nn/loss.hpp>
#include <seqlstm/nn/sequential.hpp>
#include <seqlstm/onnx/detail/graph_members.hpp>
#include <seqlstm/onnx/layer_graph.hpp>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// A model whose layers are being copied into a LayerGraph.
template <class Model> class GraphBuilder {
 public:
  /// Copies layers of `model`, their names after `prefix`, into `graph`.
  GraphBuilder(LayerGraph& graph, Model& of, std::string prefix = {})
      : model(of), graph_(&graph), prefix_(std::move(prefix)) {}

  /// Appends the member that the model's fields() call `name`, reading the given nodes; returns its number,
  /// or that of the node it reads where the member does nothing in inference. Throws option_error where there
  /// is no such member, and for a layer that has no form in a graph.
  template <class Layer>
  std::size_t layer(const std::string& name, const std::vector<std::size_t>& inputs = {}) {
    Layer* found = detail::find_member<Layer>(model, name);
    if (found == nullptr)
      throw option_error("layer graph: the model has no member '" + name + "' of that type");
    return detail::add_layer(*graph_, prefix_ + name, *found, inputs);
  }
  /// Has the model a member of that name and type?
  template <class Layer> [[nodiscard]] bool has(const std::string& name) {
    return detail::find_member<Layer>(model, name) != nullptr;
  }
  /// Appends what forward() does between members.
  std::size_t function(GraphLayer layer, std::vector<std::size_t> inputs = {}) {
    return graph_->add({}, std::move(layer), std::move(inputs));
  }
  /// Appends all of a model that is a member of this one; returns its answer.
  template <class Inner> std::size_t all_of(const std::string& name, Inner& inner);
  /// Says which node scores sites.
  void set_sites(std::size_t node) { graph_->set_sites(node); }
  /// The graph so far.
  [[nodiscard]] LayerGraph& graph() { return *graph_; }
  /// What stands before the names of members.
  [[nodiscard]] const std::string& prefix() const { return prefix_; }

  Model& model;  ///< the model, for its options

 private:
  LayerGraph* graph_;
  std::string prefix_;
};

/// How a model's layers are joined: `add` copies them into a graph and returns the node that answers.
/// Specialised for Sequential and AnySequential, the networks of models/, and by users for theirs.
template <class Model> struct GraphOf {
  /// Only of a specialisation.
  static std::size_t add(GraphBuilder<Model>& /*net*/) {
    static_assert(!std::is_same_v<Model, Model>,
                  "seqlstm: how this model's layers are joined is not known; specialise io::GraphOf for it "
                  "(networks of float alone have one)");
    return 0;
  }
};

template <class Model>
template <class Inner>
std::size_t GraphBuilder<Model>::all_of(const std::string& name, Inner& inner) {
  GraphBuilder<Inner> builder(*graph_, inner, prefix_ + name + ".");
  return GraphOf<Inner>::add(builder);
}

namespace detail {
template <class Chain> std::size_t add_chain(GraphBuilder<Chain>& net) {
  if (!net.model.built())
    throw option_error("layer graph: the chain has no layers yet; call build() (fit and load do) first");
  ChainReader reader{net.graph(), net.prefix(), {}};
  net.model.fields(reader);
  if (reader.inputs.empty()) throw option_error("layer graph: the chain is empty");
  return reader.inputs.front();
}
}  // namespace detail

/// A chain: each layer reads the one before.
template <class... Recipes> struct GraphOf<Sequential<float, Recipes...>> {
  /// Throws option_error before build(), and for a layer that has no form in a graph.
  static std::size_t add(GraphBuilder<Sequential<float, Recipes...>>& net) { return detail::add_chain(net); }
};
/// A chain that is known when the program runs, as io::load makes it.
template <> struct GraphOf<AnySequential<float>> {
  /// As that of a Sequential.
  static std::size_t add(GraphBuilder<AnySequential<float>>& net) { return detail::add_chain(net); }
};

/// The layers of a model and how they are joined, with copies of the weights. Answers have the model's bits.
/// Throws option_error for a layer that has no form in a graph: its name is in the sentence.
template <class Model> LayerGraph layer_graph(Model& model) {
  LayerGraph graph;
  GraphBuilder<Model> builder(graph, model);
  graph.set_answer(GraphOf<Model>::add(builder));
  return graph;
}

/// The same with what predict(model, data, loss) does to the answer: sigmoid of logits, softmax over classes,
/// or nothing.
template <class Model> LayerGraph layer_graph(Model& model, const Loss& loss) {
  LayerGraph graph = layer_graph(model);
  if (loss.has_logits()) {
    graph.set_answer(graph.add({}, Sigmoid(), {graph.answer()}));
  } else if (loss.task(2) == Task::multi_class) {
    graph.set_answer(graph.add({}, Softmax(), {graph.answer()}));
  }
  return graph;
}

}  // namespace io
SEQLSTM_NAMESPACE_END
