// What a language model of sequences is worth, per letter: bits a base beside those of someone who guesses.
#pragma once

#include <algorithm>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <seqlstm/data/tokenizer.hpp>
#include <seqlstm/train/language_model.hpp>

namespace examples {

/// Letters that a token adds to those before it.
inline std::size_t fresh_letters(const seqlstm::Tokenizer& tokenizer) {
  return std::min(tokenizer.options().stride, tokenizer.options().k);
}

/// Bits per letter of someone who knows the letters that tokens share and draws the others: log2 of the four
/// bases, or of the letters the alphabet knows.
inline double informed_random(const seqlstm::Tokenizer& tokenizer) {
  const auto& alphabet = tokenizer.alphabet();
  const auto known = [&](char letter) { return alphabet.knows(letter); };
  const auto letters = std::count_if(alphabet.letters().begin(), alphabet.letters().end(), known);
  return std::log2(alphabet.options().nucleotides ? 4.0 : static_cast<double>(letters));
}

inline nlohmann::json score_json(const seqlstm::LanguageScore& score, const seqlstm::Tokenizer& tokenizer) {
  return {{"loss", score.loss},
          {"bits_per_base", score.bits_per_letter(fresh_letters(tokenizer))},
          {"baseline_bits_per_base", informed_random(tokenizer)},
          {"perplexity", score.perplexity()},
          {"accuracy", score.accuracy},
          {"tokens", score.tokens}};
}
inline void print_score(const seqlstm::LanguageScore& score, const seqlstm::Tokenizer& tokenizer) {
  std::cout << "valid loss " << score.loss << ", " << score.bits_per_letter(fresh_letters(tokenizer))
            << " bits a base (informed random: " << informed_random(tokenizer) << "), perplexity "
            << score.perplexity() << ", accuracy " << score.accuracy;
}

}  // namespace examples
