// From letters to token ids: single letters, or k-mers every `stride` letters.
#pragma once

#include <algorithm>
#include <map>
#include <seqlstm/core/error.hpp>
#include <seqlstm/data/alphabet.hpp>
#include <seqlstm/data/record.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// How a Tokenizer cuts sequences into k-mers and numbers them.
struct TokenizerOptions {
  std::size_t k = 1;                 ///< letters per token
  std::size_t stride = 1;            ///< letters from one token's begin to the next one's
  Unknown unknown = Unknown::error;  ///< what to do with letters that the alphabet does not have
  bool padding = false;    ///< id 0 is padding, tokens begin at 1; always so for an alphabet with padding
  std::uint64_t seed = 0;  ///< of Unknown::random
  friend bool operator==(const TokenizerOptions&, const TokenizerOptions&) = default;
};

/// A tokenizer as text, for a file header: what to_config() gives, from_config() takes.
using TokenizerConfig = std::map<std::string, std::string>;

/// Token = the k-mer's letters as digits in base `letters`, the first letter most significant, plus 1 where
/// id 0 is padding. A sequence shorter than k has no token. A value: models carry a copy.
class Tokenizer {
 public:
  /// K-mers that a tokenizer may tell apart.
  static constexpr std::size_t largest_vocabulary = std::size_t{1} << 24U;
  static constexpr std::size_t longest_kmer =
      65536;  ///< letters that a configuration may give as k or stride

  Tokenizer() : Tokenizer(dna4) {}
  /// Implicit, so that `encode(records, dna4)` reads well. Throws option_error for k or stride 0, too large a
  /// vocabulary, or unknown::map on an alphabet without a letter for it.
  Tokenizer(const Alphabet& alphabet, TokenizerOptions options = {});  // NOLINT(google-explicit-constructor)

  /// The letters it reads.
  [[nodiscard]] const Alphabet& alphabet() const { return alphabet_; }
  /// As given, but for `padding`, which is also true where the alphabet has padding.
  [[nodiscard]] const TokenizerOptions& options() const { return options_; }
  /// Number of ids: letters to the power of k, and padding where there is one.
  [[nodiscard]] std::size_t vocabulary() const { return kmers_ + (options_.padding ? 1 : 0); }

  /// Letters that a token adds to those before it.
  [[nodiscard]] std::size_t new_letters() const { return std::min(options_.k, options_.stride); }

  /// Appends the record's tokens; token_error names file, line and column of an unknown letter.
  void encode(const Record& record, std::vector<Token>& tokens) const;
  /// The tokens of letters without a record; token_error names the place in the sequence.
  [[nodiscard]] std::vector<Token> encode(std::string_view sequence) const;

  /// The letters of a token, "ACG"; "---" for padding.
  [[nodiscard]] std::string text(Token token) const;
  /// The letters of tokens in a row: what encode() read, but for letters behind the last k-mer, skipped ones,
  /// and those between k-mers where stride > k.
  [[nodiscard]] std::string decode(std::span<const Token> tokens) const;
  /// Appends the tokens from letter `first` on, less than the stride: those that encode() gives without the
  /// letters before it, as far as `tokens`, all of this alphabet's letters, tell. A sequence of one token
  /// keeps it; so does a token whose next one does not share its last k - stride letters: some were skipped.
  /// option_error where the tokens do not tell the letters between them.
  void shift(std::span<const Token> tokens, std::size_t first, std::vector<Token>& shifted) const;
  /// Tokens of the other strand: those that encode() gives for the reverse complement, provided that the last
  /// k-mer ends where the sequence ends. option_error for an alphabet that is not DNA.
  [[nodiscard]] std::vector<Token> reverse_complement(std::span<const Token> tokens) const;

  /// Alphabet and options as text.
  [[nodiscard]] TokenizerConfig to_config() const;
  /// Throws format_error for a key that is missing or is no number, and where there is no such tokenizer.
  static Tokenizer from_config(const TokenizerConfig& config);

  friend bool operator==(const Tokenizer&, const Tokenizer&) = default;

 private:
  [[nodiscard]] std::size_t letters() const { return alphabet_.letters().size(); }
  /// Different words of so many letters.
  [[nodiscard]] std::size_t power(std::size_t count) const;
  /// Are all letters ASCII that any file may hold?
  [[nodiscard]] bool printable() const;
  static std::string hexadecimal(std::string_view bytes);
  static std::string from_hexadecimal(const std::string& text);
  [[nodiscard]] Token first_id() const { return options_.padding ? 1 : 0; }

  void check_letters(const Record& record) const;
  [[nodiscard]] Token id_of(char letter, std::uint64_t key, std::size_t at) const;
  // The draw follows the sequence itself, so that a prediction does not depend on the records around it.
  static std::uint64_t key_of(std::string_view sequence);

  Alphabet alphabet_;
  TokenizerOptions options_;
  std::size_t kmers_ = 1;
};

/// May `next` stand behind `before` in a sequence? Neighbouring k-mers agree on the letters they share. False
/// too for a token with a letter that stands for any, or for padding: no sequence is made of these.
bool may_follow(const Tokenizer& tokenizer, Token before, Token next);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/tokenizer.ipp>
#endif
