// ONNX nodes of layers that see each row by itself, and of sums and concatenations.
#pragma once

#include <algorithm>
#include <cstdint>
#include <seqlstm/onnx/detail/pooling_nodes.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

inline OnnxValue write(const Dense<float>& layer, NodeContext& at, bool by_position) {
  GraphWriter& to = at.to;
  const OnnxValue& x = at.x.at(0);
  const std::string weight = weights(to, at.path + ".weight", layer.weight);
  const std::string bias = layer.has_bias() ? weights(to, at.path + ".bias", layer.bias) : std::string();
  if (!by_position) {
    GraphWriter::Inputs inputs = {x.name, weight};
    if (layer.has_bias()) inputs.push_back(bias);
    return {to.node("Gemm", inputs, {{"transB", std::int64_t{1}}}), layer.output()};
  }
  std::string y = to.node("MatMul", {x.name, transposed(to, weight, {1, 0})});
  if (layer.has_bias()) y = to.node("Add", {y, bias});
  return {y, layer.output(), x.extent};
}

/// On steps by way of [time * batch, columns].
inline OnnxValue write(const BatchNorm<float>& layer, NodeContext& at, bool by_position) {
  GraphWriter& to = at.to;
  OnnxValue y = at.x.at(0);
  const auto statistics = [&](const char* name, std::span<const float> values) {
    return to.floats(at.path + name, values, {values.size()});
  };
  const GraphWriter::Inputs of_layer = {
      weights(to, at.path + ".weight", layer.weight), weights(to, at.path + ".bias", layer.bias),
      statistics(".running_mean", std::as_const(layer.running_mean).values()),
      statistics(".running_var", std::as_const(layer.running_var).values())};
  const std::string rows = by_position ? to.node("Reshape", {y.name, to.ints({-1, whole(y.cols)})}) : y.name;
  GraphWriter::Inputs inputs = {rows};
  inputs.insert(inputs.end(), of_layer.begin(), of_layer.end());
  const std::string normed = to.node("BatchNormalization", inputs, {{"epsilon", layer.eps()}});
  y.name = by_position ? to.node("Reshape", {normed, to.node("Shape", {y.name})}) : normed;
  return y;
}
inline OnnxValue write(const LayerNorm<float>& layer, NodeContext& at) {
  OnnxValue y = at.x.at(0);
  y.name = at.to.node("LayerNormalization",
                      {y.name, weights(at.to, at.path + ".weight", layer.weight),
                       weights(at.to, at.path + ".bias", layer.bias)},
                      {{"epsilon", layer.eps()}});
  return y;
}

/// An operator on elements.
inline OnnxValue elementwise(NodeContext& at, const char* op) {
  OnnxValue y = at.x.at(0);
  y.name = at.to.node(op, {y.name});
  return y;
}
inline OnnxValue write(const Sigmoid&, NodeContext& at) {
  return elementwise(at, "Sigmoid");
}
inline OnnxValue write(const Tanh&, NodeContext& at) {
  return elementwise(at, "Tanh");
}
inline OnnxValue write(const Relu&, NodeContext& at) {
  return elementwise(at, "Relu");
}
inline OnnxValue write(const Softmax&, NodeContext& at) {
  const OnnxValue& x = at.x.at(0);
  return {at.to.node("Softmax", {x.name}, {{"axis", std::int64_t{-1}}}), x.cols, x.extent};
}
inline OnnxValue write(const Scaling& layer, NodeContext& at) {
  OnnxValue y = at.x.at(0);
  y.name = at.to.node("Mul", {y.name, at.to.number(layer.factor)});
  return y;
}
inline OnnxValue write(const Addition&, NodeContext& at) {
  OnnxValue y = at.x.at(0);
  if (at.x.at(1).reverse_from != y.reverse_from) y.reverse_from = OnnxValue::nowhere;
  y.name = at.to.node("Add", {y.name, at.x.at(1).name});
  return y;
}

/// Both halves of the columns.
inline OnnxValue write(const MergeDirections& layer, NodeContext& at) {
  GraphWriter& to = at.to;
  const OnnxValue& x = at.x.at(0);
  const std::size_t cols = x.cols / 2;
  const auto half = [&](std::size_t begin) {
    return to.node("Slice", {x.name, to.ints({whole(begin)}), to.ints({whole(begin + cols)}), to.ints({-1})});
  };
  const std::string forward = half(0), reverse = half(cols);
  std::string y = to.node(layer.mode == MergeMode::product ? "Mul" : "Add", {forward, reverse});
  if (layer.mode == MergeMode::mean) y = to.node("Mul", {y, to.number(0.5F)});
  return {y, cols, x.extent};
}

/// Where columns of a reverse direction begin in two values side by side, as concat() has it.
inline std::size_t joined_reverse_from(const OnnxValue& a, const OnnxValue& b) {
  const std::size_t own = std::min(a.reverse_from, a.cols), next = std::min(b.reverse_from, b.cols);
  if (own < a.cols) return next > 0 ? OnnxValue::nowhere : own;
  return next < b.cols ? a.cols + next : OnnxValue::nowhere;
}
inline OnnxValue write(const SideBySide&, NodeContext& at) {
  OnnxValue y = at.x.at(0);
  GraphWriter::Inputs names = {y.name};
  for (std::size_t k = 1; k < at.x.size(); ++k) {
    y.reverse_from = joined_reverse_from(y, at.x[k]);
    y.cols += at.x[k].cols;
    names.push_back(at.x[k].name);
  }
  y.name = at.to.node("Concat", names, {{"axis", std::int64_t{-1}}});
  return y;
}

}  // namespace io::detail
SEQLSTM_NAMESPACE_END
