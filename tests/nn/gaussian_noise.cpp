#include <seqlstm/nn/gaussian_noise.hpp>

#include <limits>
#include <seqlstm/nn/module.hpp>

#include "support/layers.hpp"
#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;
using support::message_of;

namespace {

/// What a training step adds to zeros.
std::vector<float> noise_of(const GaussianNoise<float>& layer, const PackedLayout& layout, std::size_t cols,
                            std::uint64_t seed = 1, std::uint32_t step = 0) {
  Tape<float> tape;
  tape.set_seed(seed);
  tape.reset(step);
  std::vector<float> zeros(layout.tokens() * cols);
  return copy_of(layer(tape.leaf({zeros.data(), layout.tokens(), cols}, layout)).value());
}

}  // namespace

TEST_CASE("gaussian noise: normal numbers of the deviation that was asked for") {
  const std::vector<std::size_t> lengths(40, 50);
  const auto noise = noise_of(GaussianNoise<float>({.stddev = 0.5}), PackedLayout(lengths), 20);
  double sum = 0, squares = 0, within = 0;
  for (const float n : noise) {
    sum += n;
    squares += double{n} * n;
    within += std::abs(n) < 0.5F ? 1 : 0;
  }
  const auto count = static_cast<double>(noise.size());
  CHECK(sum / count == Approx(0).margin(0.01));
  CHECK(std::sqrt(squares / count) == Approx(0.5).margin(0.01));
  CHECK(within / count == Approx(0.6827).margin(0.01));
}

TEST_CASE("gaussian noise: a row's numbers follow its record, not its batch") {
  const GaussianNoise<float> layer({.stddev = 1});
  const std::vector<std::size_t> lengths = {2, 5};
  const std::vector<std::uint64_t> records = {7, 9};
  PackedLayout both, alone;
  both.assign(lengths, records);
  alone.assign(std::vector<std::size_t>{3}, std::vector<std::uint64_t>{9});
  const auto in_both = noise_of(layer, both, 2), in_alone = noise_of(layer, alone, 2);
  for (std::size_t t = 0; t < 3; ++t)
    for (std::size_t c = 0; c < 2; ++c)
      CHECK(in_alone[2 * t + c] == in_both[2 * (both.offset(t) + both.rank(1)) + c]);
  CHECK(noise_of(layer, both, 2) == in_both);
  CHECK(noise_of(layer, both, 2, 2) != in_both);
  CHECK(noise_of(layer, both, 2, 1, 1) != in_both);
}

TEST_CASE("gaussian noise: variational, one number for all tokens of a sequence in a column") {
  const std::vector<std::size_t> lengths = {3, 1, 0, 4};
  const PackedLayout layout(lengths);
  const auto noise = noise_of(GaussianNoise<float>({.stddev = 1, .variational = true}), layout, 2);
  for (std::size_t r = 0; r < layout.sequences(); ++r)
    for (std::size_t t = 1; t < layout.length(r); ++t)
      for (std::size_t c = 0; c < 2; ++c)
        CHECK(noise[2 * (layout.offset(t) + r) + c] == noise[2 * (layout.offset(0) + r) + c]);
  CHECK(noise[0] != noise[1]);
  CHECK(noise[0] != noise[2]);
}

TEST_CASE("gaussian noise: the gradient passes, at rest and without a deviation x itself") {
  const std::vector<std::size_t> lengths = {4, 2};
  const PackedLayout layout(lengths);
  Input<float> x(layout.tokens(), 3);
  {
    Tape<float> tape;
    tape.backward(probe<float>(GaussianNoise<float>({.stddev = 1})(x.on(tape, layout))));
    for (std::size_t i = 0; i < x.gradients.size(); ++i)
      CHECK(x.gradients[i] == Approx(std::sin(static_cast<double>(i + 1))).margin(1e-6));
  }
  Tape<float> training, inference(Mode::inference);
  GaussianNoise<float> off({.stddev = 1});
  off.training = false;
  CHECK(copy_of(off(x.on(training, layout)).value()) == x.values);
  CHECK(copy_of(GaussianNoise<float>({.stddev = 0})(x.on(training, layout)).value()) == x.values);
  CHECK(copy_of(GaussianNoise<float>({.stddev = 1})(x.on(inference, layout)).value()) == x.values);
}

TEST_CASE("gaussian noise: the same bits for any number of threads, no allocation after the second step") {
  std::vector<std::size_t> lengths(50);
  for (std::size_t i = 0; i < lengths.size(); ++i) lengths[i] = i * 31 % 40;
  const PackedLayout layout(lengths);
  Input<float> x(layout.tokens(), 13);
  for (const bool variational : {false, true}) {
    const GaussianNoise<float> layer({.stddev = 0.3, .variational = variational});
    check_threads([&] { return noise_of(layer, layout, 13); });
    check_no_allocation<float>(
        [&](Tape<float>& tape) { tape.backward(probe<float>(layer(x.on(tape, layout)))); });
  }
}

TEST_CASE("gaussian noise: a deviation below 0 or not finite is refused") {
  CHECK(message_of<option_error>([] { GaussianNoise<float> layer({.stddev = -1, .name = "in"}); }) ==
        "gaussian noise 'in': stddev is -1, expected a finite number from 0 on");
  CHECK_THROWS_AS(GaussianNoise<float>({.stddev = std::numeric_limits<double>::infinity()}), option_error);
  CHECK_THROWS_AS(GaussianNoise<float>({.stddev = std::nan("")}), option_error);
}
