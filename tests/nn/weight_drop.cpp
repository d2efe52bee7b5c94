// Dropped recurrent weights of an Lstm, and dropped token vectors that it looks up.
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/lstm.hpp>

#include "support/layers.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

std::vector<double> output(Lstm<double>& lstm, Input<double>& x, const PackedLayout& layout, Mode mode,
                           std::uint32_t step = 1) {
  Tape<double> tape(mode);
  tape.set_seed(5);
  tape.reset(step);
  return copy_of(lstm(x.on(tape, layout)).value());
}

}  // namespace

TEST_CASE("weight drop: gradients of every parameter, both directions, two layers, dense rows and lookups") {
  const PackedLayout layout(ragged_lengths);
  Lstm<double> lstm(
      {.input = 3, .hidden = 5, .layers = 2, .bidirectional = true, .dropout = 0.2, .weight_drop = 0.5});
  Input<double> x(ragged_tokens, 3);
  auto values = checked_values(lstm);
  values.push_back({"x", x.view(), x.gradient()});
  const auto dense =
      check_gradient([&](Tape<double>& tape) { return probe<double>(lstm(x.on(tape, layout))); }, values);
  INFO(dense);
  CHECK(dense);

  const auto batch = few_tokens();
  Embedding<double> embedding({.vocabulary = 4, .dim = 3, .dropout = 0.3});
  values = checked_values(lstm);
  for (auto& v : checked_values(embedding)) values.push_back(v);
  const auto looked_up =
      check_gradient([&](Tape<double>& tape) { return probe<double>(lstm(tape, embedding(batch))); }, values);
  INFO(looked_up);
  CHECK(looked_up);
}

TEST_CASE("weight drop: looked-up and dense token vectors are dropped alike") {
  const auto batch = few_tokens();
  Embedding<double> embedding({.vocabulary = 4, .dim = 3, .dropout = 0.5});
  Lstm<double> lstm({.input = 3, .hidden = 5, .weight_drop = 0.5});
  for (std::uint32_t step = 1; step < 9; ++step) {
    Tape<double> a, b;
    a.reset(step);
    b.reset(step);
    const auto looked_up = copy_of(lstm(a, embedding(batch)).value());
    const auto dense = copy_of(lstm(dense_rows(b, embedding(batch))).value());
    REQUIRE(looked_up.size() == dense.size());
    for (std::size_t i = 0; i < dense.size(); ++i) CHECK(std::abs(looked_up[i] - dense[i]) < 1e-12);
  }
}

TEST_CASE("weight drop: acts in training alone, differs from step to step, leaves the weights as they are") {
  const PackedLayout layout(ragged_lengths);
  Lstm<double> dropping({.input = 2, .hidden = 20, .weight_drop = 0.5}), plain({.input = 2, .hidden = 20});
  Input<double> x(ragged_tokens, 2);
  const auto before = everything(dropping);
  const auto expected = output(plain, x, layout, Mode::inference);
  const auto first = output(dropping, x, layout, Mode::training, 1);
  CHECK(first != expected);
  CHECK(output(dropping, x, layout, Mode::inference) ==
        expected);  // not the packed weights of the step before
  CHECK(output(dropping, x, layout, Mode::training, 2) != first);
  CHECK(output(dropping, x, layout, Mode::training, 1) == first);
  CHECK(everything(dropping) == before);
  dropping.training = false;
  CHECK(output(dropping, x, layout, Mode::training) == expected);
  dropping.training = true;
  dropping.set_weight_drop(0);
  CHECK(output(dropping, x, layout, Mode::training) == expected);
  // Everything dropped: as if the recurrent matrix were zero.
  dropping.set_weight_drop(1);
  auto w = plain.weights(0).weight_hh.edit();
  std::fill_n(w.data(), w.size(), 0.0);
  CHECK(output(dropping, x, layout, Mode::training) == output(plain, x, layout, Mode::training));
}

TEST_CASE("weight drop: same bits for any number of threads, no allocation after the first step") {
  const PackedLayout layout(std::vector<std::size_t>{40, 33, 1, 0, 17});
  Lstm<float> lstm({.input = 9, .hidden = 70, .layers = 2, .bidirectional = true, .weight_drop = 0.3});
  Input<float> x(layout.tokens(), 9);
  const auto step = [&](Tape<float>& tape) { tape.backward(probe<float>(lstm(x.on(tape, layout)))); };
  check_threads([&] {
    zero_gradients(lstm);
    Tape<float> tape;
    step(tape);
    std::vector<float> gradients;
    for_each_parameter(lstm, [&](const std::string&, Parameter<float>& p) {
      const auto g = copy_of(p.gradient());
      gradients.insert(gradients.end(), g.begin(), g.end());
    });
    return gradients;
  });
  check_no_allocation<float>(step);
}

TEST_CASE("weight drop: a probability that is none") {
  CHECK_THROWS_WITH(Lstm<float>({.input = 2, .hidden = 2, .weight_drop = 2, .name = "a"}),
                    "lstm 'a': weight_drop is 2, expected a probability from 0 to 1");
}
