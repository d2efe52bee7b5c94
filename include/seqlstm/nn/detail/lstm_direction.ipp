// Definitions of lstm_direction.hpp.
#pragma once

#include <array>
#include <cmath>
#include <seqlstm/core/random.hpp>
#include <seqlstm/nn/detail/lstm_direction.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T, kernels::Gates Of>
GatedDirection<T, Of>::GatedDirection(std::size_t input, std::size_t hidden)
    : weight_ih(gates * hidden, input),
      weight_hh(gates * hidden, hidden),
      bias_ih(gates * hidden),
      bias_hh(gates * hidden) {}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                       \
  template struct detail::GatedDirection<T, kernels::Gates::lstm>; \
  template struct detail::GatedDirection<T, kernels::Gates::gru_input>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
