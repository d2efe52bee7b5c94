#include <seqlstm/infer/generate.hpp>

#include "support/layers.hpp"
#include "support/tiny_language.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Always the same logits.
struct Fixed {
  std::vector<float> logits;
  [[nodiscard]] int initial_state(std::size_t) const { return 0; }
  Var<float> step(Tape<float>& tape, std::span<const Token>, int&) {
    return tape.leaf({logits.data(), 1, logits.size()});
  }
};

std::vector<double> shares(Fixed model, const GenerateOptions& options) {
  const std::vector<Token> prompt = {0};
  std::vector<double> found(model.logits.size());
  constexpr std::size_t count = 20000;
  for (const Token token : generate(model, prompt, count, options))
    found[static_cast<std::size_t>(token)] += 1.0 / count;
  return found;
}

}  // namespace

TEST_CASE("generate: tokens come as often as softmax says, sharper when cooler, from the top k alone") {
  const Fixed model{{std::log(0.1F), std::log(0.6F), std::log(0.3F)}};
  const auto plain = shares(model, {});
  CHECK(std::abs(plain[0] - 0.1) < 0.01);
  CHECK(std::abs(plain[1] - 0.6) < 0.01);
  const auto cool = shares(model, {.temperature = 0.5});
  CHECK(std::abs(cool[1] - 0.36 / 0.46) < 0.01);
  const auto two = shares(model, {.top_k = 2});
  CHECK(two[0] == 0);
  CHECK(std::abs(two[1] - 2.0 / 3) < 0.01);
  CHECK(shares(model, {.temperature = 0})[1] == Approx(1));
  CHECK(shares(model, {.top_k = 1})[1] == Approx(1));
  CHECK(shares(model, {.top_k = 9}) == plain);
  const auto tied = shares({{0, 1, 0, 1, 1, 0}}, {.top_k = 2});  // the first of equal ones, no more than k
  CHECK(tied[1] + tied[3] == Approx(1));
  CHECK(std::abs(tied[1] - 0.5) < 0.02);
}

TEST_CASE("generate: only tokens that may follow are drawn, as often as they would be without the others") {
  Fixed model{{std::log(0.1F), std::log(0.6F), std::log(0.3F)}};
  const auto other = [](Token before, Token next) { return next != before; };
  Token before = 0;
  for (const Token token : generate(model, std::vector<Token>{0}, 100, {.may_follow = other})) {
    CHECK(token != before);
    before = token;
  }
  const auto no_first = shares(model, {.may_follow = [](Token, Token next) { return next != 0; }});
  CHECK(no_first[0] == 0);
  CHECK(std::abs(no_first[1] - 2.0 / 3) < 0.01);
  CHECK_THROWS_AS(shares(model, {.may_follow = [](Token, Token) { return false; }}), numeric_error);
}

TEST_CASE("generate: the same seed gives the same text, and the prompt counts") {
  auto model = tiny_language_model();
  for_each_parameter(model, [](const std::string&, auto& p) {  // an opinion about what comes next
    auto w = p.edit();
    for (std::size_t i = 0; i < w.size(); ++i) w.data()[i] *= 8;
  });
  const std::vector<Token> prompt = {1, 2, 3}, other = {5};
  const auto text = [&](std::span<const Token> begin, std::uint64_t seed) {
    return generate(model, begin, 40, {.seed = seed});
  };
  const auto first = text(prompt, 1);
  CHECK(first.size() == 40);
  CHECK(text(prompt, 1) == first);
  CHECK(text(prompt, 2) != first);
  CHECK(text(other, 1) != first);
  std::vector<Token> seen;
  generate(model, std::span<const Token>(prompt), 40, GenerateOptions{.seed = 1}, [&](Token token) {
    seen.push_back(token);
    return seen.size() < 7;
  });
  CHECK(seen == std::vector<Token>(first.begin(), first.begin() + 7));
}

TEST_CASE("generate: mistakes are named") {
  Fixed model{{0, 1}};
  const std::vector<Token> prompt = {0};
  CHECK_THROWS_WITH(generate(model, prompt, 1, {.temperature = -1}),
                    "generate: temperature is -1, expected a finite number of at least 0");
  CHECK_THROWS_WITH(generate(model, {}, 1), ContainsSubstring("the prompt is empty"));
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Fixed diverged{{0, bad}}, first{{bad, 0}};
    CHECK_THROWS_AS(generate(diverged, prompt, 1), numeric_error);
    CHECK_THROWS_AS(generate(first, prompt, 1, {.temperature = 0}), numeric_error);
  }
}
