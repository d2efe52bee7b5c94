// Recurrent operators that ForeignReader knows, and what brings their directions side by side.
#pragma once

#include <algorithm>
#include <map>
#include <seqlstm/onnx/detail/foreign_graph.hpp>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

/// A recurrent operator's sizes, which its attributes and W must say alike; its cells must be the usual ones.
inline RecurrentShape recurrent_shape_of(const ForeignNode& node, const OnnxTensors& tensors,
                                         const std::string& W) {
  static const std::map<std::string, std::vector<std::string>> usual = {
      {"LSTM", {"Sigmoid", "Tanh", "Tanh"}}, {"GRU", {"Sigmoid", "Tanh"}}, {"RNN", {"Tanh"}}};
  const std::size_t gates = node.proto.op_type() == "LSTM" ? 4 : node.proto.op_type() == "GRU" ? 3 : 1;
  const std::string direction = node.text("direction", "forward");
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
    throw node.refused("the direction '" + direction + "'");
  const auto& found = tensors.shape(W, 3);
  const auto hidden = node.whole("hidden_size", static_cast<std::int64_t>(found[1] / gates));
  const RecurrentShape shape{direction == "bidirectional" ? 2U : 1U,
                             static_cast<std::size_t>(std::max<std::int64_t>(0, hidden)), found[2]};
  if (shape.hidden == 0 || found[0] != shape.directions || found[1] % gates != 0 ||
      found[1] / gates != shape.hidden)
    throw format_error(node.title() + ": W, '" + W + "', has shape " + shape_text(found) + ", expected [" +
                       std::to_string(shape.directions) + ", " + std::to_string(gates) + " * " +
                       std::to_string(hidden) + ", columns] of its direction, '" + direction +
                       "', and its hidden_size");
  if (const auto* own = node.find("activations")) {
    std::vector<std::string> expected;
    for (std::size_t d = 0; d < shape.directions; ++d)
      expected.insert(expected.end(), usual.at(node.proto.op_type()).begin(),
                      usual.at(node.proto.op_type()).end());
    if (!std::equal(own->strings().begin(), own->strings().end(), expected.begin(), expected.end()))
      throw node.refused("the option activations with others than the usual");
  }
  return shape;
}

inline void ForeignReader::read_recurrent(const ForeignNode& node) {
  const std::string& op = node.proto.op_type();
  const Value x = value(node, 0);
  if (x.kind != Kind::steps || x.axes.size() != 3 || x.axes[2] != 'C' || x.axes[0] == 'C')
    throw node.refused("its input is not [time, batch, columns] of tokens");
  if (time_ != 0 && time_ != x.axes[0])
    throw node.refused("its time is another axis than that of the layer before");
  time_ = x.axes[0];
  for (int k = 5; k < std::min(node.proto.input_size(), op == "LSTM" ? 7 : 6); ++k) {
    if (node.input(k).empty()) continue;
    if (!is_zeros(node.input(k)))
      throw node.refused("an initial state that is not zero, '" + node.input(k) + "'");
  }
  for (const char* option : {"clip", "activation_alpha", "activation_beta"})
    if (node.find(option) != nullptr) throw node.refused(std::string("the option ") + option);
  if (node.whole("input_forget", 0) != 0 || node.whole("layout", 0) != 0)
    throw node.refused("the option input_forget or layout");
  const RecurrentNames names{node.input(1), node.input(2), node.input(3),
                             op == "LSTM" ? node.input(7) : std::string()};
  const std::string direction = node.text("direction", "forward");
  const RecurrentShape shape = recurrent_shape_of(node, tensors_, names.W);
  const bool lengths = !node.input(4).empty();
  if (lengths && value(node, 4).kind != Kind::lengths) throw node.refused("lengths that are computed");
  std::size_t made = 0;
  const std::vector<std::size_t> inputs = {x.node};
  if (direction == "reverse" && op != "LSTM") throw node.refused("a reverse direction alone");
  if (op == "LSTM")
    made = graph_.add(new_name("lstm"), read_lstm(tensors_, {&names, 1}, direction == "reverse"), inputs);
  if (op == "GRU")
    made = graph_.add(new_name("gru"),
                      read_gru(tensors_, {&names, 1}, node.whole("linear_before_reset", 0) != 0), inputs);
  if (op == "RNN") made = graph_.add(new_name("rnn"), read_rnn(tensors_, {&names, 1}), inputs);
  stacks_[made] = shape;
  const std::string b(1, batch());
  if (!node.proto.output(0).empty())
    values_[node.proto.output(0)] = {Kind::steps, made, std::string(1, time_) + "D" + b + "C", {}, lengths};
  if (node.proto.output_size() > 1 && !node.proto.output(1).empty()) {
    Value states{Kind::finals, made, "D" + b + "C"};
    for (std::size_t d = 0; d < shape.directions; ++d) states.finals.push_back({made, d});
    values_[node.proto.output(1)] = std::move(states);
  }
}

inline void ForeignReader::read_transpose(const ForeignNode& node) {
  Value x = value(node, 0);
  const auto perm = node.list("perm");
  if (perm && perm->size() != x.axes.size())
    throw node.refused("an order of " + std::to_string(perm->size()) + " axes of " +
                       std::to_string(x.axes.size()));
  std::string moved;
  for (std::size_t k = 0; k < x.axes.size(); ++k)
    moved += axis_of(x, perm ? (*perm)[k] : static_cast<std::int64_t>(x.axes.size() - 1 - k));
  if (!std::is_permutation(moved.begin(), moved.end(), x.axes.begin()))
    throw node.refused("an order that has not each axis once");
  x.axes = moved;
  values_[node.proto.output(0)] = std::move(x);
}

/// The one direction of a layer's output, or of its final states.
inline void ForeignReader::read_squeeze(const ForeignNode& node) {
  Value x = value(node, 0);
  const auto which = axes(node, 1);
  const bool one = which.size() == 1 && axis_of(x, which[0]) == 'D' &&
                   (x.kind == Kind::finals ? x.finals.size() : stacks_[x.node].directions) == 1;
  if (!one) throw node.refused("an axis that is not that of a layer's only direction");
  std::erase(x.axes, 'D');
  if (x.kind == Kind::finals) x.kind = Kind::rows;
  values_[node.proto.output(0)] = std::move(x);
}

/// Does the new shape join the last two axes, directions and columns, and keep those before?
inline bool ForeignReader::joins_directions(const ForeignNode& node, const Value& x) const {
  const std::size_t before = x.axes.size() - 2;  // axes that stay
  if (node.proto.op_type() == "Flatten") {
    const auto axis = node.whole("axis", 1);
    return before == 1 && (axis == 1 || axis == -2);
  }
  const auto stack = stacks_.find(x.finals.empty() ? x.node : x.finals[0].node);
  if (stack == stacks_.end() || node.whole("allowzero", 0) != 0) return false;
  const std::size_t directions = x.finals.empty() ? stack->second.directions : x.finals.size();
  const auto columns = static_cast<std::int64_t>(directions * stack->second.hidden);
  const auto shape = wholes(node, 1);
  if (shape.size() != before + 1 || (shape.back() != -1 && shape.back() != columns)) return false;
  return std::count(shape.begin(), shape.end(), -1) <= 1 &&
         std::all_of(shape.begin(), shape.end() - 1, [](std::int64_t k) { return k == 0 || k == -1; });
}

/// Directions that become columns: the last two axes are one from now on.
inline void ForeignReader::read_reshape(const ForeignNode& node) {
  Value x = value(node, 0);
  if (!x.axes.ends_with("DC")) {
    if (x.kind == Kind::rows && node.proto.op_type() == "Flatten" && node.whole("axis", 1) == 1) {
      values_[node.proto.output(0)] = std::move(x);
      return;
    }
    throw node.refused("a new shape of what has no directions before its columns");
  }
  if (!joins_directions(node, x))
    throw node.refused("a new shape that does not join directions and columns alone");
  std::erase(x.axes, 'D');
  if (x.kind == Kind::finals) x.kind = Kind::rows;
  if (x.kind == Kind::rows && x.axes != std::string{batch(), 'C'})
    throw node.refused("a new shape of final states");
  values_[node.proto.output(0)] = std::move(x);
}

}  // namespace io::detail
SEQLSTM_NAMESPACE_END
