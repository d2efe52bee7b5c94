#include <seqlstm/core/bfloat16.hpp>

#include <bit>

#include "support/values.hpp"

using namespace seqlstm;

namespace {
bfloat16 from_bits(std::uint32_t bits) {
  bfloat16 value;
  value.bits = static_cast<std::uint16_t>(bits);
  return value;
}
float widened(float value) {
  return static_cast<float>(bfloat16(value));
}
}  // namespace

TEST_CASE("bfloat16: every value survives the way to float and back") {
  for (std::uint32_t bits = 0; bits < 0x10000U; ++bits) {
    const auto value = static_cast<float>(from_bits(bits));
    const bfloat16 back(value);
    if (std::isnan(value)) {
      REQUIRE(std::isnan(static_cast<float>(back)));
    } else {
      REQUIRE(back.bits == bits);
    }
  }
}

TEST_CASE("bfloat16: rounds to the nearest, ties to even") {
  const float ulp = 0x1p-7F;  // of numbers in [1, 2)
  CHECK(widened(1 + 0.49F * ulp) == 1.0F);
  CHECK(widened(1 + 0.51F * ulp) == 1 + ulp);
  CHECK(widened(1 + 0.5F * ulp) == 1.0F);
  CHECK(widened(1 + 1.5F * ulp) == 1 + 2 * ulp);
  CHECK(widened(-1 - 1.5F * ulp) == -1 - 2 * ulp);
  RandomStream random(1);
  for (int k = 0; k < 100000; ++k) {
    const auto value = std::bit_cast<float>(random());
    if (!std::isfinite(value)) continue;
    const bfloat16 rounded(value);
    const double error = std::abs(double{static_cast<float>(rounded)} - double{value});
    if (std::isinf(error)) continue;  // tested below
    for (const int step : {-1, 1}) {
      const double neighbour = static_cast<float>(from_bits(rounded.bits + static_cast<std::uint32_t>(step)));
      if (std::isfinite(neighbour)) REQUIRE(error <= std::abs(neighbour - double{value}));
    }
  }
}

TEST_CASE("bfloat16: infinities, overflow, signed zeros, denormals and NaN") {
  constexpr float inf = std::numeric_limits<float>::infinity();
  CHECK(widened(inf) == inf);
  CHECK(widened(-inf) == -inf);
  CHECK(widened(std::numeric_limits<float>::max()) == inf);
  CHECK(widened(static_cast<float>(from_bits(0x7F7F))) == static_cast<float>(from_bits(0x7F7F)));
  CHECK(bfloat16(-0.0F).bits == 0x8000);
  CHECK(bfloat16(0.0F).bits == 0);
  CHECK(widened(1e-45F) == 0.0F);
  CHECK(bfloat16().bits == 0);
  // A NaN whose payload is in the bits that are dropped must not become infinity.
  CHECK(std::isnan(widened(std::bit_cast<float>(0x7F800001U))));
  CHECK(std::isnan(widened(std::bit_cast<float>(0xFFFFFFFFU))));
  STATIC_REQUIRE(sizeof(bfloat16) == 2);
}
