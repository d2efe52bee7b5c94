#include <seqlstm/kernels/byte_weights.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

std::vector<std::int8_t> weights_of(const std::vector<float>& row, float* scale = nullptr) {
  std::vector<std::int8_t> q(row.size());
  const float s =
      kernels::quantize_weights(row.data(), row.size(), q.data(), [](std::size_t k) { return k; });
  if (scale != nullptr) *scale = s;
  return q;
}

}  // namespace

TEST_CASE("byte_weights: weights multiplied out become the same bytes and the same scale again") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    auto row = random_values<float>(1 + seed % 70, seed);
    for (float& v : row) v *= std::exp2(static_cast<float>(seed % 40) - 20);
    float scale = 0, again = 0;
    const auto q = weights_of(row, &scale);
    for (std::size_t k = 0; k < row.size(); ++k) {
      REQUIRE(std::abs(static_cast<float>(q[k]) * scale - row[k]) <= 0.5001F * scale);
      row[k] = static_cast<float>(q[k]) * scale;
    }
    REQUIRE(weights_of(row, &again) == q);
    REQUIRE(again == scale);
  }
}

TEST_CASE("byte_weights: zeros have the scale 0, and what is not finite has none") {
  float scale = 1;
  CHECK(weights_of(std::vector<float>(5, 0.0F), &scale) == std::vector<std::int8_t>(5, 0));
  CHECK(scale == 0);
  for (const float bad : {std::numeric_limits<float>::infinity(), std::nanf("")}) {
    weights_of({1, bad, 2}, &scale);
    CHECK(std::isnan(scale));
  }
}
