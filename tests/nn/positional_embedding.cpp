#include <seqlstm/nn/positional_embedding.hpp>

#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/nn/embedding.hpp>

#include "support/layers.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("positional embedding: row t for token t of every sequence, zero at first") {
  const auto batch = ones_of_lengths(ragged_lengths);
  PositionalEmbedding<double> position({.length = 5, .dim = 3});
  Tape<double> tape;
  for (const double v : copy_of(dense_rows(tape, position(batch)).value())) CHECK(v == 0);
  for (std::size_t i = 0; i < 15; ++i) position.weight.edit().data()[i] = static_cast<double>(i);
  const auto rows = dense_rows(tape, position(batch));
  for (std::size_t t = 0; t < batch.layout.steps(); ++t)
    for (std::size_t r = 0; r < batch.layout.active(t); ++r)
      for (std::size_t c = 0; c < 3; ++c)
        CHECK(rows.value()(batch.layout.offset(t) + r, c) == static_cast<double>(3 * t + c));
}

TEST_CASE("positional embedding: gradients of position and token tables") {
  const auto batch = ones_of_lengths(ragged_lengths);
  Embedding<double> token({.vocabulary = 2, .dim = 3});
  PositionalEmbedding<double> position({.length = 5, .dim = 3});
  const auto report = check_gradient(
      [&](Tape<double>& tape) { return probe(dense_rows(tape, token(batch) + position(batch))); },
      {{"token", token.weight.edit(), token.weight.gradient(), [&] { token.weight.edit(); }},
       {"position", position.weight.edit(), position.weight.gradient(), [&] { position.weight.edit(); }}});
  INFO(report);
  CHECK(report);
}

TEST_CASE("positional embedding: a longer sequence and a table of nothing are named") {
  PositionalEmbedding<float> position({.length = 4, .dim = 3});
  Tape<float> tape;
  const auto batch = ones_of_lengths({2, 5});
  CHECK_THROWS_WITH(
      dense_rows(tape, position(batch)),
      "positional embedding: a sequence has 5 tokens, the table holds 4 positions; build it with a larger "
      "length");
  CHECK_THROWS_AS(dense_rows(tape, position(batch)), shape_error);
  CHECK_THROWS_WITH(PositionalEmbedding<float>({.length = 0, .dim = 3}),
                    "positional embedding: length and dim must be at least 1, got 0x3");
}

TEST_CASE("positional embedding: copies, moves, assignments and swaps keep the table") {
  PositionalEmbedding<float> a({.length = 3, .dim = 2}), b({.length = 3, .dim = 2});
  a.weight.edit().data()[4] = 1;
  b.weight.edit().data()[4] = 2;
  const auto batch = ones_of_lengths({3});
  check_rule_of_five(a, b, [&](PositionalEmbedding<float>& position) {
    Tape<float> tape;
    return copy_of(dense_rows(tape, position(batch)).value());
  });
}
