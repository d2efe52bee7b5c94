#include <seqlstm/nn/ordinal_loss.hpp>

#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/loss.hpp>

#include "support/layers.hpp"
#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;
using support::message_of;

namespace {

const std::vector<std::size_t> some_levels = {0, 3, 1, 2, 3};
const std::vector<double> some_weights = {1, 0.5, 0, 2, 3};

}  // namespace

TEST_CASE("ordinal_loss: the scale's logits") {
  OrdinalScale<double> scale({.levels = 3, .slope = 2, .offset = -1});
  CHECK(scale.log_slope.size() == 2);
  std::vector<double> s = {0, 3};
  Tape<double> tape;
  const auto y = scale(tape.leaf({s.data(), 2, 1}));
  CHECK(y.value()(0, 0) == -1);
  CHECK(y.value()(1, 1) == Approx(5));
  scale.center_at(-4);
  s[0] = -4;
  Tape<double> other;
  CHECK(scale(other.leaf({s.data(), 2, 1})).value()(0, 1) == Approx(0).margin(1e-12));
  initialize(scale, 5);
  CHECK(scale.offset.view()(0, 1) == -1);
}

TEST_CASE("ordinal_loss: cross-entropy of each step, weighted by row") {
  Input<double> x(5, 3);
  std::vector<double> targets;
  for (const std::size_t level : some_levels)
    for (std::size_t t = 0; t < 3; ++t) targets.push_back(level > t ? 1 : 0);
  Tape<double> tape;
  const auto logits = x.on(tape);
  CHECK(ordinal_loss<double>(logits, some_levels).value()(0, 0) ==
        Approx(bce_with_logits<double>(logits, targets).value()(0, 0)).epsilon(1e-12));
  double sum = 0, total = 0;
  for (std::size_t r = 0; r < 5; ++r) {
    total += some_weights[r];
    for (std::size_t t = 0; t < 3; ++t) {
      const double z = x.values[r * 3 + t];
      sum += some_weights[r] * std::log1p(std::exp(some_levels[r] > t ? -z : z)) / 3;
    }
  }
  CHECK(ordinal_loss<double>(logits, some_levels, some_weights).value()(0, 0) == Approx(sum / total));
}

TEST_CASE("ordinal_loss: gradients of similarities, slopes and offsets") {
  OrdinalScale<double> scale({.levels = 4, .slope = 0.7, .offset = 0.2});
  for (std::size_t t = 0; t < 3; ++t) scale.offset.edit()(0, t) += 0.3 * static_cast<double>(t);
  Input<double> s(5, 1);
  auto values = checked_values(scale);
  values.push_back({"s", s.view(), s.gradient()});
  REQUIRE(values.size() == 3);
  for (const auto& weights : {std::vector<double>(), some_weights}) {
    const auto report = check_gradient(
        [&](Tape<double>& tape) { return ordinal_loss<double>(scale(s.on(tape)), some_levels, weights); },
        values, 1e-7);
    INFO(report);
    CHECK(report);
  }
}

TEST_CASE("ordinal_loss: where nothing counts there is no loss, and large logits stay finite") {
  Input<double> x(2, 1);
  x.values = {2000, -2000};
  Tape<double> tape;
  const auto logits = x.on(tape);
  const std::vector<std::size_t> levels = {0, 1};
  CHECK(ordinal_loss<double>(logits, levels, std::vector<double>{0, 0}).value()(0, 0) == 0);
  const auto loss = ordinal_loss<double>(logits, levels);
  CHECK(loss.value()(0, 0) == Approx(2000));
  tape.backward(loss);
  CHECK(x.gradients == std::vector<double>{0.5, -0.5});
}

TEST_CASE("ordinal_loss: mistakes") {
  CHECK(message_of<Error>([] { OrdinalScale<float>({.levels = 1}); }) ==
        "ordinal scale: levels is 1, expected at least 2");
  CHECK(message_of<Error>([] { OrdinalScale<float>({.levels = 3, .slope = 0}); }) ==
        "ordinal scale: slope is 0 and offset 0, expected finite numbers, the slope above 0");
  OrdinalScale<float> scale({.levels = 3});
  CHECK_THROWS_AS(scale.center_at(std::numeric_limits<double>::infinity()), option_error);
  Input<float> x(2, 2);
  Tape<float> tape;
  const auto logits = x.on(tape);
  const auto of = [&](const std::vector<std::size_t>& levels, const std::vector<double>& weights) {
    return message_of<Error>([&] { ordinal_loss<float>(logits, levels, weights); });
  };
  CHECK(message_of<Error>([&] { scale(logits); }) == "ordinal scale: s has 2 columns, expected 1");
  CHECK(of({1}, {}) ==
        "ordinal_loss: 1 levels and 0 weights for 2 rows, expected a level for each, and a "
        "weight or none");
  CHECK(of({1, 1}, {1}) ==
        "ordinal_loss: 2 levels and 1 weights for 2 rows, expected a level for each, and a "
        "weight or none");
  CHECK(of({1, 3}, {}) == "ordinal_loss: the level of row 1 is 3, expected 0 to 2");
  CHECK(of({1, 1}, {1, -1}) == "ordinal_loss: a weight is -1, expected a finite number from 0 on");
}
