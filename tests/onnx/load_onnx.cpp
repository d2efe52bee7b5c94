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
  CHECK(models == 19);
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
  CHECK_THAT(with_record("{"),
             ContainsSubstring("the record of its layers cannot be read: its byte 2 is not JSON"));
  CHECK_THAT(with_record(R"({"version": 1, "version": 1})"),
             ContainsSubstring("has the name 'version' twice"));
  CHECK_THAT(with_record("{}"), ContainsSubstring("'version' is missing"));
  CHECK_THAT(with_record(R"({"version": 2})"), ContainsSubstring("'version' is 2, expected 1"));
  CHECK_THAT(
      with_record(R"({"version": 1, "nodes": [{"kind": "new", "name": "0", "inputs": []}], "answer": 0})"),
      ContainsSubstring("'new' is no layer that is known"));
  CHECK_THAT(
      with_record(R"({"version": 1, "nodes": [{"kind": "relu", "name": "0", "inputs": [0]}], "answer": 0})"),
      ContainsSubstring("reads node 0"));
  CHECK_THAT(with_record(R"({"version": 1, "answer": 0, "nodes": [
      {"kind": "relu", "name": "0", "inputs": []}, {"kind": "tanh", "name": "0", "inputs": [0]}]})"),
             ContainsSubstring("node 1 '0': a node before it has that name"));
  CHECK_THAT(with_record(R"({"version": 1, "answer": 0, "nodes": [
      {"kind": "max_pool1d", "name": "pool", "inputs": [], "kernel": 2, "stride": 0, "ceil_mode": false}]})"),
             ContainsSubstring("node 0 'pool': 'stride'"));
  CHECK_THAT(with_record(R"({"version": 1, "answer": 0, "nodes": [
      {"kind": "merge_directions", "name": "m", "inputs": [], "mode": "max"}]})"),
             ContainsSubstring("node 0 'm': 'mode' is 'max', expected 'sum', 'mean' or 'product'"));
}
