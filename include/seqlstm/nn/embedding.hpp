// A learned vector per token.
#pragma once

#include <cmath>
#include <optional>
#include <seqlstm/nn/embedded_tokens.hpp>

SEQLSTM_NAMESPACE_BEGIN

struct EmbeddingOptions {
  std::size_t vocabulary = 0;         ///< V: ids are 0 .. V - 1
  std::size_t width = 0;              ///< numbers per token
  std::optional<Token> padding = {};  ///< this id's vector is zero at first and never changes
};

/// Looks up row `id` of weight [V, width]; PyTorch's nn.Embedding, N(0, 1) at first.
template <Scalar T = float> class Embedding {
 public:
  Embedding() = default;
  explicit Embedding(EmbeddingOptions options)
      : options_(options), weight(options.vocabulary, options.width) {
    if (options.vocabulary == 0 || options.width == 0)
      throw option_error("embedding: vocabulary and width must be at least 1, got " +
                         shape_text(options.vocabulary, options.width));
    if (options.padding &&
        (*options.padding < 0 || static_cast<std::size_t>(*options.padding) >= options.vocabulary))
      throw option_error("embedding: padding id " + std::to_string(*options.padding) +
                         " is outside the vocabulary of " + std::to_string(options.vocabulary));
    initialize({});
  }

  /// The expression row(token); throws token_error when it is used with an id outside the vocabulary.
  EmbeddedTokens<T> operator()(TokenBatch&&) = delete;  // the batch would be gone
  EmbeddedTokens<T> operator()(const TokenBatch& batch) { return {&batch, options_.width, {source(), {}}}; }
  /// One token for each stream, for Lstm::step in the same expression: refers to the ids.
  [[nodiscard]] EmbeddedStep<T> at(std::span<const Token> ids) { return {source(), options_.width, ids}; }
  [[nodiscard]] EmbeddedStep<T> at(const Token& id) { return at(std::span(&id, 1)); }

  void initialize(RandomKey key) {
    RandomStream random(key);
    auto w = weight.edit();
    for (std::size_t i = 0; i < w.size(); ++i) w.data()[i] = static_cast<T>(random.normal());
    if (options_.padding)
      for (auto& v : w.row(static_cast<std::size_t>(*options_.padding))) v = T(0);
  }
  [[nodiscard]] const EmbeddingOptions& options() const { return options_; }
  template <class V> void fields(V& v) { v("weight", weight); }

 private:
  RowSource<T> source() {
    return {RowSource<T>::Index::token, &weight, options_.vocabulary, options_.padding.value_or(-1)};
  }
  EmbeddingOptions options_;

 public:
  Parameter<T> weight;
};

SEQLSTM_NAMESPACE_END
