// float16: IEEE half precision, eleven bits of significand, up to 65504; for files.
#pragma once

#include <bit>
#include <cstdint>
#include <seqlstm/core/abi.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Sixteen bits of storage, numpy's float16. NaN stays NaN, infinity stays infinity.
struct float16 {
  std::uint16_t bits = 0;  ///< sign, five bits of exponent, ten of fraction

  float16() = default;  ///< zero
  /// The nearest one, of two the even one; infinity from 65520 on.
  explicit float16(float value) {
    const auto word = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = (word >> 16U) & 0x8000U, magnitude = word & 0x7FFFFFFFU;
    if (magnitude > 0x7F800000U) {
      bits = static_cast<std::uint16_t>(sign | 0x7E00U | ((magnitude >> 13U) & 0x3FFU));  // quiet NaN
    } else if (magnitude >= 0x477FF000U) {
      bits = static_cast<std::uint16_t>(sign | 0x7C00U);
    } else if (magnitude < 0x38800000U) {  // below 2^-14: multiples of 2^-24, which the sum rounds to
      const float sum = std::bit_cast<float>(magnitude) + 0.5F;
      bits = static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(sum) - 0x3F000000U));
    } else {
      const std::uint32_t rounded = magnitude - 0x38000000U + 0xFFFU + ((magnitude >> 13U) & 1U);
      bits = static_cast<std::uint16_t>(sign | (rounded >> 13U));
    }
  }
  /// The same number, exactly.
  explicit operator float() const {
    const std::uint32_t sign = (bits & 0x8000U) << 16U, exponent = (bits >> 10U) & 0x1FU,
                        fraction = bits & 0x3FFU;
    if (exponent == 0x1FU) return std::bit_cast<float>(sign | 0x7F800000U | (fraction << 13U));
    if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112U) << 23U) | (fraction << 13U));
    const float value = static_cast<float>(fraction) * 0x1p-24F;  // subnormal
    return sign != 0 ? -value : value;
  }
};

SEQLSTM_NAMESPACE_END
