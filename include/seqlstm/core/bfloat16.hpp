// bfloat16 as a storage type: float's range, eight bits of significand, round to nearest even.
#pragma once

#include <bit>
#include <cstdint>
#include <seqlstm/core/abi.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Sixteen bits of storage; arithmetic happens in float. NaN stays NaN, infinity stays infinity.
struct bfloat16 {
  std::uint16_t bits = 0;

  bfloat16() = default;
  explicit bfloat16(float value) {
    const auto word = std::bit_cast<std::uint32_t>(value);
    if ((word & 0x7FFFFFFFU) > 0x7F800000U) {
      bits = static_cast<std::uint16_t>((word >> 16U) | 0x40U);  // quiet NaN, payload's top kept
    } else {
      bits = static_cast<std::uint16_t>((word + 0x7FFFU + ((word >> 16U) & 1U)) >> 16U);
    }
  }
  explicit operator float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U); }
};

SEQLSTM_NAMESPACE_END
