#include <seqlstm/onnx/save_onnx.hpp>

#include <algorithm>
#include <seqlstm/onnx/load_onnx.hpp>

#include "onnx/every_model.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

::onnx::ModelProto read_proto(const std::string& path) {
  ::onnx::ModelProto model;
  REQUIRE(model.ParseFromString(support::read_bytes(path)));
  return model;
}
std::size_t count_of(const ::onnx::GraphProto& graph, const std::string& op) {
  return static_cast<std::size_t>(std::count_if(graph.node().begin(), graph.node().end(),
                                                [&](const auto& node) { return node.op_type() == op; }));
}
const ::onnx::TensorProto* tensor_of(const ::onnx::GraphProto& graph, const std::string& name) {
  for (const auto& tensor : graph.initializer())
    if (tensor.name() == name) return &tensor;
  return nullptr;
}
template <class Values> std::vector<std::string> names_of(const Values& values) {
  std::vector<std::string> names;
  for (const auto& value : values) names.push_back(value.name());
  return names;
}
using Names = std::vector<std::string>;

/// The message with which a model is refused.
template <class Model> std::string refusal(Model model) {
  const support::TemporaryFolder folder;
  const std::string path = folder.path("no.onnx");
  const std::string message = support::message_of<option_error>([&] { io::save_onnx(path, model); });
  CHECK(folder.files() == 0);
  return message;
}
const BuildInfo info{.vocabulary = 7, .max_length = 12, .seed = 3};

}  // namespace

TEST_CASE("save_onnx: a file says its versions, and has an operator for each layer of a stack") {
  const support::TemporaryFolder folder;
  const std::string path = folder.path("net.onnx");
  auto model = built(
      sequential(embedding(6), lstm({.hidden = 5, .layers = 2, .bidirectional = true}), last(), dense(3)),
      info);
  io::save_onnx(path, model);
  const auto proto = read_proto(path);
  CHECK(proto.ir_version() == io::onnx_ir_version);
  REQUIRE(proto.opset_import_size() == 1);
  CHECK(proto.opset_import(0).version() == io::onnx_operator_set);
  const auto& graph = proto.graph();
  CHECK(names_of(graph.input()) == Names{"ids", "lengths"});
  CHECK(names_of(graph.output()) == Names{"output"});
  CHECK(graph.output(0).type().tensor_type().shape().dim(1).dim_value() == 3);
  CHECK(count_of(graph, "LSTM") == 2);
  CHECK(count_of(graph, "Gemm") == 1);
  const auto* w = tensor_of(graph, "1.W_l1");
  REQUIRE(w != nullptr);
  CHECK(io::detail::onnx_shape(*w) == std::vector<std::size_t>{2, 20, 10});
}

TEST_CASE("save_onnx: gates stand in ONNX's order, i, o, f, c and z, r, h") {
  std::vector<float> ours = {0, 1, 2, 3}, theirs;
  io::detail::append_gates(theirs, ours, io::detail::lstm_gate_order);  // ours: i, f, g, o
  CHECK(theirs == std::vector<float>{0, 3, 1, 2});
  std::vector<float> back(4);
  io::detail::take_gates(back, theirs, io::detail::lstm_gate_order);
  CHECK(back == ours);
  theirs.clear();
  ours = {0, 0.5F, 1, 1.5F, 2, 2.5F};  // r, z, n of two units
  io::detail::append_gates(theirs, ours, io::detail::gru_gate_order);
  CHECK(theirs == std::vector<float>{1, 1.5F, 0, 0.5F, 2, 2.5F});
}

TEST_CASE("save_onnx: inputs and outputs are those that the model has") {
  const support::TemporaryFolder folder;
  for_every_model([&](const std::string& name, auto& model, const BatchKind& kind) {
    INFO(name);
    const std::string path = folder.path(name + ".onnx");
    io::save_onnx(path, model);
    const auto proto = read_proto(path);
    const auto inputs = names_of(proto.graph().input());
    const auto has = [&](const char* input) { return std::count(inputs.begin(), inputs.end(), input) == 1; };
    CHECK(has("ids") == (kind.vocabulary > 0));
    CHECK(has("channels") == (kind.channels > 0 && !kind.features));
    CHECK(has("features") == kind.features);
    CHECK(has("lengths") == !kind.features);
    const auto outputs = names_of(proto.graph().output());
    CHECK(std::count(outputs.begin(), outputs.end(), "output_lengths") == (name == "shorter_positions"));
    CHECK(std::count(outputs.begin(), outputs.end(), "sites") ==
          (name == "sequence_classifier" || name == "ensemble"));
    // Names of nodes and tensors are unique, as the format demands.
    auto names = names_of(proto.graph().node());
    for (const auto& tensor : names_of(proto.graph().initializer())) names.push_back(tensor);
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  });
}

TEST_CASE("save_onnx: with a loss the output is what predict() gives") {
  const support::TemporaryFolder folder;
  auto model = built(sequential(embedding(4), lstm({.hidden = 3}), last(), dense(2)), info);
  const auto last_of = [&](const Loss& loss) {
    const std::string path = folder.path("net.onnx");
    io::save_onnx(path, model, loss);
    const auto proto = read_proto(path);
    const auto& graph = proto.graph();
    return graph.node(graph.node_size() - 2).op_type();  // before the one that names the output
  };
  CHECK(last_of(cross_entropy()) == "Softmax");
  CHECK(last_of(bce_with_logits()) == "Sigmoid");
  CHECK(last_of(mse()) == "Gemm");
}

TEST_CASE("save_onnx: a layer that ONNX does not have is refused by its name") {
  CHECK_THAT(
      refusal(built(sequential(embedding(4), lstm({.hidden = 4, .projection = 2}), last(), dense(1)), info)),
      ContainsSubstring("'1' is an LSTM with a projection"));
  CHECK_THAT(refusal(built(
                 sequential(embedding(4), lstm({.hidden = 4, .layer_norm = true}), last(), dense(1)), info)),
             ContainsSubstring("'1' is an LSTM with layer norm in its gates"));
  CHECK_THAT(refusal(built(sequential(embedding(4), lstm({.hidden = 4}), dense(3), crf()), info)),
             ContainsSubstring("'3' is a conditional random field"));
  CHECK_THAT(refusal(SequenceLabeller<float>({.vocabulary = 4, .crf = true})),
             ContainsSubstring("'crf' is a conditional random field"));
  CHECK_THAT(refusal(EncoderClassifier<float>({.embedding_dim = 4, .hidden = 4, .context = 2})),
             ContainsSubstring("mean over the 2 phases"));
  CHECK_THAT(refusal(sequential(embedding(4), lstm({.hidden = 4}), last(), dense(1))),
             ContainsSubstring("call build()"));
}
