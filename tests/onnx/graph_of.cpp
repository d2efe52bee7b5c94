#include <seqlstm/onnx/graph_of.hpp>

#include "onnx/every_model.hpp"
#include "onnx/outputs.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// A network of one's own.
struct Net {
  Embedding<float> embedding{{.vocabulary = 7, .dim = 4, .padding = {}}};
  Lstm<float> lstm{{.input = 4, .hidden = 5}};
  Dense<float> head{5, 2};
  template <class V> void fields(V& v) {
    v("embedding", embedding);
    v("lstm", lstm);
    v("head", head);
  }
  Var<float> forward(Tape<float>& tape, const SequenceBatch& batch) const {
    return head(last(lstm(tape, embedding(batch))));
  }
};
/// A layer of one's own.
struct Halved {
  template <template <class> class V, Scalar T> V<T> operator()(const V<T>& x) const { return T(0.5) * x; }
  template <class V> void fields(V&) {}
};

}  // namespace

template <> struct seqlstm::io::GraphOf<Net> {
  static std::size_t add(GraphBuilder<Net>& net) {
    const auto y = net.layer<Lstm<float>>("lstm", {net.layer<Embedding<float>>("embedding")});
    return net.layer<Dense<float>>("head", {net.function(Last(), {y})});
  }
};

TEST_CASE("graph_of: a network of one's own says how its members are joined") {
  Net net;
  randomize(net, 1);
  const auto graph = io::layer_graph(net);
  const BatchKind kind{.vocabulary = 7};
  CHECK(outputs_of(graph, kind, 2) == outputs_of(net, kind, 2));
  io::LayerGraph other;
  io::GraphBuilder builder(other, net);
  CHECK_THAT(support::message_of<option_error>([&] { builder.layer<Dense<float>>("lstm", {0}); }),
             ContainsSubstring("no member 'lstm' of that type"));
}

TEST_CASE("graph_of: a chain is copied in its order, without what rests in inference") {
  auto model =
      built(sequential(embedding(4), dropout(0.5), lstm({.hidden = 3}), concat(last(), mean()), dense(2)),
            {.vocabulary = 7, .seed = 1});
  const auto graph = io::layer_graph(model);
  CHECK(graph.nodes().size() == 6);  // last and mean are two, concat joins them
  CHECK(graph.nodes()[1].name == "2");
  CHECK(graph.nodes().back().name == "4");
}

TEST_CASE("graph_of: a layer of one's own in a chain is refused by its place") {
  auto model = sequential(embedding(4), lstm({.hidden = 3}), last(), PlainRecipe<Halved>{});
  model.build({.vocabulary = 7, .seed = 1});
  CHECK_THAT(support::message_of<option_error>([&] { static_cast<void>(io::layer_graph(model)); }),
             ContainsSubstring("'3' is a layer of one's own"));
}

TEST_CASE("graph_of: with a loss the answers are those of predict") {
  auto model =
      built(sequential(embedding(4), lstm({.hidden = 3}), last(), dense(2)), {.vocabulary = 7, .seed = 1});
  const auto last_is = [&]<class Layer>(const Loss& loss, const Layer&) {
    const auto graph = io::layer_graph(model, loss);
    return std::holds_alternative<Layer>(graph.nodes()[graph.answer()].layer);
  };
  CHECK(last_is(bce_with_logits(), Sigmoid()));
  CHECK(last_is(cross_entropy(), Softmax()));
  CHECK(last_is(mse(), Dense<float>()));
}
