// Definitions of ngram.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/core/random.hpp>
#include <seqlstm/models/ngram.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE NgramModel::NgramModel(std::size_t order, std::size_t vocabulary)
    : order_(order), vocabulary_(vocabulary) {
  if (order == 0 || vocabulary == 0)
    throw option_error("n-grams: order " + std::to_string(order) + " and a vocabulary of " +
                       std::to_string(vocabulary) + ", expected at least 1 of each");
}

SEQLSTM_INLINE void NgramModel::count(std::span<const Token> text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    for (std::size_t n = 0; n < order_ && n <= i; ++n) {
      const std::uint64_t context = hash(text.subspan(i - n, n));
      auto& successors = contexts_[context];
      const bool fresh = counts_[step(context, text[i])]++ == 0;
      ++successors.total;
      successors.different += fresh ? 1 : 0;
    }
}

SEQLSTM_INLINE double NgramModel::bits(std::span<const Token> text) const {
  if (text.empty()) throw option_error("n-grams: the text is empty, expected at least one token");
  double sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t before = std::min(i, order_ - 1);
    sum -= std::log2(probability(text.subspan(i - before, before), text[i]));
  }
  return sum / static_cast<double>(text.size());
}

SEQLSTM_INLINE std::uint64_t NgramModel::step(std::uint64_t hash, Token token) {
  return detail::mix64(hash ^ (static_cast<std::uint64_t>(token) + 0x51ULL));
}

SEQLSTM_INLINE std::uint64_t NgramModel::hash(std::span<const Token> context) {
  std::uint64_t hash = context.size();
  for (const auto token : context) hash = step(hash, token);
  return hash;
}

SEQLSTM_INLINE double NgramModel::probability(std::span<const Token> context, Token token) const {
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

SEQLSTM_INLINE BestNgram best_ngram(std::span<const Token> train, std::span<const Token> valid,
                                    std::span<const Token> test, std::size_t vocabulary,
                                    std::size_t largest) {
  if (largest == 0) throw option_error("n-grams: the largest order is 0, expected at least 1");
  BestNgram best;
  for (std::size_t order = 1; order <= largest; ++order) {
    NgramModel model(order, vocabulary);
    model.count(train);
    const double bits = model.bits(valid);
    if (best.order == 0 || bits < best.valid_bits) best = {order, bits, model.bits(test)};
  }
  return best;
}

SEQLSTM_NAMESPACE_END
