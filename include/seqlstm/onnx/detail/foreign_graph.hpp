// A LayerGraph from the operators that PyTorch's exporters write for recurrent classifiers: each node is
// taken for the layer it is, or refused by its name.
//
// Such a graph pads with `ids` alone, [batch, time]: here each sequence is read by itself, as the exported
// network reads a batch of one. Where the graph has `lengths` (pack_padded_sequence), final states are those
// of each sequence's own end.
#pragma once

#include <algorithm>
#include <map>
#include <seqlstm/onnx/detail/foreign_values.hpp>
#include <seqlstm/onnx/detail/recurrent_reader.hpp>
#include <seqlstm/onnx/layer_graph.hpp>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

class ForeignReader {
 public:
  ForeignReader(const ::onnx::GraphProto& graph, OnnxTensors tensors)
      : proto_(&graph), tensors_(std::move(tensors)) {}

  /// Throws format_error for what is no such classifier.
  LayerGraph read() {
    for (const auto& tensor : proto_->initializer())
      add_constant(tensor.name(), *tensors_.find(tensor.name()));
    read_inputs();
    for (const auto& node : proto_->node()) read(ForeignNode(node));
    if (proto_->output_size() != 1)
      throw format_error("the graph has " + std::to_string(proto_->output_size()) + " outputs, expected one");
    const Value answer = values_[proto_->output(0).name()];
    if (answer.kind == Kind::steps && time_ != 0 && answer.axes == std::string{batch(), time_, 'C'}) {
      graph_.set_answer(answer.node);
    } else if (answer.kind == Kind::rows && answer.axes == std::string{batch(), 'C'}) {
      graph_.set_answer(node_of(answer));
    } else {
      throw format_error("output '" + proto_->output(0).name() +
                         "' is neither [batch, columns] nor [batch, time, columns] of a layer that is known");
    }
    return std::move(graph_);
  }

 private:
  using Value = ForeignValue;
  using Kind = Value::Kind;

  void read_inputs() {
    std::map<Kind, std::string> first;
    const auto add = [&](const std::string& name, Kind kind, const char* axes) {
      const auto [before, is_first] = first.emplace(kind, name);
      if (!is_first)
        throw format_error("input '" + name + "' is of whole numbers like '" + before->second +
                           "', expected one input of ids [batch, time], and at most one of lengths [batch]");
      values_[name] = {kind, 0, axes};
    };
    for (const auto& input : proto_->input()) {
      if (tensors_.find(input.name()) != nullptr) continue;  // old files list their weights
      const auto& type = input.type().tensor_type();
      const bool whole =
          type.elem_type() == ::onnx::TensorProto::INT64 || type.elem_type() == ::onnx::TensorProto::INT32;
      if (whole && type.shape().dim_size() == 2) {
        add(input.name(), Kind::ids, "01");
      } else if (whole && type.shape().dim_size() == 1) {
        add(input.name(), Kind::lengths, "");
      } else {
        throw format_error("input '" + input.name() +
                           "' is neither ids [batch, time] nor lengths [batch], whole numbers both");
      }
    }
  }
  void add_constant(const std::string& name, const Tensor& tensor) {
    values_[name] = {Kind::constant};
    tensors_.add(name, tensor);
  }
  [[nodiscard]] const Tensor& constant(const ForeignNode& node, int k) const {
    const auto found = values_.find(node.input(k));
    const bool known = found != values_.end() && found->second.kind == Kind::constant;
    const Tensor* tensor = known ? tensors_.find(node.input(k)) : nullptr;
    if (tensor == nullptr)
      throw node.refused("input " + std::to_string(k) + ", '" + node.input(k) +
                         "', is computed, expected a constant");
    return *tensor;
  }
  /// Is an input zeros, whatever its shape?
  [[nodiscard]] bool is_zeros(const std::string& input) const {
    const auto found = values_.find(input);
    if (found == values_.end()) return false;
    const Tensor* tensor = found->second.kind == Kind::constant ? tensors_.find(input) : nullptr;
    return found->second.kind == Kind::zeros || (tensor != nullptr && all_zero(*tensor));
  }
  [[nodiscard]] std::vector<std::int64_t> wholes(const ForeignNode& node, int k) const {
    return tensor_values<std::int64_t>(constant(node, k));
  }
  /// Axes or indices: an attribute in older operator sets, an input in newer ones.
  [[nodiscard]] std::vector<std::int64_t> axes(const ForeignNode& node, int k) const {
    if (const auto list = node.list("axes")) return *list;
    return node.input(k).empty() ? std::vector<std::int64_t>{} : wholes(node, k);
  }
  /// The axis' letter; '?' beyond them.
  static char axis_of(const Value& x, std::int64_t axis) {
    const auto size = static_cast<std::int64_t>(x.axes.size());
    if (axis < 0) axis += size;
    return axis >= 0 && axis < size ? x.axes[static_cast<std::size_t>(axis)] : '?';
  }
  [[nodiscard]] char batch() const { return time_ == '0' ? '1' : '0'; }

  /// What the nodes read: a value that some layer of ours made.
  Value value(const ForeignNode& node, int k) {
    const auto found = values_.find(node.input(k));
    if (found != values_.end() && found->second.kind != Kind::unknown) return found->second;
    throw node.refused("input " + std::to_string(k) + ", '" + node.input(k) +
                       "', is of no layer that is known");
  }
  /// The graph's node of rows: final states become last() of their layer.
  std::size_t node_of(const Value& x) {
    if (x.finals.empty()) return x.node;
    std::vector<std::size_t> parts;
    for (std::size_t k = 0; k < x.finals.size(); ++k) {
      const auto [node, direction] = x.finals[k];
      const std::size_t directions = stacks_[node].directions;
      const bool both = directions == 2 && direction == 0 && k + 1 < x.finals.size() &&
                        x.finals[k + 1].node == node && x.finals[k + 1].direction == 1;
      if (directions == 2 && !both)
        throw format_error(
            "'" + graph_.nodes()[node].name +
            "': one direction's final state is used without the other's, expected both side by side");
      parts.push_back(graph_.add({}, Last(), {node}));
      if (both) ++k;
    }
    return parts.size() == 1 ? parts[0] : graph_.add({}, SideBySide(), parts);
  }
  std::size_t input_node(const ForeignNode& node, const Value& x) {
    if (x.kind == Kind::rows) return node_of(x);
    if (x.kind == Kind::steps) return x.node;
    throw node.refused("'" + node.input(0) + "' is no row of numbers");
  }
  /// The result of a layer on x, of its kind.
  void set(const ForeignNode& node, Value x, std::size_t made) {
    x.node = made;
    x.finals.clear();
    values_[node.proto.output(0)] = std::move(x);
  }
  std::string new_name(const char* kind) { return kind + std::to_string(counts_[kind]++); }

  void read(const ForeignNode& node);
  void read_gather(const ForeignNode& node);
  void read_recurrent(const ForeignNode& node);
  void read_transpose(const ForeignNode& node);
  void read_squeeze(const ForeignNode& node);
  void read_reshape(const ForeignNode& node);
  void read_concat(const ForeignNode& node);
  void read_slice(const ForeignNode& node);
  void read_pooling(const ForeignNode& node);
  void read_product(const ForeignNode& node);
  void read_sum(const ForeignNode& node);
  void read_norm(const ForeignNode& node);
  void read_softmax(const ForeignNode& node);
  [[nodiscard]] bool made_of_shapes(const ForeignNode& node) const;
  [[nodiscard]] bool moves_zeros(const ForeignNode& node) const;
  [[nodiscard]] bool joins_directions(const ForeignNode& node, const Value& x) const;

  const ::onnx::GraphProto* proto_;
  OnnxTensors tensors_;
  LayerGraph graph_;
  std::map<std::string, Value> values_;
  std::map<std::size_t, RecurrentShape> stacks_;  // of recurrent nodes
  std::map<std::string, std::size_t> counts_;
  char time_ = 0;  // which axis of the ids is time, where it is known
};

}  // namespace io::detail
SEQLSTM_NAMESPACE_END
