#include <seqlstm/nn/embedding.hpp>

#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/positional_embedding.hpp>

#include "support/layers.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("embedding: rows of the table, one per packed token, gradients arrive in the table") {
  auto batch = few_tokens();
  Embedding<double> embedding({.vocabulary = 4, .dim = 3, .padding = {}});
  PositionalEmbedding<double> position({.length = 5, .dim = 3});
  auto p = position.weight.edit();
  for (std::size_t i = 0; i < p.size(); ++i) p.data()[i] = 0.1 * static_cast<double>(i);
  Tape<double> tape;
  const auto rows = dense_rows(tape, embedding(batch) + position(batch));
  const std::size_t token = batch.layout.offset(2) + batch.layout.rank(0);
  for (std::size_t c = 0; c < 3; ++c)
    CHECK(rows.value()(token, c) == embedding.weight.view()(2, c) + position.weight.view()(2, c));
  auto values = checked_values(embedding);
  for (auto& v : checked_values(position)) values.push_back(v);
  const auto report = check_gradient(
      [&](Tape<double>& t) { return probe<double>(dense_rows(t, embedding(batch) + position(batch))); },
      values);
  INFO(report);
  CHECK(report);
}

TEST_CASE("embedding: the padding row is zero and stays so") {
  auto batch = few_tokens();
  Embedding<float> embedding({.vocabulary = 4, .dim = 3, .padding = 2});
  for (const float v : embedding.weight.view().row(2)) CHECK(v == 0);
  Tape<float> tape;
  tape.backward(probe<float>(dense_rows(tape, embedding(batch))));
  for (const float g : embedding.weight.gradient().row(2)) CHECK(g == 0);
  CHECK(embedding.weight.gradient()(1, 0) != 0);
}

TEST_CASE("embedding: mistakes are named") {
  auto batch = few_tokens();
  Tape<float> tape;
  Embedding<float> embedding({.vocabulary = 4, .dim = 3, .padding = {}});
  PositionalEmbedding<float> wide({.length = 5, .dim = 4}), brief({.length = 4, .dim = 3});
  CHECK_THROWS_WITH(embedding(batch) + wide(batch), ContainsSubstring("width 3 and 4 cannot be added"));
  CHECK_THROWS_WITH(dense_rows(tape, embedding(batch) + brief(batch)),
                    ContainsSubstring("holds 4 positions"));
  batch.ids[0] = -1;
  CHECK_THROWS_WITH(dense_rows(tape, embedding(batch)),
                    ContainsSubstring("record 1, position 0: token id -1"));
  CHECK_THROWS_AS(Embedding<float>({.vocabulary = 0, .dim = 3, .padding = {}}), option_error);
  CHECK_THROWS_AS(Embedding<float>({.vocabulary = 4, .dim = 3, .padding = 4}), option_error);
}

TEST_CASE("embedding: copies, moves, assignments and swaps keep the table and the padding id") {
  const auto batch = few_tokens();
  Embedding<float> a({.vocabulary = 4, .dim = 3, .padding = 2}), b({.vocabulary = 4, .dim = 3});
  b.initialize({.seed = 4});
  check_rule_of_five(a, b, [&](Embedding<float>& embedding) {
    Tape<float> tape;
    zero_gradients(embedding);
    const auto rows = dense_rows(tape, embedding(batch));
    tape.backward(probe<float>(rows));
    auto result = copy_of(rows.value());
    const auto gradient = copy_of(embedding.weight.gradient());  // none of the padding id
    result.insert(result.end(), gradient.begin(), gradient.end());
    return result;
  });
}

TEST_CASE("embedding: dropout takes whole vectors for a whole step, wherever the token stands") {
  const auto batch = few_tokens();
  Embedding<double> embedding({.vocabulary = 4, .dim = 3, .dropout = 0.5}),
      plain({.vocabulary = 4, .dim = 3});  // the same first weights
  const auto rows_of = [&](Embedding<double>& e, std::uint32_t step, Mode mode = Mode::training) {
    Tape<double> tape(mode);
    tape.reset(step);
    return copy_of(dense_rows(tape, e(batch)).value());
  };
  const auto expected = rows_of(plain, 1);
  std::size_t dropped = 0, kept = 0;
  for (std::uint32_t step = 1; step <= 50; ++step) {
    const auto rows = rows_of(embedding, step);
    std::array<int, 4> fate{};  // of each token: 0 unseen, 1 dropped, 2 kept
    for (std::size_t k = 0; k < batch.ids.size(); ++k) {
      const bool zero = rows[k * 3] == 0;
      for (std::size_t c = 0; c < 3; ++c) CHECK(rows[k * 3 + c] == (zero ? 0.0 : 2 * expected[k * 3 + c]));
      auto& seen = fate.at(static_cast<std::size_t>(batch.ids[k]));
      CHECK((seen == 0 || seen == (zero ? 1 : 2)));
      seen = zero ? 1 : 2;
    }
    dropped += static_cast<std::size_t>(std::count(fate.begin(), fate.end(), 1));
    kept += static_cast<std::size_t>(std::count(fate.begin(), fate.end(), 2));
  }
  CHECK(dropped + kept == 200);
  CHECK(dropped > 70);
  CHECK(kept > 70);
  CHECK(rows_of(embedding, 1, Mode::inference) == expected);
  embedding.training = false;
  CHECK(rows_of(embedding, 1) == expected);
}

TEST_CASE("embedding: gradients through dropout") {
  const auto batch = few_tokens();
  Embedding<double> embedding({.vocabulary = 4, .dim = 3, .dropout = 0.4});
  const auto report =
      check_gradient([&](Tape<double>& tape) { return probe<double>(dense_rows(tape, embedding(batch))); },
                     checked_values(embedding));
  INFO(report);
  CHECK(report);
}

TEST_CASE("embedding: options out of range") {
  CHECK_THROWS_WITH(Embedding<float>({.vocabulary = 4, .dim = 3, .dropout = 1.5}),
                    "embedding: dropout is 1.5, expected a probability from 0 to 1");
  CHECK_THROWS_WITH(Embedding<float>({.vocabulary = 4, .dim = 3, .stddev = -1}),
                    "embedding: stddev is -1, expected a finite number of at least 0");
  Embedding<float> embedding({.vocabulary = 4, .dim = 3});
  CHECK_THROWS_AS(embedding.set_dropout(std::nan("")), option_error);
}
