// Batch normalisation (Ioffe and Szegedy 2015), PyTorch's nn.BatchNorm1d.
#pragma once

#include <cmath>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/names.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Width and running statistics of a BatchNorm.
struct BatchNormOptions {
  std::size_t width = 0;  ///< columns of x
  double momentum = 0.1;  ///< weight of a new batch in the running statistics
  double eps = 1e-5;      ///< added to the variance
  std::string name = {};  ///< for error messages: "batch_norm 'name': ..."
};

/// y = weight (x - mean) / sqrt(variance + eps) + bias, column by column.
///
/// In training mean and biased variance are those of the batch's rows (for a SeqVar: of all its tokens), and
/// the running statistics move towards them: running = (1 - momentum) running + momentum new, the variance
/// unbiased. In inference, and while `training` is false, the running statistics are used; gradients then
/// still pass to x and to parameters that are not frozen. A training batch needs two rows: shape_error. Names
/// are PyTorch's: weight (1 at first), bias (0), running_mean (0), running_var (1), num_batches_tracked. Must
/// outlive the tape's step.
template <Scalar T = float> class BatchNorm {
 public:
  BatchNorm() = default;
  /// Momentum 0.1 and eps 1e-5, as in BatchNormOptions.
  explicit BatchNorm(std::size_t width) : BatchNorm(BatchNormOptions{width, 0.1, 1e-5, {}}) {}
  /// Throws option_error for a width of 0, a momentum outside of 0 to 1 and an eps below 0.
  explicit BatchNorm(BatchNormOptions options);

  /// y, of x's shape. Throws shape_error where x is not `width` columns wide.
  template <template <class> class V> V<T> operator()(const V<T>& x) const {
    detail::check_columns("batch_norm", name, x, "weight", weight.cols());
    const bool of_batch = training && x.tape().training();
    const bool by_shard = of_batch && x.tape().shards() != nullptr;
    if (of_batch && !by_shard && x.rows() < 2)
      throw shape_error(
          detail::title("batch_norm", name) + ": a training batch of " + std::to_string(x.rows()) +
          (x.rows() == 1 ? " row" : " rows") +
          " has no variance, expected at least 2 rows; use larger batches or leave the incomplete last "
          "one out, or set training = false to use the running statistics");
    V<T> y = x.tape().make_like(x, x.needs_gradient() || weight.trainable || bias.trainable);
    auto& arena = x.tape().arena();
    T* mean = arena.template allocate<T>(x.cols());
    T* inverse = arena.template allocate<T>(x.cols());
    const kernels::ColumnScale<T> scale{mean, inverse, weight.data()};
    if (by_shard) shard_moments(x, mean, inverse);
    for_columns(x, [&](IndexRange columns) {
      if (of_batch && !by_shard) {
        detail::Kernels<T>::column_moments(x.value(), columns, mean, inverse);
        update_running(columns, x.rows(), mean, inverse);
      } else if (!of_batch) {
        std::copy_n(running_mean.values().data() + columns.begin, columns.end - columns.begin,
                    mean + columns.begin);
        std::copy_n(running_var.values().data() + columns.begin, columns.end - columns.begin,
                    inverse + columns.begin);
      }
      for (std::size_t c = columns.begin; c < columns.end; ++c)
        inverse[c] = T(1) / std::sqrt(inverse[c] + eps_);
      detail::Kernels<T>::normalize_columns(x.value(), columns, scale, bias.data(), y.node()->value);
    });
    if (of_batch) ++num_batches_tracked.values()[0];
    x.tape().record(y,
                    [this, x, scale, of_batch](ConstMatrixView<T> dy) { backward(x, scale, of_batch, dy); });
    return y;
  }

  /// Weight 1, bias 0, and the running statistics of a new layer. Draws nothing: the key is not used.
  void initialize(RandomKey);
  /// Columns of x and of y.
  [[nodiscard]] std::size_t output() const { return weight.cols(); }
  /// What is added to the variance.
  [[nodiscard]] T eps() const { return eps_; }

  template <class Visitor> void fields(Visitor& v) {
    v("weight", weight);
    v("bias", bias);
    v("running_mean", running_mean);
    v("running_var", running_var);
    v("num_batches_tracked", num_batches_tracked);
  }

  Parameter<T> weight,  ///< [width], factor of the normalised columns
      bias;             ///< [width], added to them
  // What a training tape writes, through a const model too.
  mutable Buffer<T> running_mean,                    ///< [width]
      running_var;                                   ///< [width], unbiased
  mutable Buffer<std::int64_t> num_batches_tracked;  ///< a scalar: training batches since initialize()
  std::string name;      ///< in error messages; set_names() makes it the path in the module
  bool training = true;  ///< false: running statistics, even on a training tape

 private:
  template <class Body> static void for_columns(const Variable<T>& x, Body&& body) {
    for_parts(x.cols(), cache_line / sizeof(T), x.rows() * x.cols() * 2, body);
  }

  void update_running(IndexRange columns, std::size_t rows, const T* mean, const T* variance) const;

  void backward(const Variable<T>& x, const kernels::ColumnScale<T>& scale, bool of_batch,
                ConstMatrixView<T> dy) const;

  // The same where several ranks compute the batch: mean, variance and the running statistics of all its
  // rows.
  void shard_moments(const Variable<T>& x, T* mean, T* variance) const;
  void shard_backward(const Variable<T>& x, const kernels::ColumnScale<T>& scale, bool of_batch,
                      ConstMatrixView<T> dy) const;

  T momentum_ = T(0.1), eps_ = T(1e-5);
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/batch_norm.ipp>
#endif
