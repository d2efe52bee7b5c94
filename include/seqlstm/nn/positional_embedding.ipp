// Definitions of positional_embedding.hpp.
#pragma once

#include <seqlstm/nn/positional_embedding.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
PositionalEmbedding<T>::PositionalEmbedding(PositionalEmbeddingOptions options)
    : options_(options), weight(options.length, options.dim, "position") {
  if (options.length == 0 || options.dim == 0)
    throw option_error("positional embedding: length and dim must be at least 1, got " +
                       shape_text(options.length, options.dim));
}

template <Scalar T> EmbeddedTokens<T> PositionalEmbedding<T>::operator()(const SequenceBatch& batch) const {
  return {
      &batch, options_.dim, {RowSource<T>{RowSource<T>::Index::position, &weight, options_.length, -1}, {}}};
}

template <Scalar T> void PositionalEmbedding<T>::initialize(RandomKey) {
  auto w = weight.edit();
  std::fill_n(w.data(), w.size(), T(0));
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class PositionalEmbedding<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
