#include <seqlstm/nn/embedded_tokens.hpp>

#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/one_hot.hpp>
#include <seqlstm/nn/positional_embedding.hpp>

#include <map>

#include "support/paths.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

template <class Action> std::string shape_message(Action action) {
  return support::message_of<shape_error>(action);
}

/// Which rows of a parameter have a gradient.
std::vector<bool> rows_with_gradient(Parameter<double>& p) {
  std::vector<bool> rows;
  for (std::size_t r = 0; r < p.rows(); ++r) {
    const auto row = p.gradient().row(r);
    rows.push_back(std::any_of(row.begin(), row.end(), [](double g) { return g != 0; }));
  }
  return rows;
}

/// One step through dense rows, and one through an LSTM's lookups.
template <class Expression, class Check> void for_both_ways(Expression expression, Check check) {
  Lstm<double> lstm({.input = 3, .hidden = 4, .bidirectional = true});
  for (const bool lookups : {false, true}) {
    INFO((lookups ? "lookups" : "dense rows"));
    Tape<double> tape;
    tape.backward(lookups ? probe<double>(lstm(tape, expression()))
                          : probe<double>(dense_rows(tape, expression())));
    check();
  }
}

}  // namespace

TEST_CASE("embedded tokens: the padding id's row gets no gradient, the position of that number does") {
  const auto batch = few_tokens();  // ids 0 to 3, 5 positions
  Embedding<double> embedding({.vocabulary = 5, .dim = 3, .padding = 2});
  PositionalEmbedding<double> position({.length = 6, .dim = 3});
  for_both_ways(
      [&] { return embedding(batch) + position(batch); },
      [&] {
        CHECK(rows_with_gradient(embedding.weight) == std::vector<bool>{true, true, false, true, false});
        CHECK(rows_with_gradient(position.weight) == std::vector<bool>{true, true, true, true, true, false});
        zero_gradients(embedding);
        zero_gradients(position);
      });
}

TEST_CASE("embedded tokens: of two tables each leaves out its own padding id") {
  const auto batch = few_tokens();
  Embedding<double> a({.vocabulary = 4, .dim = 3, .padding = 0}),
      b({.vocabulary = 4, .dim = 3, .padding = 3});
  for_both_ways([&] { return a(batch) + b(batch); },
                [&] {
                  CHECK(rows_with_gradient(a.weight) == std::vector<bool>{false, true, true, true});
                  CHECK(rows_with_gradient(b.weight) == std::vector<bool>{true, true, true, false});
                  zero_gradients(a);
                  zero_gradients(b);
                });
}

TEST_CASE("embedded tokens: one table twice is twice its rows, with both gradients") {
  const auto batch = few_tokens();
  Embedding<double> embedding({.vocabulary = 4, .dim = 3});
  Tape<double> tape;
  const auto once = copy_of(dense_rows(tape, embedding(batch)).value());
  const auto twice = copy_of(dense_rows(tape, embedding(batch) + embedding(batch)).value());
  for (std::size_t i = 0; i < once.size(); ++i) REQUIRE(twice[i] == 2 * once[i]);
  const auto report = check_gradient(
      [&](Tape<double>& t) { return probe<double>(dense_rows(t, embedding(batch) + embedding(batch))); },
      checked_values(embedding));
  INFO(report);
  CHECK(report);
}

TEST_CASE("embedded tokens: a frozen table gets no gradient, the other one does") {
  const auto batch = few_tokens();
  Embedding<double> embedding({.vocabulary = 4, .dim = 3});
  PositionalEmbedding<double> position({.length = 5, .dim = 3});
  embedding.weight.trainable = false;
  for_both_ways([&] { return embedding(batch) + position(batch); },
                [&] {
                  CHECK(rows_with_gradient(embedding.weight) == std::vector<bool>(4, false));
                  CHECK(rows_with_gradient(position.weight) == std::vector<bool>(5, true));
                  zero_gradients(position);
                });
}

TEST_CASE("embedded tokens: gradients have the same bits for any number of threads") {
  const auto batch = few_tokens();
  Lstm<float> lstm({.input = 70, .hidden = 33});
  for (const double dropout : {0.0, 0.5}) {
    Embedding<float> embedding({.vocabulary = 4, .dim = 70, .dropout = dropout});
    for (const bool lookups : {false, true})
      check_threads([&] {
        zero_gradients(embedding);
        Tape<float> tape;
        tape.backward(lookups ? probe<float>(lstm(tape, embedding(batch)))
                              : probe<float>(dense_rows(tape, embedding(batch))));
        return copy_of(embedding.weight.gradient());
      });
  }
}

TEST_CASE("embedded tokens: what cannot be added") {
  const auto batch = few_tokens(), other = few_tokens();
  Embedding<float> embedding({.vocabulary = 4, .dim = 3});
  PositionalEmbedding<float> position({.length = 5, .dim = 3}), wide({.length = 5, .dim = 4});
  CHECK(shape_message([&] { embedding(batch) + wide(batch); }) ==
        "token vectors of width 3 and 4 cannot be added; give both layers the same width");
  CHECK(shape_message([&] { wide(batch) + embedding(batch); }) ==
        "token vectors of width 4 and 3 cannot be added; give both layers the same width");
  CHECK(shape_message([&] { embedding(batch) + position(other); }) ==
        "token vectors of two different batches cannot be added");
  const auto sum = embedding(batch) + position(batch);
  CHECK(shape_message([&] { sum + position(batch); }) == "a sum of token vectors has at most two terms");
  CHECK(shape_message([&] { position(batch) + sum; }) == "a sum of token vectors has at most two terms");
}

TEST_CASE("embedded tokens: a sequence longer than the table of positions") {
  const auto batch = few_tokens();  // the longest has 5
  Embedding<float> embedding({.vocabulary = 4, .dim = 3});
  PositionalEmbedding<float> fits({.length = 5, .dim = 3}), brief({.length = 4, .dim = 3});
  Lstm<float> lstm({.input = 3, .hidden = 2});
  Tape<float> tape;
  CHECK(dense_rows(tape, embedding(batch) + fits(batch)).rows() == 11);
  const std::string expected =
      "positional embedding: a sequence has 5 tokens, the table holds 4 positions; build it with a larger "
      "length";
  CHECK(shape_message([&] { dense_rows(tape, embedding(batch) + brief(batch)); }) == expected);
  CHECK(shape_message([&] { lstm(tape, embedding(batch) + brief(batch)); }) == expected);
}

TEST_CASE("embedded tokens: an id outside the vocabulary is told with its record and place") {
  Embedding<float> embedding({.vocabulary = 4, .dim = 3});
  Tape<float> tape;
  const auto message = [&](const SequenceBatch& batch) {
    return support::message_of<token_error>([&] { dense_rows(tape, embedding(batch)); });
  };
  const std::string rest =
      "is outside the vocabulary [0, 4); encode the data with the tokenizer the model was "
      "built for";
  CHECK(message(token_batch({{0, 1}, {1, 2, 4}}, {70, 80})) == "record 80, position 2: token id 4 " + rest);
  CHECK(message(token_batch({{0, -1}, {1, 2, 3}})) == "record 0, position 1: token id -1 " + rest);
}

TEST_CASE(
    "embedded tokens: a vocabulary much larger than the batch gives the same bits, and costs what the batch "
    "does") {
  const auto batch = few_tokens();  // ids 0 to 3
  const auto result = [&](std::size_t vocabulary, std::size_t& bytes) {
    Embedding<double> embedding({.vocabulary = vocabulary, .dim = 3, .padding = {}});
    auto rows = embedding.weight.edit();
    for (std::size_t r = 0; r < 4; ++r)
      for (std::size_t c = 0; c < 3; ++c)
        rows(r, c) = static_cast<double>(r + 1) / static_cast<double>(c + 2);
    Lstm<double> lstm({.input = 3, .hidden = 4});
    Tape<double> tape;
    const auto y = lstm(tape, embedding(batch));
    bytes = tape.arena().bytes_used();
    tape.backward(probe<double>(y));
    auto numbers = copy_of(y.value());
    for (std::size_t r = 0; r < 4; ++r)
      for (const double g : embedding.weight.gradient().row(r)) numbers.push_back(g);
    return numbers;
  };
  std::size_t of_small = 0, of_large = 0;
  CHECK(result(5, of_small) == result(std::size_t{1} << 18U, of_large));
  CHECK(of_large < of_small + 4096);
}

TEST_CASE("embedded tokens: numbers of rows by either table") {
  for (const std::size_t rows : {10U, 1U << 24U}) {
    Arena arena;
    detail::RowNumbers numbers(arena, rows, 300);
    RandomStream random(7);
    std::map<Token, std::int32_t> expected;
    for (std::int32_t k = 0; k < 300; ++k) {
      const auto id =
          static_cast<Token>(random.below(std::min<std::size_t>(rows, 1U << 20U)) * (rows > 10 ? 16 : 1));
      auto& number = numbers[id];
      const auto [place, fresh] = expected.emplace(id, k);
      REQUIRE(number == (fresh ? -1 : place->second));
      number = place->second;
    }
    for (const auto& [id, number] : expected) CHECK(numbers[id] == number);
    CHECK(arena.bytes_used() < 16384);
  }
}

TEST_CASE("embedded tokens: rows of several shards, and those of a table they have in common") {
  Arena arena;
  std::vector<std::int32_t> table_rows = {7, 2, 9};
  const std::vector<std::int32_t> used = {0, 1, 0, 2, 1, 1, 2, 2};
  detail::DistinctRows<double> all;
  all.rows = table_rows.data();
  all.count = 3;
  const std::vector<std::size_t> ends = {3, 5, 5, 8};
  std::vector<std::size_t> row_ends(4);
  const auto own = detail::distinct_parts(arena, all, used.data(), ends, row_ends.data());
  CHECK(row_ends == std::vector<std::size_t>{2, 4, 4, 6});
  CHECK(std::vector<std::int32_t>(own.rows, own.rows + own.count) ==
        std::vector<std::int32_t>{7, 2, 9, 2, 2, 9});
  CHECK(std::vector<std::int32_t>(own.indices, own.indices + 8) ==
        std::vector<std::int32_t>{0, 1, 0, 2, 3, 4, 5, 5});

  const auto equal = detail::EqualRows::find(arena, own.rows, row_ends);
  const double tiny = 1e-17;
  std::vector<double> values = {5, 1, tiny, tiny, 1, 3};  // (1 + tiny) + 1, tiny + 3
  equal.add_up(MatrixView<double>(values.data(), 6, 1), {0, 1});
  CHECK(values == std::vector<double>{5, 2, 3, 0, 0, 0});
}
