#include <seqlstm/optim/rule.hpp>

#include "trajectory.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Calls check(rule) for every rule, with options that make every term count.
template <class Check> void for_every_rule(Check&& check) {
  check(Sgd{.momentum = 0.9, .weight_decay = 0.1});
  check(Sgd{.momentum = 0.9, .nesterov = true, .weight_decay = 0.1});
  check(Adam{.weight_decay = 0.1});
  check(Adam{.weight_decay = 0.1, .decoupled = true});
  check(RmsProp{.weight_decay = 0.1});
}

/// Weights and what a rule keeps of them.
template <class T> struct Weights {
  std::vector<T> values = random_values<T>(71, 1), first = std::vector<T>(71), second = std::vector<T>(71);

  /// Three updates of the elements [begin, end), with gradients that belong to the element.
  template <class Rule> void update(const Rule& rule, std::size_t begin, std::size_t end) {
    for (std::uint64_t step = 1; step <= 3; ++step) {
      const auto gradients = random_values<T>(values.size(), 10 + step);
      rule.update(UpdateStep{rule.lr, {}, step}, end - begin, values.data() + begin, gradients.data() + begin,
                  first.data() + begin, Rule::arrays == 2 ? second.data() + begin : nullptr);
    }
  }
};

template <class Rule, class T> void check_parts(const Rule& rule, T) {
  Weights<T> whole, parts;
  whole.update(rule, 0, 71);
  for (const auto& [begin, end] : {std::pair{33U, 71U}, std::pair{0U, 1U}, std::pair{1U, 33U}})
    parts.update(rule, begin, end);
  CHECK(whole.values != Weights<T>().values);
  CHECK(same_bits(parts.values, whole.values));
  CHECK(same_bits(parts.first, whole.first));
  CHECK(same_bits(parts.second, whole.second));
}

}  // namespace

TEST_CASE("rule: an array may be updated in any parts, with the same bits") {
  for_every_rule([](const auto& rule) {
    check_parts(rule, float{});
    check_parts(rule, double{});
  });
}

TEST_CASE("rule: the optimizer keeps as many arrays as a rule says") {
  for_every_rule([](const auto& rule) {
    OneVector<float> model({1.0F, 2.0F, 3.0F});
    Optimizer<float> optimizer(rule);
    optimizer.step(model);
    REQUIRE(optimizer.state.size() == 1);
    const detail::OptimizerSlot<float>& slot = optimizer.state[0];
    CHECK(slot.first.size() == 3);
    CHECK(slot.second.size() == (rule.arrays == 2 ? 3U : 0U));
    CHECK(slot.updates == 1);
    CHECK(slot.name == "weights");
  });
}

TEST_CASE("rule: plain data whose own options are in range") {
  for_every_rule([]<class Rule>(const Rule&) {
    CHECK(std::is_trivially_copyable_v<Rule>);
    CHECK_NOTHROW(Rule{}.check());
    Rule negative;
    negative.lr = -1;
    CHECK_THROWS_AS(negative.check(), option_error);
  });
}

TEST_CASE("rule: no weights, no update") {
  for_every_rule([](const auto& rule) {
    Weights<float> weights;
    weights.update(rule, 5, 5);
    CHECK(weights.values == Weights<float>().values);
    CHECK(weights.first == std::vector<float>(71));
  });
}
