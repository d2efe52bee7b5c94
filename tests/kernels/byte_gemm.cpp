#include <seqlstm/core/aligned_buffer.hpp>
#include <seqlstm/kernels/byte_gemm.hpp>

#include "matrix_units.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

constexpr std::size_t gap = 3;  // between the rows of A, and of C

template <class Arch = kernels::DefaultArch>
std::vector<float> product(const std::vector<float>& a, std::size_t rows, std::size_t terms,
                           const std::vector<float>& w, std::size_t columns, std::vector<float> c,
                           bool accumulate) {
  AlignedBuffer<std::int8_t> packed(kernels::byte_factor_size(terms, columns));
  kernels::pack_byte_factor(terms, columns, packed.data(),
                            [&](std::size_t n) { return w.data() + n * terms; });
  kernels::byte_gemm<Arch>({a.data() + 1, rows, terms, terms + gap}, packed.data(),
                           {c.data(), rows, columns, columns + gap}, accumulate);
  return c;
}
/// Plain loops, to the bit.
std::vector<float> plain(const std::vector<float>& a, std::size_t rows, std::size_t terms,
                         const std::vector<float>& w, std::size_t columns, std::vector<float> c,
                         bool accumulate) {
  std::vector<std::uint8_t> left(kernels::padded_terms(terms));
  std::vector<std::int8_t> right(terms);
  for (std::size_t m = 0; m < rows; ++m) {
    const float scale = kernels::quantize_row(a.data() + 1 + m * (terms + gap), terms, left.data());
    for (std::size_t n = 0; n < columns; ++n) {
      const float of_column = kernels::quantize_weights(w.data() + n * terms, terms, right.data(),
                                                        [](std::size_t k) { return k; });
      volatile std::int32_t sum = 0;  // else GCC 12 adds wrongly by its dot products of bytes
      for (std::size_t k = 0; k < terms; ++k) sum = sum + (std::int32_t{left[k]} - 128) * right[k];
      volatile float both = scale * of_column, part = static_cast<float>(sum) * both;
      float& to = c[m * (columns + gap) + n];
      to = (accumulate ? to : 0.0F) + part;
    }
  }
  return c;
}

}  // namespace

TEST_CASE(
    "byte_gemm: products at odd sizes have the bits of plain loops on all units, and nothing behind them") {
  for_each_matrix_unit([] {
    for (const std::size_t rows : {0U, 1U, 2U, 15U, 33U, 70U})
      for (const std::size_t terms : {1U, 33U, 300U, 2500U})
        for (const std::size_t columns : {1U, 15U, 17U, 33U, 64U, 70U})
          for (const bool accumulate : {false, true}) {
            if (terms > 300 && rows > 2) continue;
            const auto a = random_values<float>(rows * (terms + gap) + 1, 1),
                       w = random_values<float>(columns * terms, 2);
            const std::vector<float> before(rows * (columns + gap), 7.0F);
            INFO(rows << " x " << terms << " x " << columns << ", " << matrix_unit_name());
            REQUIRE(same_bits(product(a, rows, terms, w, columns, before, accumulate),
                              plain(a, rows, terms, w, columns, before, accumulate)));
          }
  });
}

#if defined(__SSE2__)
TEST_CASE("byte_gemm: the narrowest vectors give the same bits") {
  const auto a = random_values<float>(9 * (40 + gap) + 1, 1), w = random_values<float>(37 * 40, 2);
  const std::vector<float> before(9 * (37 + gap), 7.0F);
  CHECK(
      same_bits(product(a, 9, 40, w, 37, before, true), product<xsimd::sse2>(a, 9, 40, w, 37, before, true)));
}
#endif

TEST_CASE("byte_gemm: results are near the product of the numbers themselves") {
  const std::size_t rows = 5, terms = 256, columns = 20;
  const auto a = random_values<float>(rows * (terms + gap) + 1, 1),
             w = random_values<float>(columns * terms, 2);
  const auto c = product(a, rows, terms, w, columns, std::vector<float>(rows * (columns + gap)), false);
  for (std::size_t m = 0; m < rows; ++m)
    for (std::size_t n = 0; n < columns; ++n) {
      double expected = 0;
      for (std::size_t k = 0; k < terms; ++k)
        expected += double{a[1 + m * (terms + gap) + k]} * double{w[n * terms + k]};
      REQUIRE(std::abs(double{c[m * (columns + gap) + n]} - expected) < 0.15);  // terms are about a third
    }
}

TEST_CASE("byte_gemm: a row that is not finite stays alone") {
  const std::size_t terms = 20, columns = 5;
  auto a = random_values<float>(3 * (terms + gap) + 1, 1);
  const auto w = random_values<float>(columns * terms, 2);
  const std::vector<float> zeros(3 * (columns + gap));
  const auto before = product(a, 3, terms, w, columns, zeros, false);
  a[1 + terms + gap + 4] = std::nanf("");
  const auto after = product(a, 3, terms, w, columns, zeros, false);
  for (std::size_t n = 0; n < columns; ++n) {
    CHECK(std::isnan(after[columns + gap + n]));
    for (const std::size_t row : {0U, 2U})
      CHECK(before[row * (columns + gap) + n] == after[row * (columns + gap) + n]);
  }
}
