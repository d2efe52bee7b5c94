#include <seqlstm/nn/rnn.hpp>

#include <seqlstm/nn/pooling.hpp>

#include "support/layers.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// One sequence through one direction, from the equation.
std::vector<double> reference(const std::vector<double>& x, std::size_t input, std::size_t hidden,
                              bool reverse, const std::vector<const Parameter<double>*>& p) {
  const std::size_t steps = x.size() / input;
  std::vector<double> y(steps * hidden), h(hidden);
  for (std::size_t k = 0; k < steps; ++k) {
    const std::size_t t = reverse ? steps - 1 - k : k;
    std::vector<double> next(hidden);
    for (std::size_t u = 0; u < hidden; ++u) {
      double a = p[2]->data()[u] + p[3]->data()[u];
      for (std::size_t i = 0; i < input; ++i) a += p[0]->view()(u, i) * x[t * input + i];
      for (std::size_t v = 0; v < hidden; ++v) a += p[1]->view()(u, v) * h[v];
      next[u] = std::tanh(a);
    }
    h = next;
    std::copy(h.begin(), h.end(), y.begin() + static_cast<std::ptrdiff_t>(t * hidden));
  }
  return y;
}

}  // namespace

TEST_CASE("rnn: every sequence of a ragged batch follows the equation, in both directions and layers") {
  const PackedLayout layout(ragged_lengths);
  constexpr std::size_t input = 3, hidden = 5;
  Rnn<double> rnn({.input = input, .hidden = hidden, .layers = 2, .bidirectional = true});
  std::vector<const Parameter<double>*> p;
  for_each_parameter(rnn, [&](const std::string&, Parameter<double>& parameter) { p.push_back(&parameter); });
  REQUIRE(p.size() == 16);
  Input<double> x(ragged_tokens, input);
  Tape<double> tape(Mode::inference);
  const auto y = copy_of(rnn(x.on(tape, layout)).value());
  for (std::size_t index = 0; index < ragged_lengths.size(); ++index) {
    auto rows = sequence_of(x.values, input, layout, index);
    for (std::size_t layer = 0; layer < 2; ++layer) {
      const std::size_t width = layer == 0 ? input : 2 * hidden;
      std::vector<double> both(ragged_lengths[index] * 2 * hidden);
      for (std::size_t d = 0; d < 2; ++d) {
        const std::size_t first = (layer * 2 + d) * 4;
        const auto one =
            reference(rows, width, hidden, d == 1, {p[first], p[first + 1], p[first + 2], p[first + 3]});
        for (std::size_t t = 0; t < ragged_lengths[index]; ++t)
          std::copy_n(&one[t * hidden], hidden, &both[t * 2 * hidden + d * hidden]);
      }
      rows = both;
    }
    const auto found = sequence_of(y, 2 * hidden, layout, index);
    REQUIRE(found.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) REQUIRE(found[i] == Approx(rows[i]).margin(1e-14));
  }
}

TEST_CASE("rnn: gradients of everything over ragged rows") {
  const PackedLayout layout(ragged_lengths);
  for (const bool bidirectional : {false, true}) {
    Rnn<double> rnn({.input = 3, .hidden = 4, .layers = 2, .bidirectional = bidirectional});
    Input<double> x(ragged_tokens, 3);
    auto values = checked_values(rnn);
    values.push_back({"x", x.view(), x.gradient()});
    const auto report =
        check_gradient([&](Tape<double>& tape) { return probe<double>(rnn(x.on(tape, layout))); }, values);
    INFO(report);
    CHECK(report);
    const auto pooled = check_gradient(
        [&](Tape<double>& tape) { return probe<double>(last(rnn(x.on(tape, layout)))); }, values);
    INFO(pooled);
    CHECK(pooled);
  }
}

TEST_CASE("rnn: gradients with dropout between layers") {
  const PackedLayout layout(ragged_lengths);
  Rnn<double> rnn({.input = 2, .hidden = 6, .layers = 3, .dropout = 0.5});
  Input<double> x(ragged_tokens, 2);
  auto values = checked_values(rnn);
  values.push_back({"x", x.view(), x.gradient()});
  const auto report =
      check_gradient([&](Tape<double>& tape) { return probe<double>(rnn(x.on(tape, layout))); }, values);
  INFO(report);
  CHECK(report);
  Tape<double> tape;
  const auto with = copy_of(rnn(x.on(tape, layout)).value());
  rnn.training = false;
  CHECK(copy_of(rnn(x.on(tape, layout)).value()) != with);
}

TEST_CASE("rnn: the reverse direction ends at token 0, which pooling knows") {
  const PackedLayout layout(ragged_lengths);
  Rnn<float> both({.input = 2, .hidden = 3, .bidirectional = true}), one({.input = 2, .hidden = 3});
  Input<float> x(ragged_tokens, 2);
  Tape<float> tape;
  CHECK(both(x.on(tape, layout)).reverse_from() == 3);
  CHECK(one(x.on(tape, layout)).reverse_from() == 3);  // no column is reversed
  CHECK(one(x.on(tape, layout)).cols() == 3);
}

TEST_CASE("rnn: a sequence's bits depend neither on its batch, nor on threads") {
  const std::vector<std::size_t> lengths = {9, 1, 17, 0, 4, 4, 12, 2, 30};
  const PackedLayout layout(lengths);
  Rnn<float> rnn({.input = 7, .hidden = 33, .layers = 2, .bidirectional = true});
  Input<float> x(layout.tokens(), 7);
  const auto all = [&] {
    Tape<float> tape;
    zero_gradients(rnn);
    std::fill(x.gradients.begin(), x.gradients.end(), 0.0F);
    const auto y = rnn(x.on(tape, layout));
    tape.backward(probe<float>(y));
    auto result = copy_of(y.value());
    result.insert(result.end(), x.gradients.begin(), x.gradients.end());
    for_each_parameter(rnn, [&](const std::string&, Parameter<float>& p) {
      const auto g = copy_of(p.gradient());
      result.insert(result.end(), g.begin(), g.end());
    });
    return result;
  };
  check_threads(all);
  const auto together = all();
  for (std::size_t index = 0; index < lengths.size(); ++index) {
    auto rows = sequence_of(x.values, 7, layout, index);
    const PackedLayout alone(std::vector<std::size_t>{lengths[index]});
    Tape<float> tape(Mode::inference);
    const auto y = rnn(tape.leaf({rows.data(), lengths[index], 7}, alone));
    CHECK(same_bits(copy_of(y.value()), sequence_of(together, 66, layout, index)));
  }
}

TEST_CASE("rnn: frozen parameters get no gradient") {
  const PackedLayout layout(ragged_lengths);
  Rnn<float> rnn({.input = 2, .hidden = 3});
  Input<float> x(ragged_tokens, 2);
  set_trainable(rnn, "weight_hh_l0", false);
  set_trainable(rnn, "bias_ih_l0", false);
  Tape<float> tape;
  tape.backward(probe<float>(rnn(x.on(tape, layout))));
  for_each_parameter(rnn, [](const std::string& name, Parameter<float>& p) {
    const bool frozen = name == "weight_hh_l0" || name == "bias_ih_l0";
    INFO(name);
    CHECK((copy_of(p.gradient()) == std::vector<float>(p.size())) == frozen);
  });
}

TEST_CASE("rnn: steps after the second allocate nothing") {
  const PackedLayout layout(ragged_lengths);
  Rnn<float> rnn({.input = 5, .hidden = 20, .layers = 2, .bidirectional = true, .dropout = 0.1});
  Input<float> x(ragged_tokens, 5);
  check_no_allocation<float>(
      [&](Tape<float>& tape) { tape.backward(probe<float>(last(rnn(x.on(tape, layout))))); });
}

TEST_CASE("rnn: batches without any token") {
  const PackedLayout layout(std::vector<std::size_t>{0, 0});
  Rnn<float> rnn({.input = 2, .hidden = 3, .bidirectional = true});
  Tape<float> tape;
  const auto y = rnn(tape.leaf({nullptr, 0, 2}, layout));
  CHECK(y.rows() == 0);
  CHECK(copy_of(last(y).value()) == std::vector<float>(12));
  tape.backward(probe<float>(last(y)));
}

TEST_CASE("rnn: copies, moves, assignments and swaps keep the weights") {
  const PackedLayout layout(ragged_lengths);
  Rnn<float> a({.input = 2, .hidden = 3, .bidirectional = true}),
      b({.input = 2, .hidden = 3, .bidirectional = true});
  b.initialize({.seed = 7});
  Input<float> x(ragged_tokens, 2);
  check_rule_of_five(a, b, [&](Rnn<float>& rnn) { return values_and_gradients(rnn, x, layout); });
}

TEST_CASE("rnn: PyTorch's names, shapes and bounds") {
  Rnn<double> rnn({.input = 3, .hidden = 4, .layers = 2, .bidirectional = true});
  std::vector<std::string> names;
  for_each_parameter(rnn, [&](const std::string& name, Parameter<double>& p) {
    names.push_back(name);
    for (const double v : copy_of(p.view())) CHECK(std::abs(v) <= 0.5);
    if (name == "weight_ih_l0_reverse") CHECK(p.shape() == std::vector<std::size_t>{4, 3});
    if (name == "weight_ih_l1") CHECK(p.shape() == std::vector<std::size_t>{4, 8});
    if (name == "bias_hh_l1_reverse") CHECK(p.shape() == std::vector<std::size_t>{4});
  });
  CHECK(names == std::vector<std::string>{
                     "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_ih_l0_reverse",
                     "weight_hh_l0_reverse", "bias_ih_l0_reverse", "bias_hh_l0_reverse", "weight_ih_l1",
                     "weight_hh_l1", "bias_ih_l1", "bias_hh_l1", "weight_ih_l1_reverse",
                     "weight_hh_l1_reverse", "bias_ih_l1_reverse", "bias_hh_l1_reverse"});
}

TEST_CASE("rnn: mistakes are named") {
  const PackedLayout layout(ragged_lengths);
  Tape<float> tape;
  Input<float> x(ragged_tokens, 5);
  Rnn<float> rnn({.input = 4, .hidden = 3, .name = "encoder"});
  CHECK_THROWS_WITH(rnn(x.on(tape, layout)), "rnn 'encoder': input has 5 columns, weight expects 4");
  CHECK_THROWS_WITH(Rnn<float>({.input = 4}),
                    "rnn: input, hidden and layers must be at least 1, got 4, 0, 1");
  CHECK_THROWS_WITH(Rnn<float>({.input = 4, .hidden = 3, .layers = 2, .dropout = 2}),
                    "dropout: p is 2, expected a probability from 0 to 1");
  CHECK_THROWS_WITH(Rnn<float>({.input = 4, .hidden = 3, .dropout = 0.5, .name = "encoder"}),
                    "rnn 'encoder': dropout is 0.5, but it acts between layers and there is one; ask for at "
                    "least 2 layers, or for dropout 0 and a Dropout after this layer");
}
