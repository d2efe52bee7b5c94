// Definitions of tokenizer.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/tokenizer.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE Tokenizer::Tokenizer(const Alphabet& alphabet, TokenizerOptions options)
    : alphabet_(alphabet), options_(options) {
  options_.padding = options.padding || alphabet.options().padding;
  if (options.k == 0 || options.stride == 0)
    throw option_error("tokenizer: k and stride must be at least 1, got k = " + std::to_string(options.k) +
                       " and stride = " + std::to_string(options.stride));
  for (std::size_t i = 0; i < options.k; ++i) {
    kmers_ *= letters();
    if (kmers_ > largest_vocabulary)
      throw option_error("tokenizer: " + std::to_string(options.k) + "-mers of " +
                         std::string(alphabet.name()) + " are more than 16777216 tokens; use a smaller k");
  }
  if (options.unknown == Unknown::map && alphabet.any() == '\0')
    throw option_error("tokenizer: alphabet " + std::string(alphabet.name()) +
                       " has no letter that stands for any other; use unknown::skip or unknown::random");
}

SEQLSTM_INLINE void Tokenizer::encode(const Record& record, std::vector<Token>& tokens) const {
  const std::string_view sequence = record.sequence;
  if (options_.unknown == Unknown::error) check_letters(record);
  const std::uint64_t key = options_.unknown == Unknown::random ? key_of(sequence) : 0;
  for (std::size_t begin = 0; begin + options_.k <= sequence.size(); begin += options_.stride) {
    std::size_t kmer = 0;
    bool known = true;
    for (std::size_t i = begin; i < begin + options_.k && known; ++i) {
      const Token id = id_of(sequence[i], key, i);
      known = id != Alphabet::none;
      if (known) kmer = kmer * letters() + static_cast<std::size_t>(id - alphabet_.first_id());
    }
    if (known) tokens.push_back(first_id() + static_cast<Token>(kmer));
  }
}

SEQLSTM_INLINE std::vector<Token> Tokenizer::encode(std::string_view sequence) const {
  Record record;
  record.sequence = sequence;
  std::vector<Token> tokens;
  encode(record, tokens);
  return tokens;
}

SEQLSTM_INLINE std::string Tokenizer::text(Token token) const {
  std::string letters_of(options_.k, '-');
  if (token < first_id() || static_cast<std::size_t>(token) >= vocabulary()) return letters_of;
  auto rest = static_cast<std::size_t>(token - first_id());
  for (std::size_t i = options_.k; i-- > 0; rest /= letters())
    letters_of[i] = alphabet_.letters()[rest % letters()];
  return letters_of;
}

SEQLSTM_INLINE std::string Tokenizer::decode(std::span<const Token> tokens) const {
  std::string result;
  for (const Token token : tokens) {
    const std::string letters_of = text(token);
    const std::size_t fresh = result.empty() ? options_.k : std::min(options_.stride, options_.k);
    result += letters_of.substr(options_.k - fresh);
  }
  return result;
}

SEQLSTM_INLINE void Tokenizer::shift(std::span<const Token> tokens, std::size_t first,
                                     std::vector<Token>& shifted) const {
  if (first >= options_.stride || (first > 0 && options_.stride > options_.k))
    throw option_error("shift: letter " + std::to_string(first) + " of " + std::to_string(options_.k) +
                       "-mers every " + std::to_string(options_.stride) +
                       " letters; expected one before the second token, and no letters between tokens");
  if (first == 0 || tokens.size() < 2) {
    for (const Token token : tokens) shifted.push_back(token);
    return;
  }
  const std::size_t own = power(options_.k - first), next = power(first),
                    behind = power(options_.stride - first), shared = power(options_.k - options_.stride);
  const auto digits = [this](Token token) { return static_cast<std::size_t>(token - first_id()); };
  for (std::size_t t = 0; t + 1 < tokens.size(); ++t) {
    const std::size_t here = digits(tokens[t]), there = digits(tokens[t + 1]);
    const bool in_a_row = here % shared == there / behind / next;
    shifted.push_back(in_a_row ? first_id() + static_cast<Token>(here % own * next + there / behind % next)
                               : tokens[t]);
  }
}

SEQLSTM_INLINE std::vector<Token> Tokenizer::reverse_complement(std::span<const Token> tokens) const {
  std::vector<Token> result;
  result.reserve(tokens.size());
  if (tokens.empty()) static_cast<void>(seqlstm::reverse_complement("", alphabet_));  // says what it lacks
  for (std::size_t i = tokens.size(); i-- > 0;) {
    std::size_t kmer = 0;
    const std::string other = seqlstm::reverse_complement(text(tokens[i]), alphabet_);
    for (const char letter : other)
      kmer = kmer * letters() + static_cast<std::size_t>(alphabet_.id(letter) - alphabet_.first_id());
    result.push_back(tokens[i] < first_id() ? tokens[i] : first_id() + static_cast<Token>(kmer));
  }
  return result;
}

SEQLSTM_INLINE TokenizerConfig Tokenizer::to_config() const {
  const AlphabetOptions& a = alphabet_.options();
  return {{"alphabet", std::string(alphabet_.name())},
          {"letters", printable() ? std::string(alphabet_.letters()) : hexadecimal(alphabet_.letters())},
          {"encoding", printable() ? "plain" : "hexadecimal"},
          {"any", a.any == '\0' ? std::string() : std::string(1, a.any)},
          {"nucleotides", std::to_string(a.nucleotides)},
          {"alphabet_padding", std::to_string(a.padding)},
          {"fold_case", std::to_string(a.fold_case)},
          {"k", std::to_string(options_.k)},
          {"stride", std::to_string(options_.stride)},
          {"unknown", std::to_string(static_cast<int>(options_.unknown))},
          {"padding", std::to_string(options_.padding)},
          {"seed", std::to_string(options_.seed)}};
}

SEQLSTM_INLINE Tokenizer Tokenizer::from_config(const TokenizerConfig& config) {
  const auto text = [&](const char* key) -> const std::string& {
    const auto found = config.find(key);
    if (found == config.end())
      throw format_error(std::string("tokenizer: key '") + key +
                         "' is missing in its configuration; save the model again");
    return found->second;
  };
  const auto number = [&](const char* key, std::uint64_t below = UINT64_MAX) -> std::uint64_t {
    const std::string& digits = text(key);
    if (!digits.empty() && digits.size() < 20 &&
        digits.find_first_not_of("0123456789") == std::string::npos) {
      const std::uint64_t value = std::stoull(digits);
      if (value < below) return value;
    }
    throw format_error(std::string("tokenizer: '") + digits + "' is no value for key '" + key +
                       "' of its configuration; save the model again");
  };
  const std::string& any = text("any");
  const bool plain = config.find("encoding") == config.end() || text("encoding") == "plain";
  if (any.size() > 1)
    throw format_error("tokenizer: '" + any +
                       "' is no value for key 'any' of its configuration; save the model again");
  try {
    const Alphabet alphabet(text("alphabet"), plain ? text("letters") : from_hexadecimal(text("letters")),
                            {.any = any.empty() ? '\0' : any[0],
                             .nucleotides = number("nucleotides", 2) != 0,
                             .padding = number("alphabet_padding", 2) != 0,
                             .fold_case = number("fold_case", 2) != 0});
    return {alphabet,
            {.k = number("k", longest_kmer + 1),
             .stride = number("stride", longest_kmer + 1),
             .unknown = static_cast<Unknown>(number("unknown", 4)),
             .padding = number("padding", 2) != 0,
             .seed = number("seed")}};
  } catch (const option_error& error) {
    throw format_error(std::string(error.what()) + "; the configuration is damaged, save the model again");
  }
}

SEQLSTM_INLINE std::size_t Tokenizer::power(std::size_t count) const {
  std::size_t words = 1;
  for (; count > 0; --count) words *= letters();
  return words;
}

SEQLSTM_INLINE bool Tokenizer::printable() const {
  const auto& all = alphabet_.letters();
  return std::all_of(all.begin(), all.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

SEQLSTM_INLINE std::string Tokenizer::hexadecimal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += {digits[byte / 16U], digits[byte % 16U]};
  }
  return text;
}

SEQLSTM_INLINE std::string Tokenizer::from_hexadecimal(const std::string& text) {
  if (text.size() % 2 != 0 || text.find_first_not_of("0123456789abcdef") != std::string::npos)
    throw format_error("tokenizer: '" + text + "' are no letters in hexadecimal; save the model again");
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  return bytes;
}

SEQLSTM_INLINE void Tokenizer::check_letters(const Record& record) const {
  for (std::size_t i = 0; i < record.sequence.size(); ++i)
    if (alphabet_.id(record.sequence[i]) == Alphabet::none)
      throw alphabet_.unknown_letter(record.prefix(i), record.sequence[i], record.position(i));
}

SEQLSTM_INLINE Token Tokenizer::id_of(char letter, std::uint64_t key, std::size_t at) const {
  const Token id = alphabet_.id(letter);
  if (id != Alphabet::none || options_.unknown == Unknown::skip) return id;
  if (options_.unknown == Unknown::map) return alphabet_.id(alphabet_.any());
  const std::uint64_t place = at;
  const std::uint64_t word =
      random_block({options_.seed, 0x544F4B45U, 0}, key,  // "TOKE"
                   static_cast<std::uint32_t>(place >> 32U), static_cast<std::uint32_t>(place))[0];
  return alphabet_.first_id() + static_cast<Token>(word * letters() >> 32U);
}

SEQLSTM_INLINE std::uint64_t Tokenizer::key_of(std::string_view sequence) {
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a
  for (const char letter : sequence) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001B3U;
  return hash;
}

SEQLSTM_INLINE bool may_follow(const Tokenizer& tokenizer, Token before, Token next) {
  const std::string first = tokenizer.text(before), second = tokenizer.text(next);
  const std::size_t fresh = std::min(tokenizer.options().stride, first.size());
  return second.starts_with(first.substr(fresh)) &&
         std::all_of(second.begin(), second.end(),
                     [&](char letter) { return tokenizer.alphabet().knows(letter); });
}

SEQLSTM_NAMESPACE_END
