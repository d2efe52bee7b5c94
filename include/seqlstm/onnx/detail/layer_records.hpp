// What the layers of a LayerGraph are, as the JSON that our ONNX files carry beside the operators. Sizes are
// those of the tensors; the JSON holds what these do not show.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <seqlstm/core/error.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/onnx/detail/recurrent_reader.hpp>
#include <seqlstm/onnx/layer_graph.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

// ---- to JSON: the kind, and options

using Json = nlohmann::json;

inline Json record(const Embedding<float>&) {
  return {{"kind", "embedding"}};
}
inline Json record(const OneHot<float>& o) {
  return {{"kind", "one_hot"}, {"vocabulary", o.vocabulary()}};
}
inline Json record(const PositionalEmbedding<float>&) {
  return {{"kind", "positional_embedding"}};
}
inline Json record(const DenseRows&) {
  return {{"kind", "dense_rows"}};
}
inline Json record(const RawChannels& c) {
  return {{"kind", "raw_channels"}, {"channels", c.channels}};
}
inline Json record(const ChannelInput<float>&) {
  return {{"kind", "channels"}};
}
inline Json record(const FeatureRows& f) {
  return {{"kind", "features"}, {"width", f.width}};
}
inline Json record(const Lstm<float>& l) {
  return {{"kind", "lstm"},
          {"layers", l.options().layers},
          {"reverse", l.options().reverse},
          {"peephole", l.options().peephole}};
}
inline Json record(const Gru<float>& l) {
  return {{"kind", "gru"}, {"layers", l.options().layers}, {"reset_after", l.options().reset_after}};
}
inline Json record(const Rnn<float>& l) {
  return {{"kind", "rnn"}, {"layers", l.options().layers}};
}
inline Json record(const Conv1d<float>& c) {
  const auto& o = c.options();
  const char* padding = o.padding == Padding::same    ? "same"
                        : o.padding == Padding::valid ? "valid"
                                                      : "causal";
  return {{"kind", "conv1d"},
          {"stride", o.stride},
          {"dilation", o.dilation},
          {"padding", padding},
          {"bias", o.bias}};
}
inline Json record_windows(const char* kind, const Pool1dOptions& o) {
  return {{"kind", kind}, {"kernel", o.kernel}, {"stride", o.stride}, {"ceil_mode", o.ceil_mode}};
}
inline Json record(const MaxPool1d& p) {
  return record_windows("max_pool1d", p.options());
}
inline Json record(const AvgPool1d& p) {
  return record_windows("avg_pool1d", p.options());
}
inline Json record(const Dense<float>& d) {
  return {{"kind", "dense"}, {"bias", d.has_bias()}};
}
inline Json record(const BatchNorm<float>& n) {
  return {{"kind", "batch_norm"}, {"eps", n.eps()}};
}
inline Json record(const LayerNorm<float>& n) {
  return {{"kind", "layer_norm"}, {"eps", n.eps()}};
}
inline Json record(const Sigmoid&) {
  return {{"kind", "sigmoid"}};
}
inline Json record(const Tanh&) {
  return {{"kind", "tanh"}};
}
inline Json record(const Relu&) {
  return {{"kind", "relu"}};
}
inline Json record(const Softmax&) {
  return {{"kind", "softmax"}};
}
inline Json record(const Last&) {
  return {{"kind", "last"}};
}
inline Json record(const Max&) {
  return {{"kind", "max"}};
}
inline Json record(const AdaptiveMean& m) {
  return {{"kind", "mean"}, {"bins", m.bins}};
}
inline Json record(const StepSoftmax&) {
  return {{"kind", "step_softmax"}};
}
inline Json record(const WeightedSum&) {
  return {{"kind", "weighted_sum"}};
}
inline Json record(const LogLengths&) {
  return {{"kind", "log_lengths"}};
}
inline Json record(const Reversal&) {
  return {{"kind", "reversal"}};
}
inline Json record(const Addition&) {
  return {{"kind", "addition"}};
}
inline Json record(const Scaling& s) {
  return {{"kind", "scaling"}, {"factor", s.factor}};
}
inline Json record(const SideBySide&) {
  return {{"kind", "concat"}};
}
inline constexpr std::array<const char*, 3> merge_modes = {"sum", "mean", "product"};
inline Json record(const MergeDirections& m) {
  return {{"kind", "merge_directions"}, {"mode", merge_modes[static_cast<std::size_t>(m.mode)]}};
}

/// The name under which a node's tensors stand.
inline std::string node_path(const LayerGraph::Node& node, std::size_t number) {
  return node.name.empty() ? "node" + std::to_string(number) : node.name;
}
/// A whole graph.
inline Json graph_record(const LayerGraph& graph) {
  Json nodes = Json::array();
  for (const auto& node : graph.nodes()) {
    Json own = std::visit([](const auto& layer) { return record(layer); }, node.layer);
    own["name"] = node.name;
    own["inputs"] = node.inputs;
    nodes.push_back(std::move(own));
  }
  Json all = {{"version", 1}, {"nodes", std::move(nodes)}, {"answer", graph.answer()}};
  if (graph.sites()) all["sites"] = *graph.sites();
  return all;
}

// ---- from JSON

/// The layer of a record, with the weights of `path`.
class LayerReader {
 public:
  LayerReader(const Json& record, const OnnxTensors& tensors, std::string path)
      : record_(&record), tensors_(&tensors), path_(std::move(path)) {}

  /// Throws format_error for a kind that is not known, and for options or tensors that are no such layer's.
  [[nodiscard]] GraphLayer read() const {
    const std::string kind = text_from(*record_, "kind");
    if (kind == "embedding") return embedding();
    if (kind == "one_hot") return OneHot<float>(size("vocabulary"));
    if (kind == "positional_embedding") return positional_embedding();
    if (kind == "dense_rows") return DenseRows();
    if (kind == "raw_channels") return RawChannels{size("channels")};
    if (kind == "channels") return channels();
    if (kind == "features") return FeatureRows{size("width")};
    if (kind == "lstm") return read_lstm(*tensors_, stack(flag("peephole")), flag("reverse"));
    if (kind == "gru") return read_gru(*tensors_, stack(false), flag("reset_after"));
    if (kind == "rnn") return read_rnn(*tensors_, stack(false));
    if (kind == "conv1d") return conv1d();
    if (kind == "max_pool1d") return MaxPool1d(windows());
    if (kind == "avg_pool1d") return AvgPool1d(windows());
    if (kind == "dense") return dense();
    if (kind == "batch_norm") return batch_norm();
    if (kind == "layer_norm") return layer_norm();
    if (kind == "sigmoid") return Sigmoid();
    if (kind == "tanh") return Tanh();
    if (kind == "relu") return Relu();
    if (kind == "softmax") return Softmax();
    if (kind == "last") return Last();
    if (kind == "max") return Max();
    if (kind == "mean") return AdaptiveMean{size("bins")};
    if (kind == "step_softmax") return StepSoftmax();
    if (kind == "weighted_sum") return WeightedSum();
    if (kind == "log_lengths") return LogLengths();
    if (kind == "reversal") return Reversal();
    if (kind == "addition") return Addition();
    if (kind == "scaling") return Scaling{static_cast<float>(number_from(*record_, "factor"))};
    if (kind == "concat") return SideBySide();
    if (kind == "merge_directions") return merge_directions();
    throw format_error("'" + kind + "' is no layer that is known; the file is from another version");
  }

 private:
  [[nodiscard]] std::size_t size(const char* key) const { return size_from(*record_, key, 1); }
  [[nodiscard]] bool flag(const char* key) const { return flag_from(*record_, key); }
  [[nodiscard]] double eps() const { return number_from(*record_, "eps", 0, 1); }
  [[nodiscard]] std::string tensor(const char* name) const { return path_ + "." + name; }

  [[nodiscard]] std::vector<RecurrentNames> stack(bool peephole) const {
    std::vector<RecurrentNames> names;
    for (std::size_t l = 0; l < size_from(*record_, "layers", 1, most_layers); ++l) {
      const auto name = [&](const char* kind) { return path_ + "." + kind + "_l" + std::to_string(l); };
      names.push_back({name("W"), name("R"), name("B"), peephole ? name("P") : std::string()});
    }
    return names;
  }
  [[nodiscard]] GraphLayer embedding() const {
    const auto& shape = tensors_->shape(tensor("weight"), 2);
    Embedding<float> layer({.vocabulary = shape[0], .dim = shape[1], .padding = {}});
    tensors_->fill(layer.weight, tensor("weight"));
    return layer;
  }
  [[nodiscard]] GraphLayer positional_embedding() const {
    const auto& shape = tensors_->shape(tensor("weight"), 2);
    PositionalEmbedding<float> layer({.length = shape[0], .dim = shape[1]});
    tensors_->fill(layer.weight, tensor("weight"));
    return layer;
  }
  [[nodiscard]] GraphLayer channels() const {
    const auto shape = tensors_->shape(tensor("scaler.mean"), 1);
    return ChannelInput<float>(ChannelScale{tensors_->floats(tensor("scaler.mean"), shape),
                                            tensors_->floats(tensor("scaler.stddev"), shape)});
  }
  [[nodiscard]] GraphLayer conv1d() const {
    const auto& shape = tensors_->shape(tensor("weight"), 3);
    const std::string padding = text_from(*record_, "padding");
    if (padding != "same" && padding != "valid" && padding != "causal")
      throw wrong_value("padding", "'" + padding + "'", "'same', 'valid' or 'causal'");
    Conv1d<float> layer({.input = shape[1],
                         .output = shape[0],
                         .kernel = shape[2],
                         .stride = size("stride"),
                         .dilation = size("dilation"),
                         .padding = padding == "same"    ? Padding::same
                                    : padding == "valid" ? Padding::valid
                                                         : Padding::causal,
                         .bias = flag("bias")});
    tensors_->fill(layer.weight, tensor("weight"));
    if (layer.has_bias()) tensors_->fill(layer.bias, tensor("bias"));
    return layer;
  }
  [[nodiscard]] GraphLayer merge_directions() const {
    const std::string mode = text_from(*record_, "mode");
    const auto found = std::find(merge_modes.begin(), merge_modes.end(), mode);
    if (found == merge_modes.end()) throw wrong_value("mode", "'" + mode + "'", "'sum', 'mean' or 'product'");
    return MergeDirections{static_cast<MergeMode>(found - merge_modes.begin())};
  }
  [[nodiscard]] Pool1dOptions windows() const {
    return {.kernel = size("kernel"), .stride = size("stride"), .ceil_mode = flag("ceil_mode")};
  }
  [[nodiscard]] GraphLayer dense() const {
    const auto& shape = tensors_->shape(tensor("weight"), 2);
    Dense<float> layer({.input = shape[1], .output = shape[0], .bias = flag("bias")});
    tensors_->fill(layer.weight, tensor("weight"));
    if (layer.has_bias()) tensors_->fill(layer.bias, tensor("bias"));
    return layer;
  }
  [[nodiscard]] GraphLayer batch_norm() const {
    const auto shape = tensors_->shape(tensor("weight"), 1);
    BatchNorm<float> layer({.width = shape[0], .eps = eps()});
    tensors_->fill(layer.weight, tensor("weight"));
    tensors_->fill(layer.bias, tensor("bias"));
    std::ranges::copy(tensors_->floats(tensor("running_mean"), shape), layer.running_mean.values().begin());
    std::ranges::copy(tensors_->floats(tensor("running_var"), shape), layer.running_var.values().begin());
    return layer;
  }
  [[nodiscard]] GraphLayer layer_norm() const {
    const auto& shape = tensors_->shape(tensor("weight"), 1);
    LayerNorm<float> layer({.width = shape[0], .eps = eps()});
    tensors_->fill(layer.weight, tensor("weight"));
    tensors_->fill(layer.bias, tensor("bias"));
    return layer;
  }

  const Json* record_;
  const OnnxTensors* tensors_;
  std::string path_;
};

/// The graph of a record. Throws format_error for a damaged one and one of another version.
inline LayerGraph graph_from(const std::string& text, const OnnxTensors& tensors) {
  const Json all = bounded_json(text, 8, [](std::size_t byte, const std::string& what) {
    return format_error("the record of its layers cannot be read: its byte " + std::to_string(byte) + " " +
                        what);
  });
  if (size_from(all, "version") != 1)
    throw wrong_value("version", std::to_string(size_from(all, "version")), "1");
  const Json& nodes = member(all, "nodes", "a list of layers");
  if (!nodes.is_array() || nodes.empty()) throw wrong_value("nodes", shown_json(nodes), "a list of layers");
  LayerGraph graph;
  std::set<std::string> paths;
  for (const auto& node : nodes) {
    const std::string number = std::to_string(graph.nodes().size()), name = text_from(node, "name");
    const auto refused = [&](const std::string& why) {
      return format_error("node " + number + " '" + name + "': " + why);
    };
    const std::string path = name.empty() ? "node" + number : name;
    if (!paths.insert(path).second) throw refused("a node before it has that name; expected names of one");
    try {
      graph.add(name, LayerReader(node, tensors, path).read(), sizes_from(node, "inputs", nodes.size(), 0));
    } catch (const format_error& error) {
      throw refused(error.what());
    } catch (const option_error& error) {  // of a layer with sizes that do not go together
      throw refused(error.what());
    }
  }
  graph.set_answer(size_from(all, "answer", 0, nodes.size() - 1));
  if (all.contains("sites")) graph.set_sites(size_from(all, "sites", 0, nodes.size() - 1));
  return graph;
}

}  // namespace io::detail
SEQLSTM_NAMESPACE_END
