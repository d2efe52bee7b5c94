// Definitions of regularization.hpp.
#pragma once

#include <seqlstm/nn/regularization.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T> Var<T> activation_penalty(const SeqVar<T>& x) {
  const auto sum = [x](std::size_t r) {
    double squares = 0;
    for (std::size_t t = 0; t < x.layout()->length(r); ++t)
      squares = detail::Kernels<T>::add_squares(squares, x.value().row_data(x.layout()->offset(t) + r),
                                                nullptr, x.cols());
    return squares;
  };
  const auto backward = [x](std::size_t r, T factor, MatrixView<T> dx) {
    for (std::size_t t = 0; t < x.layout()->length(r); ++t) {
      const std::size_t token = x.layout()->offset(t) + r;
      detail::Kernels<T>::add_scaled(factor, x.value().row_range(token, 1), dx.row_range(token, 1));
    }
  };
  return detail::mean_of_squares(x, x.value().size(), sum, backward);
}

template <Scalar T> Var<T> temporal_penalty(const SeqVar<T>& x) {
  const PackedLayout& layout = *x.layout();
  const std::size_t pairs = layout.steps() == 0 ? 0 : layout.tokens() - layout.active(0);
  const auto sum = [x](std::size_t r) {
    double squares = 0;
    for (std::size_t t = 1; t < x.layout()->length(r); ++t) {
      const T* now = x.value().row_data(x.layout()->offset(t) + r);
      const T* before = x.value().row_data(x.layout()->offset(t - 1) + r);
      squares = detail::Kernels<T>::add_squares(squares, now, before, x.cols());
    }
    return squares;
  };
  const auto backward = [x](std::size_t r, T factor, MatrixView<T> dx) {
    for (std::size_t t = 1; t < x.layout()->length(r); ++t) {
      const std::size_t token = x.layout()->offset(t) + r, previous = x.layout()->offset(t - 1) + r;
      const auto now = x.value().row_range(token, 1), before = x.value().row_range(previous, 1);
      detail::Kernels<T>::add_scaled(factor, now, dx.row_range(token, 1));
      detail::Kernels<T>::add_scaled(-factor, before, dx.row_range(token, 1));
      detail::Kernels<T>::add_scaled(factor, before, dx.row_range(previous, 1));
      detail::Kernels<T>::add_scaled(-factor, now, dx.row_range(previous, 1));
    }
  };
  return detail::mean_of_squares(x, pairs * x.cols(), sum, backward);
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                              \
  template Var<T> activation_penalty(const SeqVar<T>& x); \
  template Var<T> temporal_penalty(const SeqVar<T>& x);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
