// Products with a weight matrix W [outputs, inputs] and their gradients: what Dense, TiedDecoder and Rnn
// share.
#pragma once

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/kernels/shard_fold.hpp>
#include <seqlstm/nn/detail/cached.hpp>
#include <seqlstm/nn/detail/int8.hpp>
#include <seqlstm/nn/parameter.hpp>
#include <seqlstm/nn/row_sums.hpp>
#include <string>
#include <type_traits>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// W (for x W^T, a forward product) or its transpose (for x W, a backward one) in the order of the products
/// P.
enum class WeightUse { forward, backward };
template <Scalar T, class P = Kernels<T>> class PackedWeight {
 public:
  void pack(const Parameter<T>& weight, WeightUse use) { pack(weight.view(), use); }
  void pack(ConstMatrixView<T> weight, WeightUse use) {
    const bool forward = use == WeightUse::forward;
    depth_ = forward ? weight.cols() : weight.rows();
    columns_ = forward ? weight.rows() : weight.cols();
    packed_.reserve_discard(P::factor_size(depth_, columns_));
    P::pack_factor(weight, forward, packed_.data());
  }
  /// In the order of P::multiply.
  [[nodiscard]] const typename P::Stored* data() const { return packed_.data(); }
  /// y (+)= x W^T or x W, on one thread. A row's bits do not depend on the rows beside it.
  void multiply(ConstMatrixView<T> x, MatrixView<T> y, bool accumulate) const {
    P::multiply(x, packed_.data(), y, accumulate);
  }
  /// What column k of W is multiplied as, [columns]; of int8.
  void column(std::size_t k, T* to) const { P::factor_column(depth_, columns_, packed_.data(), k, to); }
  /// The same as multiply(), rows split over threads.
  void multiply_parallel(ConstMatrixView<T> x, MatrixView<T> y, bool accumulate) const {
    for_parts(x.rows(), P::grain(), product_operations(x.rows() * depth_ * columns_), [&](IndexRange rows) {
      const std::size_t count = rows.end - rows.begin;
      multiply(x.row_range(rows.begin, count), y.row_range(rows.begin, count), accumulate);
    });
  }

 private:
  AlignedBuffer<typename P::Stored> packed_;
  std::size_t depth_ = 0, columns_ = 0;
};

/// The packed copy of a weight, made anew when the parameter changed: once per update.
template <Scalar T, WeightUse use, class P = Kernels<T>> class CachedWeight {
 public:
  const PackedWeight<T, P>& of(const Parameter<T>& weight) const {
    return packed_.get({weight.version(), P::order()},
                       [&](PackedWeight<T, P>& packed) { packed.pack(weight, use); });
  }

 private:
  Cached<PackedWeight<T, P>, 2> packed_;
};

/// dw += dy^T x by the products P; threads split the outputs.
template <class P, Scalar T>
void add_outer_products(Arena& arena, ConstMatrixView<T> dy, ConstMatrixView<T> x, MatrixView<T> dw) {
  const std::size_t parts = parts_for(product_operations(dy.size() * x.cols())),
                    size = P::outer_room(dy.cols());
  auto* scratch = arena.template allocate<typename P::Stored>(parts * size);
  parallel_for(parts, [&](std::size_t part) {
    const IndexRange outputs = part_of(dy.cols(), parts, part, P::grain());
    if (outputs.begin < outputs.end) P::add_outer(dy, x, outputs, dw, scratch + part * size);
  });
}
/// dw = dy^T x, whose rows are those of shards that end at `ends`: added up in the order of ShardTree a few
/// outputs at a time, so that the caches hold their sums. Threads split the outputs.
template <class P, Scalar T>
void sum_shard_products(Arena& arena, ConstMatrixView<T> dy, ConstMatrixView<T> x,
                        std::span<const std::size_t> ends, MatrixView<T> dw) {
  constexpr std::size_t outputs_together = 96;  // P::add_outer's bits are the same for fewer
  const std::size_t parts = parts_for(product_operations(dy.size() * x.cols())),
                    size = P::outer_room(outputs_together);
  auto* scratch = arena.template allocate<typename P::Stored>(parts * size);
  const std::size_t waiting = (kernels::shard_places - 1) * outputs_together * x.cols();
  T* sums = arena.template allocate<T>(parts * waiting);
  parallel_for(parts, [&](std::size_t part) {
    const IndexRange own = part_of(dy.cols(), parts, part, P::grain());
    for (std::size_t first = own.begin; first < own.end; first += outputs_together) {
      const std::size_t outputs = std::min(outputs_together, own.end - first);
      const auto at = [&](std::size_t place) {
        if (place == 0) return dw.row_range(first, outputs);
        T* const begin = sums + part * waiting + (place - 1) * outputs_together * x.cols();
        return MatrixView<T>(begin, outputs, x.cols());
      };
      kernels::fold_shards(
          ends.size(),
          [&](std::size_t shard, std::size_t place) {
            const std::size_t begin = shard == 0 ? 0 : ends[shard - 1], rows = ends[shard] - begin;
            const MatrixView<T> to = at(place);
            std::fill_n(to.data(), to.size(), T(0));
            P::add_outer({dy.row_data(begin) + first, rows, outputs, dy.stride()}, x.row_range(begin, rows),
                         {0, outputs}, to, scratch + part * size);
          },
          [&](std::size_t left, std::size_t right) { Kernels<T>::add(at(left), at(right), at(left)); });
    }
  });
}
/// parameter.gradient() += dy^T x, summed over the rows of `rows`, unless it is frozen.
template <class P, Scalar T>
void add_weight_gradient(const Variable<T>& rows, ConstMatrixView<T> dy, ConstMatrixView<T> x,
                         const Parameter<T>& parameter) {
  if (!parameter.trainable) return;
  Tape<T>& tape = rows.tape();
  const MatrixView<T> gradient = parameter.gradient();
  if (tape.shards() == nullptr) return add_outer_products<P, T>(tape.arena(), dy, x, gradient);
  const ShardRows by_shard = tape.shard_rows(rows);
  const std::size_t together = shards_together(by_shard);
  GatheredRows<T> own(tape, by_shard, together);
  T* const sums = sum_shards(
      tape, gradient.size(),
      [&](std::size_t shard, T* to) {
        own.begin(shard);
        const ConstMatrixView<T> own_dy = own(dy);
        sum_shard_products<P, T>(tape.arena(), own_dy, own(x), own.ends(),
                                 {to, gradient.rows(), gradient.cols()});
      },
      FirstSums::overwritten, together);
  tape.shards()->send(gradient, sums);
}

/// parameter.gradient() += column sums of dy over the rows of `rows`, unless it is frozen; threads split the
/// columns.
template <Scalar T>
void add_bias_gradient(const Variable<T>& rows, ConstMatrixView<T> dy, const Parameter<T>& parameter);

/// y = x W^T + b for a weight and a bias (may be empty) that belong to somebody else, with copies of W in the
/// order of the products P. Weight, bias and this object must outlive the tape's step.
template <Scalar T, class P> class LinearBy {
 public:
  /// Packs the weight for forward products now.
  void prepare(const Parameter<T>& weight) const {
    if constexpr (!trains<P>) check_int8_terms(weight.cols(), "a product with weights");
    forward_.of(weight);
  }
  template <template <class> class V>
  V<T> operator()(const V<T>& x, const Parameter<T>& weight, const Parameter<T>& bias) const {
    const bool biased = bias.size() > 0;
    const bool needs = x.needs_gradient() || weight.trainable || (biased && bias.trainable);
    if constexpr (!trains<P>) {
      if (needs && x.tape().training()) throw int8_trains("a product with weights");
      check_int8_terms(weight.cols(), "a product with weights");
    }
    V<T> y = x.tape().make_like(x, weight.rows(), needs);
    const auto value = y.node()->value;
    if (biased)
      for (std::size_t r = 0; r < value.rows(); ++r)
        std::copy_n(bias.data(), value.cols(), value.row_data(r));
    forward_.of(weight).multiply_parallel(x.value(), value, biased);
    if constexpr (trains<P>)
      x.tape().record(y, [this, x, weight_ = &weight, bias_ = &bias](ConstMatrixView<T> dy) {
        backward(x, *weight_, *bias_, dy);
      });
    return y;
  }

 private:
  void backward(const Variable<T>& x, const Parameter<T>& weight, const Parameter<T>& bias,
                ConstMatrixView<T> dy) const {
    add_weight_gradient<P, T>(x, dy, x.value(), weight);
    if (bias.size() > 0) add_bias_gradient<T>(x, dy, bias);
    if (!x.needs_gradient()) return;
    const auto dx = x.tape().gradient_destination(x);
    backward_.of(weight).multiply_parallel(dy, dx.gradient, dx.accumulate);
  }

  CachedWeight<T, WeightUse::forward, P> forward_;
  CachedWeight<T, WeightUse::backward, P> backward_;
};

/// The same in a layer's precision.
template <Scalar T> class Linear {
 public:
  void prepare(const Parameter<T>& weight, Precision precision) const;
  template <template <class> class V>
  V<T> operator()(const V<T>& x, const Parameter<T>& weight, const Parameter<T>& bias,
                  Precision precision) const {
    if constexpr (std::is_same_v<T, float>)
      if (precision == Precision::bf16) return rounded_(x, weight, bias);
    if constexpr (std::is_same_v<T, float>)
      if (precision == Precision::int8) return quantized_(x, weight, bias);
    return plain_(x, weight, bias);
  }

 private:
  struct Nothing {};
  using Rounded = std::conditional_t<std::is_same_v<T, float>, LinearBy<T, RoundedKernels>, Nothing>;
  using Quantized = std::conditional_t<std::is_same_v<T, float>, LinearBy<T, QuantizedKernels>, Nothing>;
  LinearBy<T, Kernels<T>> plain_;
  Rounded rounded_;
  Quantized quantized_;
};

/// An option_error unless a layer of numbers T can have the precision. Chooses what multiplies in bf16, so
/// that a wrong wish of the environment shows here and not in the midst of a pass.
template <Scalar T> void check_precision(Precision precision, const std::string& who);

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/linear.ipp>
#endif
