#include <seqlstm/nn/carried_state.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("carried state: windows in a row give the bits of the whole, until reset") {
  Lstm<float> lstm({.input = 3, .hidden = 7, .layers = 2});
  constexpr std::size_t streams = 4, steps = 6;
  Input<float> x(2 * steps * streams, 3);
  const PackedLayout whole(std::vector<std::size_t>(streams, 2 * steps)),
      window(std::vector<std::size_t>(streams, steps));
  Tape<float> tape(Mode::inference);
  const auto expected = copy_of(lstm(tape.leaf(x.view(), whole)).value());
  CarriedState<float> carried(streams, {lstm.options()});
  CHECK(carried.streams() == streams);
  const auto part = [&](std::size_t i) {
    return tape.leaf(x.view().row_range(i * steps * streams, steps * streams), window);
  };
  auto read = copy_of(carried.run(0, lstm, tape, part(0)).value());
  const auto second = copy_of(carried.run(0, lstm, tape, part(1)).value());
  read.insert(read.end(), second.begin(), second.end());
  CHECK(same_bits(read, expected));
  carried.reset();
  const auto again = copy_of(carried.run(0, lstm, tape, part(0)).value());
  CHECK(std::equal(again.begin(), again.end(), expected.begin()));
  CHECK(again != second);
}

TEST_CASE("carried state: gradients stop at the window's beginning") {
  Lstm<double> lstm({.input = 2, .hidden = 3});
  const PackedLayout window(std::vector<std::size_t>{3, 3});
  Input<double> x(6, 2);
  CarriedState<double> first(2, {lstm.options()});
  Tape<double> warm(Mode::inference);
  first.run(0, lstm, warm, x.on(warm, window));
  // The states change during the forward pass; the backward pass needs those before it.
  auto values = checked_values(lstm);
  values.push_back({"x", x.view(), x.gradient()});
  const auto report = check_gradient(
      [&](Tape<double>& tape) {
        CarriedState<double> carried = first;
        return probe<double>(carried.run(0, lstm, tape, x.on(tape, window)));
      },
      values);
  INFO(report);
  CHECK(report);
}

TEST_CASE("carried state: needs a network that reads forward, and has its buffers in order") {
  CHECK_THROWS_WITH(CarriedState<float>(2, {{.input = 2, .hidden = 3, .bidirectional = true}}),
                    ContainsSubstring("streams are read forward"));
  CarriedState<float> carried(5, {{.input = 2, .hidden = 3, .layers = 2}, {.input = 3, .hidden = 4}});
  std::vector<std::size_t> sizes;
  carried.for_each_buffer([&](const AlignedBuffer<float>& b) { sizes.push_back(b.size()); });
  CHECK(sizes == std::vector<std::size_t>{30, 30, 20, 20});
}
