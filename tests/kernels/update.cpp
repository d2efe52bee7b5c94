#include <seqlstm/kernels/update.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEMPLATE_TEST_CASE("update: arrays are changed together up to the last element, constant ones only read", "",
                   float, double) {
  using T = TestType;
  for (const std::size_t n : {0U, 1U, 7U, 16U, 37U}) {
    const auto source = random_values<T>(n + 1, 1);
    std::vector<T> a(n + 1, T(2)), b(n + 1, T(3));
    kernels::for_each_vector<T>(
        n,
        [](auto& x, const auto& s, auto& y) {
          x = x + s;
          y = kernels::sqrt(x * x);
        },
        a.data(), source.data(), b.data());
    for (std::size_t i = 0; i < n; ++i) {
      REQUIRE(a[i] == T(2) + source[i]);
      REQUIRE(b[i] == std::sqrt(a[i] * a[i]));
    }
    CHECK(a[n] == T(2));
    CHECK(b[n] == T(3));
  }
}
