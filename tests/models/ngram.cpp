// What counting letters says: probabilities by hand, and the order that is chosen.
#include <seqlstm/core/random.hpp>
#include <seqlstm/models/ngram.hpp>

#include "support/catch.hpp"

using seqlstm::NgramModel;
using seqlstm::Token;
using Text = std::vector<Token>;

namespace {

/// p(token | context): by how much a text's bits grow with its last token.
double probability(const NgramModel& model, Text context, Token token) {
  const auto bits = [&] { return model.bits(context) * static_cast<double>(context.size()); };
  const double before = context.empty() ? 0 : bits();
  context.push_back(token);
  return std::exp2(before - bits());
}

Text random_text(std::size_t length, std::size_t vocabulary, std::uint64_t seed) {
  seqlstm::RandomStream random(seed);
  Text text(length);
  for (Token& token : text) token = static_cast<Token>(random.below(vocabulary));
  return text;
}

}  // namespace

TEST_CASE("n-grams: Witten and Bell's probabilities, counted by hand") {
  NgramModel model(2, 3);
  model.count(Text{0, 1, 0, 0, 1});
  const auto near = [](double value) { return Approx(value).epsilon(1e-12); };
  // Alone: 3, 2 and 0 of 5, two different; a third of those two for each.
  CHECK(probability(model, {}, 0) == near((3 + 2 / 3.0) / 7));
  CHECK(probability(model, {}, 1) == near((2 + 2 / 3.0) / 7));
  CHECK(probability(model, {}, 2) == near((0 + 2 / 3.0) / 7));
  // Behind 0: 1, 2 and 0 of 3, two different. Behind 1: only 0, once. Behind 2: as alone.
  CHECK(probability(model, {0}, 0) == near((1 + 2 * 11 / 21.0) / 5));
  CHECK(probability(model, {0}, 1) == near((2 + 2 * 8 / 21.0) / 5));
  CHECK(probability(model, {0}, 2) == near((0 + 2 * 2 / 21.0) / 5));
  CHECK(probability(model, {1}, 0) == near((1 + 11 / 21.0) / 2));
  CHECK(probability(model, {1}, 1) == near((0 + 8 / 21.0) / 2));
  CHECK(probability(model, {2}, 0) == near(11 / 21.0));
  CHECK(probability(model, {1, 0}, 0) == near((1 + 2 * 11 / 21.0) / 5));  // one token back and no more
  CHECK(model.bits(Text{0, 1}) == near(-(std::log2(11 / 21.0) + std::log2((2 + 2 * 8 / 21.0) / 5)) / 2));
}

TEST_CASE("n-grams: the probabilities of all letters sum to 1, whatever came before") {
  constexpr std::size_t vocabulary = 4;
  for (const std::size_t order : {1, 2, 3, 6}) {
    NgramModel model(order, vocabulary + 1);  // one letter that is never seen
    model.count(random_text(60, vocabulary, order));
    for (std::size_t length = 0; length < 8; ++length)
      for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto context = random_text(length, vocabulary + 1, 100 + seed);
        double sum = 0;
        for (std::size_t token = 0; token <= vocabulary; ++token) {
          const double p = probability(model, context, static_cast<Token>(token));
          CHECK(p > 0);
          sum += p;
        }
        CHECK(sum == Approx(1).epsilon(1e-12));
      }
  }
}

TEST_CASE("n-grams: the validation text chooses the order, not the test text") {
  Text train, valid;
  for (std::size_t i = 0; i < 50; ++i) train.insert(train.end(), {0, 0, 1, 0, 2});
  valid.assign(train.begin(), train.begin() + 40);
  const auto test = random_text(40, 3, 1);
  const auto best = seqlstm::best_ngram(train, valid, test, 3, 4);
  std::size_t of_valid = 0, of_test = 0;
  double valid_bits = 100, test_bits = 100;
  for (const std::size_t order : {1, 2, 3, 4}) {
    NgramModel model(order, 3);
    model.count(train);
    if (model.bits(valid) < valid_bits) of_valid = order, valid_bits = model.bits(valid);
    if (model.bits(test) < test_bits) of_test = order, test_bits = model.bits(test);
    if (order == best.order) CHECK(best.test_bits == model.bits(test));
  }
  REQUIRE(of_valid != of_test);
  CHECK(best.order == of_valid);
  CHECK(best.valid_bits == valid_bits);
}

TEST_CASE("n-grams: what cannot be counted") {
  CHECK_THROWS_WITH(NgramModel(0, 4), "n-grams: order 0 and a vocabulary of 4, expected at least 1 of each");
  CHECK_THROWS_AS(NgramModel(2, 0), seqlstm::option_error);
  CHECK_THROWS_WITH(NgramModel(1, 2).bits({}), "n-grams: the text is empty, expected at least one token");
  const Text text = {0, 1, 1, 0};
  CHECK_THROWS_WITH(seqlstm::best_ngram(text, text, text, 2, 0),
                    "n-grams: the largest order is 0, expected at least 1");
  CHECK_THROWS_AS(seqlstm::best_ngram(text, text, text, 2, 0), seqlstm::option_error);
  CHECK(seqlstm::best_ngram(text, text, text, 2, 1).order == 1);
}
