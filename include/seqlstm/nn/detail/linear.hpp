// Products with a weight matrix W [outputs, inputs] and their gradients: what Dense, TiedDecoder and Rnn
// share.
#pragma once

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/gemm.hpp>
#include <seqlstm/kernels/reduce.hpp>
#include <seqlstm/nn/parameter.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// A copy of W or its transpose in the kernels' order, made anew when the parameter's version changed.
template <Scalar T> class PackedWeight {
 public:
  enum class Use { forward, backward };
  explicit PackedWeight(Use use = Use::forward) : use_(use) {}

  void refresh(const Parameter<T>& weight) {
    if (version_ == weight.version() && source_ == weight.data()) return;
    const bool forward = use_ == Use::forward;
    depth_ = forward ? weight.cols() : weight.rows();
    columns_ = forward ? weight.rows() : weight.cols();
    packed_.reserve_discard(kernels::packed_size<T>(depth_, columns_));
    kernels::pack_panels<T>(weight.data(), forward ? 1 : weight.cols(), forward ? weight.cols() : 1, depth_,
                            columns_, packed_.data());
    version_ = weight.version();
    source_ = weight.data();
  }
  /// y (+)= x W^T (forward) or x W (backward), on one thread. A row's bits do not depend on the rows beside
  /// it.
  void multiply(ConstMatrixView<T> x, MatrixView<T> y, bool accumulate) const {
    kernels::gemm_panels<T>(x.data(), x.stride(), 1, x.rows(), depth_, packed_.data(), columns_, y.data(),
                            y.stride(), accumulate);
  }
  /// The same, rows split over threads.
  void multiply_parallel(ConstMatrixView<T> x, MatrixView<T> y, bool accumulate) const {
    for_parts(x.rows(), kernels::tile_rows<kernels::DefaultArch>, x.rows() * depth_ * columns_ / 8,
              [&](Range rows) {
                const std::size_t count = rows.end - rows.begin;
                multiply(x.row_range(rows.begin, count), y.row_range(rows.begin, count), accumulate);
              });
  }

 private:
  Use use_;
  AlignedBuffer<T> packed_;
  std::size_t depth_ = 0, columns_ = 0;
  std::uint64_t version_ = 0;
  const T* source_ = nullptr;  // a parameter assigned from another may have the same version
};

/// Numbers of scratch memory add_weight_gradient needs.
template <Scalar T>
inline constexpr std::size_t weight_gradient_scratch =
    kernels::gemm_depth* kernels::panel_columns<T, kernels::DefaultArch>;

/// dw [outputs, inputs] += dy^T x for the outputs in `outputs`, on one thread: samples in blocks of
/// gemm_depth, summed in order. x is copied panel by panel, because the kernel reads whole vectors.
template <Scalar T>
void add_weight_gradient(ConstMatrixView<T> dy, ConstMatrixView<T> x, Range outputs, MatrixView<T> dw,
                         T* scratch) {
  constexpr std::size_t wide = kernels::panel_columns<T, kernels::DefaultArch>;
  for (std::size_t first = 0; first < x.rows(); first += kernels::gemm_depth) {
    const std::size_t depth = std::min(kernels::gemm_depth, x.rows() - first);
    for (std::size_t column = 0; column < x.cols(); column += wide) {
      const std::size_t used = std::min(wide, x.cols() - column);
      kernels::pack_panels<T>(x.row_data(first) + column, x.stride(), 1, depth, used, scratch);
      kernels::gemm_panels<T>(dy.row_data(first) + outputs.begin, 1, dy.stride(), outputs.end - outputs.begin,
                              depth, scratch, used, dw.row_data(outputs.begin) + column, dw.stride(), true);
    }
  }
}

/// parameter.gradient() += dy^T x, unless it is frozen; threads split the outputs.
template <Scalar T>
void add_weight_gradient(Arena& arena, ConstMatrixView<T> dy, ConstMatrixView<T> x, Parameter<T>& parameter) {
  if (!parameter.trainable) return;
  const std::size_t parts = parts_for(dy.size() * x.cols() / 8), size = weight_gradient_scratch<T>;
  T* scratch = arena.template allocate<T>(parts * size);
  const MatrixView<T> dw = parameter.gradient();
  parallel_for(parts, [&](std::size_t part) {
    const Range outputs = part_of(dy.cols(), parts, part, kernels::tile_rows<kernels::DefaultArch>);
    if (outputs.begin < outputs.end) add_weight_gradient<T>(dy, x, outputs, dw, scratch + part * size);
  });
}

/// parameter.gradient() += column sums of dy, unless it is frozen; threads split the columns.
template <Scalar T> void add_bias_gradient(ConstMatrixView<T> dy, Parameter<T>& parameter) {
  if (!parameter.trainable) return;
  for_parts(dy.cols(), cache_line / sizeof(T), dy.size(),
            [&](Range columns) { kernels::add_column_sums<T>(dy, columns, parameter.gradient().data()); });
}

/// y = x W^T + b for a weight and a bias (may be empty) that belong to somebody else, with copies of W in the
/// kernels' order. Weight, bias and this object must outlive the tape's step.
template <Scalar T> class Linear {
 public:
  template <template <class> class V>
  V<T> operator()(const V<T>& x, Parameter<T>& weight, Parameter<T>& bias) {
    const bool biased = bias.size() > 0;
    const bool needs = x.needs_gradient() || weight.trainable || (biased && bias.trainable);
    V<T> y = x.tape().make_like(x, weight.rows(), needs);
    const auto value = y.node()->value;
    if (biased)
      for (std::size_t r = 0; r < value.rows(); ++r)
        std::copy_n(bias.data(), value.cols(), value.row_data(r));
    forward_.refresh(weight);
    forward_.multiply_parallel(x.value(), value, biased);
    x.tape().record(y, [this, x, weight_ = &weight, bias_ = &bias](ConstMatrixView<T> dy) {
      backward(x, *weight_, *bias_, dy);
    });
    return y;
  }

 private:
  void backward(const Variable<T>& x, Parameter<T>& weight, Parameter<T>& bias, ConstMatrixView<T> dy) {
    add_weight_gradient<T>(x.tape().arena(), dy, x.value(), weight);
    if (bias.size() > 0) add_bias_gradient<T>(dy, bias);
    if (!x.needs_gradient()) return;
    backward_.refresh(weight);
    const auto dx = x.tape().gradient_destination(x);
    backward_.multiply_parallel(dy, dx.gradient, dx.accumulate);
  }

  using Packed = PackedWeight<T>;
  Packed forward_{Packed::Use::forward}, backward_{Packed::Use::backward};
};

}  // namespace detail

SEQLSTM_NAMESPACE_END
