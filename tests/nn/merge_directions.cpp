#include <seqlstm/nn/merge_directions.hpp>

#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/pooling.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

const std::vector<std::size_t> lengths = {2, 5, 0, 3};
constexpr std::size_t tokens = 10;
constexpr MergeMode modes[] = {MergeMode::sum, MergeMode::mean, MergeMode::product};

}  // namespace

TEST_CASE("merge_directions: the halves of a row as one, of sequences and of tokens") {
  const PackedLayout layout(lengths);
  Tape<float> tape;
  Input<float> x(tokens, 6, 1);
  for (const MergeMode mode : modes) {
    const auto y = merge_directions(x.on(tape, layout), mode);
    REQUIRE(y.cols() == 3);
    REQUIRE(y.layout() == &layout);
    const auto rows = merge_directions(x.on(tape), mode);
    CHECK(copy_of(rows.value()) == copy_of(y.value()));
    for (std::size_t r = 0; r < tokens; ++r)
      for (std::size_t c = 0; c < 3; ++c) {
        const float a = x.values[6 * r + c], b = x.values[6 * r + 3 + c];
        const float expected = mode == MergeMode::sum ? a + b : mode == MergeMode::mean ? (a + b) / 2 : a * b;
        CHECK(y.value()(r, c) == expected);
      }
  }
}

TEST_CASE(
    "merge_directions: of a bidirectional layer's final states, and of its tokens, whose last is the last") {
  const PackedLayout layout(lengths);
  Tape<float> tape(Mode::inference);
  Input<float> x(tokens, 4, 1);
  const Lstm<float> lstm({.input = 4, .hidden = 3, .bidirectional = true});
  const auto h = lstm(x.on(tape, layout));
  const auto states = last(h);
  const auto merged = MergeDirections{MergeMode::sum}(states);
  for (std::size_t i = 0; i < lengths.size(); ++i)
    for (std::size_t c = 0; c < 3; ++c)
      CHECK(merged.value()(i, c) == states.value()(i, c) + states.value()(i, 3 + c));
  const auto ends = last(merge_directions(h, MergeMode::sum));
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    if (lengths[i] == 0) continue;
    const std::size_t row = layout.offset(lengths[i] - 1) + layout.rank(i);
    CHECK(ends.value()(i, 1) == h.value()(row, 1) + h.value()(row, 4));
  }
}

TEST_CASE("merge_directions: gradients") {
  const PackedLayout layout(lengths);
  Input<double> x(tokens, 6, 1);
  for (const MergeMode mode : modes) {
    const auto report = check_gradient(
        [&](Tape<double>& tape) { return probe<double>(merge_directions(x.on(tape, layout), mode)); },
        {{"x", x.view(), x.gradient()}});
    INFO(report);
    CHECK(report);
  }
}

TEST_CASE("merge_directions: an odd number of columns has no halves, threads change no bit") {
  Tape<float> tape;
  Input<float> odd(2, 5, 1), x(64, 130, 2);
  CHECK_THROWS_WITH(merge_directions(odd.on(tape), MergeMode::sum),
                    "merge_directions: input has 5 columns, expected an even number: those of two directions "
                    "side by side");
  CHECK_THROWS_AS(merge_directions(odd.on(tape), MergeMode::sum), shape_error);
  check_threads([&] { return copy_of(merge_directions(x.on(tape), MergeMode::product).value()); });
}
