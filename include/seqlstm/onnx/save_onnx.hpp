// Models out to ONNX files, which ONNX Runtime and others run (https://onnx.ai).
//
//     io::save_onnx("promoters.onnx", model);                        // the numbers of forward()
//     io::save_onnx("promoters.onnx", model, bce_with_logits());     // the probabilities of predict()
//
// A file reads padded batches. Its inputs, of which it has those that its first layers read:
//
//     ids       [batch, time]     int64   tokens; what stands beyond a sequence's length is not read
//     channels  [batch, time, F]  float   real numbers at each position
//     lengths   [batch]           int64   tokens of each sequence, 0 to time
//     features  [batch, F]        float   of a model of feature rows, alone
//
// and its outputs:
//
//     output          [batch, columns], or of a model with a row per position [batch, time, columns], 0
//                     beyond a sequence's last
//     output_lengths  [batch] int64, where windows made sequences shorter
//     sites           [batch, time], scores of sites
//
// A position table wants a time of at most its length. Numbers are float: a model that runs in bf16 is
// written in f32. Beside the operators a file carries what our layers are, for load_onnx().
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <seqlstm/core/error.hpp>
#include <seqlstm/io/file.hpp>
#include <seqlstm/nn/loss.hpp>
#include <seqlstm/onnx/detail/layer_records.hpp>
#include <seqlstm/onnx/detail/recurrent_nodes.hpp>
#include <seqlstm/onnx/detail/row_nodes.hpp>
#include <seqlstm/onnx/graph_of.hpp>
#include <seqlstm/onnx/layer_graph.hpp>
#include <seqlstm/onnx/model_graphs.hpp>
#include <seqlstm/version.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// The versions of the operators and of the format that files are written for: ONNX 1.12 (2022) and later.
inline constexpr std::int64_t onnx_operator_set = 17;
/// The same of the format.
inline constexpr std::int64_t onnx_ir_version = 8;

namespace detail {

/// Names the output, and says what it is.
inline void add_onnx_output(GraphWriter& to, const std::string& name, const std::string& value, int type,
                            const std::vector<std::string>& shape, std::size_t cols = 0) {
  auto& node = *to.graph().add_node();
  node.set_name(name);
  node.set_op_type("Identity");
  node.add_input(value);
  node.add_output(name);
  auto& output = *to.graph().add_output();
  output.set_name(name);
  auto& tensor = *output.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  for (const auto& size : shape) tensor.mutable_shape()->add_dim()->set_dim_param(size);
  if (cols > 0) tensor.mutable_shape()->add_dim()->set_dim_value(whole(cols));
}

/// Writes the nodes of a graph, and its outputs.
inline void write_nodes(const LayerGraph& graph, ::onnx::GraphProto& proto) {
  GraphWriter to(proto);
  GraphInputs inputs(to);
  OnnxValues values;
  for (const auto& node : graph.nodes()) {
    NodeContext at{to, inputs, node_path(node, values.size()), {}};
    for (const std::size_t input : node.inputs) at.x.push_back(values[input]);
    const bool by_position = node.by_position;
    to.set_path(at.path);
    values.push_back(std::visit(
        [&](const auto& layer) {
          if constexpr (requires { write(layer, at, by_position); }) {
            return write(layer, at, by_position);
          } else {
            return write(layer, at);
          }
        },
        node.layer));
  }
  to.set_path("answer");
  const OnnxValue& answer = values.at(graph.answer());
  const int real = ::onnx::TensorProto::FLOAT;
  if (graph.by_position()) {
    const bool shorter = answer.extent > 0;
    add_onnx_output(to, "output", transposed(to, to.masked(answer), {1, 0, 2}), real,
                    {"batch", shorter ? "output_time" : "time"}, answer.cols);
    if (shorter)
      add_onnx_output(to, "output_lengths", to.lengths(answer.extent), ::onnx::TensorProto::INT64, {"batch"});
  } else {
    add_onnx_output(to, "output", answer.name, real, {"batch"}, answer.cols);
  }
  if (graph.sites()) {
    const std::string flat = to.node("Squeeze", {to.masked(values.at(*graph.sites())), to.ints({2})});
    add_onnx_output(to, "sites", transposed(to, flat, {1, 0}), real, {"batch", "time"});
  }
}

/// The bytes of a file.
inline std::string onnx_bytes(const LayerGraph& graph) {
  if (graph.nodes().empty()) throw option_error("save_onnx: the graph has no layers");
  ::onnx::ModelProto model;
  model.set_ir_version(onnx_ir_version);
  model.set_producer_name("seqlstm");
  model.set_producer_version(std::to_string(SEQLSTM_VERSION_MAJOR) + "." +
                             std::to_string(SEQLSTM_VERSION_MINOR) + "." +
                             std::to_string(SEQLSTM_VERSION_PATCH));
  model.add_opset_import()->set_version(onnx_operator_set);
  model.mutable_graph()->set_name("seqlstm");
  write_nodes(graph, *model.mutable_graph());
  auto& layers = *model.add_metadata_props();
  layers.set_key(onnx_layers_key);
  layers.set_value(graph_record(graph).dump());
  if (const std::size_t bytes = model.ByteSizeLong(); bytes > std::numeric_limits<std::int32_t>::max())
    throw option_error("save_onnx: the model takes " + std::to_string(bytes) +
                       " bytes, but an ONNX file holds less than 2 GiB; save_model() has no limit");
  return model.SerializeAsString();
}

}  // namespace detail

/// Writes a graph's operators and weights, atomically. Throws option_error for a layer that ONNX does not
/// have, by its name; io_error where the file cannot be written.
inline void save_onnx(const std::string& path, const LayerGraph& graph) {
  const std::string bytes = detail::onnx_bytes(graph);
  write_file_atomically(path, [&](AtomicFile& out) { out.write(bytes); });
}
/// The same of a model: a chain, one of models/, or one of the user's own with a GraphOf. Its output is that
/// of the model's forward().
template <class Model>
requires(!std::is_same_v<std::remove_const_t<Model>, LayerGraph>) void save_onnx(const std::string& path,
                                                                                 Model& model) {
  save_onnx(path, layer_graph(model));
}
/// The same with the answers of predict(model, data, loss): probabilities where the loss is of logits.
template <class Model> void save_onnx(const std::string& path, Model& model, const Loss& loss) {
  save_onnx(path, layer_graph(model, loss));
}

}  // namespace io
SEQLSTM_NAMESPACE_END
