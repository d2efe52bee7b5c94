// Tokens as unit vectors, without ever making one: the product with W_ih is a column of W_ih.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/embedded_tokens.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Row `id` of the V x V identity matrix. No parameters.
template <Scalar T = float> class OneHot {
 public:
  OneHot() = default;
  explicit OneHot(std::size_t vocabulary) : vocabulary_(vocabulary) {
    if (vocabulary == 0) throw option_error("one_hot: the vocabulary must have at least one token");
  }
  EmbeddedTokens<T> operator()(TokenBatch&&) const = delete;  // the batch would be gone
  EmbeddedTokens<T> operator()(const TokenBatch& batch) const {
    return {&batch, vocabulary_, {source(), {}}};
  }
  /// One token for each stream, for Lstm::step in the same expression: refers to the ids.
  [[nodiscard]] EmbeddedStep<T> at(std::span<const Token> ids) const { return {source(), vocabulary_, ids}; }
  [[nodiscard]] EmbeddedStep<T> at(const Token& id) const { return at(std::span(&id, 1)); }
  [[nodiscard]] std::size_t vocabulary() const { return vocabulary_; }
  template <class V> void fields(V&) {}

 private:
  RowSource<T> source() const { return {RowSource<T>::Index::token, nullptr, vocabulary_, -1}; }

  std::size_t vocabulary_ = 0;
};

SEQLSTM_NAMESPACE_END
