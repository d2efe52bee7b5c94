// Alphabets: which letters a sequence may have, and their numbers.
#pragma once

#include <array>
#include <cstddef>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/packed.hpp>
#include <string>
#include <string_view>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// What to do with a letter that is not in the alphabet.
enum class Unknown {
  error,   ///< throw token_error (the default: nothing is dropped in silence)
  skip,    ///< leave the letter out; k-mers that hold it are left out
  random,  ///< a letter of the alphabet drawn at random, the same one for the same record and place
  map      ///< the alphabet's letter for "any" (N, X); an error where it has none
};

/// Short names, as in `unknown::skip`.
namespace unknown {
inline constexpr Unknown error = Unknown::error, skip = Unknown::skip, random = Unknown::random,
                         map = Unknown::map;
}  // namespace unknown

/// Letters in the order of their numbers. Lower case counts as upper case, and in DNA U counts as T.
class Alphabet {
 public:
  static constexpr Token none = -1;

  /// `first_id` is the number of the first letter; numbers below it belong to no letter (aa27 keeps 0 for
  /// padding).
  constexpr Alphabet(std::string_view name, std::string_view letters, char any = '\0',
                     bool nucleotides = false, Token first_id = 0)
      : name_(name), letters_(letters), any_(any), nucleotides_(nucleotides), first_id_(first_id), ids_{} {
    for (auto& id : ids_) id = none;
    for (std::size_t i = 0; i < letters.size(); ++i) set(letters[i], static_cast<Token>(i) + first_id);
    if (nucleotides) set('U', ids_[static_cast<unsigned char>('T')]);
  }

  [[nodiscard]] constexpr std::string_view name() const { return name_; }
  [[nodiscard]] constexpr std::string_view letters() const { return letters_; }
  /// Number of ids: letters, and ids below the first letter.
  [[nodiscard]] constexpr std::size_t size() const {
    return letters_.size() + static_cast<std::size_t>(first_id_);
  }
  /// The letter that stands for any other, or '\0'.
  [[nodiscard]] constexpr char any() const { return any_; }
  [[nodiscard]] constexpr bool nucleotides() const { return nucleotides_; }
  [[nodiscard]] constexpr Token first_id() const { return first_id_; }
  /// The letter's number, or `none`.
  [[nodiscard]] constexpr Token id(char letter) const { return ids_[static_cast<unsigned char>(letter)]; }
  /// The number's letter; '-' for a number that belongs to none.
  [[nodiscard]] constexpr char letter(Token id) const {
    return id >= first_id_ && static_cast<std::size_t>(id) < size()
               ? letters_[static_cast<std::size_t>(id - first_id_)]
               : '-';
  }

  /// One token a letter; throws token_error at a letter that is not in the alphabet.
  [[nodiscard]] std::vector<Token> encode(std::string_view sequence) const {
    std::vector<Token> tokens;
    tokens.reserve(sequence.size());
    for (std::size_t i = 0; i < sequence.size(); ++i) {
      if (id(sequence[i]) == none) throw unknown_letter("sequence", sequence[i], i);
      tokens.push_back(id(sequence[i]));
    }
    return tokens;
  }
  [[nodiscard]] std::string decode(std::span<const Token> tokens) const {
    std::string text;
    for (const Token token : tokens) text += letter(token);
    return text;
  }
  /// The error of a letter at `column` (from 0) of the sequence at `place`.
  [[nodiscard]] token_error unknown_letter(const std::string& place, char letter, std::size_t column) const {
    return token_error(place + ": letter '" + std::string(1, letter) + "' at column " +
                       std::to_string(column + 1) + " is not in alphabet " + std::string(name_) + " (" +
                       std::string(letters_) +
                       "); pass unknown::skip, unknown::random or unknown::map, or use another alphabet");
  }

 private:
  constexpr void set(char letter, Token id) {
    ids_[static_cast<unsigned char>(letter)] = id;
    if (letter >= 'A' && letter <= 'Z') ids_[static_cast<unsigned char>(letter - 'A' + 'a')] = id;
  }

  std::string_view name_, letters_;
  char any_;
  bool nucleotides_;
  Token first_id_;
  std::array<Token, 256> ids_;
};

inline constexpr Alphabet dna4("dna4", "ACGT", '\0', true);
inline constexpr Alphabet dna5("dna5", "ACGTN", 'N', true);
/// The IUPAC code of nucleotides (Cornish-Bowden, Nucleic Acids Res. 13, 1985).
inline constexpr Alphabet dna15("dna15", "ACGTRYSWKMBDHVN", 'N', true);
inline constexpr Alphabet aa20("aa20", "ACDEFGHIKLMNPQRSTVWY");
/// All 26 letters as 1 to 26; 0 is free for padding.
inline constexpr Alphabet aa27("aa27", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 'X', false, 1);

/// The alphabet of that name; option_error with the names there are.
inline const Alphabet& alphabet_by_name(std::string_view name) {
  for (const Alphabet* alphabet : {&dna4, &dna5, &dna15, &aa20, &aa27})
    if (alphabet->name() == name) return *alphabet;
  throw option_error("alphabet '" + std::string(name) +
                     "' is not known; expected dna4, dna5, dna15, aa20 or aa27");
}

/// The other strand, read from its 5' end; letters without a complement stay. Case is kept as upper case.
inline std::string reverse_complement(std::string_view dna) {
  constexpr std::string_view from = "ACGTURYSWKMBDHVN", to = "TGCAAYRSWMKVHDBN";
  std::string result;
  result.reserve(dna.size());
  for (std::size_t i = dna.size(); i-- > 0;) {
    const char upper = dna[i] >= 'a' && dna[i] <= 'z' ? static_cast<char>(dna[i] - 'a' + 'A') : dna[i];
    const std::size_t place = from.find(upper);
    result += place == std::string_view::npos ? upper : to[place];
  }
  return result;
}

SEQLSTM_NAMESPACE_END
