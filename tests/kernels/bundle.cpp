#include <seqlstm/kernels/bundle.hpp>
#include <seqlstm/kernels/math.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEMPLATE_TEST_CASE("bundle: functions and arithmetic give each vector the bits it gets alone", "", float,
                   double) {
  using V = kernels::Vec<TestType, kernels::DefaultArch>;
  constexpr std::size_t vectors = 3;
  using Three = kernels::Bundle<V, vectors>;
  auto numbers = random_values<TestType>(2 * vectors * V::size, 4);
  for (auto& x : numbers) x *= 8;
  numbers[1] = std::numeric_limits<TestType>::quiet_NaN();
  Three a, b;
  for (std::size_t k = 0; k < vectors; ++k) {
    a[k] = kernels::load<V>(numbers.data() + k * V::size);
    b[k] = kernels::load<V>(numbers.data() + (vectors + k) * V::size);
  }
  const auto check = [&](const Three& together, auto alone) {
    for (std::size_t k = 0; k < vectors; ++k) {
      std::vector<TestType> left(V::size), right(V::size);
      kernels::store(left.data(), together[k]);
      kernels::store(right.data(), V(alone(a[k], b[k])));
      CHECK(same_bits(left, right));
    }
  };
  check(kernels::sigmoid(a), [](const V& x, const V&) { return kernels::sigmoid(x); });
  check(kernels::tanh(a), [](const V& x, const V&) { return kernels::tanh(x); });
  check(kernels::quotient(a, b), [](const V& x, const V& y) { return kernels::quotient(x, y); });
  check(kernels::divide(a, b), [](const V& x, const V& y) { return kernels::divide(x, y); });
  check(kernels::fma(a, b, a), [](const V& x, const V& y) { return kernels::fma(x, y, x); });
  check(kernels::fnma(a, b, a), [](const V& x, const V& y) { return kernels::fnma(x, y, x); });
  check(a + b, [](const V& x, const V& y) { return x + y; });
  check(a - b, [](const V& x, const V& y) { return x - y; });
  check(a * b, [](const V& x, const V& y) { return x * y; });
  check(kernels::at_most(a, Three(TestType(1))),
        [](const V& x, const V&) { return kernels::at_most(x, V(TestType(1))); });
}
