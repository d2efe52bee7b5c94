#include <seqlstm/autograd/ops.hpp>

#include <seqlstm/autograd/gradcheck.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("ops: sums, products and scaling are the textbook's") {
  Tape<double> tape;
  std::vector<double> a = {1, -2, 3, 0.5, 0, 4}, b = {5, 7, -1, 2, 3, 0.25};
  const auto x = tape.leaf({a.data(), 2, 3}), y = tape.leaf({b.data(), 2, 3});
  CHECK(copy_of((x + y).value()) == std::vector<double>{6, 5, 2, 2.5, 3, 4.25});
  CHECK(copy_of((x * y).value()) == std::vector<double>{5, -14, -3, 1, 0, 1});
  CHECK(copy_of((-2.0 * x).value()) == std::vector<double>{-2, 4, -6, -1, -0.0, -8});
}

TEST_CASE("ops: gradients at odd widths, of a value used twice too") {
  const PackedLayout layout(ragged_lengths);
  for (const std::size_t cols : {1U, 7U, 17U}) {
    Input<double> a(ragged_tokens, cols, 1), b(ragged_tokens, cols, 2);
    const auto report = check_gradient(
        [&](Tape<double>& tape) {
          const auto x = a.on(tape, layout), y = b.on(tape, layout);
          return probe(0.3 * (x * y + x) * x + y);
        },
        {{"a", a.view(), a.gradient()}, {"b", b.view(), b.gradient()}}, 1e-8);
    INFO(cols << " columns: " << report);
    CHECK(report);
  }
}

TEST_CASE("ops: what needs no gradient gets none") {
  Tape<double> tape;
  Input<double> a(2, 3, 1);
  std::vector<double> constant(6, 2.0);
  const auto c = tape.leaf({constant.data(), 2, 3});
  CHECK_FALSE((c + c).needs_gradient());
  const auto y = c * a.on(tape);
  tape.backward(probe(y));
  CHECK(c.gradient().data() == nullptr);
  CHECK(a.gradients[0] == Approx(2 * std::sin(1.0)));
}

TEST_CASE("ops: a sum keeps the direction its parts share") {
  Tape<float> tape;
  const PackedLayout layout(ragged_lengths);
  Input<float> a(ragged_tokens, 4, 1), b(ragged_tokens, 4, 2);
  auto x = a.on(tape, layout), y = b.on(tape, layout);
  x.node()->reverse_from = 2;
  CHECK((x + y).reverse_from() == 4);
  y.node()->reverse_from = 2;
  CHECK((x + y).reverse_from() == 2);
  CHECK((2.0F * x).reverse_from() == 2);
}

TEST_CASE("ops: different shapes are refused with both") {
  Tape<float> tape;
  Input<float> a(2, 3), b(3, 2);
  CHECK_THROWS_WITH(a.on(tape) + b.on(tape),
                    "sum: the left value is 2x3, the right one is 3x2; expected equal shapes");
  CHECK_THROWS_AS(a.on(tape) * b.on(tape), shape_error);
}
