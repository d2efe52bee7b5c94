// Letters a tokenizer does not know (X, N, and what its alphabet lacks) are told of; records of which it
// knows nothing are refused.
#pragma once

#include <initializer_list>
#include <ostream>
#include <seqlstm/data/tokenizer.hpp>
#include <string>
#include <vector>

namespace examples {

/// Says how many letters of records that were encoded are unknown and what became of them. Throws
/// option_error where most were left out: such sequences are of another kind than the tokenizer reads.
inline void tell_unknown_letters(std::ostream& out, const seqlstm::Tokenizer& tokenizer,
                                 std::initializer_list<const std::vector<seqlstm::Record>*> parts) {
  const auto& alphabet = tokenizer.alphabet();
  std::string known;
  for (const char letter : alphabet.letters())
    if (alphabet.knows(letter)) known += letter;
  std::size_t unknown = 0, letters = 0;
  for (const auto* records : parts)
    for (const auto& record : *records) {
      letters += record.sequence.size();
      for (const char letter : record.sequence) unknown += alphabet.knows(letter) ? 0 : 1;
    }
  if (unknown == 0) return;
  const bool skipped = tokenizer.options().unknown == seqlstm::unknown::skip;
  if (skipped && 2 * unknown > letters)
    throw seqlstm::option_error(std::to_string(100 * unknown / letters) + " % of the letters are none of " +
                                known +
                                ", which the encoder reads; give it sequences of the kind it was trained on");
  out << "note: " << unknown << " letters other than " << known
      << (skipped ? " are left out" : std::string(" are read as ") + alphabet.any()) << '\n';
}

/// The error of a record of which no token is left.
inline seqlstm::option_error no_token(const seqlstm::Record& record, const seqlstm::Tokenizer& tokenizer) {
  return seqlstm::option_error(record.prefix() + "record '" + record.id + "' has " +
                               std::to_string(record.sequence.size()) + " letters and not one token of " +
                               std::to_string(tokenizer.options().k) + " known ones; leave it out");
}

}  // namespace examples
