// What counting can do: the n-gram model that a character language model is held against.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/core/random.hpp>
#include <span>
#include <unordered_map>
#include <vector>

namespace examples {

/// Interpolated n-grams with Witten and Bell's discounting (1991, method C; Chen and Goodman 1999,
/// section 2.5): p(w | h) = (c(h w) + N(h) p(w | h without its first token)) / (c(h) + N(h)), N(h) different
/// successors of h; below the unigrams all tokens are equally likely. Contexts are kept as 64-bit hashes.
class NgramModel {
 public:
  NgramModel(std::size_t order, std::size_t vocabulary) : order_(order), vocabulary_(vocabulary) {}

  void count(std::span<const seqlstm::Token> text) {
    for (std::size_t i = 0; i < text.size(); ++i)
      for (std::size_t n = 0; n < order_ && n <= i; ++n) {
        const std::uint64_t context = hash(text.subspan(i - n, n));
        auto& successors = contexts_[context];
        const bool fresh = counts_[step(context, text[i])]++ == 0;
        ++successors.total;
        successors.different += fresh ? 1 : 0;
      }
  }
  /// Mean bits per token of a text; its first tokens have shorter contexts.
  [[nodiscard]] double bits(std::span<const seqlstm::Token> text) const {
    double sum = 0;
    for (std::size_t i = 0; i < text.size(); ++i)
      sum -=
          std::log2(probability(text.subspan(i - std::min(i, order_ - 1), std::min(i, order_ - 1)), text[i]));
    return sum / static_cast<double>(text.size());
  }

 private:
  struct Successors {
    std::uint32_t total = 0, different = 0;
  };
  static std::uint64_t step(std::uint64_t hash, seqlstm::Token token) {
    return seqlstm::detail::mix64(hash ^ (static_cast<std::uint64_t>(token) + 0x51ULL));
  }
  static std::uint64_t hash(std::span<const seqlstm::Token> context) {
    std::uint64_t hash = context.size();
    for (const auto token : context) hash = step(hash, token);
    return hash;
  }
  [[nodiscard]] double probability(std::span<const seqlstm::Token> context, seqlstm::Token token) const {
    double p = 1 / static_cast<double>(vocabulary_);
    for (std::size_t n = 0; n <= context.size(); ++n) {
      const std::uint64_t place = hash(context.last(n));
      const auto found = contexts_.find(place);
      if (found == contexts_.end()) break;
      const auto count = counts_.find(step(place, token));
      const double total = found->second.total, different = found->second.different;
      p = ((count == counts_.end() ? 0.0 : count->second) + different * p) / (total + different);
    }
    return p;
  }

  std::size_t order_, vocabulary_;
  std::unordered_map<std::uint64_t, Successors> contexts_;
  std::unordered_map<std::uint64_t, std::uint32_t> counts_;
};

/// The order from 1 to `largest` that says the validation text best, and its bits per token of the test text.
struct BestNgram {
  std::size_t order = 0;
  double valid_bits = 0, test_bits = 0;
};
inline BestNgram best_ngram(std::span<const seqlstm::Token> train, std::span<const seqlstm::Token> valid,
                            std::span<const seqlstm::Token> test, std::size_t vocabulary,
                            std::size_t largest = 6) {
  BestNgram best;
  for (std::size_t order = 1; order <= largest; ++order) {
    NgramModel model(order, vocabulary);
    model.count(train);
    const double bits = model.bits(valid);
    if (best.order == 0 || bits < best.valid_bits) best = {order, bits, model.bits(test)};
  }
  return best;
}

}  // namespace examples
