// Definitions of tap_weights.hpp.
#pragma once

#include <seqlstm/nn/detail/tap_weights.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T, class P> void TapFactors<T, P>::pack(const Parameter<T>& weight, WeightUse use) {
  const TapSizes sizes(weight);
  taps_.resize(sizes.taps);
  tap_.reserve_discard(sizes.outputs * sizes.inputs);
  const MatrixView<T> tap(tap_.data(), sizes.outputs, sizes.inputs);
  for (std::size_t k = 0; k < sizes.taps; ++k) {
    for (std::size_t o = 0; o < sizes.outputs; ++o)
      for (std::size_t i = 0; i < sizes.inputs; ++i) tap(o, i) = weight.view()(o, i * sizes.taps + k);
    taps_[k].pack(tap, use);
  }
}

template <Scalar T> void TapSums<T>::add_to(MatrixView<T> gradient) const {
  for_parts(sizes_.outputs, 1, gradient.size(), [&](IndexRange outputs) {
    for (std::size_t o = outputs.begin; o < outputs.end; ++o)
      for (std::size_t k = 0; k < sizes_.taps; ++k) {
        const T* sum = of(k).row_data(o);
        for (std::size_t i = 0; i < sizes_.inputs; ++i) gradient(o, i * sizes_.taps + k) += sum[i];
      }
  });
}

#if !SEQLSTM_HEADER_ONLY
template class TapFactors<float, QuantizedKernels>;
template class TapFactors<float, RoundedKernels>;
#define SEQLSTM_INSTANCES(T)                \
  template class TapFactors<T, Kernels<T>>; \
  template class TapSums<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

}  // namespace detail

SEQLSTM_NAMESPACE_END
