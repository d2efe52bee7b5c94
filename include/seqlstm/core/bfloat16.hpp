// bfloat16: float's range, eight bits of significand, round to nearest even; and what is computed in it.
#pragma once

#include <bit>
#include <cstdint>
#include <seqlstm/core/abi.hpp>

SEQLSTM_PLAIN_NAMESPACE_BEGIN

/// Sixteen bits of storage; arithmetic happens in float. NaN stays NaN, infinity stays infinity.
struct bfloat16 {
  std::uint16_t bits;  ///< upper half of a float; not set by default: arrays of them are scratch memory

  bfloat16() = default;
  /// The nearest one, of two the even one; infinity beyond the largest.
  [[gnu::always_inline]] explicit bfloat16(float value) {
    const auto word = std::bit_cast<std::uint32_t>(value);
    if ((word & 0x7FFFFFFFU) > 0x7F800000U) {
      bits = static_cast<std::uint16_t>((word >> 16U) | 0x40U);  // quiet NaN, payload's top kept
    } else {
      bits = static_cast<std::uint16_t>((word + 0x7FFFU + ((word >> 16U) & 1U)) >> 16U);
    }
  }
  /// The same with denormal numbers as zero, which is what CPUs' own conversions give.
  [[gnu::always_inline]] static bfloat16 flushed(float value) {
    const auto word = std::bit_cast<std::uint32_t>(value);
    return bfloat16((word & 0x7F800000U) == 0 ? std::bit_cast<float>(word & 0x80000000U) : value);
  }
  /// The same number, exactly.
  [[gnu::always_inline]] explicit operator float() const {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
  }
};

SEQLSTM_PLAIN_NAMESPACE_END

SEQLSTM_NAMESPACE_BEGIN

using SEQLSTM_PLAIN::bfloat16;

/// What a layer multiplies in.
enum class Precision {
  f32,   ///< its own numbers
  bf16,  ///< factors rounded to bfloat16, products summed in float; states, parameters and gradients stay
         ///< float
  int8,  ///< inference: factors quantised to eight bits, weights and activations by row; products summed in
         ///< int32, exactly
};

SEQLSTM_NAMESPACE_END
