// Definitions of lstm_stream.hpp.
#pragma once

#include <seqlstm/nn/lstm_stream.hpp>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
LstmStream<T>::LstmStream(std::size_t streams, std::size_t layers, std::size_t hidden, std::size_t padded)
    : layout_(std::vector<std::size_t>(addressable(streams, padded), 1)), hidden_(hidden), padded_(padded) {
  const AlignedBuffer<T> zeros(streams * padded);
  layers_.assign(layers, {zeros, zeros, zeros});
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class LstmStream<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
