// Definitions of carried_state.hpp.
#pragma once

#include <seqlstm/nn/carried_state.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
CarriedState<T>::CarriedState(std::size_t streams, const std::vector<LstmOptions>& networks)
    : streams_(streams) {
  for (const auto& options : networks) {
    if (options.bidirectional)
      throw option_error(detail::title("lstm", options.name) +
                         ": streams are read forward; a bidirectional network needs whole sequences");
    const AlignedBuffer<T> zeros(
        addressable_product("carried_state", {options.layers, streams, options.hidden}, sizeof(T)));
    parts_.push_back({zeros, zeros, options.layers * streams, options.hidden});
  }
}

template <Scalar T> void CarriedState<T>::reset() {
  for_each_buffer([](AlignedBuffer<T>& buffer) { std::fill_n(buffer.data(), buffer.size(), T(0)); });
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class CarriedState<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
