// Several vectors computed side by side. One chain of dependent operations leaves a CPU idle for most of
// their latency; K chains interleaved step by step fill it. Functions written for a vector (math.hpp) take a
// bundle as they are.
#pragma once

#include <array>
#include <seqlstm/kernels/simd.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// K vectors V side by side; without an argument they are not set.
template <class V, std::size_t K> struct Bundle {
  static constexpr bool is_bundle = true;     ///< what the concept Bundled asks for
  using value_type = typename V::value_type;  ///< number in a lane
  using arch_type = typename V::arch_type;    ///< instruction set of the vectors
  std::array<V, K> v;                         ///< the vectors

  Bundle() = default;
  /// `all` in every lane of every vector.
  [[gnu::always_inline]] explicit Bundle(value_type all) {
    unrolled<K>([&](auto k) __attribute__((always_inline)) { v[k] = V(all); });
  }
  /// Vector k.
  [[gnu::always_inline]] V& operator[](std::size_t k) { return v[k]; }
  /// The same, read only.
  [[gnu::always_inline]] const V& operator[](std::size_t k) const { return v[k]; }

  /// f of the k-th vectors, for every k.
  template <class F, class... B> [[gnu::always_inline]] static Bundle map(F f, const B&... b) {
    Bundle result;
    unrolled<K>([&](auto k) __attribute__((always_inline)) { result.v[k] = f(b.v[k]...); });
    return result;
  }
  /// Sums, lane by lane.
  [[gnu::always_inline]] friend Bundle operator+(const Bundle& a, const Bundle& b) {
    return map(
        [](const V& x, const V& y) __attribute__((always_inline)) { return x + y; }, a, b);
  }
  /// Differences, lane by lane.
  [[gnu::always_inline]] friend Bundle operator-(const Bundle& a, const Bundle& b) {
    return map(
        [](const V& x, const V& y) __attribute__((always_inline)) { return x - y; }, a, b);
  }
  /// Products, lane by lane.
  [[gnu::always_inline]] friend Bundle operator*(const Bundle& a, const Bundle& b) {
    return map(
        [](const V& x, const V& y) __attribute__((always_inline)) { return x * y; }, a, b);
  }
};

/// The same for every vector of a bundle.
template <class V, std::size_t K>
[[gnu::always_inline]] inline Bundle<V, K> shift_bits_left(const Bundle<V, K>& x, int bits) {
  return Bundle<V, K>::map(
      [=](const V& y) __attribute__((always_inline)) { return shift_bits_left(y, bits); }, x);
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
