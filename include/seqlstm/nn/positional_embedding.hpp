// A learned vector per absolute position, to be added to the token's (Gehring et al. 2017, section 3.1).
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/embedded_tokens.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Shape of a PositionalEmbedding.
struct PositionalEmbeddingOptions {
  std::size_t length = 0;  ///< the largest number of tokens a sequence may have
  std::size_t dim = 0;     ///< numbers per position: the embedding's dim
};

/// Looks up row t of weight [length, dim] for token t of every sequence; zero at first, so that a new model
/// does not depend on position. A longer sequence is a shape_error.
template <Scalar T = float> class PositionalEmbedding {
 public:
  PositionalEmbedding() = default;
  /// Throws option_error for a length or dim of 0.
  explicit PositionalEmbedding(PositionalEmbeddingOptions options);
  EmbeddedTokens<T> operator()(SequenceBatch&&) const = delete;  // the batch would be gone
  /// The expression row(position), to be added to an embedding's; throws shape_error when it is used with a
  /// sequence of more than `length` tokens.
  EmbeddedTokens<T> operator()(const SequenceBatch& batch) const;
  /// Sets all vectors to zero. Draws nothing: the key is not used.
  void initialize(RandomKey);
  /// Length and dim of the table.
  [[nodiscard]] const PositionalEmbeddingOptions& options() const { return options_; }
  template <class V> void fields(V& v) { v("weight", weight); }

 private:
  PositionalEmbeddingOptions options_;

 public:
  Parameter<T> weight;  ///< [length, dim]
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/positional_embedding.ipp>
#endif
