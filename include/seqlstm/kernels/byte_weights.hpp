// Weights as bytes: the numbers alone, without vectors, also for files.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <seqlstm/core/abi.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Largest magnitude of a quantised number.
inline constexpr float byte_limit = 127.0F;
/// Terms of the longest row whose sums cannot leave int32: 127 * 127 * 2^17 < 2^31.
inline constexpr std::size_t most_byte_terms = std::size_t{1} << 17U;

namespace detail {

inline constexpr std::int32_t magnitude_bits = 0x7FFFFFFF, infinite_bits = 0x7F800000;

/// The scale of a row, of the bits of its largest magnitude: those of NaN are above those of all numbers.
inline float byte_scale(std::int32_t largest) {
  if (largest >= infinite_bits) return std::numeric_limits<float>::quiet_NaN();
  const float magnitude = std::bit_cast<float>(largest);
  if (!(magnitude >= 1e-30F)) return 0;
  constexpr std::uint32_t below = (1U << 7U) - 1;
  return std::bit_cast<float>((std::bit_cast<std::uint32_t>(magnitude / byte_limit) + below) & ~below);
}

}  // namespace detail

/// Quantises a row of weights: to[place(k)] for all k. Returns the scale.
template <class Place>
float quantize_weights(const float* row, std::size_t count, std::int8_t* to, Place&& place) {
  std::int32_t largest = 0;
  for (std::size_t k = 0; k < count; ++k)
    largest = std::max(largest, std::bit_cast<std::int32_t>(row[k]) & detail::magnitude_bits);
  const float scale = detail::byte_scale(largest);
  constexpr float magic = 12582912.0F;  // the sum's low byte is the quotient's nearest integer
  for (std::size_t k = 0; k < count; ++k)
    to[place(k)] = scale > 0 ? static_cast<std::int8_t>(std::bit_cast<std::uint32_t>(row[k] / scale + magic))
                             : std::int8_t{0};
  return scale;
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
