// Definitions of alphabet.hpp.
#pragma once

#include <seqlstm/data/alphabet.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::vector<Token> Alphabet::encode(std::string_view sequence) const {
  std::vector<Token> tokens;
  tokens.reserve(sequence.size());
  for (std::size_t i = 0; i < sequence.size(); ++i) {
    if (id(sequence[i]) == none)
      throw unknown_letter("", sequence[i], "position " + std::to_string(i + 1) + " of the sequence");
    tokens.push_back(id(sequence[i]));
  }
  return tokens;
}

SEQLSTM_INLINE std::string Alphabet::decode(std::span<const Token> tokens) const {
  std::string text;
  text.reserve(tokens.size());
  for (const Token token : tokens) text += letter(token);
  return text;
}

SEQLSTM_INLINE token_error Alphabet::unknown_letter(const std::string& prefix, char letter,
                                                    const std::string& position) const {
  std::string shown;
  for (const char c : letters()) shown += printable(c) ? c : '?';
  return token_error(prefix + "letter " + quoted(letter) + " at " + position + " is not in alphabet " +
                     std::string(name()) + " (" + shown + "); pass " +
                     (any() == '\0' ? "" : "unknown::map, ") +
                     "unknown::skip, unknown::random or unknown::error");
}

SEQLSTM_INLINE std::string Alphabet::quoted(char letter) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  if (printable(letter)) return std::string("'") + letter + "'";
  const auto byte = static_cast<unsigned char>(letter);
  return std::string("0x") + digits[byte / 16U] + digits[byte % 16U];
}

SEQLSTM_INLINE const Alphabet& alphabet_by_name(std::string_view name) {
  for (const Alphabet* alphabet : {&dna4, &dna5, &dna15, &aa20, &aa21, &aa27})
    if (alphabet->name() == name) return *alphabet;
  throw option_error("alphabet '" + std::string(name) +
                     "' is not known; expected dna4, dna5, dna15, aa20, aa21 or aa27");
}

SEQLSTM_INLINE std::string reverse_complement(std::string_view dna) {
  std::string result(dna.rbegin(), dna.rend());
  for (char& letter : result) letter = complement(letter);
  return result;
}

SEQLSTM_INLINE std::string reverse_complement(std::string_view sequence, const Alphabet& alphabet) {
  if (!alphabet.options().nucleotides)
    throw option_error("reverse_complement: alphabet " + std::string(alphabet.name()) +
                       " has no complement; use a DNA alphabet");
  std::string result(sequence.rbegin(), sequence.rend());
  for (char& letter : result) letter = alphabet.complement(letter);
  return result;
}

SEQLSTM_NAMESPACE_END
