// Definitions of layer_norm.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/detail/linear.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/layer_norm.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
LayerNorm<T>::LayerNorm(LayerNormOptions options)
    : name(std::move(options.name)),
      weight(options.width),
      bias(options.width),
      eps_(static_cast<T>(options.eps)) {
  if (options.width == 0)
    throw option_error(detail::title("layer_norm", name) + ": width must be at least 1, got 0");
  if (!(options.eps >= 0))
    throw option_error(detail::title("layer_norm", name) + ": eps is " + detail::number_text(options.eps) +
                       ", expected 0 or more");
  initialize_constructed(*this);
}

template <Scalar T> void LayerNorm<T>::initialize(RandomKey) {
  std::fill_n(weight.edit().data(), weight.size(), T(1));
  std::fill_n(bias.edit().data(), bias.size(), T(0));
}

template <Scalar T>
typename LayerNorm<T>::Moments LayerNorm<T>::forward(const Variable<T>& x, MatrixView<T> y) const {
  auto& arena = x.tape().arena();
  const Moments moments{arena.template allocate<T>(x.rows()), arena.template allocate<T>(x.rows())};
  for_parts(x.rows(), 1, x.value().size() * 3, [&](IndexRange rows) {
    const std::size_t first = rows.begin, count = rows.end - rows.begin;
    detail::Kernels<T>::normalize_rows(x.value().row_range(first, count), eps_, weight.data(), bias.data(),
                                       moments.mean + first, moments.inverse + first,
                                       y.row_range(first, count));
  });
  return moments;
}

template <Scalar T>
void LayerNorm<T>::backward(const Variable<T>& x, const Moments& moments, ConstMatrixView<T> dy) const {
  add_row_sums(x, weight, [&](auto&& own, MatrixView<T> sums) {
    const ConstMatrixView<T> own_x = own(x.value()), own_dy = own(dy);
    const T *const mean = own(moments.mean), *const inverse = own(moments.inverse);
    for_parts(x.cols(), cache_line / sizeof(T), own_x.size() * 2, [&](IndexRange columns) {
      detail::Kernels<T>::add_normal_products(own_x, own_dy, columns, mean, inverse, sums.data());
    });
  });
  detail::add_bias_gradient<T>(x, dy, bias);
  if (!x.needs_gradient()) return;
  const MatrixView<T> dx = x.tape().gradient(x);
  for_parts(x.rows(), 1, x.value().size() * 4, [&](IndexRange rows) {
    const std::size_t first = rows.begin, count = rows.end - rows.begin;
    detail::Kernels<T>::normalize_rows_backward(x.value().row_range(first, count), dy.row_range(first, count),
                                                weight.data(), moments.mean + first, moments.inverse + first,
                                                dx.row_range(first, count));
  });
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class LayerNorm<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
