// Definitions of dropout.hpp.
#pragma once

#include <cmath>
#include <seqlstm/nn/dropout.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE std::size_t DropoutMask::step_of(const PackedLayout& layout, std::size_t row) {
  std::size_t low = 0, high = layout.steps();  // offset(low) <= row < offset(high)
  while (high - low > 1) {
    const std::size_t middle = low + (high - low) / 2;
    (layout.offset(middle) <= row ? low : high) = middle;
  }
  return low;
}

SEQLSTM_INLINE std::size_t DropoutMask::mask_row(std::size_t row) const {
  return layout_ == nullptr ? row : row - layout_->offset(step_of(*layout_, row));
}

}  // namespace detail

template <Scalar T>
Dropout<T>::Dropout(DropoutOptions options) : name(options.name), options_(std::move(options)) {
  set_probability(options_.p);
}

template <Scalar T> void Dropout<T>::set_probability(double p) {
  if (!(p >= 0 && p <= 1))
    throw option_error(detail::title("dropout", name) + ": p is " + detail::number_text(p) +
                       ", expected a probability from 0 to 1");
  options_.p = p;
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class Dropout<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
