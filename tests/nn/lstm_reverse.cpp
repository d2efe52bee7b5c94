// The reverse direction alone.
#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/nn/carried_state.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <seqlstm/nn/sequential.hpp>

#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// The direction's weights become those of another network's direction.
template <class T>
void copy_weights(const Lstm<T>& from, std::size_t direction, std::size_t layer, Lstm<T>& to) {
  const auto& source = from.weights(layer, direction);
  auto& target = to.weights(layer);
  const auto copy = [](const Parameter<T>& a, Parameter<T>& b) {
    std::copy_n(a.data(), a.size(), b.edit().data());
  };
  copy(source.weight_ih, target.weight_ih);
  copy(source.weight_hh, target.weight_hh);
  copy(source.bias_ih, target.bias_ih);
  copy(source.bias_hh, target.bias_hh);
}

}  // namespace

TEMPLATE_TEST_CASE("lstm_reverse: the bits of a bidirectional network's other half", "", float, double) {
  using T = TestType;
  const PackedLayout layout(ragged_lengths);
  for (const Precision precision : {Precision::f32, Precision::bf16}) {
    if (precision == Precision::bf16 && std::is_same_v<T, double>) continue;
    Lstm<T> both({.input = 5, .hidden = 19, .bidirectional = true, .precision = precision}),
        reverse({.input = 5, .hidden = 19, .reverse = true, .precision = precision});
    copy_weights(both, 1, 0, reverse);
    CHECK(reverse.directions() == 1);
    CHECK(reverse.output() == 19);
    const std::size_t batch = layout.sequences();
    Input<T> x(ragged_tokens, 5, 1), h0(2 * batch, 19, 2), c0(2 * batch, 19, 3);
    Tape<T> tape;
    const auto expected = both.run(x.on(tape, layout), {h0.on(tape), c0.on(tape)});
    const auto half = [&](Input<T>& state) { return tape.leaf(state.view().row_range(batch, batch)); };
    const auto found = reverse.run(x.on(tape, layout), {half(h0), half(c0)});
    CHECK(same_bits(copy_of(found.y.value()), copy_of(expected.y.value().columns(19, 19))));
    CHECK(
        same_bits(copy_of(found.final.h.value()), copy_of(expected.final.h.value().row_range(batch, batch))));
    CHECK(
        same_bits(copy_of(found.final.c.value()), copy_of(expected.final.c.value().row_range(batch, batch))));
  }
}

TEST_CASE("lstm_reverse: gradients of stacked layers, states and tokens included") {
  const PackedLayout layout(ragged_lengths);
  Lstm<double> lstm({.input = 3, .hidden = 5, .layers = 2, .reverse = true});
  Input<double> x(ragged_tokens, 3, 1), h0(12, 5, 2), c0(12, 5, 3);
  auto values = checked_values(lstm);
  values.push_back({"x", x.view(), x.gradient()});
  values.push_back({"h0", h0.view(), h0.gradient()});
  values.push_back({"c0", c0.view(), c0.gradient()});
  const auto report = check_gradient(
      [&](Tape<double>& tape) {
        const auto result = lstm.run(x.on(tape, layout), {h0.on(tape), c0.on(tape)});
        return probe<double>(result.y) + probe<double>(result.final.h) + 0.5 * probe<double>(result.final.c);
      },
      values);
  INFO(report);
  CHECK(report);

  const auto batch = few_tokens();
  Embedding<double> embedding({.vocabulary = 4, .dim = 3});
  auto of_tokens = checked_values(lstm);
  for (auto& value : checked_values(embedding)) of_tokens.push_back(value);
  const auto lookups = check_gradient(
      [&](Tape<double>& tape) { return probe<double>(lstm(tape, embedding(batch))); }, of_tokens);
  INFO(lookups);
  CHECK(lookups);
}

TEST_CASE("lstm_reverse: last() is the state after the first token") {
  const PackedLayout layout(std::vector<std::size_t>{3, 1, 5});
  Lstm<float> lstm({.input = 2, .hidden = 4, .reverse = true});
  Input<float> x(layout.tokens(), 2);
  Tape<float> tape(Mode::inference);
  const auto result = lstm.run(x.on(tape, layout));
  CHECK(result.y.reverse_from() == 0);
  CHECK(same_bits(copy_of(last(result.y).value()), copy_of(result.final.h.value())));
}

TEST_CASE("lstm_reverse: a recipe, and names without a suffix") {
  auto model = sequential<float>(embedding(3), lstm({.hidden = 4, .reverse = true}), last(), dense(1));
  model.build({.vocabulary = 5});
  CHECK(model.layer<1>().options().reverse);
  std::vector<std::string> names;
  for_each_parameter(model.layer<1>(), [&](const std::string& name, auto&) { names.push_back(name); });
  CHECK(names == std::vector<std::string>{"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"});
}

TEST_CASE("lstm_reverse: what needs whole sequences says so") {
  Lstm<float> lstm({.input = 2, .hidden = 3, .reverse = true, .name = "back"});
  CHECK_THROWS_WITH(lstm.initial_state(2),
                    "lstm 'back': streams are read forward; a reverse network needs whole sequences");
  CHECK_THROWS_WITH(CarriedState<float>(2, {lstm.options()}),
                    "lstm 'back': streams are read forward; a reverse network needs whole sequences");
  const Lstm<float> forward({.input = 2, .hidden = 3});
  auto streams = forward.initial_state(2);
  Input<float> x(2, 2);
  CHECK_THROWS_AS(lstm.step(x.view(), streams), shape_error);
  CHECK_THROWS_WITH(Lstm<float>({.input = 2, .hidden = 3, .bidirectional = true, .reverse = true}),
                    "lstm: bidirectional has both directions and reverse has one; ask for one of them");
}
