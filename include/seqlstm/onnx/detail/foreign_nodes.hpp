// The operators that ForeignReader knows; recurrent ones are in foreign_recurrent.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/onnx/detail/foreign_recurrent.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

inline bool ForeignReader::made_of_shapes(const ForeignNode& node) const {
  for (const auto& input : node.proto.input()) {
    const auto found = values_.find(input);
    if (input.empty()) continue;
    if (found == values_.end() || (found->second.kind != Kind::sizes &&
                                   found->second.kind != Kind::constant && found->second.kind != Kind::zeros))
      return false;
  }
  return node.proto.input_size() > 0;
}

/// Zeros that an operator only moves, copies or casts.
inline bool ForeignReader::moves_zeros(const ForeignNode& node) const {
  static const std::set<std::string> movers = {"Expand",    "Reshape", "Cast",  "Identity",
                                               "Unsqueeze", "Squeeze", "Slice", "Transpose"};
  const auto& inputs = node.proto.input();
  if (node.proto.op_type() == "Concat")
    return std::all_of(inputs.begin(), inputs.end(), [&](const auto& input) { return is_zeros(input); });
  return movers.count(node.proto.op_type()) > 0 && is_zeros(node.input(0));
}

inline void ForeignReader::read(const ForeignNode& node) {
  const std::string& op = node.proto.op_type();
  const auto set_kind = [&](Kind kind) { values_[node.proto.output(0)] = {kind}; };
  if (node.proto.output_size() == 0 || !node.proto.domain().empty())
    throw node.refused("an operator of '" + node.proto.domain() + "'");
  for (const auto& output : node.proto.output())
    if (!output.empty() && values_.count(output) > 0) throw node.refused("a second '" + output + "'");
  if (op == "Constant") return add_constant(node.proto.output(0), constant_of(node));
  if (op == "Shape") return set_kind(Kind::sizes);
  if (op == "ConstantOfShape") {
    const auto* value = node.find("value");
    return set_kind(value == nullptr || all_zero(onnx_tensor(value->t())) ? Kind::zeros : Kind::sizes);
  }
  if (op == "Identity" && tensors_.find(node.input(0)) != nullptr)  // of equal weights, which stand once
    return add_constant(node.proto.output(0), constant(node, 0));
  if (made_of_shapes(node))  // initial states, and shapes of others
    return set_kind(moves_zeros(node) ? Kind::zeros : Kind::sizes);
  if (op == "Identity" || op == "Cast" || op == "Dropout") {
    values_[node.proto.output(0)] = value(node, 0);
    return;
  }
  if (op == "Gather") return read_gather(node);
  if (op == "LSTM" || op == "GRU" || op == "RNN") return read_recurrent(node);
  if (op == "Transpose") return read_transpose(node);
  if (op == "Squeeze") return read_squeeze(node);
  if (op == "Reshape" || op == "Flatten") return read_reshape(node);
  if (op == "Concat") return read_concat(node);
  if (op == "Slice") return read_slice(node);
  if (op == "ReduceMean" || op == "ReduceMax") return read_pooling(node);
  if (op == "Gemm" || op == "MatMul") return read_product(node);
  if (op == "Add") return read_sum(node);
  if (op == "BatchNormalization" || op == "LayerNormalization") return read_norm(node);
  if (op == "Softmax") return read_softmax(node);
  const Value x = value(node, 0);
  if (op == "Relu") return set(node, x, graph_.add({}, Relu(), {input_node(node, x)}));
  if (op == "Sigmoid") return set(node, x, graph_.add({}, Sigmoid(), {input_node(node, x)}));
  if (op == "Tanh") return set(node, x, graph_.add({}, Tanh(), {input_node(node, x)}));
  throw node.refused("an operator that no layer here is");
}

/// Token vectors; one step of all; or one final state of several.
inline void ForeignReader::read_gather(const ForeignNode& node) {
  const Value index = value(node, 1), x = value(node, 0);
  if (index.kind == Kind::ids && x.kind == Kind::constant && node.whole("axis", 0) == 0) {
    const auto& shape = tensors_.shape(node.input(0), 2);
    Embedding<float> layer({.vocabulary = shape[0], .dim = shape[1], .padding = {}});
    tensors_.fill(layer.weight, node.input(0));
    values_[node.proto.output(0)] = {Kind::steps, graph_.add(new_name("embedding"), std::move(layer)),
                                     index.axes + "C"};
    return;
  }
  const Tensor& at = constant(node, 1);
  if (!at.shape.empty()) throw node.refused("several places at once");
  const std::int64_t place = wholes(node, 1)[0];
  const char axis = axis_of(x, node.whole("axis", 0));
  if (x.kind == Kind::finals && axis == 'D') {
    const auto count = static_cast<std::int64_t>(x.finals.size());
    const std::int64_t k = place < 0 ? place + count : place;
    if (k < 0 || k >= count)
      throw node.refused("final state " + std::to_string(place) + " of " + std::to_string(count));
    values_[node.proto.output(0)] = {
        Kind::rows, 0, std::string{batch(), 'C'}, {x.finals[static_cast<std::size_t>(k)]}};
    return;
  }
  if (x.kind != Kind::steps || time_ == 0 || axis != time_ || (place != -1 && place != 0))
    throw node.refused("place " + std::to_string(place) +
                       " of an axis that is not time, or neither its first nor its last");
  if (x.with_lengths && place == -1)
    throw node.refused("the last step of padded sequences, which shorter ones do not have");
  // All columns at one token: a reverse direction's too, which last() would look for at the other end.
  std::size_t steps = graph_.add({}, Reversal(), {x.node});
  if (place == -1) steps = graph_.add({}, Reversal(), {steps});
  values_[node.proto.output(0)] = {Kind::rows, graph_.add({}, Last(), {steps}), std::string{batch(), 'C'}};
}

inline void ForeignReader::read_concat(const ForeignNode& node) {
  std::vector<Value> parts;
  for (int k = 0; k < node.proto.input_size(); ++k) parts.push_back(value(node, k));
  Value all = parts[0];
  const char axis = axis_of(all, node.whole("axis", 0));
  const bool alike = std::all_of(parts.begin(), parts.end(),
                                 [&](const Value& x) { return x.kind == all.kind && x.axes == all.axes; });
  if (!alike || (axis != 'C' && !(all.kind == Kind::finals && axis == 'D')))
    throw node.refused("parts of different kinds, or not side by side");
  const bool of_finals =
      std::all_of(parts.begin(), parts.end(), [](const Value& x) { return !x.finals.empty(); });
  if (of_finals) {
    for (std::size_t k = 1; k < parts.size(); ++k)
      all.finals.insert(all.finals.end(), parts[k].finals.begin(), parts[k].finals.end());
    values_[node.proto.output(0)] = std::move(all);
    return;
  }
  std::vector<std::size_t> nodes;
  for (const auto& part : parts) nodes.push_back(input_node(node, part));
  set(node, all, graph_.add({}, SideBySide(), nodes));
}

/// The last of several final states, h[-2:] for instance.
inline void ForeignReader::read_slice(const ForeignNode& node) {
  Value x = value(node, 0);
  const auto starts = wholes(node, 1), ends = wholes(node, 2);
  const auto which = node.input(3).empty() ? std::vector<std::int64_t>{0} : wholes(node, 3);
  if (x.kind != Kind::finals || starts.size() != 1 || ends.size() != 1 || which.size() != 1 ||
      axis_of(x, which[0]) != 'D' ||
      (!node.input(4).empty() && wholes(node, 4) != std::vector<std::int64_t>{1}))
    throw node.refused("a slice of what is no final states");
  const auto count = static_cast<std::int64_t>(x.finals.size());
  const auto place = [&](std::int64_t k) {
    return std::clamp<std::int64_t>(k < 0 ? k + count : k, 0, count);
  };
  const std::int64_t begin = place(starts[0]), end = std::max(begin, place(ends[0]));
  if (begin == end) throw node.refused("a slice of no final state");
  x.finals = {x.finals.begin() + begin, x.finals.begin() + end};
  values_[node.proto.output(0)] = std::move(x);
}

inline void ForeignReader::read_pooling(const ForeignNode& node) {
  const Value x = value(node, 0);
  const auto which = axes(node, 1);
  if (x.kind != Kind::steps || time_ == 0 || which.size() != 1 || axis_of(x, which[0]) != time_ ||
      x.axes.find('D') != std::string::npos || node.whole("keepdims", 1) != 0)
    throw node.refused("a mean or maximum over another axis than time");
  if (x.with_lengths)
    throw node.refused("a mean or maximum over padded steps, which count there and are absent here");
  const std::size_t made = node.proto.op_type() == "ReduceMax" ? graph_.add({}, Max(), {x.node})
                                                               : graph_.add({}, AdaptiveMean{1}, {x.node});
  values_[node.proto.output(0)] = {Kind::rows, made, std::string{batch(), 'C'}};
}

inline void ForeignReader::read_product(const ForeignNode& node) {
  const Value x = value(node, 0);
  const Tensor& b = constant(node, 1);
  const bool gemm = node.proto.op_type() == "Gemm";
  if (b.shape.size() != 2 || b.shape[0] * b.shape[1] == 0 || x.axes.empty() || x.axes.back() != 'C' ||
      x.axes.find('D') != std::string::npos ||
      (gemm && (node.real("alpha", 1) != 1 || node.real("beta", 1) != 1 || node.whole("transA", 0) != 0)))
    throw node.refused("a product that is no dense layer");
  const bool ours = gemm && node.whole("transB", 0) != 0;  // [output, input]
  const std::size_t input = b.shape[ours ? 1 : 0], output = b.shape[ours ? 0 : 1];
  const bool bias = gemm && !node.input(2).empty();
  Dense<float> layer({.input = input, .output = output, .bias = bias});
  const auto values = tensor_values<float>(b);
  const auto weight = layer.weight.edit();
  for (std::size_t o = 0; o < output; ++o)
    for (std::size_t i = 0; i < input; ++i) weight(o, i) = values[ours ? o * input + i : i * output + o];
  if (bias) {
    const auto own = tensor_values<float>(constant(node, 2));
    if (own.size() != output) throw node.refused("a bias of another size than the layer's output");
    std::copy(own.begin(), own.end(), layer.bias.edit().data());
  }
  set(node, x, graph_.add(new_name("dense"), std::move(layer), {input_node(node, x)}));
}

/// The bias of the product before, or the sum of two values.
inline void ForeignReader::read_sum(const ForeignNode& node) {
  const bool first = value(node, 0).kind == Kind::constant;
  const Value x = value(node, first ? 1 : 0), y = value(node, first ? 0 : 1);
  if (y.kind != Kind::constant) {
    if (x.kind != y.kind || x.axes != y.axes) throw node.refused("a sum of different kinds");
    return set(node, x, graph_.add({}, Addition(), {input_node(node, x), input_node(node, y)}));
  }
  auto* before = x.finals.empty() && x.node < graph_.nodes().size()
                     ? std::get_if<Dense<float>>(&graph_[x.node].layer)
                     : nullptr;
  const auto own = tensor_values<float>(constant(node, first ? 0 : 1));
  if (before == nullptr || before->has_bias() || own.size() != before->output() ||
      x.node + 1 != graph_.nodes().size())
    throw node.refused("a constant that is no bias of a dense layer");
  Dense<float> whole({.input = before->input(), .output = before->output()});
  std::copy_n(before->weight.data(), before->weight.size(), whole.weight.edit().data());
  std::copy(own.begin(), own.end(), whole.bias.edit().data());
  *before = std::move(whole);
  values_[node.proto.output(0)] = x;
}

inline void ForeignReader::read_norm(const ForeignNode& node) {
  const Value x = value(node, 0);
  const bool batch_norm = node.proto.op_type() == "BatchNormalization";
  if (x.axes.empty() || x.axes.back() != 'C' || (batch_norm && x.kind != Kind::rows) ||
      (!batch_norm && node.whole("axis", -1) != -1))
    throw node.refused("a norm of another axis than columns");
  const auto shape = tensors_.shape(node.input(1), 1);
  const double eps = node.real("epsilon", 1e-5);
  if (batch_norm) {
    BatchNorm<float> layer({.width = shape[0], .eps = eps});
    tensors_.fill(layer.weight, node.input(1));
    tensors_.fill(layer.bias, node.input(2));
    std::ranges::copy(tensors_.floats(node.input(3), shape), layer.running_mean.values().begin());
    std::ranges::copy(tensors_.floats(node.input(4), shape), layer.running_var.values().begin());
    return set(node, x, graph_.add(new_name("batch_norm"), std::move(layer), {input_node(node, x)}));
  }
  LayerNorm<float> layer({.width = shape[0], .eps = eps});
  tensors_.fill(layer.weight, node.input(1));
  if (!node.input(2).empty()) tensors_.fill(layer.bias, node.input(2));
  set(node, x, graph_.add(new_name("layer_norm"), std::move(layer), {input_node(node, x)}));
}

inline void ForeignReader::read_softmax(const ForeignNode& node) {
  const Value x = value(node, 0);
  if (axis_of(x, node.whole("axis", -1)) != 'C')
    throw node.refused("a softmax over another axis than columns");
  set(node, x, graph_.add({}, Softmax(), {input_node(node, x)}));
}

}  // namespace io::detail
SEQLSTM_NAMESPACE_END
