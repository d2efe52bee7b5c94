// Definitions of batch_norm.hpp.
#pragma once

#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/row_sums.hpp>

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
  if (x.tape().shards() != nullptr) return shard_backward(x, scale, of_batch, dy);
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

template <Scalar T> void BatchNorm<T>::shard_moments(const Variable<T>& x, T* mean, T* variance) const {
  auto& tape = x.tape();
  const std::size_t width = x.cols();
  GatheredRows<T> own(tape, tape.shard_rows(x));
  T* sums = detail::sum_shards(tape, width + 1, [&](std::size_t shard, T* to) {
    own.begin(shard);
    detail::Kernels<T>::add_column_sums(own(x.value()), {0, width}, to);
    to[width] = static_cast<T>(own.size());
  });
  tape.shards()->sum_over_ranks({sums, width + 1});
  const T rows = sums[width];
  if (rows < 2)
    throw shape_error(detail::title("batch_norm", name) + ": a training batch of " +
                      detail::number_text(double{rows}) +
                      " rows on all ranks has no variance, expected at least 2 rows");
  T* zeros = tape.arena().template allocate_zero<T>(width);
  T* ones = tape.arena().template allocate<T>(width);
  for (std::size_t c = 0; c < width; ++c) {
    mean[c] = sums[c] / rows;
    ones[c] = T(1);
  }
  T* squares = detail::sum_shards(tape, width, [&](std::size_t shard, T* to) {
    own.begin(shard);
    const ConstMatrixView<T> rows_of_shard = own(x.value());
    const MatrixView<T> from_mean(own.template place<T>(width), own.size(), width);
    detail::Kernels<T>::normalize_columns(rows_of_shard, {0, width}, {mean, ones, ones}, zeros, from_mean);
    detail::Kernels<T>::multiply_elements(from_mean, from_mean, from_mean, false);
    detail::Kernels<T>::add_column_sums(from_mean, {0, width}, to);
  });
  tape.shards()->sum_over_ranks({squares, width});
  for (std::size_t c = 0; c < width; ++c) variance[c] = squares[c] / rows;
  update_running({0, width}, static_cast<std::size_t>(rows), mean, variance);
}

template <Scalar T>
void BatchNorm<T>::shard_backward(const Variable<T>& x, const kernels::ColumnScale<T>& scale, bool of_batch,
                                  ConstMatrixView<T> dy) const {
  auto& tape = x.tape();
  const std::size_t width = x.cols();
  GatheredRows<T> own(tape, tape.shard_rows(x));
  // The sums of dy, of dy times the normalised x, and the rows.
  T* sums = detail::sum_shards(tape, 2 * width + 1, [&](std::size_t shard, T* to) {
    own.begin(shard);
    const ConstMatrixView<T> own_x = own(x.value());
    detail::Kernels<T>::normalize_sums(own_x, own(dy), {0, width}, scale, to, to + width);
    to[2 * width] = static_cast<T>(own.size());
  });
  tape.shards()->sum_over_ranks({sums, 2 * width + 1});
  if (weight.trainable) tape.shards()->keep(weight.gradient(), sums + width);
  if (bias.trainable) tape.shards()->keep(bias.gradient(), sums);
  if (!x.needs_gradient()) return;
  const MatrixView<T> dx = tape.gradient(x);
  if (!of_batch)
    return for_columns(
        x, [&](IndexRange columns) { detail::Kernels<T>::normalize_backward_fixed(dy, columns, scale, dx); });
  // dx += weight inverse (dy - mean_dy - normal mean_product)
  T* mean_dy = tape.arena().template allocate<T>(width);
  T* mean_product = tape.arena().template allocate<T>(width);
  for (std::size_t c = 0; c < width; ++c) {
    mean_dy[c] = sums[c] / sums[2 * width];
    mean_product[c] = sums[width + c] / sums[2 * width];
  }
  const auto rest = tape.arena().template matrix<T>(dy.rows(), width);
  const auto fitted = tape.arena().template matrix<T>(dy.rows(), width);
  for_columns(x, [&](IndexRange columns) {
    const auto of = [&](const auto& view) {
      return view.columns(columns.begin, columns.end - columns.begin);
    };
    detail::Kernels<T>::normalize_columns(x.value(), columns, {scale.mean, scale.inverse, mean_product},
                                          mean_dy, fitted);
    for (std::size_t r = 0; r < dy.rows(); ++r)
      std::copy_n(dy.row_data(r) + columns.begin, columns.end - columns.begin,
                  rest.row_data(r) + columns.begin);
    detail::Kernels<T>::add_scaled(T(-1), of(fitted), of(rest));
    detail::Kernels<T>::normalize_backward_fixed(rest, columns, scale, dx);
  });
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class BatchNorm<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
