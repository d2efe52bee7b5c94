#include <seqlstm/kernels/outer_bf16.hpp>
#include <seqlstm/kernels/tile_gemm.hpp>

#include "matrix_units.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

double rounded(float v) {
  return double{static_cast<float>(bfloat16(v))};
}

std::vector<float> product(const std::vector<float>& a, std::size_t rows, std::size_t terms,
                           const std::vector<float>& w, std::size_t columns, std::vector<float> c,
                           bool accumulate) {
  AlignedBuffer<bfloat16> packed(kernels::TileProducts::factor_size(terms, columns));
  kernels::TileProducts::pack_factor({w.data(), columns, terms}, true, packed.data());
  kernels::tile_gemm({a.data() + 1, rows, terms, terms + 3}, packed.data(), columns, c.data(), columns + 1,
                     accumulate);
  return c;
}

}  // namespace

TEST_CASE("tile_gemm: rounded products at odd sizes, written and added, and nothing behind them") {
  for_each_matrix_unit([] {
    for (const std::size_t rows : {0U, 1U, 15U, 17U, 33U, 130U})
      for (const std::size_t terms : {1U, 33U, 300U})
        for (const std::size_t columns : {1U, 15U, 17U, 33U, 49U, 70U})
          for (const bool accumulate : {false, true}) {
            const auto a = random_values<float>(rows * (terms + 3) + 1, 1),
                       w = random_values<float>(columns * terms, 2);
            const std::vector<float> before(rows * (columns + 1), 7.0F);
            const auto c = product(a, rows, terms, w, columns, before, accumulate);
            INFO(rows << " x " << terms << " x " << columns);
            for (std::size_t m = 0; m < rows; ++m) {
              for (std::size_t n = 0; n < columns; ++n) {
                double expected = accumulate ? 7 : 0;
                for (std::size_t k = 0; k < terms; ++k)
                  expected += rounded(a[1 + m * (terms + 3) + k]) * rounded(w[n * terms + k]);
                REQUIRE(std::abs(double{c[m * (columns + 1) + n]} - expected) < 1e-4);
              }
              REQUIRE(c[m * (columns + 1) + columns] == 7);
            }
          }
  });
}

TEST_CASE("tile_gemm: a row's bits do not depend on the rows beside it") {
  const std::size_t rows = 150, terms = 290, columns = 70;
  const auto a = random_values<float>(rows * (terms + 3) + 1, 1),
             w = random_values<float>(columns * terms, 2);
  const auto all = product(a, rows, terms, w, columns, std::vector<float>(rows * (columns + 1)), false);
  for (const std::size_t row : {0U, 17U, 31U, 40U, 149U}) {
    const std::vector<float> own(a.begin() + static_cast<std::ptrdiff_t>(row * (terms + 3)), a.end());
    const auto alone = product(own, 1, terms, w, columns, std::vector<float>(columns + 1), false);
    REQUIRE(std::memcmp(alone.data(), all.data() + row * (columns + 1), columns * sizeof(float)) == 0);
  }
}
