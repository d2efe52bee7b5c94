// Definitions of linear.hpp.
#pragma once

#include <seqlstm/nn/detail/linear.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T>
void add_bias_gradient(const Variable<T>& rows, ConstMatrixView<T> dy, const Parameter<T>& parameter) {
  add_row_sums(rows, parameter, [&](auto&& own, MatrixView<T> sums) {
    const ConstMatrixView<T> own_dy = own(dy);
    for_parts(dy.cols(), cache_line / sizeof(T), own_dy.size(),
              [&](IndexRange columns) { Kernels<T>::add_column_sums(own_dy, columns, sums.data()); });
  });
}

template <Scalar T> void Linear<T>::prepare(const Parameter<T>& weight, Precision precision) const {
  if constexpr (std::is_same_v<T, float>)
    if (precision == Precision::bf16) return rounded_.prepare(weight);
  if constexpr (std::is_same_v<T, float>)
    if (precision == Precision::int8) return quantized_.prepare(weight);
  plain_.prepare(weight);
}

template <Scalar T> void check_precision(Precision precision, const std::string& who) {
  if (precision != Precision::f32 && !std::is_same_v<T, float>)
    throw option_error(who + ": " + (precision == Precision::bf16 ? "bf16" : "int8") +
                       " is for networks of floats; this one is of doubles");
  if (precision != Precision::f32) static_cast<void>(matrix_unit());
}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                              \
  template void detail::add_bias_gradient(const Variable<T>& rows, ConstMatrixView<T> dy, \
                                          const Parameter<T>& parameter);                 \
  template class detail::Linear<T>;                                                       \
  template void detail::check_precision<T>(Precision precision, const std::string& who);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
