#include <seqlstm/kernels/pack.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Sizes below, at and above one vector and one panel.
template <class T> std::vector<std::size_t> hidden_sizes() {
  const std::size_t lanes = kernels::LstmShape<T>::lanes;
  return {1, 3, lanes, lanes + 1, 2 * lanes - 1, 4 * lanes + 3};
}

template <class T> std::vector<T> counting(std::size_t count) {
  std::vector<T> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<T>(i + 1);
  return values;
}

}  // namespace

TEMPLATE_TEST_CASE("pack: every gate of every unit has a place of its own, gates of a panel side by side", "",
                   float, double) {
  for (const std::size_t hidden : hidden_sizes<TestType>()) {
    const kernels::LstmShape<TestType> shape{5, hidden};
    CHECK(shape.padded_hidden() >= hidden);
    CHECK(shape.padded_hidden() < hidden + shape.lanes);
    CHECK(shape.gate_row() == 4 * shape.padded_hidden());
    std::vector<std::size_t> place(4 * hidden, shape.gate_row());
    std::vector<bool> taken(shape.gate_row());
    shape.for_each_gate([&](std::size_t column, std::size_t row) {
      REQUIRE(column < shape.gate_row());
      REQUIRE_FALSE(taken[column]);
      taken[column] = true;
      place[row] = column;
    });
    for (std::size_t u = 0; u < hidden; ++u)
      for (std::size_t gate = 0; gate < 4; ++gate) {
        const std::size_t column = place[gate * hidden + u];
        CHECK(column / shape.wide == u / shape.lanes);
        CHECK(column == place[u] + gate * shape.lanes);
      }
  }
}

TEMPLATE_TEST_CASE("pack: columns, for products with the transpose, and zeros where no unit is", "", float,
                   double) {
  using T = TestType;
  for (const std::size_t hidden : hidden_sizes<T>())
    for (const std::size_t n : {std::size_t{1}, std::size_t{7}}) {
      const kernels::LstmShape<T> shape{n, hidden};
      const auto w = counting<T>(4 * hidden * n);
      std::vector<T> packed(shape.gate_row() * n, T(-1));
      for (std::size_t part = 0; part < 2; ++part)
        kernels::pack_gate_columns<T>(shape, {w.data(), 4 * hidden, n}, packed.data(),
                                      part_of(shape.panels(), 2, part));
      std::size_t zeros = 0;
      for (const T v : packed) zeros += v == T(0);
      CHECK(zeros == (shape.gate_row() - 4 * hidden) * n);
      shape.for_each_gate([&](std::size_t column, std::size_t row) {
        const std::size_t panel = column / shape.wide, within = column % shape.wide;
        for (std::size_t k = 0; k < n; ++k)
          REQUIRE(packed[panel * n * shape.wide + k * shape.wide + within] == w[row * n + k]);
      });
    }
}

TEMPLATE_TEST_CASE("pack: rows, as panels of the matrix whose rows are the gates", "", float, double) {
  using T = TestType;
  constexpr std::size_t wide = kernels::panel_columns<T, kernels::DefaultArch>;
  for (const std::size_t hidden : hidden_sizes<T>())
    for (const std::size_t n : {std::size_t{1}, wide, wide + 1}) {
      const kernels::LstmShape<T> shape{n, hidden};
      const auto w = counting<T>(4 * hidden * n);
      // The same by way of the interleaved matrix and gemm's own packing.
      std::vector<T> interleaved(shape.gate_row() * n), expected, packed;
      shape.for_each_gate([&](std::size_t column, std::size_t row) {
        std::copy_n(&w[row * n], n, &interleaved[column * n]);
      });
      expected.resize(kernels::packed_size<T>(shape.gate_row(), n));
      packed.assign(expected.size(), T(-1));
      kernels::pack_panels<T>(interleaved.data(), n, 1, shape.gate_row(), n, expected.data());
      for (std::size_t part = 0; part < 2; ++part)
        kernels::pack_gate_rows<T>(shape, {w.data(), 4 * hidden, n}, packed.data(),
                                   part_of(shape.panels(), 2, part));
      CHECK(packed == expected);
    }
}

TEMPLATE_TEST_CASE("pack: the bias is the sum of both, and gradients come back to where they belong", "",
                   float, double) {
  using T = TestType;
  for (const std::size_t hidden : hidden_sizes<T>()) {
    const kernels::LstmShape<T> shape{2, hidden};
    const auto bias_ih = counting<T>(4 * hidden);
    const std::vector<T> bias_hh(4 * hidden, T(1000));
    std::vector<T> packed(shape.gate_row(), T(-1)), gradient(4 * hidden, T(0.5));
    kernels::pack_bias(shape, bias_ih.data(), bias_hh.data(), packed.data());
    kernels::unpack_gate_gradient<T>(shape, packed.data(), {gradient.data(), 4 * hidden, 1},
                                     {0, shape.panels()});
    for (std::size_t k = 0; k < 4 * hidden; ++k) REQUIRE(gradient[k] == bias_ih[k] + T(1000.5));
    std::size_t zeros = 0;
    for (const T v : packed) zeros += v == T(0);
    CHECK(zeros == shape.gate_row() - 4 * hidden);
  }
}

TEST_CASE("pack: a gradient of a matrix is added transposed") {
  const kernels::LstmShape<double> shape{3, 5};
  std::vector<double> packed(3 * shape.gate_row(), -100.0), gradient(4 * 5 * 3, 1.0);
  shape.for_each_gate([&](std::size_t column, std::size_t row) {
    for (std::size_t k = 0; k < 3; ++k)
      packed[k * shape.gate_row() + column] = 10.0 * double(row) + double(k);
  });
  kernels::unpack_gate_gradient<double>(shape, packed.data(), {gradient.data(), 20, 3}, {0, shape.panels()});
  for (std::size_t row = 0; row < 20; ++row)
    for (std::size_t k = 0; k < 3; ++k) CHECK(gradient[row * 3 + k] == 1.0 + 10.0 * double(row) + double(k));
}
