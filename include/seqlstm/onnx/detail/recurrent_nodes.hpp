// ONNX nodes of recurrent layers: one operator for each layer of a stack, all directions in it.
#pragma once

#include <cstdint>
#include <seqlstm/onnx/detail/gate_order.hpp>
#include <seqlstm/onnx/detail/input_nodes.hpp>
#include <span>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

/// One layer's tensors, the directions one after the other, and their names in the file.
template <class Layer> class RecurrentTensors {
 public:
  RecurrentTensors(GraphWriter& to, const std::string& path, const Layer& layer, std::size_t l,
                   std::span<const std::size_t> order)
      : to_(&to), suffix_("_l" + std::to_string(l)), path_(path) {
    for (std::size_t d = 0; d < layer.directions(); ++d) {
      const auto& own = layer.weights(l, d);
      append_gates(w_, span_of(own.weight_ih), order);
      append_gates(r_, span_of(own.weight_hh), order);
      append_gates(b_, span_of(own.bias_ih), order);
      append_gates(b_, span_of(own.bias_hh), order);
    }
    const auto& first = layer.weights(l, 0);
    const std::size_t directions = layer.directions(), gates = order.size();
    rows_ = first.weight_hh.rows();
    W = to.floats(name("W"), w_, {directions, rows_, first.weight_ih.cols()});
    R = to.floats(name("R"), r_, {directions, rows_, rows_ / gates});
    B = to.floats(name("B"), b_, {directions, 2 * rows_});
  }
  /// Peepholes, which have ONNX's order: i, o, f.
  std::string peepholes(const Layer& layer, std::size_t l) {
    std::vector<float> p;
    for (std::size_t d = 0; d < layer.directions(); ++d) {
      const auto own = span_of(layer.weights(l, d).weight_ch);
      p.insert(p.end(), own.begin(), own.end());
    }
    return to_->floats(name("P"), p, {layer.directions(), p.size() / layer.directions()});
  }
  std::string W, R, B;  ///< the operator's own names

 private:
  static std::span<const float> span_of(const Parameter<float>& p) { return {p.data(), p.size()}; }
  [[nodiscard]] std::string name(const char* tensor) const { return path_ + "." + tensor + suffix_; }

  GraphWriter* to_;
  std::string suffix_, path_;
  std::vector<float> w_, r_, b_;
  std::size_t rows_ = 0;
};

/// From what the operator gives, [time, directions, batch, H], to rows of all directions side by side.
inline std::string joined_directions(GraphWriter& to, const std::string& y) {
  return to.node("Reshape", {transposed(to, y, {0, 2, 1, 3}), to.ints({0, 0, -1})});
}

/// All layers of a stack; more(l, tensors, inputs, attributes) adds what is the kind's own.
template <class Layer, class More>
OnnxValue write_stack(const char* op, const Layer& layer, bool reverse, std::span<const std::size_t> order,
                      NodeContext& at, More more) {
  const std::size_t hidden = layer.options().hidden;
  OnnxValue x = at.x.at(0);
  for (std::size_t l = 0; l < layer.options().layers; ++l) {
    RecurrentTensors<Layer> tensors(at.to, at.path, layer, l, order);
    GraphWriter::Inputs inputs = {x.name, tensors.W, tensors.R, tensors.B, at.to.short_lengths(x.extent)};
    GraphWriter::Attributes attributes = {{"hidden_size", static_cast<std::int64_t>(hidden)},
                                          {"direction", std::string(layer.directions() == 2 ? "bidirectional"
                                                                    : reverse               ? "reverse"
                                                                                            : "forward")}};
    more(l, tensors, inputs, attributes);
    x.name = joined_directions(at.to, at.to.node(op, inputs, attributes));
  }
  x.cols = layer.output();
  x.reverse_from = layer.directions() == 2 ? hidden : reverse ? 0 : OnnxValue::nowhere;
  return x;
}

/// Throws option_error for a cell that the operator does not have.
inline OnnxValue write(const Lstm<float>& layer, NodeContext& at) {
  const auto& o = layer.options();
  if (o.projection > 0 || o.layer_norm)
    throw option_error("'" + at.path + "' is an LSTM with " +
                       (o.projection > 0 ? "a projection" : "layer norm in its gates") +
                       ", which ONNX's LSTM does not have; expected a plain one or one with peepholes");
  return write_stack("LSTM", layer, o.reverse, lstm_gate_order, at,
                     [&](std::size_t l, auto& tensors, auto& inputs, auto&) {
                       if (!o.peephole) return;
                       inputs.insert(inputs.end(), {"", "", tensors.peepholes(layer, l)});
                     });
}
inline OnnxValue write(const Gru<float>& layer, NodeContext& at) {
  return write_stack(
      "GRU", layer, false, gru_gate_order, at,
      [&](std::size_t, auto&, auto&, GraphWriter::Attributes& attributes) {
        attributes.push_back({"linear_before_reset", std::int64_t{layer.options().reset_after}});
      });
}
inline OnnxValue write(const Rnn<float>& layer, NodeContext& at) {
  return write_stack("RNN", layer, false, rnn_gate_order, at, [](auto&&...) {});
}

}  // namespace io::detail
SEQLSTM_NAMESPACE_END
