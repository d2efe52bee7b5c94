#include <seqlstm/kernels/byte_rows.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("byte_rows: a row's bytes are the nearest, and what is behind it is zero") {
  for (const std::size_t count : {1U, 3U, 15U, 16U, 17U, 63U, 64U, 65U, 200U})
    for (const float magnitude : {1e-6F, 1.0F, 3e20F}) {
      auto row = random_values<float>(count + 1, count);
      for (float& v : row) v *= magnitude;
      std::vector<std::uint8_t> bytes(kernels::padded_terms(count) + 1, 7);
      const float scale = kernels::quantize_row(row.data() + 1, count, bytes.data());  // unaligned
      float largest = 0;
      for (std::size_t k = 0; k < count; ++k) {
        const float q = static_cast<float>(bytes[k]) - 128;
        largest = std::max(largest, std::abs(q));
        REQUIRE(std::abs(q * scale - row[1 + k]) <= 0.5001F * scale);
      }
      REQUIRE(largest == 127);
      for (std::size_t k = count; k < kernels::padded_terms(count); ++k) REQUIRE(bytes[k] == 128);
      REQUIRE(bytes.back() == 7);
    }
}

TEST_CASE("byte_rows: every width of vectors gives the same bytes") {
  const auto row = random_values<float>(131, 4);
  std::vector<std::uint8_t> best(192), other(192);
  const float scale = kernels::quantize_row(row.data(), row.size(), best.data());
#if defined(__SSE2__)
  CHECK(kernels::quantize_row<xsimd::sse2>(row.data(), row.size(), other.data()) == scale);
  CHECK(best == other);
#endif
#if defined(__AVX2__) && defined(__FMA__)
  CHECK(kernels::quantize_row<xsimd::avx2>(row.data(), row.size(), other.data()) == scale);
  CHECK(best == other);
#endif
  CHECK(scale > 0);
}

TEST_CASE("byte_rows: zeros have the scale 0, and what is not finite has none") {
  std::vector<std::uint8_t> bytes(64);
  std::vector<float> row(20, 0.0F);
  CHECK(kernels::quantize_row(row.data(), row.size(), bytes.data()) == 0);
  CHECK(bytes == std::vector<std::uint8_t>(64, 128));
  row[3] = -1e-35F;
  CHECK(kernels::quantize_row(row.data(), row.size(), bytes.data()) == 0);
  CHECK(kernels::quantize_row(row.data(), 0, bytes.data()) == 0);
  for (const float bad : {std::numeric_limits<float>::infinity(), std::nanf(""), -std::nanf("")})
    for (const std::size_t place : {0U, 19U}) {
      std::vector<float> damaged(20, 1.0F);
      damaged[place] = bad;
      CHECK(std::isnan(kernels::quantize_row(damaged.data(), damaged.size(), bytes.data())));
    }
}
