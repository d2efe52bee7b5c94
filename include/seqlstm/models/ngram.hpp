// What counting can do: the n-gram model that a language model of characters is held against.
#pragma once

#include <cstdint>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/packed.hpp>
#include <span>
#include <unordered_map>

SEQLSTM_NAMESPACE_BEGIN

/// Interpolated n-grams with Witten and Bell's discounting (1991, method C; Chen and Goodman 1999,
/// section 2.5): p(w | h) = (c(h w) + N(h) p(w | h without its first token)) / (c(h) + N(h)), N(h) different
/// successors of h; below the unigrams all tokens are equally likely. Contexts are kept as 64-bit hashes; one
/// entry for each context and each of its successors is allocated.
class NgramModel {
 public:
  /// Contexts of up to `order` - 1 tokens. Throws option_error for an order or a vocabulary of 0.
  NgramModel(std::size_t order, std::size_t vocabulary);

  /// Adds the n-grams of a text.
  void count(std::span<const Token> text);
  /// Mean bits per token of a text; its first tokens have shorter contexts. Throws option_error for an empty
  /// text.
  [[nodiscard]] double bits(std::span<const Token> text) const;

 private:
  struct Successors {
    std::uint32_t total = 0, different = 0;
  };
  static std::uint64_t step(std::uint64_t hash, Token token);
  static std::uint64_t hash(std::span<const Token> context);
  [[nodiscard]] double probability(std::span<const Token> context, Token token) const;

  std::size_t order_, vocabulary_;
  std::unordered_map<std::uint64_t, Successors> contexts_;
  std::unordered_map<std::uint64_t, std::uint32_t> counts_;
};

/// What best_ngram() chose, and its mean bits per token.
struct BestNgram {
  std::size_t order = 0;  ///< n, at least 1
  double valid_bits = 0;  ///< of the validation text
  double test_bits = 0;   ///< of the test text
};
/// The order from 1 to `largest` that takes the fewest bits for the validation text, and its bits of the test
/// text. Throws option_error for an empty text and a `largest` of 0.
BestNgram best_ngram(std::span<const Token> train, std::span<const Token> valid, std::span<const Token> test,
                     std::size_t vocabulary, std::size_t largest = 6);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/models/ngram.ipp>
#endif
