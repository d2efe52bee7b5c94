#include <seqlstm/kernels/gather.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {
const std::vector<std::int32_t> ids = {2, 0, 2, 2, 4, 1, 0};
}

TEMPLATE_TEST_CASE("gather: rows by index, set or added, gaps left alone", "", float, double) {
  using T = TestType;
  for (const std::size_t cols : {1U, 7U, 16U, 33U})
    for (const bool accumulate : {false, true}) {
      const auto table = random_values<T>(5 * (cols + 2), 1);
      std::vector<T> out(ids.size() * (cols + 1), T(3));
      kernels::gather_rows<T>({table.data(), 5, cols, cols + 2}, ids.data(), ids.size(),
                              {out.data(), ids.size(), cols, cols + 1}, accumulate);
      for (std::size_t k = 0; k < ids.size(); ++k) {
        for (std::size_t c = 0; c < cols; ++c) {
          const T looked_up = table[std::size_t(ids[k]) * (cols + 2) + c];
          REQUIRE(out[k * (cols + 1) + c] == (accumulate ? T(3) + looked_up : looked_up));
        }
        REQUIRE(out[k * (cols + 1) + cols] == T(3));
      }
    }
}

TEMPLATE_TEST_CASE("gather: the gradient is added token by token, in order, for any cut of the columns", "",
                   float, double) {
  using T = TestType;
  for (const std::size_t cols : {1U, 15U, 40U}) {
    const auto rows = random_values<T>(ids.size() * cols, 2);
    std::vector<T> expected(5 * (cols + 1), T(0.25));
    for (std::size_t k = 0; k < ids.size(); ++k)
      for (std::size_t c = 0; c < cols; ++c)
        expected[std::size_t(ids[k]) * (cols + 1) + c] += rows[k * cols + c];
    for (const std::size_t parts : {1U, 2U, 3U, 8U}) {
      std::vector<T> table(5 * (cols + 1), T(0.25));
      for (std::size_t part = 0; part < parts; ++part)
        kernels::scatter_add_rows<T>({rows.data(), ids.size(), cols}, ids.data(),
                                     {table.data(), 5, cols, cols + 1}, part_of(cols, parts, part));
      CHECK(same_bits(table, expected));
    }
  }
}

TEST_CASE("gather: no tokens, no change, and NaN reaches its own row only") {
  std::vector<float> table(5 * 3, 1.0F), rows(ids.size() * 3, 1.0F);
  const auto before = table;
  kernels::scatter_add_rows<float>({rows.data(), 0, 3}, ids.data(), {table.data(), 5, 3}, {0, 3});
  CHECK(table == before);
  rows[5 * 3 + 1] = std::numeric_limits<float>::quiet_NaN();  // token 5 has id 1
  kernels::scatter_add_rows<float>({rows.data(), ids.size(), 3}, ids.data(), {table.data(), 5, 3}, {0, 3});
  for (std::size_t i = 0; i < table.size(); ++i) CHECK(std::isnan(table[i]) == (i == 1 * 3 + 1));
}
