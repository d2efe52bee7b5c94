// A convolution's weight [O, I, kernel] as matrices W_k [O, I], one for each tap k: packed for products, and
// the sums that become its gradient.
#pragma once

#include <seqlstm/nn/detail/linear.hpp>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Sizes of such a weight.
struct TapSizes {
  std::size_t outputs, inputs, taps;
  template <Scalar T>
  explicit TapSizes(const Parameter<T>& weight)
      : outputs(weight.shape()[0]), inputs(weight.shape()[1]), taps(weight.shape()[2]) {}
};

/// The matrices W_k in the order of the products P.
template <Scalar T, class P> class TapFactors {
 public:
  void pack(const Parameter<T>& weight, WeightUse use);
  const PackedWeight<T, P>& operator[](std::size_t tap) const { return taps_[tap]; }

 private:
  std::vector<PackedWeight<T, P>> taps_;
  AlignedBuffer<T> tap_;  // one of them as a matrix
};

/// The packed copies of a weight's taps, made anew when the parameter changed: once per update.
template <Scalar T, WeightUse use, class P> class CachedTaps {
 public:
  const TapFactors<T, P>& of(const Parameter<T>& weight) const {
    return packed_.get({weight.version(), P::order()},
                       [&](TapFactors<T, P>& packed) { packed.pack(weight, use); });
  }

 private:
  Cached<TapFactors<T, P>, 2> packed_;
};

/// Some outputs of some taps, which one thread sums.
struct TapPart {
  IndexRange own;  ///< of all outputs of all taps, tap by tap
  std::size_t outputs_of_a_tap;

  /// The taps that have outputs here.
  [[nodiscard]] IndexRange taps() const {
    return {own.begin / outputs_of_a_tap, kernels::ceil_div(own.end, outputs_of_a_tap)};
  }
  /// Which outputs those of a tap are.
  [[nodiscard]] IndexRange outputs(std::size_t tap) const {
    const std::size_t first = tap * outputs_of_a_tap;
    return {std::max(own.begin, first) - first, std::min(own.end, first + outputs_of_a_tap) - first};
  }
};

/// Sums of outer products for every tap, [O, I] each and zero at first; memory is the arena's. Threads split
/// the outputs of all taps, never a sum.
template <Scalar T> class TapSums {
 public:
  TapSums(Arena& arena, const Parameter<T>& weight)
      : sizes_(weight), sums_(arena.template allocate_zero<T>(weight.size())) {}

  [[nodiscard]] MatrixView<T> of(std::size_t tap) const {
    return {sums_ + tap * sizes_.outputs * sizes_.inputs, sizes_.outputs, sizes_.inputs};
  }
  /// Calls body(part, scratch memory of P::add_outer) for parts of all sums; `rows` are summed over.
  template <class P, class Body> void for_each_part(Arena& arena, std::size_t rows, Body&& body) const {
    const std::size_t all = sizes_.taps * sizes_.outputs,
                      parts = parts_for(product_operations(rows * all * sizes_.inputs)),
                      room = P::outer_room(sizes_.outputs);
    auto* scratch = arena.template allocate<typename P::Stored>(parts * room);
    parallel_for(parts, [&](std::size_t part) {
      const IndexRange own = part_of(all, parts, part, P::grain());
      if (own.begin < own.end) body(TapPart{own, sizes_.outputs}, scratch + part * room);
    });
  }
  /// gradient += the sums, a gradient of the weight's shape.
  void add_to(MatrixView<T> gradient) const;

 private:
  TapSizes sizes_;
  T* sums_;
};

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/tap_weights.ipp>
#endif
