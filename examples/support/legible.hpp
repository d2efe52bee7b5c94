// What a tokenizer makes of records: letters that stand for none in particular (X, N, and what an alphabet
// lacks) are told of, records without a token refused.
#pragma once

#include <initializer_list>
#include <ostream>
#include <seqlstm/data/tokenizer.hpp>
#include <vector>

namespace examples {

/// Says how many letters of the records have no id of their own and what becomes of them. Throws option_error
/// where most are left out: such sequences are of another kind than the tokenizer reads.
inline void tell_odd_letters(std::ostream& out, const seqlstm::Tokenizer& tokenizer,
                             std::initializer_list<const std::vector<seqlstm::Record>*> parts) {
  const auto& alphabet = tokenizer.alphabet();
  std::string own;
  for (const char letter : alphabet.letters())
    if (letter != alphabet.any()) own += letter;
  const auto any = alphabet.any() == '\0' ? seqlstm::Alphabet::none : alphabet.id(alphabet.any());
  std::size_t odd = 0, letters = 0;
  for (const auto* records : parts)
    for (const auto& record : *records) {
      letters += record.sequence.size();
      for (const char letter : record.sequence) {
        const auto id = alphabet.id(letter);
        odd += id == seqlstm::Alphabet::none || id == any ? 1 : 0;
      }
    }
  if (odd == 0) return;
  const bool skipped = tokenizer.options().unknown == seqlstm::unknown::skip;
  if (skipped && 2 * odd > letters)
    throw seqlstm::option_error(std::to_string(100 * odd / letters) + " % of the letters are none of " + own +
                                ", which the encoder reads; give it sequences of the kind it was trained on");
  out << "note: " << odd << " letters other than " << own
      << (skipped ? " are left out" : std::string(" are read as ") + alphabet.any()) << '\n';
}

/// The error of a record of which no token is left.
inline seqlstm::option_error no_token(const seqlstm::Record& record, const seqlstm::Tokenizer& tokenizer) {
  return seqlstm::option_error(record.prefix() + "record '" + record.id + "' has " +
                               std::to_string(record.sequence.size()) + " letters and not one token of " +
                               std::to_string(tokenizer.options().k) + " known ones; leave it out");
}

}  // namespace examples
