// Trains a small model of every kind of layer and prints the bits of its weights. Built with and without
// contraction of a*b + c by the compiler; the bits may not differ.
#include <seqlstm/lstm.hpp>

#include <iostream>

#include "support/tiny.hpp"

int main() {
  const auto data = testing::tiny_data(80, 1), valid = testing::tiny_data(30, 2);
  for (const auto& optimizer : {seqlstm::adamw(), seqlstm::sgd({.momentum = 0.9}), seqlstm::rmsprop()}) {
    auto model = testing::tiny_model();
    seqlstm::fit(
        model, data, valid,
        {.optimizer = optimizer, .schedule = seqlstm::one_cycle(0.02), .epochs = 2, .clip_norm = 0.5});
    std::uint64_t hash = 14695981039346656037U;  // FNV-1a
    for (const double value : testing::everything(model))
      hash = (hash ^ std::bit_cast<std::uint64_t>(value)) * 1099511628211U;
    std::cout << std::hex << hash << ' '
              << std::bit_cast<std::uint64_t>(seqlstm::evaluate(model, valid)["loss"]) << '\n';
  }
}
