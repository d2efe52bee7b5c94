#include <seqlstm/nn/token_loss.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

const PackedLayout layout(ragged_lengths);

/// Targets 0, 1, 2, ... of a vocabulary, every fifth row without one.
std::vector<Token> some_targets(std::size_t vocabulary) {
  std::vector<Token> targets(ragged_tokens);
  for (std::size_t r = 0; r < targets.size(); ++r)
    targets[r] = r % 5 == 3 ? -1 : static_cast<Token>(r % vocabulary);
  return targets;
}

}  // namespace

TEST_CASE("token loss: the mean of -log softmax over the tokens that have a target") {
  const std::size_t vocabulary = 7;
  Input<double> x(ragged_tokens, vocabulary);
  const auto targets = some_targets(vocabulary);
  double sum = 0, count = 0;
  for (std::size_t r = 0; r < ragged_tokens; ++r) {
    if (targets[r] < 0) continue;
    double all = 0;
    for (std::size_t c = 0; c < vocabulary; ++c) all += std::exp(x.view()(r, c));
    sum -= std::log(std::exp(x.view()(r, static_cast<std::size_t>(targets[r]))) / all);
    ++count;
  }
  Tape<double> tape;
  CHECK(cross_entropy(x.on(tape, layout), targets).value()(0, 0) == Approx(sum / count).epsilon(1e-14));
}

TEST_CASE("token loss: gradients, zero where there is no target") {
  for (const std::size_t vocabulary : {1U, 2U, 17U}) {
    Input<double> x(ragged_tokens, vocabulary);
    const auto targets = some_targets(vocabulary);
    const auto report =
        check_gradient([&](Tape<double>& tape) { return cross_entropy(x.on(tape, layout), targets); },
                       {{"x", x.view(), x.gradient()}});
    INFO(report);
    CHECK(report);
    for (std::size_t c = 0; c < vocabulary; ++c) CHECK(x.gradient()(3, c) == 0);
  }
}

TEST_CASE("token loss: large logits stay finite, NaN shows") {
  Input<float> x(ragged_tokens, 3);
  for (auto& v : x.values) v *= 1e30F;
  const auto targets = some_targets(3);
  Tape<float> tape;
  CHECK(std::isfinite(cross_entropy(x.on(tape, layout), targets).value()(0, 0)));
  x.values[0] = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(cross_entropy(x.on(tape, layout), targets).value()(0, 0)));
}

TEST_CASE("token loss: NaN where there is no target changes nothing") {
  Input<float> x(ragged_tokens, 3);
  const auto targets = some_targets(3);
  x.view()(3, 1) = std::numeric_limits<float>::quiet_NaN();
  Tape<float> tape;
  const auto loss = cross_entropy(x.on(tape, layout), targets);
  tape.backward(loss);
  CHECK(std::isfinite(loss.value()(0, 0)));
  for (std::size_t c = 0; c < 3; ++c) CHECK(x.gradient()(3, c) == 0);
}

TEST_CASE("token loss: the same bits for any number of threads") {
  const std::size_t vocabulary = 2000;  // enough work for threads
  Input<float> x(ragged_tokens, vocabulary);
  const auto targets = some_targets(vocabulary);
  check_threads([&] {
    Tape<float> tape;
    x.gradients.assign(x.gradients.size(), 0);
    tape.backward(cross_entropy(x.on(tape, layout), targets));
    return x.gradients;
  });
}

TEST_CASE("token loss: mistakes are named") {
  Tape<float> tape;
  Input<float> x(ragged_tokens, 4);
  const auto loss = [&](const std::vector<Token>& targets) {
    return cross_entropy(x.on(tape, layout), targets);
  };
  const std::string n = std::to_string(ragged_tokens);
  CHECK_THROWS_WITH(loss({1, 2}), "cross_entropy: got 2 targets for an output of " + n + "x4, expected " + n +
                                      " (1 a row)");
  std::vector<Token> targets(ragged_tokens, 0);
  targets[2] = 4;
  CHECK_THROWS_AS(loss(targets), token_error);
  CHECK_THROWS_WITH(loss(targets), "cross_entropy: packed row 2: target 4 is outside the vocabulary [0, 4)");
  CHECK_THROWS_WITH(
      loss(std::vector<Token>(ragged_tokens, -1)),
      "cross_entropy: none of the " + n + " tokens has a target, expected at least one that is not negative");
}
