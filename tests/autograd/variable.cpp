#include <seqlstm/autograd/variable.hpp>

#include <seqlstm/autograd/tape.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("variable: one that was never set is undefined") {
  CHECK_FALSE(Var<float>().defined());
  CHECK_FALSE(SeqVar<double>().defined());
  Tape<float> tape;
  CHECK(tape.make(2, 3, false).defined());
}

TEST_CASE("variable: a handle tells shape, tape and layout of its value") {
  Tape<float> tape;
  const PackedLayout layout(ragged_lengths);
  Input<float> x(ragged_tokens, 3);
  const Var<float> plain = x.on(tape);
  CHECK(plain.rows() == ragged_tokens);
  CHECK(plain.cols() == 3);
  CHECK(plain.value().data() == x.values.data());
  CHECK(plain.layout() == nullptr);
  CHECK(&plain.tape() == &tape);
  const SeqVar<float> steps = x.on(tape, layout);
  CHECK(steps.layout() == &layout);
  CHECK(tape.make(6, 3, false, &layout).layout() == &layout);
}

TEST_CASE("variable: copies of a handle are one value") {
  Tape<float> tape;
  const auto x = tape.make(1, 2, true);
  auto copy = x;
  copy.node()->value(0, 1) = 5;
  CHECK(x.value()(0, 1) == 5);
  CHECK(copy.node() == x.node());
  CHECK(std::is_trivially_copyable_v<Var<float>>);
  CHECK(std::is_trivially_destructible_v<SeqVar<double>>);  // backward functions may capture it
}

TEST_CASE("variable: the gradient is empty until something flows back") {
  Tape<double> tape;
  Input<double> x(2, 2);
  std::vector<double> constant(4);
  const auto v = x.on(tape), c = tape.leaf({constant.data(), 2, 2}), unused = tape.make(2, 2, true);
  CHECK(v.needs_gradient());
  CHECK_FALSE(c.needs_gradient());
  CHECK(unused.gradient().data() == nullptr);
  const auto sum = probe(v);
  tape.backward(sum);
  CHECK(v.gradient().data() == x.gradients.data());
  CHECK(v.gradient()(1, 1) == Approx(std::sin(4.0)));
  CHECK(sum.gradient()(0, 0) == 1);
  CHECK(c.gradient().data() == nullptr);
  CHECK(unused.gradient().data() == nullptr);
}

TEST_CASE("variable: no column is reversed unless somebody says so, and none behind the last") {
  Tape<float> tape;
  const PackedLayout layout(ragged_lengths);
  const auto x = tape.make_sequence(layout, 4, false);
  CHECK(x.reverse_from() == 4);
  x.node()->reverse_from = 2;
  CHECK(x.reverse_from() == 2);
  x.node()->reverse_from = 9;
  CHECK(x.reverse_from() == 4);
}
