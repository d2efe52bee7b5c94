#include <seqlstm/nn/channels.hpp>

#include <seqlstm/nn/module.hpp>

#include "support/layers.hpp"
#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;
using support::message_of;

namespace {

/// A batch of the ragged lengths with `channels` numbers at each position.
SequenceBatch signal_batch(std::size_t channels) {
  static std::vector<std::vector<float>> values;
  values.clear();
  RandomStream random(5);
  for (const std::size_t length : ragged_lengths) {
    values.emplace_back(length * channels);
    for (float& v : values.back()) v = static_cast<float>(3 + 2 * random.normal());
  }
  std::vector<ConstMatrixView<float>> rows;
  for (std::size_t i = 0; i < values.size(); ++i)
    rows.emplace_back(values[i].data(), ragged_lengths[i], channels);
  SequenceBatch batch;
  batch.assign(rows);
  return batch;
}

}  // namespace

TEST_CASE("channels: the numbers of a batch, in float and in double") {
  const SequenceBatch batch = signal_batch(3);
  Tape<float> tape(Mode::inference);
  const auto x = channels(tape, batch);
  REQUIRE(x.rows() == batch.layout.tokens());
  REQUIRE(x.cols() == 3);
  CHECK(x.value().data() == batch.channels.data());  // no copy
  CHECK_FALSE(x.needs_gradient());
  Tape<double> exact(Mode::inference);
  const auto y = channels(exact, batch);
  for (std::size_t r = 0; r < y.rows(); ++r)
    for (std::size_t c = 0; c < 3; ++c) REQUIRE(y.value()(r, c) == double{x.value()(r, c)});
}

TEST_CASE("channels: a batch of tokens has none") {
  const std::vector<Token> ids = {1, 2, 3};
  const std::span<const Token> view(ids);
  SequenceBatch batch;
  batch.assign(std::span(&view, 1));
  Tape<float> tape(Mode::inference);
  CHECK(message_of<shape_error>([&] { channels(tape, batch); }) ==
        "channels: the batch has 0 rows of real numbers for 3 positions; it was made of tokens alone");
}

TEST_CASE("channel scale: mean and population deviation, without NaN, and 1 for what never changes") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> rows = {1, 5, nan, 7,  //
                                   3, 5, nan, nan};
  const ChannelScale scale = channel_scale({rows.data(), 2, 4});
  CHECK(scale.mean == std::vector<float>{2, 5, 0, 7});
  CHECK(scale.stddev == std::vector<float>{1, 1, 1, 1});
  const std::vector<float> more = {0, 0, 6};
  CHECK(channel_scale({more.data(), 3, 1}).mean[0] == 2);
  CHECK(channel_scale({more.data(), 3, 1}).stddev[0] == Approx(std::sqrt(8.0)));
  CHECK(channel_scale({}).channels() == 0);
}

TEST_CASE("standard scaler: every channel of its training part has mean 0 and deviation 1") {
  const SequenceBatch batch = signal_batch(5);
  const ChannelInput<float> input(channel_scale(batch.channel_rows()));
  Tape<float> tape(Mode::inference);
  const auto y = input(tape, batch);
  for (std::size_t c = 0; c < 5; ++c) {
    double sum = 0, squares = 0;
    const auto rows = static_cast<double>(y.rows());
    for (std::size_t r = 0; r < y.rows(); ++r) {
      sum += double{y.value()(r, c)};
      squares += double{y.value()(r, c)} * double{y.value()(r, c)};
    }
    CHECK(sum / rows == Approx(0).margin(1e-6));
    CHECK(squares / rows == Approx(1).margin(1e-5));
  }
}

TEST_CASE("standard scaler: its numbers are buffers, and gradients pass through") {
  StandardScaler<double> scaler(ChannelScale{{1, -2, 0.5}, {2, 0.25, 4}});
  std::vector<std::string> names;
  for_each_buffer(scaler, [&](const std::string& name, auto&) { names.push_back(name); });
  CHECK(names == std::vector<std::string>{"mean", "stddev"});
  CHECK(parameter_count(scaler) == 0);
  CHECK(scaler.scale().stddev == std::vector<float>{2, 0.25, 4});
  const PackedLayout layout(ragged_lengths);
  Input<double> x(ragged_tokens, 3);
  Tape<double> tape(Mode::inference);
  const auto y = scaler(x.on(tape, layout));
  CHECK(y.value()(1, 1) == Approx((x.view()(1, 1) + 2) / 0.25));
  const auto report = check_gradient([&](Tape<double>& t) { return probe<double>(scaler(x.on(t, layout))); },
                                     {{"x", x.view(), x.gradient()}});
  INFO(report);
  CHECK(report);
}

TEST_CASE("standard scaler: another number of channels is refused") {
  StandardScaler<float> scaler(2);
  CHECK(message_of<shape_error>([&] {
          scaler.set(ChannelScale{{0}, {1}});
        }) == "standard scaler: a scale of 1 channels for 2");
  const SequenceBatch batch = signal_batch(3);
  Tape<float> tape(Mode::inference);
  CHECK(message_of<shape_error>([&] { scaler(channels(tape, batch)); }) ==
        "standard scaler: input has 3 channels, expected 2");
}
