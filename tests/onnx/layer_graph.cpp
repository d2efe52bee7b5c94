#include <seqlstm/onnx/layer_graph.hpp>

#include <seqlstm/infer/predict.hpp>
#include <seqlstm/io/state_dict.hpp>
#include <seqlstm/train/fit.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;

namespace {

/// Two letters' vectors, an LSTM, its last state, one logit.
io::LayerGraph small_graph() {
  io::LayerGraph graph;
  const auto tokens = graph.add("token", Embedding<float>({.vocabulary = 4, .dim = 5, .padding = {}}));
  const auto states = graph.add("lstm", Lstm<float>({.input = 5, .hidden = 6}), {tokens});
  graph.set_answer(graph.add("head", Dense<float>(6, 1), {graph.add({}, Last(), {states})}));
  initialize(graph, 1);
  return graph;
}

}  // namespace

TEST_CASE("layer graph: a model made when the program runs learns and predicts") {
  auto graph = small_graph();
  const auto data = testing::tiny_data(200, 1);
  CHECK_FALSE(graph.by_position());
  const auto before = evaluate(graph, data, bce_with_logits());
  fit(graph, data, {.loss = bce_with_logits(), .epochs = 20, .seed = 1});
  const auto after = evaluate(graph, data, bce_with_logits());
  CHECK(after["loss"] < before["loss"]);
}

TEST_CASE("layer graph: parameters have the names of the layers") {
  auto graph = small_graph();
  const auto file = io::state_dict(graph);
  CHECK(file.find("token.weight") != nullptr);
  CHECK(file.find("lstm.weight_hh_l0") != nullptr);
  CHECK(file.find("head.bias") != nullptr);
  CHECK(file.tensors.size() == 7);
}

TEST_CASE("layer graph: an answer at every position is told by by_position()") {
  auto graph = small_graph();
  const auto scores = graph.add("scores", Dense<float>(6, 2), {1});
  graph.set_answer(scores);
  CHECK(graph.by_position());
  const auto predictions = predict(graph, testing::tiny_data(5, 2), cross_entropy());
  CHECK(predictions.by_position());
  CHECK(predictions.cols == 2);
}

TEST_CASE("layer graph: nodes that do not go together are refused") {
  io::LayerGraph graph;
  const auto text = [](auto action) { return support::message_of<Error>(action); };
  CHECK_THAT(text([&] { graph.add("a", Relu(), {0}); }),
             ContainsSubstring("'a' reads node 0, but only the 0"));
  CHECK_THAT(text([&] { graph.set_answer(3); }), ContainsSubstring("node 3 does not exist, there are 0"));
  Tape<float> tape(Mode::inference);
  SequenceBatch batch;
  batch.lay_out(std::vector<std::size_t>{2});
  batch.ids = {0, 1};
  CHECK_THAT(text([&] { graph.forward(tape, batch); }), ContainsSubstring("no layers"));
  auto rows = small_graph();
  rows.set_answer(rows.add("again", Lstm<float>({.input = 1, .hidden = 2}), {rows.answer()}));
  CHECK_THAT(text([&] { rows.forward(tape, batch); }),
             ContainsSubstring("'again': reads a row per position"));
  auto two = small_graph();
  two.set_answer(two.add("sum", io::Addition(), {two.answer()}));
  CHECK_THAT(text([&] { two.forward(tape, batch); }), ContainsSubstring("1 inputs, expected 2"));
  io::LayerGraph features;
  features.set_answer(features.add("", io::FeatureRows{3}));
  CHECK_THAT(text([&] { features.forward(tape, batch); }), ContainsSubstring("reads rows of features"));
  FeatureBatch narrow{.rows = 1, .width = 2, .values = {1, 2}, .labels = {}, .records = {}};
  CHECK_THAT(text([&] { features.forward(tape, narrow); }),
             ContainsSubstring("2 features, the network reads 3"));
  CHECK_THAT(text([&] { small_graph().forward(tape, narrow); }), ContainsSubstring("reads sequences"));
}
