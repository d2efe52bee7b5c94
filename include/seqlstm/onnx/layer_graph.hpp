// A network whose layers are known when the program runs: what goes to an ONNX file, and what comes back from
// one.
//
//     auto net = io::load_onnx("classifier.onnx");
//     std::cout << predict(net, dna4.encode("TTGACA..."), bce_with_logits());
#pragma once

#include <cstddef>
#include <optional>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/sequence_batch.hpp>
#include <seqlstm/data/features.hpp>
#include <seqlstm/nn/model_output.hpp>
#include <seqlstm/onnx/detail/graph_run.hpp>
#include <seqlstm/onnx/graph_layers.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// Layers and what each reads, in an order in which they can run. A model like any other: predict, evaluate,
/// fit, save its weights under PyTorch's names. Runs the operations of the model it was made of, so that its
/// answers have that model's bits, in inference: dropout and noise are not in it.
class LayerGraph {
 public:
  /// A layer under its name in the model, with the numbers of the nodes that it reads.
  struct Node {
    std::string name;                 ///< "lstm", "head.0"; empty for a function without weights
    GraphLayer layer;                 ///< a copy, with weights
    std::vector<std::size_t> inputs;  ///< nodes before this one
    bool by_position = true;          ///< a row for each position, or one for each sequence
  };

  /// Appends a node and returns its number. Throws option_error for an input that is not before it.
  std::size_t add(std::string name, GraphLayer layer, std::vector<std::size_t> inputs = {}) {
    for (const std::size_t input : inputs)
      if (input >= nodes_.size())
        throw option_error("layer graph: '" + name + "' reads node " + std::to_string(input) +
                           ", but only the " + std::to_string(nodes_.size()) + " before it are there");
    const bool steps = !pools(layer) && (inputs.empty() || nodes_[inputs[0]].by_position);
    nodes_.push_back({std::move(name), std::move(layer), std::move(inputs), steps});
    return nodes_.size() - 1;
  }
  /// Says which node is the answer; throws option_error for a number that no node has.
  void set_answer(std::size_t node) { answer_ = checked(node); }
  /// Says which node scores sites, beside an answer for each sequence (RowsAndSites).
  void set_sites(std::size_t node) { sites_ = checked(node); }

  /// The nodes, in the order in which they run.
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  /// Node 0 to nodes().size() - 1, for instance to edit weights.
  [[nodiscard]] Node& operator[](std::size_t node) { return nodes_[checked(node)]; }
  /// The node that answers.
  [[nodiscard]] std::size_t answer() const { return answer_; }
  /// The node that scores sites, where there is one.
  [[nodiscard]] std::optional<std::size_t> sites() const { return sites_; }
  /// Is there a row for each position, not for each sequence? predict() asks.
  [[nodiscard]] bool by_position() const { return !nodes_.empty() && nodes_[answer_].by_position; }

  /// The answer for a batch of sequences. Throws option_error for a graph without an answer, or that reads
  /// feature rows; what its layers throw.
  ModelOutput<float> forward(Tape<float>& tape, const SequenceBatch& batch) const {
    return run(detail::GraphRun(tape, batch));
  }
  /// The same for rows of features; option_error for a graph that reads sequences.
  ModelOutput<float> forward(Tape<float>& tape, const FeatureBatch& batch) const {
    return run(detail::GraphRun(tape, batch));
  }
  /// Hands out the layers that have weights or statistics, under their names.
  template <class V> void fields(V& v) {
    for (auto& node : nodes_)
      std::visit(
          [&](auto& layer) {
            if constexpr (requires { layer.fields(v); })
              if (!node.name.empty()) v(node.name, layer);
          },
          node.layer);
  }

 private:
  /// Has the layer's value a row per sequence, whatever it reads?
  static bool pools(const GraphLayer& layer) {
    return std::visit(
        []<class L>(const L&) {
          return std::is_same_v<L, Last> || std::is_same_v<L, Max> || std::is_same_v<L, AdaptiveMean> ||
                 std::is_same_v<L, WeightedSum> || std::is_same_v<L, LogLengths> ||
                 std::is_same_v<L, FeatureRows>;
        },
        layer);
  }
  [[nodiscard]] std::size_t checked(std::size_t node) const {
    if (node < nodes_.size()) return node;
    throw option_error("layer graph: node " + std::to_string(node) + " does not exist, there are " +
                       std::to_string(nodes_.size()));
  }
  ModelOutput<float> run(detail::GraphRun run) const {
    if (nodes_.empty()) throw option_error("layer graph: no layers, expected at least one");
    for (const auto& node : nodes_)
      std::visit([&](const auto& layer) { run.append(layer, node.inputs, node.name); }, node.layer);
    if (by_position()) return run.steps(answer_);
    if (sites_) return RowsAndSites<float>(run.rows(answer_), run.steps(*sites_));
    return run.rows(answer_);
  }

  std::vector<Node> nodes_;
  std::size_t answer_ = 0;
  std::optional<std::size_t> sites_;
};

}  // namespace io
SEQLSTM_NAMESPACE_END
