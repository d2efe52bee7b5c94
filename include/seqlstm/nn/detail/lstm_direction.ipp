// Definitions of lstm_direction.hpp.
#pragma once

#include <array>
#include <cmath>
#include <seqlstm/core/random.hpp>
#include <seqlstm/nn/detail/lstm_direction.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T, kernels::Gates Of>
GatedDirection<T, Of>::GatedDirection(std::size_t input, std::size_t hidden, std::size_t output)
    : weight_ih(gates * hidden, input),
      weight_hh(gates * hidden, output),
      bias_ih(gates * hidden),
      bias_hh(gates * hidden) {}

template <Scalar T> void LstmDirection<T>::add(const LstmCellParts& parts) {
  const std::size_t hidden = this->hidden();
  if (parts.projection > 0) weight_hr = Parameter<T>(parts.projection, hidden);
  if (parts.peephole) weight_ch = Parameter<T>(3 * hidden);
  if (!parts.layer_norm) return;
  for (auto* p : {&norm_ih, &norm_hh}) *p = Parameter<T>(this->gates * hidden);
  for (auto* p : {&norm_c, &norm_c_bias}) *p = Parameter<T>(hidden);
}

template <Scalar T> bool LstmDirection<T>::trainable() const {
  bool any = Gated::trainable();
  for (const auto* p : {&weight_hr, &weight_ch, &norm_ih, &norm_hh, &norm_c, &norm_c_bias})
    any = any || (p->size() > 0 && p->trainable);
  return any;
}

template <Scalar T> const T* LstmDirection<T>::bias_sum() const {
  const std::size_t size = this->bias_ih.size();
  const auto make = [&](AlignedBuffer<T>& sums) {
    sums.reserve_discard(2 * size);
    for (std::size_t u = 0; u < size; ++u) sums[u] = this->bias_ih.data()[u] + this->bias_hh.data()[u];
    std::fill_n(sums.data() + size, size, T(0));
  };
  return biases_.get({this->bias_ih.version(), this->bias_hh.version()}, make).data();
}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                            \
  template struct detail::GatedDirection<T, kernels::Gates::lstm>;      \
  template struct detail::GatedDirection<T, kernels::Gates::gru_input>; \
  template struct detail::LstmDirection<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
