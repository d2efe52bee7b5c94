#include <seqlstm/nn/one_hot.hpp>

#include <seqlstm/nn/positional_embedding.hpp>

#include "support/layers.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Row id of the identity matrix for every token.
std::vector<double> unit_rows(const SequenceBatch& batch, std::size_t vocabulary) {
  std::vector<double> rows(batch.ids.size() * vocabulary);
  for (std::size_t k = 0; k < batch.ids.size(); ++k)
    rows[k * vocabulary + static_cast<std::size_t>(batch.ids[k])] = 1;
  return rows;
}

}  // namespace

TEST_CASE("one_hot: rows are unit vectors, ids that no token has are columns of zeros") {
  const auto batch = few_tokens();
  for (const std::size_t vocabulary : {4U, 7U}) {
    OneHot<double> one_hot(vocabulary);
    CHECK(one_hot.vocabulary() == vocabulary);
    CHECK(one_hot(batch).dim == vocabulary);
    Tape<double> tape;
    CHECK(copy_of(dense_rows(tape, one_hot(batch)).value()) == unit_rows(batch, vocabulary));
  }
}

TEST_CASE("one_hot: a position is added on either side, and only it has gradients") {
  const auto batch = few_tokens();
  OneHot<double> one_hot(4);
  PositionalEmbedding<double> position({.length = 5, .dim = 4});
  auto p = position.weight.edit();
  for (std::size_t i = 0; i < p.size(); ++i) p.data()[i] = std::sin(static_cast<double>(i));
  Tape<double> tape;
  auto expected = unit_rows(batch, 4);
  for (std::size_t t = 0; t < batch.layout.steps(); ++t)
    for (std::size_t r = 0; r < batch.layout.active(t); ++r)
      for (std::size_t c = 0; c < 4; ++c) expected[(batch.layout.offset(t) + r) * 4 + c] += p(t, c);
  CHECK(copy_of(dense_rows(tape, one_hot(batch) + position(batch)).value()) == expected);
  CHECK(copy_of(dense_rows(tape, position(batch) + one_hot(batch)).value()) == expected);
  const auto report = check_gradient(
      [&](Tape<double>& t) { return probe<double>(dense_rows(t, one_hot(batch) + position(batch))); },
      checked_values(position));
  INFO(report);
  CHECK(report);
}

TEST_CASE("one_hot: it has no parameters, and a batch without tokens gives no rows") {
  OneHot<float> one_hot(4);
  CHECK(parameter_count(one_hot) == 0);
  const auto batch = token_batch({{}, {}});
  Tape<float> tape;
  const auto rows = dense_rows(tape, one_hot(batch));
  CHECK(rows.rows() == 0);
  CHECK(rows.cols() == 4);
}

TEST_CASE("one_hot: copies, moves, assignments and swaps keep the vocabulary") {
  const auto batch = few_tokens();
  check_rule_of_five(OneHot<float>(4), OneHot<float>(6), [&](OneHot<float>& one_hot) {
    Tape<float> tape;
    return copy_of(dense_rows(tape, one_hot(batch)).value());
  });
}

TEST_CASE("one_hot: mistakes are named") {
  CHECK_THROWS_WITH(OneHot<float>(0), "one_hot: the vocabulary must have at least one token");
  CHECK_THROWS_AS(OneHot<float>(0), option_error);
  const auto batch = few_tokens();
  OneHot<float> narrow(3);
  Tape<float> tape;
  CHECK_THROWS_WITH(dense_rows(tape, narrow(batch)),
                    "record 1, position 0: token id 3 is outside the vocabulary [0, 3); encode the data with "
                    "the tokenizer the model was built for");
}
