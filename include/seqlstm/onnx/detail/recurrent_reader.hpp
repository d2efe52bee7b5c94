// Recurrent layers from the tensors of ONNX's operators.
#pragma once

#include <cstddef>
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/gru.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/rnn.hpp>
#include <seqlstm/onnx/detail/gate_order.hpp>
#include <seqlstm/onnx/detail/model_proto.hpp>
#include <span>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

/// Names of one operator's tensors; B and P may be empty: zero, none.
struct RecurrentNames {
  std::string W, R, B, P;
};
/// Sizes of a stack, read from its tensors.
struct RecurrentShape {
  std::size_t directions = 1, hidden = 0, input = 0;
};

/// The sizes of a stack of these operators, G gates each. Throws format_error where tensors do not fit.
inline RecurrentShape recurrent_shape(const OnnxTensors& tensors, std::span<const RecurrentNames> layers,
                                      std::size_t gates) {
  const auto& w = tensors.shape(layers.front().W, 3);
  const RecurrentShape shape{w[0], w[1] / gates, w[2]};
  if (w[0] > 2 || w[1] % gates != 0)
    throw format_error("tensor '" + layers.front().W + "' has shape " + shape_text(w) +
                       ", expected 1 or 2 directions of " + std::to_string(gates) + " gates");
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const std::size_t input = l == 0 ? shape.input : shape.directions * shape.hidden;
    const std::vector<std::size_t> expected = {shape.directions, gates * shape.hidden, input};
    const std::vector<std::size_t> recurrent = {shape.directions, gates * shape.hidden, shape.hidden};
    for (const auto& [name, wanted] : {std::pair(layers[l].W, expected), std::pair(layers[l].R, recurrent)})
      if (tensors.shape(name, 3) != wanted)
        throw format_error("tensor '" + name + "' has shape " + shape_text(tensors.shape(name, 3)) +
                           ", expected " + shape_text(wanted));
  }
  return shape;
}

/// Fills layer l of a stack.
template <class Layer>
void fill_recurrent(Layer& layer, std::size_t l, const OnnxTensors& tensors, const RecurrentNames& names,
                    std::span<const std::size_t> order) {
  const std::size_t directions = layer.directions();
  const auto& first = layer.weights(l, 0);
  const std::size_t rows = first.weight_hh.rows(), input = first.weight_ih.cols(),
                    hidden = first.weight_hh.cols();
  const auto w = tensors.floats(names.W, {directions, rows, input});
  const auto r = tensors.floats(names.R, {directions, rows, hidden});
  const auto b = names.B.empty() ? std::vector<float>(2 * directions * rows)
                                 : tensors.floats(names.B, {directions, 2 * rows});
  const auto fill = [&](Parameter<float>& p, const std::vector<float>& from, std::size_t begin) {
    take_gates({p.edit().data(), p.size()}, std::span(from).subspan(begin, p.size()), order);
  };
  for (std::size_t d = 0; d < directions; ++d) {
    auto& own = layer.weights(l, d);
    fill(own.weight_ih, w, d * rows * input);
    fill(own.weight_hh, r, d * rows * hidden);
    fill(own.bias_ih, b, 2 * d * rows);
    fill(own.bias_hh, b, (2 * d + 1) * rows);
    if constexpr (requires { own.weight_ch; }) {
      if (own.weight_ch.size() == 0) continue;
      const auto p = tensors.floats(names.P, {directions, own.weight_ch.size()});
      std::copy_n(p.begin() + static_cast<std::ptrdiff_t>(d * own.weight_ch.size()), own.weight_ch.size(),
                  own.weight_ch.edit().data());
    }
  }
}

inline Lstm<float> read_lstm(const OnnxTensors& tensors, std::span<const RecurrentNames> layers,
                             bool reverse) {
  const auto shape = recurrent_shape(tensors, layers, 4);
  Lstm<float> lstm({.input = shape.input,
                    .hidden = shape.hidden,
                    .layers = layers.size(),
                    .bidirectional = shape.directions == 2,
                    .reverse = reverse,
                    .peephole = !layers.front().P.empty()});
  for (std::size_t l = 0; l < layers.size(); ++l)
    fill_recurrent(lstm, l, tensors, layers[l], lstm_gate_order);
  return lstm;
}
inline Gru<float> read_gru(const OnnxTensors& tensors, std::span<const RecurrentNames> layers,
                           bool reset_after) {
  const auto shape = recurrent_shape(tensors, layers, 3);
  Gru<float> gru({.input = shape.input,
                  .hidden = shape.hidden,
                  .layers = layers.size(),
                  .bidirectional = shape.directions == 2,
                  .reset_after = reset_after});
  for (std::size_t l = 0; l < layers.size(); ++l) fill_recurrent(gru, l, tensors, layers[l], gru_gate_order);
  return gru;
}
inline Rnn<float> read_rnn(const OnnxTensors& tensors, std::span<const RecurrentNames> layers) {
  const auto shape = recurrent_shape(tensors, layers, 1);
  Rnn<float> rnn({.input = shape.input,
                  .hidden = shape.hidden,
                  .layers = layers.size(),
                  .bidirectional = shape.directions == 2});
  for (std::size_t l = 0; l < layers.size(); ++l) fill_recurrent(rnn, l, tensors, layers[l], rnn_gate_order);
  return rnn;
}

}  // namespace io::detail
SEQLSTM_NAMESPACE_END
