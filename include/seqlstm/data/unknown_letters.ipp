// Definitions of unknown_letters.hpp.
#pragma once

#include <seqlstm/data/unknown_letters.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE UnknownLetters::UnknownLetters(const Tokenizer& tokenizer) : tokenizer_(&tokenizer) {
  for (const char letter : tokenizer.alphabet().letters())
    if (tokenizer.alphabet().knows(letter)) known_ += letter;
}

SEQLSTM_INLINE void UnknownLetters::count(std::span<const Record> records) {
  const auto& alphabet = tokenizer_->alphabet();
  for (const auto& record : records) {
    letters_ += record.sequence.size();
    for (const char letter : record.sequence) unknown_ += alphabet.knows(letter) ? 0 : 1;
  }
}

SEQLSTM_INLINE void UnknownLetters::check() const {
  if (skipped() && 2 * unknown_ > letters_)
    throw option_error(std::to_string(100 * unknown_ / letters_) + " % of the letters are none of " + known_ +
                       ", which the model reads; give it sequences of the kind it was trained on");
}

SEQLSTM_INLINE std::string UnknownLetters::note() const {
  if (unknown_ == 0) return {};
  const Unknown treated = tokenizer_->options().unknown;
  const std::string what = treated == Unknown::skip ? " are left out"
                           : treated == Unknown::random
                               ? " are read as letters drawn at random"
                               : std::string(" are read as ") + tokenizer_->alphabet().any();
  return std::to_string(unknown_) + " letters other than " + known_ + what;
}

SEQLSTM_NAMESPACE_END
