#include <seqlstm/onnx/load_onnx.hpp>

#include <seqlstm/infer/predict.hpp>
#include <seqlstm/infer/predictor.hpp>
#include <seqlstm/onnx/save_onnx.hpp>

#include "onnx/every_model.hpp"
#include "onnx/outputs.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

auto torch_like_model() {
  return built(sequential(embedding(4), lstm({.hidden = 5, .bidirectional = true}), last(), dense(3)),
               {.vocabulary = 7, .seed = 1});
}

/// The bytes of a graph as PyTorch's TorchScript exporter writes a bidirectional LSTM's last states behind an
/// embedding and a linear layer; `edit` may change it.
template <class Edit> std::string torch_like(Edit edit) {
  auto model = torch_like_model();
  const auto& embedding = model.template layer<0>();
  const auto& rnn = model.template layer<1>();
  const auto& head = model.template layer<3>();
  ::onnx::ModelProto proto;
  proto.set_ir_version(7);
  proto.add_opset_import()->set_version(17);
  io::detail::GraphWriter to(*proto.mutable_graph());
  auto& input = *to.graph().add_input();
  input.set_name("ids");
  input.mutable_type()->mutable_tensor_type()->set_elem_type(::onnx::TensorProto::INT64);
  for (const char* axis : {"batch", "time"})
    input.mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_param(axis);
  const std::string vectors =
      to.node("Gather", {io::detail::weights(to, "embedding.weight", embedding.weight), "ids"});
  const std::string batch = to.node("Gather", {to.node("Shape", {"ids"}), to.ints({0}, true)});
  const std::string sizes =
      to.node("Concat", {to.ints({2}), to.node("Unsqueeze", {batch, to.ints({0})}), to.ints({5})},
              {{"axis", std::int64_t{0}}});
  const std::string zeros = to.node("ConstantOfShape", {sizes});
  const std::string x = io::detail::transposed(to, vectors, {1, 0, 2});
  io::detail::RecurrentTensors<Lstm<float>> tensors(to, "onnx::LSTM", rnn, 0, io::detail::lstm_gate_order);
  to.node("LSTM", {x, tensors.W, tensors.R, tensors.B, "", zeros, zeros},
          {{"hidden_size", std::int64_t{5}}, {"direction", std::string("bidirectional")}});
  auto& lstm = *to.graph().mutable_node(to.graph().node_size() - 1);
  lstm.add_output("h");
  lstm.add_output("c");
  const auto state = [&](std::int64_t k) {
    return to.node("Gather", {"h", to.ints({k}, true)}, {{"axis", std::int64_t{0}}});
  };
  const std::string backward = state(-1), forward = state(-2);
  const std::string pooled = to.node("Concat", {forward, backward}, {{"axis", std::int64_t{1}}});
  const std::string y = to.node("Gemm",
                                {pooled, io::detail::weights(to, "fc.weight", head.weight),
                                 io::detail::weights(to, "fc.bias", head.bias)},
                                {{"transB", std::int64_t{1}}});
  to.graph().add_output()->set_name(y);
  edit(proto);
  return proto.SerializeAsString();
}
::onnx::NodeProto& node_of(::onnx::ModelProto& proto, const std::string& op) {
  for (auto& node : *proto.mutable_graph()->mutable_node())
    if (node.op_type() == op) return node;
  throw std::runtime_error("no node " + op);
}

}  // namespace

TEST_CASE("load_onnx: what save_onnx wrote gives the model's bits") {
  const support::TemporaryFolder folder;
  std::size_t models = 0;
  for_every_model([&](const std::string& name, auto& model, const BatchKind& kind) {
    INFO(name);
    const std::string path = folder.path(name + ".onnx");
    io::save_onnx(path, model);
    const auto net = io::load_onnx(path);
    for (std::uint64_t seed = 0; seed < 5; ++seed)
      CHECK(outputs_of(net, kind, seed) == outputs_of(model, kind, seed));
    // Written once more it is the same file.
    io::save_onnx(folder.path("again.onnx"), net);
    CHECK(support::read_bytes(folder.path("again.onnx")) == support::read_bytes(path));
    ++models;
  });
  CHECK(models == 17);
}

TEST_CASE("load_onnx: the network predicts like any other, also from several threads' Predictors") {
  const support::TemporaryFolder folder;
  auto model = built(tiny_model(), {.vocabulary = 4, .seed = 1});
  io::save_onnx(folder.path("net.onnx"), model);
  auto net = io::load_onnx(folder.path("net.onnx"));
  const auto data = tiny_data(20, 2);
  CHECK(predict(net, data, bce_with_logits()).values == predict(model, data, bce_with_logits()).values);
  const auto& constant = net;
  Predictor predictor(constant, bce_with_logits());
  const auto letters = dna4.encode("ACGT");
  CHECK(predictor(letters)[0] == predict(model, letters, bce_with_logits()).values[0]);
}

TEST_CASE("load_onnx: what is no ONNX file, or a damaged one, is refused by its name") {
  const support::TemporaryFolder folder;
  const auto refusal = [&](const std::string& bytes) {
    const std::string path = folder.write("bad.onnx", bytes);
    const auto message = support::message_of<format_error>([&] { static_cast<void>(io::load_onnx(path)); });
    CHECK(message.starts_with(path + ": "));
    return message;
  };
  CHECK_THAT(refusal("text"), ContainsSubstring("no ONNX model, or a damaged one"));
  CHECK_THAT(support::message_of<io_error>([&] { static_cast<void>(io::load_onnx(folder.path("none"))); }),
             ContainsSubstring("none"));
  auto model = built(tiny_model(), {.vocabulary = 4, .seed = 1});
  const auto graph = io::layer_graph(model);
  const auto edited = [&](auto edit) {
    ::onnx::ModelProto proto;
    REQUIRE(proto.ParseFromString(io::detail::onnx_bytes(graph)));
    edit(proto);
    return proto.SerializeAsString();
  };
  const auto tensor = [](::onnx::ModelProto& proto, const std::string& name) -> ::onnx::TensorProto& {
    for (auto& each : *proto.mutable_graph()->mutable_initializer())
      if (each.name() == name) return each;
    throw std::runtime_error("no tensor " + name);
  };
  CHECK_THAT(refusal(edited([&](auto& p) { tensor(p, "0.weight").set_name("other"); })),
             ContainsSubstring("tensor '0.weight' is missing"));
  CHECK_THAT(refusal(edited([&](auto& p) { tensor(p, "1.R_l0").set_dims(2, 9); })),
             ContainsSubstring("tensor '1.R_l0' of shape [2, 40, 9] has 3200 bytes"));
  CHECK_THAT(refusal(edited([&](auto& p) {
               tensor(p, "1.R_l0").set_dims(1, 80);
               tensor(p, "1.R_l0").set_dims(0, 1);
             })),
             ContainsSubstring("tensor '1.R_l0' has shape [1, 80, 10], expected [2, 40, 10]"));
  CHECK_THAT(refusal(edited([&](auto& p) { tensor(p, "0.weight").set_dims(0, -4); })),
             ContainsSubstring("negative size"));
  CHECK_THAT(
      refusal(edited([&](auto& p) { tensor(p, "0.weight").set_data_type(::onnx::TensorProto::STRING); })),
      ContainsSubstring("expected float, double, float16"));
  CHECK_THAT(refusal(edited(
                 [&](auto& p) { tensor(p, "0.weight").set_data_location(::onnx::TensorProto::EXTERNAL); })),
             ContainsSubstring("external data"));
  const auto with_record = [&](const std::string& record) {
    return refusal(edited([&](auto& p) { p.mutable_metadata_props(0)->set_value(record); }));
  };
  CHECK_THAT(with_record("{"), ContainsSubstring("'version' is missing"));
  CHECK_THAT(with_record(R"({"version": 2})"), ContainsSubstring("'version' is 2, expected 1"));
  CHECK_THAT(
      with_record(R"({"version": 1, "nodes": [{"kind": "new", "name": "0", "inputs": []}], "answer": 0})"),
      ContainsSubstring("'new' is no layer that is known"));
  CHECK_THAT(
      with_record(R"({"version": 1, "nodes": [{"kind": "relu", "name": "0", "inputs": [0]}], "answer": 0})"),
      ContainsSubstring("reads node 0"));
}

TEST_CASE("load_onnx: a classifier as PyTorch's exporter writes it gives the bits of ours") {
  const support::TemporaryFolder folder;
  const auto net = io::load_onnx(folder.write("torch.onnx", torch_like([](auto&) {})));
  const auto model = torch_like_model();
  const BatchKind kind{.vocabulary = 7};
  for (std::uint64_t seed = 0; seed < 5; ++seed)
    CHECK(outputs_of(net, kind, seed) == outputs_of(model, kind, seed));
  CHECK(net.nodes()[0].name == "embedding0");
  CHECK(net.nodes()[1].name == "lstm0");
}

TEST_CASE("load_onnx: what no layer here is, is refused by the node that has it") {
  const support::TemporaryFolder folder;
  const auto refusal = [&](auto edit) {
    const std::string path = folder.write("torch.onnx", torch_like(edit));
    return support::message_of<format_error>([&] { static_cast<void>(io::load_onnx(path)); });
  };
  CHECK_THAT(refusal([](auto& p) { node_of(p, "Gemm").set_op_type("Einsum"); }),
             ContainsSubstring("Einsum 'Gemm_"));
  CHECK_THAT(refusal([](auto& p) { node_of(p, "LSTM").set_input(5, "fc.weight"); }),
             ContainsSubstring("an initial state that is not zero, 'fc.weight'"));
  CHECK_THAT(refusal([](auto& p) {
               auto& clip = *node_of(p, "LSTM").add_attribute();
               clip.set_name("clip");
               clip.set_type(::onnx::AttributeProto::FLOAT);
             }),
             ContainsSubstring("the option clip"));
  CHECK_THAT(refusal([](auto& p) {
               auto* nodes = p.mutable_graph()->mutable_node();
               for (auto& node : *nodes)
                 if (node.op_type() == "Concat" && node.input_size() == 2) node.mutable_input()->RemoveLast();
             }),
             ContainsSubstring("one direction's final state is used without the other's"));
  CHECK_THAT(refusal([](auto& p) {
               p.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
                   ::onnx::TensorProto::FLOAT);
             }),
             ContainsSubstring("input 'ids' is neither ids"));
}
