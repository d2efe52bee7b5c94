#include <seqlstm/nn/regularization.hpp>

#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/autograd/ops.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("regularization: penalties of states one can count") {
  // Sequence 0: 1, 3, 2; sequence 1: 5; sequence 2 has no token.
  const PackedLayout layout(std::vector<std::size_t>{3, 1, 0});
  std::vector<double> x = {1, 5, 3, 2};
  Tape<double> tape;
  const auto rows = tape.leaf({x.data(), 4, 1}, layout);
  CHECK(activation_penalty(rows).value()(0, 0) == (1 + 25 + 9 + 4) / 4.0);
  CHECK(temporal_penalty(rows).value()(0, 0) == (4 + 1) / 2.0);
  const PackedLayout single(std::vector<std::size_t>{1, 1}), none(std::vector<std::size_t>{0});
  CHECK(temporal_penalty(tape.leaf({x.data(), 2, 1}, single)).value()(0, 0) == 0);
  CHECK(activation_penalty(tape.leaf({x.data(), 0, 1}, none)).value()(0, 0) == 0);
  CHECK(temporal_penalty(tape.leaf({x.data(), 0, 1}, none)).value()(0, 0) == 0);
}

TEST_CASE("regularization: gradients over ragged rows") {
  const PackedLayout layout(ragged_lengths);
  Input<double> x(ragged_tokens, 3);
  const auto report = check_gradient(
      [&](Tape<double>& tape) {
        const auto y = x.on(tape, layout);
        return activation_penalty(y) + 0.5 * temporal_penalty(y);
      },
      {{"x", x.view(), x.gradient()}});
  INFO(report);
  CHECK(report);
}

TEST_CASE("regularization: same bits for any number of threads") {
  const PackedLayout layout(std::vector<std::size_t>{200, 180, 150, 0, 33});
  Input<float> x(layout.tokens(), 130);
  check_threads([&] {
    Tape<float> tape;
    std::fill(x.gradients.begin(), x.gradients.end(), 0.0F);
    const auto y = x.on(tape, layout);
    const auto sum = activation_penalty(y) + temporal_penalty(y);
    tape.backward(sum);
    auto result = x.gradients;
    result.push_back(sum.value()(0, 0));
    return result;
  });
}
