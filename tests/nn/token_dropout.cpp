#include <seqlstm/nn/token_dropout.hpp>

#include "support/layers.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("token dropout: hides its share of the tokens, in training only") {
  TokenDropout mask({.p = 0.2, .id = 7});
  const auto batch = ones_of_lengths({1000, 0, 4001, 1}, {});
  Tape<float> tape, inference(Mode::inference);
  const auto hidden = [&](const SequenceBatch& b) { return std::count(b.ids.begin(), b.ids.end(), 7); };
  const auto share = static_cast<double>(hidden(mask(tape, batch))) / 5002;
  CHECK(share > 0.18);
  CHECK(share < 0.22);
  CHECK(&mask(inference, batch) == &batch);
  mask.training = false;
  CHECK(&mask(tape, batch) == &batch);
  TokenDropout all({.p = 1, .id = 7}), none({.p = 0, .id = 7});
  CHECK(hidden(all(tape, batch)) == 5002);
  CHECK(&none(tape, batch) == &batch);
}

TEST_CASE("token dropout: hidden tokens are told of, the others are not") {
  auto batch = ones_of_lengths({1000, 0, 3001}, {});
  const auto before = batch.ids;
  std::vector<Token> hidden;
  mask_tokens(batch, {3, 1, 2}, 0.15, 7, &hidden);
  REQUIRE(hidden.size() == before.size());
  std::size_t count = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    CHECK((batch.ids[i] == 7) == (hidden[i] >= 0));
    CHECK((hidden[i] == before[i] || (hidden[i] == -1 && batch.ids[i] == before[i])));
    count += hidden[i] >= 0 ? 1 : 0;
  }
  CHECK(count > 520);
  CHECK(count < 680);  // 15 % of 4001 are 600
}

TEST_CASE("token dropout: a record's mask follows seed, step and record, not its batch") {
  TokenDropout mask({.p = 0.5, .id = 7});
  const auto a = ones_of_lengths({50, 9, 30}, {4, 5, 6}), b = ones_of_lengths({30, 50}, {6, 4});
  const auto masked = [&](const SequenceBatch& batch, std::size_t i, std::uint32_t step) {
    Tape<float> tape;
    tape.set_seed(3);
    tape.reset(step);
    return sequence_of(mask(tape, batch).ids, 1, batch.layout, i);
  };
  CHECK(masked(a, 0, 1) == masked(b, 1, 1));
  CHECK(masked(a, 2, 1) == masked(b, 0, 1));
  CHECK(masked(a, 0, 1) != masked(a, 0, 2));
  const auto first = masked(a, 0, 1);
  CHECK(std::vector<Token>(first.begin(), first.begin() + 30) != masked(a, 2, 1));
}

TEST_CASE("token dropout: a probability that is none") {
  CHECK_THROWS_WITH(TokenDropout({.p = 1.5}), "token dropout: p is 1.5, expected a probability from 0 to 1");
  CHECK_THROWS_AS(TokenDropout({.p = std::nan("")}), option_error);
}

TEST_CASE("token dropout: copies, moves, assignments and swaps keep probability, id and name") {
  const auto batch = ones_of_lengths({50, 0, 9});
  const TokenDropout a({.p = 0.3, .id = 7, .name = "a"}), b({.p = 0.6, .id = 3, .name = "b"});
  check_rule_of_five(a, b, [&](TokenDropout& mask) {
    Tape<float> tape;
    auto ids = mask(tape, batch).ids;
    ids.push_back(mask.name == "a" ? 1 : 2);
    return ids;
  });
  // A copy has a batch of its own: what its origin returned stays.
  Tape<float> tape;
  TokenDropout first = a;
  const SequenceBatch& masked = first(tape, batch);
  const auto before = masked.ids;
  TokenDropout second = first;
  CHECK(&second(tape, batch) != &masked);
  CHECK(masked.ids == before);
}

TEST_CASE("token dropout: two masks of one step leave each other's batch alone") {
  const TokenDropout few({.p = 0.2, .id = 7}), many({.p = 0.7, .id = 8});
  const auto batch = ones_of_lengths({200, 50});
  Tape<float> tape;
  const SequenceBatch& a = few(tape, batch);
  const auto before = a.ids;
  const SequenceBatch& b = many(tape, batch);
  CHECK(&a != &b);
  CHECK(a.ids == before);
  CHECK(std::find(b.ids.begin(), b.ids.end(), 7) == b.ids.end());
}
