// One forward pass of a LayerGraph: the values of its nodes, and each layer on those it reads.
#pragma once

#include <cmath>
#include <concepts>
#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/sequence_batch.hpp>
#include <seqlstm/data/features.hpp>
#include <seqlstm/nn/concat.hpp>
#include <seqlstm/nn/names.hpp>
#include <seqlstm/nn/reversed.hpp>
#include <seqlstm/nn/step_weights.hpp>
#include <seqlstm/onnx/graph_layers.hpp>
#include <string>
#include <variant>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

class GraphRun {
 public:
  /// Token vectors on their way, a row per token, or a row per sequence.
  using Value = std::variant<EmbeddedTokens<float>, SeqVar<float>, Var<float>>;
  using Inputs = std::vector<std::size_t>;

  GraphRun(Tape<float>& tape, const SequenceBatch& batch) : tape_(&tape), sequences_(&batch) {}
  GraphRun(Tape<float>& tape, const FeatureBatch& batch) : tape_(&tape), features_(&batch) {}

  /// Runs a layer on the values of earlier nodes; its own is then the last.
  template <class Layer> void append(const Layer& layer, const Inputs& inputs, const std::string& name) {
    name_ = &name;
    values_.push_back(value_of(layer, inputs));
  }
  /// The value of a node as a row per token. Throws shape_error for a row per sequence.
  SeqVar<float> steps(std::size_t node) {
    if (const auto* steps = std::get_if<SeqVar<float>>(&values_[node])) return *steps;
    if (const auto* tokens = std::get_if<EmbeddedTokens<float>>(&values_[node]))
      return dense_rows(*tape_, *tokens);
    throw shape_error(title() + ": reads a row per position, node " + std::to_string(node) +
                      " has a row per sequence");
  }
  /// The same as a row per sequence. Throws shape_error for a row per token.
  Var<float> rows(std::size_t node) {
    if (const auto* rows = std::get_if<Var<float>>(&values_[node])) return *rows;
    throw shape_error(title() + ": reads a row per sequence, node " + std::to_string(node) +
                      " has a row per position");
  }

 private:
  [[nodiscard]] std::string title() const { return seqlstm::detail::title("layer graph", *name_); }
  const SequenceBatch& sequences() {
    if (sequences_ != nullptr) return *sequences_;
    throw option_error(title() + ": the network reads sequences, expected a SequenceBatch");
  }
  std::size_t input(const Inputs& inputs, std::size_t place, std::size_t count) {
    if (inputs.size() == count) return inputs[place];
    throw option_error(title() + ": " + std::to_string(inputs.size()) + " inputs, expected " +
                       std::to_string(count));
  }

  // A layer of one input, on rows per token or per sequence as it can.
  template <class Layer> Value value_of(const Layer& layer, const Inputs& inputs) {
    const std::size_t x = input(inputs, 0, 1);
    if constexpr (requires(Tape<float> & tape, EmbeddedTokens<float> tokens) { layer(tape, tokens); })
      if (const auto* tokens = std::get_if<EmbeddedTokens<float>>(&values_[x])) return layer(*tape_, *tokens);
    if constexpr (requires(Var<float> v) { layer(v); })
      if (std::holds_alternative<Var<float>>(values_[x])) return Value(layer(rows(x)));
    return Value(layer(steps(x)));
  }
  Value value_of(const Embedding<float>& layer, const Inputs&) { return layer(sequences()); }
  Value value_of(const OneHot<float>& layer, const Inputs&) { return layer(sequences()); }
  Value value_of(const PositionalEmbedding<float>& layer, const Inputs&) { return layer(sequences()); }
  Value value_of(const ChannelInput<float>& layer, const Inputs&) { return layer(*tape_, sequences()); }
  Value value_of(const RawChannels& layer, const Inputs&) {
    const auto x = channels(*tape_, sequences());
    if (x.cols() == layer.channels) return x;
    throw shape_error(title() + ": the batch has " + std::to_string(x.cols()) +
                      " channels, the network reads " + std::to_string(layer.channels));
  }
  Value value_of(const FeatureRows& layer, const Inputs&) {
    if (features_ == nullptr)
      throw option_error(title() + ": the network reads rows of features, expected a FeatureBatch");
    if (features_->width != layer.width)
      throw shape_error(title() + ": the batch has " + std::to_string(features_->width) +
                        " features, the network reads " + std::to_string(layer.width));
    return tape_->constant({features_->values.data(), features_->rows, features_->width});
  }
  Value value_of(const DenseRows&, const Inputs& inputs) { return steps(input(inputs, 0, 1)); }
  Value value_of(const AdaptiveMean& layer, const Inputs& inputs) {
    return adaptive_mean(steps(input(inputs, 0, 1)), layer.bins);
  }
  Value value_of(const StepSoftmax&, const Inputs& inputs) {
    return softmax_steps(steps(input(inputs, 0, 1)));
  }
  Value value_of(const WeightedSum&, const Inputs& inputs) {
    return weighted_sum(steps(input(inputs, 0, 2)), steps(input(inputs, 1, 2)));
  }
  Value value_of(const Reversal&, const Inputs& inputs) { return reversed(steps(input(inputs, 0, 1))); }
  Value value_of(const LogLengths&, const Inputs&) {
    const PackedLayout& layout = sequences().layout;
    const auto lengths = tape_->arena().matrix<float>(layout.sequences(), 1);
    for (std::size_t r = 0; r < layout.sequences(); ++r)
      lengths(layout.order(r), 0) = std::log1p(static_cast<float>(layout.length(r)));
    return tape_->leaf(lengths);
  }
  Value value_of(const Scaling& layer, const Inputs& inputs) {
    const std::size_t x = input(inputs, 0, 1);
    if (std::holds_alternative<Var<float>>(values_[x])) return layer.factor * rows(x);
    return layer.factor * steps(x);
  }
  Value value_of(const Addition&, const Inputs& inputs) {
    const std::size_t a = input(inputs, 0, 2), b = input(inputs, 1, 2);
    const auto* tokens = std::get_if<EmbeddedTokens<float>>(&values_[a]);
    const auto* more = std::get_if<EmbeddedTokens<float>>(&values_[b]);
    if (tokens != nullptr && more != nullptr) return *tokens + *more;
    if (std::holds_alternative<Var<float>>(values_[a])) return rows(a) + rows(b);
    return steps(a) + steps(b);
  }
  Value value_of(const SideBySide&, const Inputs& inputs) {
    if (inputs.empty()) throw option_error(title() + ": nothing to put side by side");
    if (std::holds_alternative<Var<float>>(values_[inputs[0]])) {
      Var<float> all = rows(inputs[0]);
      for (std::size_t k = 1; k < inputs.size(); ++k) all = concat(all, rows(inputs[k]));
      return all;
    }
    SeqVar<float> all = steps(inputs[0]);
    for (std::size_t k = 1; k < inputs.size(); ++k) all = concat(all, steps(inputs[k]));
    return all;
  }

  Tape<float>* tape_;
  const SequenceBatch* sequences_ = nullptr;
  const FeatureBatch* features_ = nullptr;
  std::vector<Value> values_;
  const std::string* name_ = nullptr;
};

}  // namespace io::detail
SEQLSTM_NAMESPACE_END
