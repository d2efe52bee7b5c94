// Definitions of tied_decoder.hpp.
#pragma once

#include <seqlstm/nn/tied_decoder.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
TiedDecoder<T>::TiedDecoder(std::size_t vocabulary, std::string layer_name)
    : name(std::move(layer_name)), bias(vocabulary) {
  if (vocabulary == 0)
    throw option_error(detail::title("tied_decoder", name) + ": the vocabulary must be at least 1, got 0");
}

template <Scalar T> void TiedDecoder<T>::set_precision(Precision precision) {
  detail::check_precision<T>(precision, detail::title("tied_decoder", name));
  precision_ = precision;
}

template <Scalar T> void TiedDecoder<T>::initialize(RandomKey) {
  const auto values = bias.edit();
  std::fill_n(values.data(), values.size(), T(0));
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class TiedDecoder<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
