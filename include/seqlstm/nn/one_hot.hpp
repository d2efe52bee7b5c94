// Tokens as unit vectors, without ever making one: the product with W_ih is a column of W_ih.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/embedded_tokens.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Row `id` of the V x V identity matrix. No parameters.
template <Scalar T = float> class OneHot {
 public:
  OneHot() = default;
  /// Throws option_error for a vocabulary of 0.
  explicit OneHot(std::size_t vocabulary) : vocabulary_(vocabulary) {
    if (vocabulary == 0) throw option_error("one_hot: the vocabulary must have at least one token");
  }
  EmbeddedTokens<T> operator()(SequenceBatch&&) const = delete;  // the batch would be gone
  /// The expression row(token); throws token_error when it is used with an id outside the vocabulary.
  EmbeddedTokens<T> operator()(const SequenceBatch& batch) const {
    return {&batch, vocabulary_, {source(), {}}};
  }
  /// One token for each stream, for Lstm::step in the same expression: refers to the ids.
  [[nodiscard]] EmbeddedStep<T> at(std::span<const Token> ids) const { return {source(), vocabulary_, ids}; }
  /// The same for a single stream; refers to the id.
  [[nodiscard]] EmbeddedStep<T> at(const Token& id) const { return at(std::span(&id, 1)); }
  /// V: ids are 0 .. V - 1, and a token has V numbers.
  [[nodiscard]] std::size_t vocabulary() const { return vocabulary_; }
  template <class V> void fields(V&) {}

 private:
  RowSource<T> source() const { return {RowSource<T>::Index::token, nullptr, vocabulary_, -1}; }

  std::size_t vocabulary_ = 0;
};

SEQLSTM_NAMESPACE_END
