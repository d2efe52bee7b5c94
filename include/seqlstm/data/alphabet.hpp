// Alphabets: which letters a sequence may have, and their numbers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/packed.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// What to do with a letter that is not in the alphabet.
enum class Unknown {
  error,   ///< throw token_error (the default: nothing is dropped in silence)
  skip,    ///< leave the letter out; k-mers that hold it are left out
  random,  ///< a letter of the alphabet drawn at random, always the same one for the same sequence
  map      ///< the alphabet's letter for "any" (N, X); option_error where it has none
};

/// Short names, as in `unknown::skip`.
namespace unknown {
inline constexpr Unknown error = Unknown::error,  ///< Unknown::error
    skip = Unknown::skip,                         ///< Unknown::skip
    random = Unknown::random,                     ///< Unknown::random
    map = Unknown::map;                           ///< Unknown::map
}  // namespace unknown

namespace detail {
inline constexpr std::string_view nucleotide_letters = "ACGTRYSWKMBDHVN",
                                  nucleotide_complements = "TGCAYRSWMKVHDBN";
}  // namespace detail

/// The letter's partner on the other strand, in the case it came in; U pairs with A, and what is no
/// nucleotide stays as it is.
constexpr char complement(char nucleotide) {
  const bool lower = nucleotide >= 'a' && nucleotide <= 'z';
  char upper = lower ? static_cast<char>(nucleotide - 'a' + 'A') : nucleotide;
  if (upper == 'U') upper = 'T';
  const std::size_t place = detail::nucleotide_letters.find(upper);
  if (place == std::string_view::npos) return nucleotide;
  const char partner = detail::nucleotide_complements[place];
  return lower ? static_cast<char>(partner - 'A' + 'a') : partner;
}

/// How an Alphabet reads letters that it does not list, and where its ids begin.
struct AlphabetOptions {
  char any = '\0';           ///< the letter that stands for any other
  bool nucleotides = false;  ///< U is read as T (T as U where letters have U), and letters have complements
  bool padding = false;      ///< id 0 is padding, letters begin at 1
  bool fold_case = true;     ///< lower case is read as upper case
  friend constexpr bool operator==(const AlphabetOptions&, const AlphabetOptions&) = default;
};

/// Letters in the order of their numbers. A value: it owns its letters, allocates nothing and can be
/// constexpr. An alphabet of one's own: `Alphabet text("text", letters, {.fold_case = false})`.
class Alphabet {
 public:
  static constexpr Token none = -1;  ///< what id() gives for a letter that is not in the alphabet
  static constexpr std::size_t longest_name = 16;  ///< characters of a name

  /// Throws option_error for no letters, a letter twice, a name longer than 16 characters, or nucleotides of
  /// which one lacks its partner on the other strand.
  constexpr Alphabet(std::string_view name, std::string_view letters, AlphabetOptions options = {})
      : options_(options) {
    if (name.size() > longest_name || letters.empty() || letters.size() > letters_.size())
      throw option_error("alphabet '" + std::string(name) +
                         "': expected a name of at most 16 characters and " + "1 to 256 letters, got " +
                         std::to_string(letters.size()) + " letters");
    for (std::size_t i = 0; i < name.size(); ++i) name_[i] = name[i];
    name_size_ = name.size();
    for (auto& id : ids_) id = none;
    for (const char letter : letters) {
      const char folded = fold(letter);
      if (id(folded) != none)
        throw option_error("alphabet '" + std::string(name) + "': letter " + quoted(letter) +
                           " stands twice in its letters; remove one");
      set(folded, first_id() + static_cast<Token>(count_));
      letters_[count_++] = folded;
    }
    if (options_.any != '\0' && id(options_.any) == none)
      throw option_error("alphabet '" + std::string(name) + "': the letter for any other, " +
                         quoted(options_.any) + ", is not one of its letters");
    if (options_.nucleotides) pair_strands();
  }

  /// The name that files keep and messages show, such as "dna4".
  [[nodiscard]] constexpr std::string_view name() const { return {name_.data(), name_size_}; }
  /// All letters in the order of their ids, in upper case where case is folded; without padding.
  [[nodiscard]] constexpr std::string_view letters() const { return {letters_.data(), count_}; }
  /// The options it was made with.
  [[nodiscard]] constexpr const AlphabetOptions& options() const { return options_; }
  /// Number of ids: the letters, and padding where the alphabet has it.
  [[nodiscard]] constexpr std::size_t size() const { return count_ + (options_.padding ? 1 : 0); }
  /// The first letter's id: 0, or 1 behind padding.
  [[nodiscard]] constexpr Token first_id() const { return options_.padding ? 1 : 0; }
  /// The letter that stands for any other, or '\0'.
  [[nodiscard]] constexpr char any() const { return options_.any; }
  /// The letter's id, or `none`.
  [[nodiscard]] constexpr Token id(char letter) const { return ids_[static_cast<unsigned char>(letter)]; }
  /// Is it one of the letters, and not the one that stands for any other?
  [[nodiscard]] constexpr bool knows(char letter) const {
    return id(letter) != none && (any() == '\0' || id(letter) != id(any()));
  }
  /// The id's letter; '-' for padding and for an id that belongs to no letter.
  [[nodiscard]] constexpr char letter(Token id) const {
    const bool known = id >= first_id() && static_cast<std::size_t>(id) < size();
    return known ? letters_[static_cast<std::size_t>(id - first_id())] : '-';
  }

  /// The letter's partner on the other strand: that of seqlstm::complement, but U for T in an alphabet of RNA
  /// ("ACGU").
  [[nodiscard]] constexpr char complement(char nucleotide) const {
    const char partner = seqlstm::complement(nucleotide);
    if (partner != 'T' && partner != 't') return partner;
    const char own = letter(id(partner));  // U where T is read as U
    const bool rna = own == 'U' || own == 'u';
    return !rna ? partner : partner == 'T' ? 'U' : 'u';
  }

  /// One token a letter; token_error at a letter that is not in the alphabet. Tokenizer has other policies.
  [[nodiscard]] std::vector<Token> encode(std::string_view sequence) const;
  /// One letter a token, as letter() gives it: '-' for padding and ids that belong to no letter.
  [[nodiscard]] std::string decode(std::span<const Token> tokens) const;
  /// The error of a letter: `prefix` ("promoter.fa:17: ") says which record, `position` where in it.
  [[nodiscard]] token_error unknown_letter(const std::string& prefix, char letter,
                                           const std::string& position) const;

  friend constexpr bool operator==(const Alphabet&, const Alphabet&) = default;

 private:
  static constexpr bool printable(char letter) { return letter >= ' ' && letter <= '~'; }
  static std::string quoted(char letter);
  [[nodiscard]] constexpr char fold(char letter) const {
    const bool lower = letter >= 'a' && letter <= 'z';
    return options_.fold_case && lower ? static_cast<char>(letter - 'a' + 'A') : letter;
  }
  /// T and U are one letter; every letter needs its partner, or the other strand could not be written.
  constexpr void pair_strands() {
    for (const auto& [t, u] : {std::pair{'T', 'U'}, {'t', 'u'}}) {
      bool has_t = false, has_u = false;
      for (std::size_t i = 0; i < count_; ++i) {
        has_t = has_t || letters_[i] == t;
        has_u = has_u || letters_[i] == u;
      }
      if (has_t && has_u)
        throw option_error("alphabet '" + std::string(name()) + "': both " + quoted(t) + " and " + quoted(u) +
                           " pair with A on the other strand; leave one out");
      if (id(u) == none) set(u, id(t));
      if (id(t) == none) set(t, id(u));
    }
    for (std::size_t i = 0; i < count_; ++i) {
      const char letter = letters_[i], partner = seqlstm::complement(letter);
      if (id(partner) == none)
        throw option_error("alphabet '" + std::string(name()) + "': letter " + quoted(letter) +
                           " lacks its partner on the other strand, " + quoted(partner) +
                           "; add it, or leave nucleotides out of the options");
    }
  }
  constexpr void set(char letter, Token id) {
    ids_[static_cast<unsigned char>(letter)] = static_cast<std::int16_t>(id);
    if (options_.fold_case && letter >= 'A' && letter <= 'Z')
      ids_[static_cast<unsigned char>(letter - 'A' + 'a')] = static_cast<std::int16_t>(id);
  }

  AlphabetOptions options_;
  std::size_t name_size_ = 0, count_ = 0;
  std::array<char, longest_name> name_{};
  std::array<char, 256> letters_{};
  std::array<std::int16_t, 256> ids_{};
};

/// The four bases of DNA, A, C, G and T as 0 to 3; U is read as T.
inline constexpr Alphabet dna4("dna4", "ACGT", {.nucleotides = true});
/// The four bases and N, the letter for any of them.
inline constexpr Alphabet dna5("dna5", "ACGTN", {.any = 'N', .nucleotides = true});
/// The IUPAC code of nucleotides (Cornish-Bowden, Nucleic Acids Res. 13, 1985).
inline constexpr Alphabet dna15("dna15", "ACGTRYSWKMBDHVN", {.any = 'N', .nucleotides = true});
/// The 20 standard amino acids, as 0 to 19 in the order of their letters.
inline constexpr Alphabet aa20("aa20", "ACDEFGHIKLMNPQRSTVWY");
/// Those, and X for any of them.
inline constexpr Alphabet aa21("aa21", "ACDEFGHIKLMNPQRSTVWYX", {.any = 'X'});
/// All 26 letters as 1 to 26, and 0 for padding.
inline constexpr Alphabet aa27("aa27", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", {.any = 'X', .padding = true});

/// The alphabet of that name; option_error with the names there are.
const Alphabet& alphabet_by_name(std::string_view name);

/// The other strand of DNA, read from its 5' end.
std::string reverse_complement(std::string_view dna);
/// The other strand in letters of that alphabet: U, and no T, where it is one of RNA. Throws option_error for
/// an alphabet without complements.
std::string reverse_complement(std::string_view sequence, const Alphabet& alphabet);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/alphabet.ipp>
#endif
