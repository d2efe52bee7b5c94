// Definitions of lstm_stream.hpp.
#pragma once

#include <seqlstm/nn/lstm_stream.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
LstmStream<T>::LstmStream(std::size_t streams, std::size_t layers, std::size_t hidden, std::size_t padded)
    : detail::RecurrentStream<T>(streams, layers, hidden, padded, true) {}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class LstmStream<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
