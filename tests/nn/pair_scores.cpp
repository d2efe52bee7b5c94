#include <seqlstm/nn/pair_scores.hpp>

#include <seqlstm/autograd/gradcheck.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

const std::vector<std::size_t> other_lengths = {4, 0, 6, 2};
/// Sequences in several pairs, in both places, and empty ones.
const std::vector<SequencePair> some_pairs = {{1, 0}, {4, 2}, {1, 2}, {2, 0}, {0, 1}, {3, 3}};

template <class T> double product(std::span<const T> x, std::span<const T> y) {
  double sum = 0;
  for (std::size_t c = 0; c < x.size(); ++c) sum += double{x[c]} * double{y[c]};
  return sum;
}
template <class T> double distance(std::span<const T> x, std::span<const T> y) {
  double sum = 0;
  for (std::size_t c = 0; c < x.size(); ++c) sum += std::abs(double{x[c]} - double{y[c]});
  return sum;
}

/// Compares every cell with cell(row of x, row of y).
template <class T, class Cell>
void check_cells(const PairScores<T>& scores, Input<T>& x, Input<T>& y, Cell&& cell) {
  REQUIRE(scores.blocks.size() == some_pairs.size());
  std::size_t rows = 0, cells = 0;
  for (std::size_t p = 0; p < some_pairs.size(); ++p) {
    const auto [a, b] = some_pairs[p];
    const auto s = scores.of(p);
    REQUIRE(s.rows() == ragged_lengths[a]);
    REQUIRE(s.cols() == other_lengths[b]);
    CHECK(scores.blocks[p].first_row == rows);
    rows += s.rows();
    cells += s.size();
    for (std::size_t i = 0; i < s.rows(); ++i)
      for (std::size_t j = 0; j < s.cols(); ++j) {
        const std::size_t token = scores.cols_layout->offset(j) + scores.cols_layout->rank(b);
        const std::span<const T> left = x.view().row(scores.token(p, i)), right = y.view().row(token);
        REQUIRE(double{s(i, j)} == Approx(cell(left, right)).margin(1e-5));
      }
  }
  CHECK(scores.rows() == rows);
  CHECK(scores.cells.rows() == cells);
}

/// Either kind of scores.
template <class T>
using Score = PairScores<T> (*)(const SeqVar<T>&, const SeqVar<T>&, std::span<const SequencePair>);

}  // namespace

TEST_CASE("pair_scores: every cell is the product, or the distance, of two states") {
  const PackedLayout rows(ragged_lengths), cols(other_lengths);
  for (const std::size_t width : {1U, 5U, 40U}) {
    Input<float> x(rows.tokens(), width), y(cols.tokens(), width, 2);
    Tape<float> tape;
    const auto left = x.on(tape, rows), right = y.on(tape, cols);
    check_cells(pair_products<float>(left, right, some_pairs), x, y, product<float>);
    check_cells(pair_distances<float>(left, right, some_pairs), x, y, distance<float>);
  }
}

TEST_CASE("pair_scores: gradients of both sequences") {
  const PackedLayout rows(ragged_lengths), cols(other_lengths);
  Input<double> x(rows.tokens(), 3), y(cols.tokens(), 3, 2);
  for (const Score<double> score : {&pair_products<double>, &pair_distances<double>}) {
    const auto report = check_gradient(
        [&](Tape<double>& tape) {
          return probe<double>(score(x.on(tape, rows), y.on(tape, cols), some_pairs).cells);
        },
        {{"x", x.view(), x.gradient()}, {"y", y.view(), y.gradient()}});
    INFO(report);
    CHECK(report);
  }
}

TEST_CASE("pair_scores: gradients of sequences of one batch, compared with each other and with themselves") {
  const PackedLayout rows(ragged_lengths);
  Input<double> x(rows.tokens(), 4);
  const std::vector<SequencePair> pairs = {{0, 1}, {1, 0}, {4, 4}, {5, 1}};
  for (const Score<double> score : {&pair_products<double>, &pair_distances<double>}) {
    const auto report = check_gradient(
        [&](Tape<double>& tape) {
          const auto states = x.on(tape, rows);
          return probe<double>(score(states, states, pairs).cells);
        },
        {{"x", x.view(), x.gradient()}});
    // |x - x| has no derivative, and is flat there in both directions: the central difference is 0, too.
    INFO(report);
    CHECK(report);
  }
}

TEST_CASE("pair_scores: equal states have the distance 0 and no gradient") {
  const PackedLayout layout(std::vector<std::size_t>{2, 2});
  std::vector<double> values = {1, 2, 1, 2, 3, 4, 3, 4}, gradients(8);  // packed: a step's rows together
  Tape<double> tape;
  const auto x = tape.leaf({values.data(), 4, 2}, layout, {gradients.data(), 4, 2});
  const std::vector<SequencePair> pairs = {{0, 1}};
  const auto scores = pair_distances<double>(x, x, pairs);
  CHECK(copy_of(scores.of(0)) == std::vector<double>{0, 4, 4, 0});
  tape.backward(probe<double>(scores.cells));
  // Each step meets the other one of the other sequence alone, from whose equal it gets nothing.
  for (const std::size_t column : {0U, 1U}) {
    CHECK(gradients[column] == Approx(-std::sin(2.0)));      // step 0 of a, smaller than step 1 of b
    CHECK(gradients[2 + column] == Approx(-std::sin(3.0)));  // step 0 of b
    CHECK(gradients[4 + column] == Approx(std::sin(3.0)));   // step 1 of a
    CHECK(gradients[6 + column] == Approx(std::sin(2.0)));   // step 1 of b
  }
}

TEST_CASE("pair_scores: the same bits for any threads and beside any pairs") {
  const std::vector<std::size_t> lengths = {70, 200, 31, 90};
  const PackedLayout layout(lengths);
  const std::vector<SequencePair> pairs = {{0, 1}, {2, 1}, {3, 0}, {2, 3}, {1, 1}};
  for (const Score<float> score : {&pair_products<float>, &pair_distances<float>}) {
    Input<float> x(layout.tokens(), 33);
    const auto cells = [&](const SeqVar<float>& states) { return score(states, states, pairs).cells; };
    check_threads([&] { return values_and_gradients(cells, x, layout); });
    Tape<float> tape;
    const auto states = x.on(tape, layout);
    const auto together = score(states, states, pairs);
    for (std::size_t p = 0; p < pairs.size(); ++p)
      CHECK(
          same_bits(copy_of(score(states, states, std::span(&pairs[p], 1)).of(0)), copy_of(together.of(p))));
  }
}

TEST_CASE("pair_scores: what needs no gradient takes none, and no pairs are fine") {
  const PackedLayout layout(ragged_lengths);
  Input<float> x(ragged_tokens, 3), y(ragged_tokens, 3, 2);
  Tape<float> tape;
  const auto fixed = tape.leaf(x.view(), layout), learned = y.on(tape, layout);
  CHECK_FALSE(pair_products<float>(fixed, fixed, some_pairs).cells.needs_gradient());
  CHECK(pair_products<float>(fixed, learned, {}).rows() == 0);
  tape.backward(probe<float>(pair_distances<float>(fixed, learned, some_pairs).cells));
  CHECK(x.gradients == std::vector<float>(x.gradients.size()));
  CHECK(y.gradients != std::vector<float>(y.gradients.size()));
}

TEST_CASE("pair_scores: steps after the second allocate nothing") {
  const PackedLayout layout(ragged_lengths);
  Input<float> x(ragged_tokens, 9);
  check_no_allocation<float>([&](Tape<float>& tape) {
    const auto states = x.on(tape, layout);
    tape.backward(probe<float>(pair_products<float>(states, states, some_pairs).cells));
  });
}

TEST_CASE("pair_scores: mistakes are named") {
  const PackedLayout layout(ragged_lengths);
  Input<float> x(ragged_tokens, 3), y(ragged_tokens, 4);
  Tape<float> tape;
  const auto left = x.on(tape, layout), right = y.on(tape, layout);
  const std::vector<SequencePair> beyond = {{0, 1}, {2, 6}};
  CHECK_THROWS_WITH(pair_products<float>(left, right, some_pairs),
                    "pair_products: states of 3 and 4 columns, expected the same width");
  CHECK_THROWS_AS(pair_distances<float>(left, right, some_pairs), shape_error);
  CHECK_THROWS_WITH(pair_distances<float>(left, left, beyond),
                    "pair_distances: pair 1 names sequence 6 of a batch of 6");
}
