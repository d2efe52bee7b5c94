#include <seqlstm/core/float16.hpp>

#include <cmath>
#include <limits>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

float16 of_bits(std::uint32_t bits) {
  float16 half;
  half.bits = static_cast<std::uint16_t>(bits);
  return half;
}
/// The number by its definition.
double value_of(std::uint32_t bits) {
  const double sign = (bits & 0x8000U) != 0 ? -1 : 1, fraction = bits & 0x3FFU;
  const int exponent = static_cast<int>((bits >> 10U) & 0x1FU);
  if (exponent == 0x1F) return fraction == 0 ? sign * std::numeric_limits<double>::infinity() : std::nan("");
  return exponent == 0 ? sign * std::ldexp(fraction, -24)
                       : sign * std::ldexp(1 + fraction / 1024, exponent - 15);
}

}  // namespace

TEST_CASE("float16: every number goes to float exactly and back to its bits") {
  for (std::uint32_t bits = 0; bits < 0x10000U; ++bits) {
    const auto value = static_cast<float>(of_bits(bits));
    if (std::isnan(value)) {
      REQUIRE(std::isnan(value_of(bits)));
      REQUIRE(std::isnan(static_cast<float>(float16(value))));
      continue;
    }
    if (double{value} != value_of(bits) || std::signbit(value) != ((bits & 0x8000U) != 0))
      REQUIRE(bits == 0x10000U);
    if (float16(value).bits != bits) REQUIRE(float16(value).bits == bits);
  }
}

TEST_CASE("float16: a number between two becomes the nearer one, in the middle the even one") {
  for (std::uint32_t bits = 0; bits < 0x7C00U; ++bits) {
    const double low = value_of(bits), high = bits == 0x7BFFU ? 65536 : value_of(bits + 1);
    const auto middle = static_cast<float>((low + high) / 2);
    const std::uint32_t even = bits % 2 == 0 ? bits : bits + 1;
    const std::uint32_t found[] = {float16(std::nextafter(middle, 0.0F)).bits, float16(middle).bits,
                                   float16(std::nextafter(middle, 1e9F)).bits,
                                   float16(-middle).bits ^ 0x8000U};
    const std::uint32_t expected[] = {bits, even, bits + 1, even};
    for (std::size_t k = 0; k < 4; ++k)
      if (found[k] != expected[k]) REQUIRE(found[k] == expected[k]);
  }
  CHECK(float16(1e30F).bits == 0x7C00U);
  CHECK(float16(-std::numeric_limits<float>::infinity()).bits == 0xFC00U);
  CHECK(float16(1e-30F).bits == 0);
  CHECK(float16(-0.0F).bits == 0x8000U);
}
