#include <seqlstm/onnx/load_onnx.hpp>

#include <seqlstm/onnx/save_onnx.hpp>

#include "onnx/every_model.hpp"
#include "onnx/outputs.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"

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

/// The sentence with which an edited graph is refused.
template <class Edit> std::string refusal(Edit edit) {
  const support::TemporaryFolder folder;
  const std::string path = folder.write("torch.onnx", torch_like(edit));
  return support::message_of<format_error>([&] { static_cast<void>(io::load_onnx(path)); });
}
template <class Edit> io::LayerGraph loaded(Edit edit) {
  const support::TemporaryFolder folder;
  return io::load_onnx(folder.write("torch.onnx", torch_like(edit)));
}

/// Appends a node; the LSTM comes after those that are made before it, so nodes are put in front.
::onnx::NodeProto& put_first(::onnx::ModelProto& proto, const char* op, std::vector<std::string> inputs,
                             const std::string& output) {
  auto& nodes = *proto.mutable_graph()->mutable_node();
  nodes.Add();
  for (int k = nodes.size() - 1; k > 0; --k) nodes.SwapElements(k, k - 1);
  auto& made = nodes[0];
  made.set_op_type(op);
  made.set_name(output + "_node");
  for (auto& input : inputs) made.add_input(std::move(input));
  made.add_output(output);
  return made;
}
::onnx::NodeProto& put_last(::onnx::ModelProto& proto, const char* op, std::vector<std::string> inputs) {
  auto& made = *proto.mutable_graph()->add_node();
  made.set_op_type(op);
  made.set_name("after");
  for (auto& input : inputs) made.add_input(std::move(input));
  made.add_output("answer");
  proto.mutable_graph()->mutable_output(0)->set_name("answer");
  return made;
}
void add_ints(::onnx::NodeProto& node, const char* name, const std::vector<std::int64_t>& values) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(::onnx::AttributeProto::INTS);
  for (const auto value : values) attribute.add_ints(value);
}
void add_input(::onnx::ModelProto& proto, const std::string& name, int dimensions) {
  auto& input = *proto.mutable_graph()->add_input();
  input.set_name(name);
  auto& type = *input.mutable_type()->mutable_tensor_type();
  type.set_elem_type(::onnx::TensorProto::INT64);
  for (int k = 0; k < dimensions; ++k)
    type.mutable_shape()->add_dim()->set_dim_param("axis" + std::to_string(k));
}
std::string constant(::onnx::ModelProto& proto, const std::vector<std::int64_t>& values) {
  auto& tensor = *proto.mutable_graph()->add_initializer();
  tensor.set_name("made" + std::to_string(proto.graph().initializer_size()));
  tensor.set_data_type(::onnx::TensorProto::INT64);
  tensor.add_dims(static_cast<std::int64_t>(values.size()));
  tensor.set_raw_data(values.data(), values.size() * sizeof(std::int64_t));
  return tensor.name();
}
void add_activations(::onnx::NodeProto& node, const std::vector<std::string>& names) {
  auto& attribute = *node.add_attribute();
  attribute.set_name("activations");
  attribute.set_type(::onnx::AttributeProto::STRINGS);
  for (const auto& name : names) attribute.add_strings(name);
}
::onnx::AttributeProto& attribute_of(::onnx::NodeProto& node, const std::string& name) {
  for (auto& attribute : *node.mutable_attribute())
    if (attribute.name() == name) return attribute;
  throw std::runtime_error("no attribute " + name);
}
/// The steps instead of final states: [time, D, batch, C] becomes [time, batch, D, C], then `shape`.
void answer_steps(::onnx::ModelProto& proto, const std::vector<std::int64_t>& shape) {
  auto& graph = *proto.mutable_graph();
  node_of(proto, "LSTM").set_output(0, "steps");
  auto& moved = *graph.add_node();
  moved.set_op_type("Transpose");
  moved.add_input("steps");
  moved.add_output("moved");
  add_ints(moved, "perm", {0, 2, 1, 3});
  auto& joined = *graph.add_node();
  joined.set_op_type("Reshape");
  joined.set_name("join");
  joined.add_input("moved");
  joined.add_input(constant(proto, shape));
  joined.add_output("joined");
  add_ints(put_last(proto, "Transpose", {"joined"}), "perm", {1, 0, 2});
}

}  // namespace

TEST_CASE("foreign graph: a classifier as PyTorch's exporter writes it gives the bits of ours") {
  const support::TemporaryFolder folder;
  const auto net = io::load_onnx(folder.write("torch.onnx", torch_like([](auto&) {})));
  const auto model = torch_like_model();
  const BatchKind kind{.vocabulary = 7};
  for (std::uint64_t seed = 0; seed < 5; ++seed)
    CHECK(outputs_of(net, kind, seed) == outputs_of(model, kind, seed));
  CHECK(net.nodes()[0].name == "embedding0");
  CHECK(net.nodes()[1].name == "lstm0");
}

TEST_CASE("foreign graph: what no layer here is, is refused by the node that has it") {
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

TEST_CASE("foreign graph: initial states are zero only where zeros were moved") {
  // A learned state, expanded to a shape that is itself made of zeros and shapes.
  CHECK_THAT(refusal([](auto& p) {
               put_first(p, "Expand", {"learned", "zeros_shape"}, "h0");
               put_first(p, "ConstantOfShape", {"learned_shape"}, "zeros_shape");
               put_first(p, "Shape", {"learned"}, "learned_shape");
               auto& learned = *p.mutable_graph()->add_initializer();
               learned.set_name("learned");
               learned.set_data_type(::onnx::TensorProto::FLOAT);
               for (const int size : {2, 1, 5}) learned.add_dims(size);
               for (int k = 0; k < 10; ++k) learned.add_float_data(0.5F);
               node_of(p, "LSTM").set_input(5, "h0");
             }),
             ContainsSubstring("an initial state that is not zero, 'h0'"));
  const auto of_zeros = [](const char* op, std::vector<std::string> more) {
    return [op, more](auto& p) {
      std::vector<std::string> inputs = {"some_zeros"};
      inputs.insert(inputs.end(), more.begin(), more.end());
      put_first(p, op, inputs, "h0");
      put_first(p, "ConstantOfShape", {constant(p, {2, 1, 5})}, "some_zeros");
      node_of(p, "LSTM").set_input(5, "h0");
    };
  };
  CHECK(loaded(of_zeros("Slice", {"onnx::LSTM.W_l0"})).nodes().size() > 0);
  CHECK(loaded(of_zeros("Concat", {"some_zeros"})).nodes().size() > 0);
  for (const char* op : {"Concat", "Add", "Exp"})
    CHECK_THAT(refusal(of_zeros(op, {"fc.weight"})), ContainsSubstring("an initial state that is not zero"));
}

TEST_CASE("foreign graph: inputs, options and shapes that say something else are refused") {
  CHECK_THAT(refusal([](auto& p) { add_input(p, "segment_ids", 2); }),
             ContainsSubstring("input 'segment_ids' is of whole numbers like 'ids'"));
  CHECK_THAT(refusal([](auto& p) {
               add_input(p, "lengths", 1);
               add_input(p, "classes", 1);
             }),
             ContainsSubstring("input 'classes' is of whole numbers like 'lengths'"));
  const auto activations = [](const std::vector<std::string>& names) {
    return [names](auto& p) { add_activations(node_of(p, "LSTM"), names); };
  };
  CHECK(loaded(activations({"Sigmoid", "Tanh", "Tanh", "Sigmoid", "Tanh", "Tanh"})).nodes().size() > 0);
  CHECK_THAT(refusal(activations({"Sigmoid", "Tanh", "Tanh"})), ContainsSubstring("the option activations"));
  CHECK_THAT(refusal(activations({"Tanh", "Sigmoid", "Tanh", "Sigmoid", "Tanh", "Tanh"})),
             ContainsSubstring("the option activations"));
  CHECK_THAT(refusal([](auto& p) { attribute_of(node_of(p, "LSTM"), "direction").set_s("forward"); }),
             ContainsSubstring("W, 'onnx::LSTM.W_l0', has shape [2, 20, 4], expected [1, 4 * 5, columns]"));
  CHECK_THAT(refusal([](auto& p) { attribute_of(node_of(p, "LSTM"), "hidden_size").set_i(4); }),
             ContainsSubstring("has shape [2, 20, 4], expected [2, 4 * 4, columns]"));
  CHECK_THAT(refusal([](auto& p) { attribute_of(node_of(p, "LSTM"), "direction").set_s("sideways"); }),
             ContainsSubstring("the direction 'sideways'"));
  for (const auto& shape : {std::vector<std::int64_t>{0, 0, -1}, {0, 0, 10}, {0, -1, 10}})
    CHECK(loaded([&](auto& p) { answer_steps(p, shape); }).by_position());
  for (const auto& shape :
       {std::vector<std::int64_t>{0, 0, 5}, {0, -1, 5}, {-1, 10}, {0, 0, 2, 5}, {0, 7, -1}})
    CHECK_THAT(refusal([&](auto& p) { answer_steps(p, shape); }),
               ContainsSubstring("'join': a new shape that does not join directions and columns"));
}

TEST_CASE("foreign graph: lengths are those of each sequence's own end") {
  const auto with_lengths = [](auto& p) {
    add_input(p, "lengths", 1);
    put_first(p, "Cast", {"lengths"}, "short_lengths");
    node_of(p, "LSTM").set_input(4, "short_lengths");
  };
  const auto net = loaded(with_lengths);
  const auto model = torch_like_model();
  const BatchKind kind{.vocabulary = 7};
  for (std::uint64_t seed = 0; seed < 5; ++seed)
    CHECK(outputs_of(net, kind, seed) == outputs_of(model, kind, seed));
  // Steps beyond the ends are zeros there, which a mean would count.
  CHECK_THAT(refusal([&](auto& p) {
               with_lengths(p);
               answer_steps(p, {0, 0, -1});
               auto& mean = put_last(p, "ReduceMean", {"joined"});
               add_ints(mean, "axes", {0});
               auto& keep = *mean.add_attribute();
               keep.set_name("keepdims");
               keep.set_type(::onnx::AttributeProto::INT);
               mean.set_output(0, "mean");
               p.mutable_graph()->mutable_output(0)->set_name("mean");
             }),
             ContainsSubstring("a mean or maximum over padded steps"));
}

TEST_CASE("foreign graph: malformed graphs are refused by a sentence") {
  CHECK_THAT(refusal([](auto& p) {
               put_last(p, "Slice", {"h", constant(p, {0}), constant(p, {})});
             }),
             ContainsSubstring("Slice 'after'"));
  CHECK_THAT(refusal([](auto& p) {
               put_last(p, "Slice", {"h", constant(p, {1}), constant(p, {1})});
             }),
             ContainsSubstring("a slice of no final state"));
  CHECK_THAT(refusal([](auto& p) {
               add_ints(put_last(p, "Transpose", {"h"}), "perm", {0, 1});
             }),
             ContainsSubstring("an order of 2 axes of 3"));
  CHECK_THAT(refusal([](auto& p) {
               add_ints(put_last(p, "Transpose", {"h"}), "perm", {0, 1, 1});
             }),
             ContainsSubstring("an order that has not each axis once"));
  CHECK_THAT(refusal([](auto& p) {
               add_ints(put_last(p, "Transpose", {"h"}), "perm", {0, 1, 7});
             }),
             ContainsSubstring("an order that has not each axis once"));
  // Of the kind of a constant, but without its tensor.
  CHECK_THAT(refusal([](auto& p) {
               put_first(p, "Dropout", {"fc.weight", "ids"}, "no_tensor");
               node_of(p, "Gemm").set_input(1, "no_tensor");
             }),
             ContainsSubstring("'no_tensor', is computed, expected a constant"));
  CHECK_THAT(refusal([](auto& p) { put_last(p, "Relu", {"h"}).set_output(0, "h"); }),
             ContainsSubstring("a second 'h'"));
  CHECK(loaded([](auto& p) {  // equal weights, which exporters write once
          put_first(p, "Identity", {"fc.bias"}, "copy");
          node_of(p, "Gemm").set_input(2, "copy");
        })
            .nodes()
            .size() > 0);
}
