#include <seqlstm/nn/carried_state.hpp>

#include "support/paths.hpp"
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

TEST_CASE("carried_state: some streams of a state, and back") {
  const std::vector<LstmOptions> networks = {{.input = 2, .hidden = 3, .layers = 2, .projection = 2},
                                             {.input = 2, .hidden = 4}};
  CarriedState<double> all(4, networks), part(2, networks), again(4, networks);
  double next = 0;
  all.for_each_buffer([&](AlignedBuffer<double>& buffer) {
    for (double& number : buffer.span()) number = ++next;
  });
  const std::vector<std::size_t> streams = {3, 1};
  part.take(all, streams);
  again.put(part, streams);
  std::vector<AlignedBuffer<double>*> expected, found;
  all.for_each_buffer([&](AlignedBuffer<double>& buffer) { expected.push_back(&buffer); });
  again.for_each_buffer([&](AlignedBuffer<double>& buffer) { found.push_back(&buffer); });
  const std::size_t widths[] = {2, 3, 4, 4};
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t i = 0; i < expected[k]->size(); ++i) {
      const std::size_t stream = i / widths[k] % 4;
      CHECK((*found[k])[i] == (stream == 1 || stream == 3 ? (*expected[k])[i] : 0));
    }
  CHECK(support::message_of<shape_error>([&] { part.take(all, std::vector<std::size_t>{1}); }) ==
        "carried_state: 1 streams of 2 networks for a state of 2 streams of 2");
  CHECK(support::message_of<shape_error>([&] {
          again.put(part, std::vector<std::size_t>{1, 4});
        }) == "carried_state: stream 4 of 4");
}
