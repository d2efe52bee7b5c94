// Definitions of language_model.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/core/text.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/token_loss.hpp>
#include <seqlstm/train/finite.hpp>
#include <seqlstm/train/language_model.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T> std::size_t right_guesses(ConstMatrixView<T> logits, std::span<const Token> next) {
  std::size_t right = 0;
  for (std::size_t r = 0; r < logits.rows(); ++r) {
    const auto row = logits.row(r);
    right += std::max_element(row.begin(), row.end()) - row.begin() == next[r] ? 1 : 0;
  }
  return right;
}

}  // namespace detail

SEQLSTM_INLINE double informed_random_bits(const Tokenizer& tokenizer) {
  const auto& alphabet = tokenizer.alphabet();
  const auto letters = std::count_if(alphabet.letters().begin(), alphabet.letters().end(),
                                     [&](char letter) { return alphabet.knows(letter); });
  return std::log2(alphabet.options().nucleotides ? 4.0 : static_cast<double>(letters));
}

SEQLSTM_INLINE std::string score_text(const LanguageScore& score, const Tokenizer& tokenizer) {
  using detail::number_text;
  return "loss " + number_text(score.loss) + ", " +
         number_text(score.bits_per_letter(tokenizer.new_letters())) +
         " bits a base (informed random: " + number_text(informed_random_bits(tokenizer)) + "), perplexity " +
         number_text(score.perplexity()) + ", accuracy " + number_text(score.accuracy);
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) \
  template std::size_t detail::right_guesses(ConstMatrixView<T> logits, std::span<const Token> next);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
