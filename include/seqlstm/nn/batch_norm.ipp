// Definitions of batch_norm.hpp.
#pragma once

#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/init.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
BatchNorm<T>::BatchNorm(BatchNormOptions options)
    : weight(options.width),
      bias(options.width),
      running_mean(options.width, T(0)),
      running_var(options.width, T(1)),
      num_batches_tracked(Buffer<std::int64_t>::scalar(0)),
      name(std::move(options.name)),
      momentum_(static_cast<T>(options.momentum)),
      eps_(static_cast<T>(options.eps)) {
  if (options.width == 0)
    throw option_error(detail::title("batch_norm", name) + ": width must be at least 1, got 0");
  if (!(options.momentum >= 0 && options.momentum <= 1))
    throw option_error(detail::title("batch_norm", name) + ": momentum is " +
                       detail::number_text(options.momentum) + ", expected 0 to 1");
  if (!(options.eps >= 0))
    throw option_error(detail::title("batch_norm", name) + ": eps is " + detail::number_text(options.eps) +
                       ", expected 0 or more");
  initialize_constructed(*this);
}

template <Scalar T> void BatchNorm<T>::initialize(RandomKey) {
  std::fill_n(weight.edit().data(), weight.size(), T(1));
  std::fill_n(bias.edit().data(), bias.size(), T(0));
  for (auto& v : running_mean.values()) v = T(0);
  for (auto& v : running_var.values()) v = T(1);
  for (auto& v : num_batches_tracked.values()) v = 0;
}

template <Scalar T>
void BatchNorm<T>::update_running(IndexRange columns, std::size_t rows, const T* mean,
                                  const T* variance) const {
  const T unbiased = static_cast<T>(static_cast<double>(rows) / static_cast<double>(rows - 1));
  auto running_m = running_mean.values(), running_v = running_var.values();
  for (std::size_t c = columns.begin; c < columns.end; ++c) {
    running_m[c] = std::fma(momentum_, mean[c], (T(1) - momentum_) * running_m[c]);
    running_v[c] = std::fma(momentum_, variance[c] * unbiased, (T(1) - momentum_) * running_v[c]);
  }
}

template <Scalar T>
void BatchNorm<T>::backward(const Variable<T>& x, const kernels::ColumnScale<T>& scale, bool of_batch,
                            ConstMatrixView<T> dy) const {
  auto& arena = x.tape().arena();
  T* sum_dy = arena.template allocate<T>(x.cols());
  T* sum_product = arena.template allocate<T>(x.cols());
  const MatrixView<T> dx = x.needs_gradient() ? x.tape().gradient(x) : MatrixView<T>();
  for_columns(x, [&](IndexRange columns) {
    detail::Kernels<T>::normalize_sums(x.value(), dy, columns, scale, sum_dy, sum_product);
    for (std::size_t c = columns.begin; c < columns.end; ++c) {
      if (weight.trainable) weight.gradient()(0, c) += sum_product[c];
      if (bias.trainable) bias.gradient()(0, c) += sum_dy[c];
    }
    if (dx.data() == nullptr) return;
    if (of_batch) {
      detail::Kernels<T>::normalize_backward(x.value(), dy, columns, scale, sum_dy, sum_product, dx);
    } else {
      detail::Kernels<T>::normalize_backward_fixed(dy, columns, scale, dx);
    }
  });
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class BatchNorm<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
