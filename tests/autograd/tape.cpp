#include <seqlstm/autograd/tape.hpp>

#include <seqlstm/autograd/gradcheck.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// A user's operation: y = x^3.
template <template <class> class V, class T> V<T> cube(Tape<T>& tape, const V<T>& x) {
  return tape.op(
      x,
      [](ConstMatrixView<T> in, MatrixView<T> out) {
        for (std::size_t r = 0; r < in.rows(); ++r)
          for (std::size_t c = 0; c < in.cols(); ++c) out(r, c) = in(r, c) * in(r, c) * in(r, c);
      },
      [](ConstMatrixView<T> in, ConstMatrixView<T>, ConstMatrixView<T> dy, MatrixView<T> dx) {
        for (std::size_t r = 0; r < in.rows(); ++r)
          for (std::size_t c = 0; c < in.cols(); ++c) dx(r, c) += 3 * in(r, c) * in(r, c) * dy(r, c);
      });
}

}  // namespace

TEST_CASE("tape: an operation of one's own has values and gradients") {
  Input<double> x(3, 5);
  CHECK(check_gradient([](const Var<double>& v) { return cube(v.tape(), v); }, x.view()));
  Tape<double> tape;
  const auto y = cube(tape, x.on(tape));
  CHECK(y.value()(2, 4) == Approx(std::pow(x.view()(2, 4), 3)));
}

TEST_CASE("tape: gradients of a value used twice are summed, and added to what its owner holds") {
  Input<double> x(1, 1);
  x.values[0] = 2;
  x.gradients[0] = 100;
  Tape<double> tape;
  const auto v = x.on(tape);
  const auto y = cube(tape, v);
  tape.backward(cube(tape, y));  // x^9
  CHECK(x.gradients[0] == Approx(100 + 9 * std::pow(2.0, 8)));
}

TEST_CASE("tape: a vector-Jacobian product starts from any gradient") {
  Input<double> x(2, 2);
  Tape<double> tape;
  const auto y = cube(tape, x.on(tape));
  std::vector<double> dy = {1, 0, 0, -2};
  tape.backward(y, ConstMatrixView<double>(dy.data(), 2, 2));
  CHECK(x.gradients[0] == Approx(3 * x.values[0] * x.values[0]));
  CHECK(x.gradients[1] == 0);
  CHECK(x.gradients[3] == Approx(-6 * x.values[3] * x.values[3]));
  CHECK_THROWS_WITH(tape.backward(y, ConstMatrixView<double>(dy.data(), 1, 2)),
                    "backward: gradient is 1x2, the value is 2x2");
}

TEST_CASE("tape: a gradient taken over in place is not copied, and what flows back is added to it") {
  Input<double> x(1, 1);
  x.values[0] = 2;
  std::vector<double> dy = {5};
  const MatrixView<double> gradient(dy.data(), 1, 1);
  Tape<double> tape;
  const auto y = cube(tape, x.on(tape));
  const auto z = cube(tape, y);
  tape.gradient(z)(0, 0) = 1;
  tape.backward_in_place(y, gradient);
  CHECK(dy[0] == 5 + 3 * 64);
  CHECK(x.gradients[0] == dy[0] * 12);

  tape.reset();
  const auto again = cube(tape, x.on(tape));
  tape.gradient(again)(0, 0) = 1;  // there is one already: `dy` is added to it
  tape.backward_in_place(again, gradient);
  CHECK(dy[0] == 5 + 3 * 64);
  CHECK(x.gradients[0] == 12 * (2 * dy[0] + 1));
  tape.reset();
  CHECK_THROWS_WITH(tape.backward_in_place(cube(tape, x.on(tape)), {dy.data(), 0, 1}),
                    "backward: gradient is 0x1, the value is 1x1");
}

TEST_CASE("tape: inference records nothing and refuses to go back") {
  Tape<double> tape(Mode::inference);
  Input<double> x(1, 1);
  const auto y = cube(tape, x.on(tape));
  CHECK_FALSE(y.needs_gradient());
  CHECK_THROWS_AS(tape.backward(y), option_error);
  tape.set_mode(Mode::training);
  tape.reset();
  tape.backward(cube(tape, x.on(tape)));
  CHECK(x.gradients[0] != 0);
}

TEST_CASE("tape: bad shapes get one sentence") {
  Tape<float> tape;
  Input<float> x(4, 2);
  CHECK_THROWS_WITH(tape.backward(cube(tape, x.on(tape))),
                    "backward: the loss must be 1x1, got 4x2; reduce it first");
  const PackedLayout layout(ragged_lengths);
  CHECK_THROWS_WITH(x.on(tape, layout), "tape: a sequence value has 4 rows, its layout has 16 tokens");
}

TEST_CASE("tape: from the second equal step on it allocates nothing, and reserve saves the first as well") {
  Input<float> x(100, 300);
  const auto step = [&](Tape<float>& tape) { tape.backward(probe(cube(tape, cube(tape, x.on(tape))))); };
  check_no_allocation<float>(step);
  Tape<float> tape;
  tape.reserve(std::size_t{1} << 22U);
  const std::size_t before = tape.arena().system_allocations();
  step(tape);
  CHECK(tape.arena().system_allocations() == before);
}

TEST_CASE("tape: random operations of a step are numbered in order, alike every time") {
  Tape<float> tape;
  tape.set_seed(7);
  tape.reset(3);
  const auto first = tape.next_random(), second = tape.next_random();
  CHECK(first.seed == 7);
  CHECK(first.step == 3);
  CHECK(first.stream != second.stream);
  tape.reset(3);
  CHECK(tape.next_random().stream == first.stream);
}

TEST_CASE("tape: steps are counted, so each has masks of its own") {
  Tape<float> tape;
  tape.reset();
  const auto first = tape.next_random();
  tape.reset();
  CHECK(tape.next_random().step == first.step + 1);
}

TEST_CASE("tape: going back twice over one recording is refused") {
  Tape<double> tape;
  Input<double> x(1, 1);
  const auto y = cube(tape, x.on(tape));
  tape.backward(y);
  const double once = x.gradients[0];
  CHECK_THROWS_WITH(tape.backward(y),
                    "backward: ran already on this recording; reset() the tape and run the model again");
  CHECK(x.gradients[0] == once);
  tape.reset();
  CHECK_NOTHROW(tape.backward(cube(tape, x.on(tape))));
}

TEST_CASE("tape: an input's gradient is kept by the tape") {
  Tape<double> tape;
  std::vector<double> numbers = {2, -1, 3};
  const PackedLayout layout(std::vector<std::size_t>{2, 1});
  const auto x = tape.input({numbers.data(), 1, 1});
  const auto s = tape.input({numbers.data(), 3, 1}, layout);
  tape.backward(cube(tape, x));
  CHECK(tape.gradient(x)(0, 0) == 12);
  CHECK(s.needs_gradient());
  CHECK_THROWS_WITH(tape.input({numbers.data(), 2, 1}, layout),
                    "tape: a sequence value has 2 rows, its layout has 3 tokens");
  Tape<double> inference(Mode::inference);
  CHECK_FALSE(inference.input({numbers.data(), 1, 1}).needs_gradient());
}

TEST_CASE("tape: the first to send a gradient may overwrite, the second adds") {
  Tape<double> tape;
  std::vector<double> numbers = {2};
  const auto x = tape.input({numbers.data(), 1, 1});
  const auto first = tape.gradient_destination(x);
  CHECK_FALSE(first.accumulate);
  first.gradient(0, 0) = 5;
  const auto second = tape.gradient_destination(x);
  CHECK(second.accumulate);
  CHECK(second.gradient.data() == first.gradient.data());
  CHECK(tape.gradient(x)(0, 0) == 5);
}

TEST_CASE("tape: a leaf's gradient has the leaf's shape") {
  Tape<float> tape;
  std::vector<float> numbers(6);
  CHECK_THROWS_WITH(tape.leaf({numbers.data(), 2, 3}, MatrixView<float>{numbers.data(), 3, 2}),
                    "tape: a leaf's value is 2x3, its gradient 3x2; they must have one shape");
}

TEST_CASE("tape: batches are apart within a step, and their memory is used again in the next") {
  Tape<float> tape;
  SequenceBatch* first = &tape.new_batch();
  SequenceBatch* second = &tape.new_batch();
  CHECK(first != second);
  tape.reset();
  CHECK(&tape.new_batch() == first);
  CHECK(&tape.new_batch() == second);
}

TEST_CASE("tape: a scratch tape has the mode of its owner and memory of its own") {
  Tape<float> tape(Mode::inference);
  Tape<float>& scratch = tape.scratch();
  CHECK(&tape.scratch() == &scratch);
  CHECK_FALSE(scratch.training());
  scratch.make(100, 10, false);
  CHECK(tape.arena().bytes_used() == 0);
  tape.set_mode(Mode::training);
  CHECK(tape.scratch().training());
}

TEST_CASE("tape: layouts of results are apart within a step, and their memory is used again in the next") {
  const PackedLayout batch(std::vector<std::size_t>{6, 4, 9});
  Tape<double> tape;
  PackedLayout* first = &tape.new_layout();
  PackedLayout* second = &tape.new_layout();
  CHECK(first != second);
  first->assign_shorter(batch, [](std::size_t n) { return n / 2; });
  const auto y = tape.make_sequence(*first, 3, false);
  CHECK(y.rows() == 9);
  tape.reset();
  CHECK(&tape.new_layout() == first);
  CHECK(&tape.new_layout() == second);
}
