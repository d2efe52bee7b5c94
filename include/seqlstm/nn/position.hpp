// A learned vector per absolute position, to be added to the token's (Gehring et al. 2017, section 3.1).
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/embedded_tokens.hpp>

SEQLSTM_NAMESPACE_BEGIN

struct PositionOptions {
  std::size_t length = 0;  ///< the largest number of tokens a sequence may have
  std::size_t width = 0;   ///< numbers per position: the embedding's width
};

/// Looks up row t of weight [length, width] for token t of every sequence; zero at first, so that a new model
/// does not depend on position. A longer sequence is a shape_error.
template <Scalar T = float> class Position {
 public:
  Position() = default;
  explicit Position(PositionOptions options);
  EmbeddedTokens<T> operator()(TokenBatch&&) const = delete;  // the batch would be gone
  EmbeddedTokens<T> operator()(const TokenBatch& batch) const;
  void initialize(RandomKey);
  [[nodiscard]] const PositionOptions& options() const { return options_; }
  template <class V> void fields(V& v) { v("weight", weight); }

 private:
  PositionOptions options_;

 public:
  Parameter<T> weight;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/position.ipp>
#endif
