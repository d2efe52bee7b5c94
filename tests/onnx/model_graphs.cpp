#include <seqlstm/onnx/model_graphs.hpp>

#include "onnx/every_model.hpp"
#include "onnx/outputs.hpp"
#include "support/catch.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("model graphs: every model's graph gives the model's bits") {
  for_every_model([](const std::string& name, auto& model, const BatchKind& kind) {
    INFO(name);
    const auto graph = io::layer_graph(model);
    for (std::uint64_t seed = 0; seed < 5; ++seed)
      CHECK(outputs_of(graph, kind, seed) == outputs_of(model, kind, seed));
  });
}

TEST_CASE("model graphs: a language model's graph gives the logits of its first window") {
  AwdLanguageModel<float> model({.vocabulary = 7, .embedding_dim = 4, .hidden = 6, .layers = 2});
  randomize(model, 1);
  const auto graph = io::layer_graph(model);
  const BatchKind kind{.vocabulary = 7};
  const auto batch = random_batch(kind, 3);
  Tape<float> tape(Mode::inference);
  auto carried = model.carried_state(batch.layout.sequences());
  std::vector<float> expected;
  append_values(expected, model.forward(tape, batch, carried).logits.value());
  CHECK(outputs_of(graph, kind, 3) == expected);
}
