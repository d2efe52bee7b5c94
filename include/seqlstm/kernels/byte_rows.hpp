// Numbers as bytes, one scale a row: what int8 products are made of.
//
//   weights      w = s q   q in -127..127, s = max |w| / 127 of a row, rounded up to 17 significant bits
//
//   activations  x = s q   the same of a row at run time, stored as q + 128 in 1..255
//
// So s q is exact in float, and weights that were read as bytes and multiplied out become the same bytes
// again. A row of zeros (below 1e-30) has the scale 0. One with a number that is not finite has the scale
// NaN, and so have all products with it.
#pragma once

#include <array>
#include <bit>
#include <seqlstm/kernels/byte_weights.hpp>
#include <seqlstm/kernels/simd.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Terms that rows of bytes are padded to a multiple of: a cache line, and the depth of a tile of bytes.
inline constexpr std::size_t byte_line = 64;

/// `terms` rounded up to whole lines.
[[nodiscard]] constexpr std::size_t padded_terms(std::size_t terms) {
  return ceil_div(terms, byte_line) * byte_line;
}
/// Bytes from one row of activations to the next: an odd number of lines, so that the rows of a tile spread
/// over the cache.
[[nodiscard]] constexpr std::size_t byte_stride(std::size_t terms) {
  return (ceil_div(terms, byte_line) | 1U) * byte_line;
}

namespace detail {

/// The largest magnitude's bits, whatever the order: integers compare as the magnitudes do.
template <class Arch> std::int32_t largest_bits(const float* row, std::size_t count) {
  using V = Vec<float, Arch>;
  using Integers = Vec<std::int32_t, Arch>;
  const Integers mask(magnitude_bits);
  Integers largest(0);
  const auto take = [&](const V& x) __attribute__((always_inline)) {
    const Integers bits = bits_of(x) & mask;
    largest = larger(largest, bits);
  };
  std::size_t k = 0;
  for (; k + V::size <= count; k += V::size) take(load<V>(row + k));
  if (k < count) take(load_partial<V>(row + k, count - k));
  std::array<std::int32_t, V::size> lanes;
  largest.store_unaligned(lanes.data());
  std::int32_t all = 0;
  for (const std::int32_t bits : lanes) all = std::max(all, bits);
  return all;
}
/// The low byte of every lane's bits.
template <class V> [[gnu::always_inline]] inline void store_low_bytes(std::uint8_t* to, const V& x) {
#if defined(__AVX512F__)
  if constexpr (has_masks<V>) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_cvtepi32_epi8(_mm512_castps_si512(x)));
    return;
  }
#endif
  std::array<float, V::size> lanes;
  store(lanes.data(), x);
  for (std::size_t i = 0; i < V::size; ++i)
    to[i] = static_cast<std::uint8_t>(std::bit_cast<std::uint32_t>(lanes[i]));
}

}  // namespace detail

/// The scale of a row of activations.
template <class Arch = DefaultArch> float row_scale(const float* row, std::size_t count) {
  return detail::byte_scale(detail::largest_bits<Arch>(row, count));
}
/// Quantises `count` numbers by that scale into a row of activations, whose lines it fills up with zeros
/// (128). Every instruction set gives the same bytes.
template <class Arch = DefaultArch>
void quantize_by(const float* row, std::size_t count, float scale, std::uint8_t* to) {
  using V = Vec<float, Arch>;
  const V inverse(scale > 0 ? 1 / scale : 0.0F);
  // Adding rounds to an integer, whose low byte is then q + 128. A product times one is no product that a
  // compiler could round together with the sum.
  const V magic(12582912.0F + 128.0F), one(1.0F);
  const auto bytes = [&](const V& x) __attribute__((always_inline)) {
    return fma(x * inverse, one, magic);
  };
  std::size_t k = 0;
  for (; k + V::size <= count; k += V::size) detail::store_low_bytes(to + k, bytes(load<V>(row + k)));
  if (k < count) {
    detail::store_low_bytes(to + k, bytes(load_partial<V>(row + k, count - k)));
    k += V::size;
  }
  for (; k < padded_terms(count); ++k) to[k] = 128;
}
/// Both. Returns the scale.
template <class Arch = DefaultArch>
float quantize_row(const float* row, std::size_t count, std::uint8_t* to) {
  const float scale = row_scale<Arch>(row, count);
  quantize_by<Arch>(row, count, scale, to);
  return scale;
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
