// What tests of layers and models have in common: all their numbers, and the rule of five.
#pragma once

#include <concepts>
#include <seqlstm/nn/module.hpp>
#include <utility>
#include <vector>

#include "support/catch.hpp"

namespace testing {

/// All parameters and buffers as one vector.
template <class Module> std::vector<double> everything(Module& module) {
  std::vector<double> values;
  seqlstm::for_each_parameter(module, [&](const std::string&, const auto& p) {
    values.insert(values.end(), p.data(), p.data() + p.size());
  });
  seqlstm::for_each_buffer(module, [&](const std::string&, const auto& b) {
    for (const auto v : b.values()) values.push_back(static_cast<double>(v));
  });
  return values;
}

/// Copies, moves, assignments and swaps keep weights and results, and a copy shares nothing with what it was
/// made of. result(layer) returns numbers that depend on the layer; `a` and `b` are of one type and differ.
template <class Layer, class Result> void check_rule_of_five(Layer a, Layer b, Result&& result) {
  const auto state_of = [&](Layer& layer) { return std::pair(everything(layer), result(layer)); };
  const auto of_a = state_of(a), of_b = state_of(b);
  REQUIRE(of_a.second != of_b.second);
  const auto check = [&](const char* what, Layer& layer, const auto& expected) {
    INFO(what);
    CHECK(everything(layer) == expected.first);
    CHECK(result(layer) == expected.second);
  };
  Layer copy(a);
  check("copy", copy, of_a);
  copy = b;
  check("copy assignment", copy, of_b);
  const Layer& itself = copy;
  copy = itself;
  check("copy assignment to itself", copy, of_b);
  Layer moved(std::move(copy));
  check("move", moved, of_b);
  copy = a;
  check("copy assignment to what was moved from", copy, of_a);
  moved = std::move(copy);
  check("move assignment", moved, of_a);
  std::swap(a, b);
  check("swap, left", a, of_b);
  check("swap, right", b, of_a);
  if constexpr (std::default_initializable<Layer>) {
    Layer other;
    other = b;
    check("copy assignment to a default", other, of_a);
  }

  Layer changed(b);
  seqlstm::for_each_parameter(changed, [](const std::string&, auto& p) {
    auto values = p.edit();
    for (std::size_t i = 0; i < values.size(); ++i) values.data()[i] += 1;
  });
  if (seqlstm::parameter_count(changed) > 0) CHECK(result(changed) != of_a.second);
  check("another copy was changed", b, of_a);
}

}  // namespace testing
