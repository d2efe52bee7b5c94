// ONNX files in as a network of our layers.
//
//     auto net = io::load_onnx("classifier.onnx");
//     predict(net, data, cross_entropy());
#pragma once

#include <cstddef>
#include <fstream>
#include <seqlstm/core/error.hpp>
#include <seqlstm/onnx/detail/foreign_nodes.hpp>
#include <seqlstm/onnx/detail/layer_records.hpp>
#include <seqlstm/onnx/layer_graph.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

namespace detail {

inline ::onnx::ModelProto read_model_proto(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw io_error("cannot read '" + path + "': check that it is a file and readable");
  ::onnx::ModelProto model;
  if (!model.ParseFromIstream(&file) || !model.has_graph())
    throw format_error("no ONNX model, or a damaged one");
  return model;
}
/// What we wrote beside the operators, or null.
inline const std::string* layer_record(const ::onnx::ModelProto& model) {
  for (const auto& entry : model.metadata_props())
    if (entry.key() == onnx_layers_key) return &entry.value();
  return nullptr;
}

}  // namespace detail

/// The network of a file that save_onnx() wrote, with the bits of its weights; or of one of PyTorch's
/// exporters: an embedding of ids [batch, time], LSTMs, GRUs or RNNs, final states or a pooling over time,
/// dense layers, norms and activations. Such a network reads each sequence by itself, without padding.
///
/// Throws io_error where the file cannot be read, format_error for a damaged one, and for an operator that no
/// layer here is: the sentence begins with the file's name and says which.
inline LayerGraph load_onnx(const std::string& path) {
  try {
    const ::onnx::ModelProto model = detail::read_model_proto(path);
    const detail::OnnxTensors tensors(model.graph());
    if (const std::string* record = detail::layer_record(model)) return detail::graph_from(*record, tensors);
    return detail::ForeignReader(model.graph(), tensors).read();
  } catch (const format_error& error) {
    throw format_error(path + ": " + error.what());
  } catch (const option_error& error) {  // of a layer with sizes that do not go together
    throw format_error(path + ": " + error.what());
  }
}

}  // namespace io
SEQLSTM_NAMESPACE_END
