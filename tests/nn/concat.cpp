#include <seqlstm/nn/concat.hpp>

#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/pooling.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Columns [first, first + count) of all rows.
template <class T> std::vector<T> columns_of(const Variable<T>& v, std::size_t first, std::size_t count) {
  return copy_of(v.value().columns(first, count));
}

}  // namespace

TEST_CASE("concat: columns of rows stand side by side, other batches are refused") {
  Tape<float> tape;
  Input<float> a(3, 2, 1), b(3, 1, 2), c(2, 1, 3);
  const auto y = concat(a.on(tape), b.on(tape));
  REQUIRE(y.cols() == 3);
  for (std::size_t r = 0; r < 3; ++r)
    CHECK(copy_of(y.value().row_range(r, 1)) ==
          std::vector<float>{a.values[r * 2], a.values[r * 2 + 1], b.values[r]});
  CHECK_THROWS_WITH(concat(a.on(tape), c.on(tape)),
                    "concat: parts have 3 and 2 rows, expected one row per sequence of the same batch");
  CHECK_THROWS_AS(concat(a.on(tape), c.on(tape)), shape_error);
  CHECK(copy_of(concat(a.on(tape)).value()) == a.values);
}

TEST_CASE("concat: columns of tokens stand side by side and stay tokens of their batch") {
  const PackedLayout layout(ragged_lengths);
  Tape<double> tape;
  Input<double> a(ragged_tokens, 2, 1), b(ragged_tokens, 17, 2), c(ragged_tokens, 1, 3);
  const SeqVar<double> y = concat(a.on(tape, layout), b.on(tape, layout), c.on(tape, layout));
  REQUIRE(y.rows() == ragged_tokens);
  REQUIRE(y.cols() == 20);
  CHECK(y.layout() == &layout);
  CHECK(columns_of(y, 0, 2) == a.values);
  CHECK(columns_of(y, 2, 17) == b.values);
  CHECK(columns_of(y, 19, 1) == c.values);
  CHECK(copy_of(concat(a.on(tape, layout)).value()) == a.values);
}

TEST_CASE("concat: gradients of rows and of tokens") {
  const PackedLayout layout(ragged_lengths);
  Input<double> a(ragged_tokens, 3, 1), b(ragged_tokens, 1, 2), c(ragged_tokens, 18, 3);
  const std::vector<CheckedValue> values = {
      {"a", a.view(), a.gradient()}, {"b", b.view(), b.gradient()}, {"c", c.view(), c.gradient()}};
  const auto tokens = check_gradient(
      [&](Tape<double>& tape) {
        return probe<double>(concat(a.on(tape, layout), b.on(tape, layout), c.on(tape, layout)));
      },
      values);
  INFO(tokens);
  CHECK(tokens);
  const auto rows = check_gradient(
      [&](Tape<double>& tape) { return probe<double>(concat(a.on(tape), b.on(tape), c.on(tape))); }, values);
  INFO(rows);
  CHECK(rows);
}

TEST_CASE("concat: a part that stands in it twice gets both gradients") {
  const PackedLayout layout(ragged_lengths);
  Input<double> a(ragged_tokens, 3, 1), b(ragged_tokens, 2, 2);
  const auto report = check_gradient(
      [&](Tape<double>& tape) {
        const auto x = a.on(tape, layout);
        return probe<double>(concat(x, b.on(tape, layout), x));
      },
      {{"a", a.view(), a.gradient()}, {"b", b.view(), b.gradient()}});
  INFO(report);
  CHECK(report);
}

TEST_CASE("concat: a gradient is needed where a part needs one, and reaches such parts alone") {
  const PackedLayout layout(ragged_lengths);
  Tape<double> tape, inference(Mode::inference);
  Input<double> a(ragged_tokens, 2, 1), b(ragged_tokens, 3, 2);
  const auto constant = tape.leaf(b.view(), layout);
  for (const auto& y : {concat(a.on(tape, layout), constant), concat(constant, a.on(tape, layout))})
    CHECK(y.needs_gradient());
  CHECK_FALSE(concat(constant, constant).needs_gradient());
  CHECK_FALSE(concat(a.on(inference, layout), b.on(inference, layout)).needs_gradient());
  tape.backward(probe<double>(concat(constant, a.on(tape, layout))));
  CHECK(constant.gradient().empty());
  for (std::size_t r = 0; r < ragged_tokens; ++r)
    for (std::size_t c = 0; c < 2; ++c)
      CHECK(a.gradients[r * 2 + c] == std::sin(static_cast<double>(r * 5 + 3 + c + 1)));
}

TEST_CASE("concat: tokens of other batches are refused, equal layouts are one") {
  const PackedLayout layout(ragged_lengths), equal(ragged_lengths);
  const PackedLayout fewer(std::vector<std::size_t>{3, 5, 0, 1, 7});
  const PackedLayout shuffled(std::vector<std::size_t>{3, 5, 0, 5, 1, 2});
  Tape<float> tape;
  Input<float> a(ragged_tokens, 2);
  CHECK(concat(a.on(tape, layout), a.on(tape, equal)).cols() == 4);
  CHECK_THROWS_WITH(concat(a.on(tape, layout), a.on(tape, equal), a.on(tape, fewer)),
                    "concat: number of sequences: 6 in the first part and 5 in another, expected values of "
                    "the same tokens of one batch");
  CHECK_THROWS_WITH(concat(a.on(tape, layout), a.on(tape, shuffled)),
                    "concat: tokens of sequence 3: 1 in the first part and 5 in another, expected values of "
                    "the same tokens of one batch");
  CHECK_THROWS_AS(concat(a.on(tape, layout), a.on(tape, shuffled)), shape_error);
}

TEST_CASE("concat: an undefined handle is named") {
  const PackedLayout layout(ragged_lengths);
  Tape<float> tape;
  Input<float> a(ragged_tokens, 2);
  CHECK_THROWS_WITH(concat(a.on(tape), Var<float>(), a.on(tape)),
                    "concat: part 2 of 3 is an undefined handle, expected a value on a tape");
  CHECK_THROWS_WITH(concat(SeqVar<float>(), a.on(tape, layout)),
                    "concat: part 1 of 2 is an undefined handle, expected a value on a tape");
  CHECK_THROWS_AS(concat(Var<float>()), option_error);
}

TEST_CASE("concat: last() finds the final states of a reverse direction that stands behind all others") {
  const PackedLayout layout(ragged_lengths);
  Tape<double> tape;
  Input<double> a(ragged_tokens, 2, 1), b(ragged_tokens, 6, 2);
  const auto x = a.on(tape, layout);
  const auto direction = [&](std::size_t reverse_from) {
    auto v = b.on(tape, layout);
    v.node()->reverse_from = reverse_from;
    return v;
  };
  const auto both = direction(4), reverse = direction(0);
  CHECK(concat(x, both).reverse_from() == 6);
  CHECK(concat(x, both, reverse).reverse_from() == 6);
  CHECK(concat(x, x).reverse_from() == 4);
  CHECK(concat(reverse, reverse).reverse_from() == 0);
  CHECK(concat(both, x).reverse_from() == 8);      // forward columns behind reverse ones
  CHECK(concat(both, both).reverse_from() == 12);  // likewise
  CHECK(copy_of(last(concat(x, both)).value()) == copy_of(concat(last(x), last(both)).value()));
}

TEST_CASE("concat: residual and dense connections around an LSTM") {
  const PackedLayout layout(ragged_lengths);
  constexpr std::size_t width = 6;
  Lstm<double> first({.input = width, .hidden = 3, .bidirectional = true}),
      second({.input = 12, .hidden = 2});
  Input<double> x(ragged_tokens, width);
  Tape<double> tape;
  const auto v = x.on(tape, layout);
  const auto h = first(v);
  const auto residual = v + h;
  for (std::size_t r = 0; r < ragged_tokens; ++r)
    for (std::size_t c = 0; c < width; ++c)
      REQUIRE(residual.value()(r, c) == v.value()(r, c) + h.value()(r, c));
  CHECK(residual.layout() == &layout);
  CHECK(residual.reverse_from() == width);  // x has no direction, so the sum has none
  CHECK(concat(v, h).reverse_from() == 9);

  auto values = checked_values(first);
  values.push_back({"x", x.view(), x.gradient()});
  const auto sums = check_gradient(
      [&](Tape<double>& t) {
        const auto input = x.on(t, layout);
        return probe<double>(mean(input + first(input)));
      },
      values);
  INFO(sums);
  CHECK(sums);
  const auto more = checked_values(second);
  values.insert(values.end(), more.begin(), more.end());
  const auto columns = check_gradient(
      [&](Tape<double>& t) {
        const auto input = x.on(t, layout);
        return probe<double>(second(concat(input, first(input))));
      },
      values);
  INFO(columns);
  CHECK(columns);
}

TEST_CASE("concat: batches without any token, and without any sequence") {
  Tape<float> tape;
  for (const std::size_t count : {0U, 2U}) {
    const PackedLayout layout(std::vector<std::size_t>(count, 0));
    const auto x = tape.leaf({nullptr, 0, 2}, layout, {nullptr, 0, 2});
    const auto y = concat(x, x);
    CHECK(y.rows() == 0);
    CHECK(y.cols() == 4);
  }
}

TEST_CASE("concat: the same bits for any number of threads") {
  std::vector<std::size_t> lengths(60);
  for (std::size_t i = 0; i < lengths.size(); ++i) lengths[i] = i * 37 % 50;
  const PackedLayout layout(lengths);
  Input<float> a(layout.tokens(), 70, 1), b(layout.tokens(), 31, 2);
  check_threads([&] {
    Tape<float> tape;
    for (auto* x : {&a, &b}) std::fill(x->gradients.begin(), x->gradients.end(), 0.0F);
    const auto y = concat(a.on(tape, layout), b.on(tape, layout));
    tape.backward(probe<float>(y));
    auto result = copy_of(y.value());
    for (const auto* x : {&a, &b}) result.insert(result.end(), x->gradients.begin(), x->gradients.end());
    return result;
  });
}

TEST_CASE("concat: steps after the second allocate nothing") {
  const PackedLayout layout(ragged_lengths);
  Input<float> a(ragged_tokens, 9, 1), b(ragged_tokens, 4, 2);
  check_no_allocation<float>([&](Tape<float>& tape) {
    tape.backward(probe<float>(concat(a.on(tape, layout), b.on(tape, layout))));
  });
}
