// Definitions of lstm_direction.hpp.
#pragma once

#include <array>
#include <cmath>
#include <seqlstm/core/random.hpp>
#include <seqlstm/nn/detail/lstm_direction.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T>
LstmDirection<T>::LstmDirection(std::size_t input, std::size_t hidden)
    : weight_ih(4 * hidden, input), weight_hh(4 * hidden, hidden), bias_ih(4 * hidden), bias_hh(4 * hidden) {}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template struct detail::LstmDirection<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
