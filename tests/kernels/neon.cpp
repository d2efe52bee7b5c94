// The operator / of vectors is rounded correctly: on AArch64 by the vectors of neon.hpp, elsewhere by
// xsimd's.
#include <seqlstm/kernels/neon.hpp>
#include <seqlstm/kernels/simd.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <seqlstm/core/random.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

TEMPLATE_TEST_CASE("neon: vectors divided by their operator are rounded correctly", "", float, double) {
  using V = kernels::Vec<TestType, kernels::DefaultArch>;
  RandomStream random(5);
  std::array<TestType, V::size> quotients{}, ones{};
  for (int round = 0; round < 20000; ++round) {
    const auto a = static_cast<TestType>(std::exp2(random.uniform(-60, 60)));
    const auto b = static_cast<TestType>(std::exp2(random.uniform(-60, 60)));
    kernels::store(quotients.data(), V(a) / V(b));
    kernels::store(ones.data(), V(a) / V(a));
    for (std::size_t k = 0; k < V::size; ++k) {
      REQUIRE(quotients[k] == a / b);
      REQUIRE(ones[k] == 1);
    }
  }
}

TEST_CASE("neon: a vector is made of one number, and its lanes are compared") {
  using F = kernels::Vec<float, kernels::DefaultArch>;
  using I = kernels::Vec<std::int32_t, kernels::DefaultArch>;
  std::array<float, F::size> chosen{};
  kernels::store(chosen.data(), kernels::select(F(2.0F) < F(3.0F), F(-5.0F), F(7.0F)));
  for (const float lane : chosen) CHECK(lane == -5.0F);
  std::array<std::int32_t, I::size> sums{};
  kernels::store(sums.data(), I(40) + I(2));
  for (const std::int32_t lane : sums) CHECK(lane == 42);
}
