// Definitions of position.hpp.
#pragma once

#include <seqlstm/nn/position.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
Position<T>::Position(PositionOptions options)
    : options_(options), weight(options.length, options.width, "position") {
  if (options.length == 0 || options.width == 0)
    throw option_error("position: length and width must be at least 1, got " +
                       shape_text(options.length, options.width));
}

template <Scalar T> EmbeddedTokens<T> Position<T>::operator()(const TokenBatch& batch) const {
  return {&batch,
          options_.width,
          {RowSource<T>{RowSource<T>::Index::position, &weight, options_.length, -1}, {}}};
}

template <Scalar T> void Position<T>::initialize(RandomKey) {
  auto w = weight.edit();
  std::fill_n(w.data(), w.size(), T(0));
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class Position<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
