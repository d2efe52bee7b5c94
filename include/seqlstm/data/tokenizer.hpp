// From letters to token ids: single letters, or k-mers every `stride` letters.
#pragma once

#include <cmath>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/alphabet.hpp>
#include <seqlstm/data/record.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Everything a tokenizer is; saved with a model.
struct TokenizerOptions {
  std::string alphabet = "dna4";
  std::size_t k = 1;       ///< letters per token
  std::size_t stride = 1;  ///< letters from one token's begin to the next one's
  Unknown unknown = Unknown::error;
  std::uint64_t seed = 0;  ///< of Unknown::random
  friend bool operator==(const TokenizerOptions&, const TokenizerOptions&) = default;
};

/// Token = the k-mer's letters as digits in base `letters`, first letter most significant. A sequence shorter
/// than k has no token.
class Tokenizer {
 public:
  Tokenizer() : Tokenizer(TokenizerOptions{}) {}
  Tokenizer(const Alphabet& alphabet)
      : Tokenizer(TokenizerOptions{std::string(alphabet.name()), 1, 1, {}, 0}) {}  // NOLINT
  explicit Tokenizer(TokenizerOptions options)
      : options_(std::move(options)), alphabet_(&alphabet_by_name(options_.alphabet)) {
    if (options_.k == 0 || options_.stride == 0)
      throw option_error("tokenizer: k and stride must be at least 1, got " + std::to_string(options_.k) +
                         " and " + std::to_string(options_.stride));
    for (std::size_t i = 0; i < options_.k; ++i) {
      vocabulary_ *= alphabet_->size();
      if (vocabulary_ > (std::size_t{1} << 24U))
        throw option_error("tokenizer: " + std::to_string(options_.k) + "-mers of " + options_.alphabet +
                           " have more than 16 million tokens; use a smaller k");
    }
    if (options_.unknown == Unknown::map && alphabet_->any() == '\0')
      throw option_error("tokenizer: alphabet " + options_.alphabet +
                         " has no letter for an unknown one; use unknown::skip or unknown::random");
  }

  [[nodiscard]] const TokenizerOptions& options() const { return options_; }
  [[nodiscard]] const Alphabet& alphabet() const { return *alphabet_; }
  [[nodiscard]] std::size_t vocabulary() const { return vocabulary_; }

  /// Appends the record's tokens.
  void encode(const Record& record, std::vector<Token>& tokens) const {
    const std::string& letters = record.sequence;
    const std::size_t k = options_.k;
    for (std::size_t begin = 0; begin + k <= letters.size(); begin += options_.stride) {
      std::size_t token = 0;
      bool known = true;
      for (std::size_t i = begin; i < begin + k && known; ++i) {
        const Token id = id_of(record, letters[i], i);
        known = id != Alphabet::none;
        token = token * alphabet_->size() + static_cast<std::size_t>(known ? id : 0);
      }
      if (known) tokens.push_back(static_cast<Token>(token));
    }
    if (letters.size() < k || (letters.size() - k) % options_.stride != 0 || options_.stride > k)
      check_letters(record);  // letters no token covers are checked too
  }
  [[nodiscard]] std::vector<Token> encode(std::string_view sequence) const {
    Record record;
    record.id = "sequence";
    record.sequence = sequence;
    std::vector<Token> tokens;
    encode(record, tokens);
    return tokens;
  }
  /// The letters of a token.
  [[nodiscard]] std::string text(Token token) const {
    std::string letters(options_.k, '-');
    auto rest = static_cast<std::size_t>(token);
    for (std::size_t i = options_.k; i-- > 0; rest /= alphabet_->size())
      letters[i] = alphabet_->letter(static_cast<Token>(rest % alphabet_->size()));
    return letters;
  }

 private:
  [[nodiscard]] Token id_of(const Record& record, char letter, std::size_t column) const {
    const Token id = alphabet_->id(letter);
    if (id != Alphabet::none) return id;
    switch (options_.unknown) {
      case Unknown::skip:
        return Alphabet::none;
      case Unknown::map:
        return alphabet_->id(alphabet_->any());
      case Unknown::random: {
        std::uint64_t record_key = 0;
        for (const char c : record.id) record_key = detail::mix64(record_key ^ static_cast<unsigned char>(c));
        const auto word = random_block({options_.seed, 0x544F4B45U, 0}, record_key,
                                       static_cast<std::uint32_t>(column), 0)[0];
        return alphabet_->first_id() + static_cast<Token>(word % alphabet_->letters().size());
      }
      case Unknown::error:
        break;
    }
    throw alphabet_->unknown_letter(record.place(), letter, column);
  }
  void check_letters(const Record& record) const {
    if (options_.unknown != Unknown::error) return;
    for (std::size_t i = 0; i < record.sequence.size(); ++i)
      static_cast<void>(id_of(record, record.sequence[i], i));
  }

  TokenizerOptions options_;
  const Alphabet* alphabet_;
  std::size_t vocabulary_ = 1;
};

SEQLSTM_NAMESPACE_END
