// Definitions of carried_state.hpp.
#pragma once

#include <seqlstm/nn/carried_state.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
CarriedState<T>::CarriedState(std::size_t streams, const std::vector<LstmOptions>& networks)
    : streams_(streams) {
  for (const auto& options : networks) {
    detail::check_streamable("lstm", options.name, options.bidirectional, options.reverse);
    const auto zeros = [&](std::size_t columns) {
      return AlignedBuffer<T>(
          addressable_product("carried_state", {options.layers, streams, columns}, sizeof(T)));
    };
    parts_.push_back({zeros(options.output()), zeros(options.hidden), options.layers * streams,
                      options.output(), options.hidden});
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
