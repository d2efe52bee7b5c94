#include <seqlstm/nn/token_mask.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Sequences of the given lengths, all tokens 1, with the given record numbers.
TokenBatch ones(const std::vector<std::size_t>& lengths, const std::vector<std::uint64_t>& records) {
  std::vector<std::vector<Token>> sequences;
  for (const std::size_t n : lengths) sequences.emplace_back(n, Token(1));
  const std::vector<std::span<const Token>> views(sequences.begin(), sequences.end());
  TokenBatch batch;
  batch.assign(views, records);
  return batch;
}

/// Sequence i of a packed batch.
std::vector<Token> sequence(const TokenBatch& batch, std::size_t i) {
  const std::size_t r = batch.layout.rank(i);
  std::vector<Token> tokens;
  for (std::size_t t = 0; t < batch.layout.length(r); ++t)
    tokens.push_back(batch.ids[batch.layout.offset(t) + r]);
  return tokens;
}

}  // namespace

TEST_CASE("token mask: hides its share of the tokens, in training only") {
  TokenMask mask({.p = 0.2, .id = 7});
  const auto batch = ones({1000, 0, 4001, 1}, {});
  Tape<float> tape, inference(Mode::inference);
  const auto hidden = [&](const TokenBatch& b) { return std::count(b.ids.begin(), b.ids.end(), 7); };
  const auto share = static_cast<double>(hidden(mask(tape, batch))) / 5002;
  CHECK(share > 0.18);
  CHECK(share < 0.22);
  CHECK(&mask(inference, batch) == &batch);
  mask.training = false;
  CHECK(&mask(tape, batch) == &batch);
  TokenMask all({.p = 1, .id = 7}), none({.p = 0, .id = 7});
  CHECK(hidden(all(tape, batch)) == 5002);
  CHECK(&none(tape, batch) == &batch);
}

TEST_CASE("token mask: a record's mask follows seed, step and record, not its batch") {
  TokenMask mask({.p = 0.5, .id = 7});
  const auto a = ones({50, 9, 30}, {4, 5, 6}), b = ones({30, 50}, {6, 4});
  const auto masked = [&](const TokenBatch& batch, std::size_t i, std::uint32_t step) {
    Tape<float> tape;
    tape.set_seed(3);
    tape.reset(step);
    return sequence(mask(tape, batch), i);
  };
  CHECK(masked(a, 0, 1) == masked(b, 1, 1));
  CHECK(masked(a, 2, 1) == masked(b, 0, 1));
  CHECK(masked(a, 0, 1) != masked(a, 0, 2));
  const auto first = masked(a, 0, 1);
  CHECK(std::vector<Token>(first.begin(), first.begin() + 30) != masked(a, 2, 1));
}

TEST_CASE("token mask: a probability that is none") {
  CHECK_THROWS_WITH(TokenMask({.p = 1.5}), "token mask: p is 1.5, expected a probability from 0 to 1");
  CHECK_THROWS_AS(TokenMask({.p = std::nan("")}), option_error);
}
