// ONNX nodes of what reads a batch: token vectors, positions, channels, feature rows, lengths.
#pragma once

#include <cstdint>
#include <seqlstm/onnx/detail/graph_writer.hpp>
#include <seqlstm/onnx/graph_layers.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

/// The graph's inputs, each made when a layer first reads it: `ids` [batch, time] int64, `channels` [batch,
/// time, F] float, `lengths` [batch] int64; or `features` [batch, F] float.
class GraphInputs {
 public:
  explicit GraphInputs(GraphWriter& to) : to_(&to) {}

  /// Ids as [time, batch], 0 beyond the ends.
  const std::string& ids() {
    if (ids_.empty()) {
      add("ids", ::onnx::TensorProto::INT64, {"batch", "time"});
      const std::string by_time = transposed(*to_, "ids", {1, 0});
      find_extent(by_time);
      ids_ = to_->node("Where", {to_->flat_mask(0), by_time, to_->ints({0})});
    }
    return ids_;
  }
  /// Channels as [time, batch, F].
  const std::string& channels(std::size_t count) {
    if (channels_.empty()) {
      add("channels", ::onnx::TensorProto::FLOAT, {"batch", "time", std::to_string(count)});
      channels_ = transposed(*to_, "channels", {1, 0, 2});
      find_extent(channels_);
    }
    return channels_;
  }
  std::string features(std::size_t width) {
    add("features", ::onnx::TensorProto::FLOAT, {"batch", std::to_string(width)});
    return "features";
  }

 private:
  void find_extent(const std::string& like) {
    if (has_extent_) return;
    add("lengths", ::onnx::TensorProto::INT64, {"batch"});
    to_->add_extent("lengths", like);
    has_extent_ = true;
  }
  void add(const char* name, int type, const std::vector<std::string>& shape) {
    auto& input = *to_->graph().add_input();
    input.set_name(name);
    auto& tensor = *input.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(type);
    for (const auto& size : shape) {
      auto& dimension = *tensor.mutable_shape()->add_dim();
      if (size[0] >= '0' && size[0] <= '9') {
        dimension.set_dim_value(std::stoll(size));
      } else {
        dimension.set_dim_param(size);
      }
    }
  }

  GraphWriter* to_;
  std::string ids_, channels_;
  bool has_extent_ = false;
};

inline std::string weights(GraphWriter& to, const std::string& path, const Parameter<float>& p) {
  return to.floats(path, std::span(p.data(), p.size()), p.shape());
}

/// What a node of a LayerGraph is written from.
struct NodeContext {
  GraphWriter& to;
  GraphInputs& inputs;
  std::string path;  ///< unique: the layer's name, or "node7"
  OnnxValues x;      ///< what it reads
};

inline OnnxValue write(const Embedding<float>& layer, NodeContext& at) {
  const auto& ids = at.inputs.ids();
  const std::string table = weights(at.to, at.path + ".weight", layer.weight);
  return {at.to.node("Gather", {table, ids}), layer.options().dim};
}
inline OnnxValue write(const OneHot<float>& layer, NodeContext& at) {
  const auto& ids = at.inputs.ids();
  const std::vector<float> off_on = {0, 1};
  const std::string values = at.to.floats(at.path + ".off_on", off_on, {2});
  const std::string depth = at.to.ints({static_cast<std::int64_t>(layer.vocabulary())});
  return {at.to.node("OneHot", {ids, depth, values}), layer.vocabulary()};
}
/// [time, 1, dim]: to be added.
inline OnnxValue write(const PositionalEmbedding<float>& layer, NodeContext& at) {
  at.inputs.ids();
  const std::string table = weights(at.to, at.path + ".weight", layer.weight);
  const std::string rows = at.to.node("Gather", {table, at.to.places(0)});
  return {at.to.node("Unsqueeze", {rows, at.to.ints({1})}), layer.options().dim};
}
inline OnnxValue write(const RawChannels& layer, NodeContext& at) {
  return {at.inputs.channels(layer.channels), layer.channels};
}
inline OnnxValue write(const ChannelInput<float>& layer, NodeContext& at) {
  const ChannelScale scale = layer.scale();
  const std::string x = at.inputs.channels(scale.channels());
  const std::string mean = at.to.floats(at.path + ".scaler.mean", scale.mean, {scale.channels()});
  const std::string stddev = at.to.floats(at.path + ".scaler.stddev", scale.stddev, {scale.channels()});
  return {at.to.node("Div", {at.to.node("Sub", {x, mean}), stddev}), scale.channels()};
}
inline OnnxValue write(const FeatureRows& layer, NodeContext& at) {
  return {at.inputs.features(layer.width), layer.width};
}
inline OnnxValue write(const DenseRows&, NodeContext& at) {
  return at.x.at(0);
}
inline OnnxValue write(const LogLengths&, NodeContext& at) {
  const std::string lengths =
      at.to.node("Cast", {at.to.lengths(0)}, {{"to", std::int64_t{::onnx::TensorProto::FLOAT}}});
  const std::string log = at.to.node("Log", {at.to.node("Add", {lengths, at.to.number(1)})});
  return {at.to.node("Unsqueeze", {log, at.to.ints({1})}), 1};
}

}  // namespace io::detail
SEQLSTM_NAMESPACE_END
