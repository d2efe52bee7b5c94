#include <seqlstm/nn/embedding.hpp>

#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/one_hot.hpp>
#include <seqlstm/nn/position.hpp>

#include "support/catch.hpp"
#include "support/values.hpp"

using namespace seqlstm;

namespace {

struct Fixture {
  std::vector<std::vector<Token>> sequences = {{0, 1, 2}, {3, 1, 0, 2, 2}, {}, {1}};
  TokenBatch batch;
  Fixture() {
    std::vector<std::span<const Token>> views(sequences.begin(), sequences.end());
    batch.assign(views);
  }
};

}  // namespace

TEST_CASE("embedding: rows of the table, one per packed token, gradients arrive in the table") {
  Fixture f;
  Embedding<double> embedding({.vocabulary = 4, .width = 3, .padding = {}});
  Position<double> position({.length = 5, .width = 3});
  auto p = position.weight.edit();
  for (std::size_t i = 0; i < p.size(); ++i) p.data()[i] = 0.1 * static_cast<double>(i);
  Tape<double> tape;
  const auto rows = dense_rows(tape, embedding(f.batch) + position(f.batch));
  const std::size_t token = f.batch.layout.offset(2) + f.batch.layout.rank(0);
  for (std::size_t c = 0; c < 3; ++c)
    CHECK(rows.value()(token, c) == embedding.weight.view()(2, c) + position.weight.view()(2, c));
  auto values = checked_values(embedding);
  for (auto& v : checked_values(position)) values.push_back(v);
  const auto report = check_gradient(
      [&](Tape<double>& t) {
        return testing::probe<double>(dense_rows(t, embedding(f.batch) + position(f.batch)));
      },
      values);
  INFO(report);
  CHECK(report);
}

TEST_CASE("embedding: the padding row is zero and stays so") {
  Fixture f;
  Embedding<float> embedding({.vocabulary = 4, .width = 3, .padding = 2});
  for (const float v : embedding.weight.view().row(2)) CHECK(v == 0);
  Tape<float> tape;
  tape.backward(testing::probe<float>(dense_rows(tape, embedding(f.batch))));
  for (const float g : embedding.weight.gradient().row(2)) CHECK(g == 0);
  CHECK(embedding.weight.gradient()(1, 0) != 0);
}

TEST_CASE("embedding: one-hot rows are unit vectors") {
  Fixture f;
  OneHot<float> one_hot(4);
  Tape<float> tape;
  const auto rows = dense_rows(tape, one_hot(f.batch));
  for (std::size_t k = 0; k < rows.rows(); ++k)
    for (std::size_t c = 0; c < 4; ++c)
      CHECK(rows.value()(k, c) == (static_cast<Token>(c) == f.batch.ids[k] ? 1.0F : 0.0F));
}

TEST_CASE("embedding: mistakes are named") {
  Fixture f;
  Tape<float> tape;
  Embedding<float> embedding({.vocabulary = 4, .width = 3, .padding = {}});
  Position<float> wide({.length = 5, .width = 4}), brief({.length = 4, .width = 3});
  CHECK_THROWS_WITH(embedding(f.batch) + wide(f.batch), ContainsSubstring("width 3 and 4 cannot be added"));
  CHECK_THROWS_WITH(dense_rows(tape, embedding(f.batch) + brief(f.batch)),
                    ContainsSubstring("holds 4 positions"));
  f.batch.ids[0] = -1;
  CHECK_THROWS_WITH(dense_rows(tape, embedding(f.batch)),
                    ContainsSubstring("record 1, position 0: token id -1"));
  CHECK_THROWS_AS(Embedding<float>({.vocabulary = 0, .width = 3, .padding = {}}), option_error);
  CHECK_THROWS_AS(Embedding<float>({.vocabulary = 4, .width = 3, .padding = 4}), option_error);
  CHECK_THROWS_AS(OneHot<float>(0), option_error);
}

TEST_CASE("embedding: copies and moves keep the table") {
  Fixture f;
  Embedding<float> a({.vocabulary = 4, .width = 3, .padding = {}}),
      b({.vocabulary = 4, .width = 3, .padding = {}});
  b.initialize({.seed = 4});
  const auto values = [](const Embedding<float>& e) { return testing::copy_of(e.weight.view()); };
  const auto of_a = values(a), of_b = values(b);
  REQUIRE(of_a != of_b);
  Embedding<float> copy(a);
  copy = b;
  CHECK(values(copy) == of_b);
  const Embedding<float> moved(std::move(copy));
  CHECK(values(moved) == of_b);
  std::swap(a, b);
  CHECK(values(a) == of_b);
}
