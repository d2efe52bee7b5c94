#include <seqlstm/kernels/set.hpp>

#include "matrix_units.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Both sets: gate rows of vectors, sums of gate gradients by row, and rows into the sums of outer products.
template <class K> void check_tables() {
  using T = typename K::Number;
  using Stored = typename K::Stored;
  constexpr bool rounds = !std::is_same_v<T, Stored>;
  const double tolerance = std::is_same_v<T, double> ? 1e-12 : 1e-5;
  const auto factor = [&](T v) {
    return rounds ? static_cast<double>(static_cast<float>(bfloat16(static_cast<float>(v))))
                  : static_cast<double>(v);
  };
  const std::size_t input = 7, hidden = 21, count = 5;
  const auto shape = seqlstm::detail::gate_shape<K>(input, hidden);
  const auto w = random_values<T>(4 * hidden * input, 1), rows = random_values<T>(count * input, 2);
  AlignedBuffer<Stored> columns(K::columns_size(shape, input));
  K::pack_columns(shape, {w.data(), 4 * hidden, input}, columns.data(), {0, shape.panels()});
  std::vector<T> table(count * shape.gate_row());
  K::gate_rows(shape, {rows.data(), count, input}, columns.data(), table.data());
  shape.for_each_gate([&](std::size_t column, std::size_t gate) {
    for (std::size_t r = 0; r < count; ++r) {
      double expected = 0;
      for (std::size_t i = 0; i < input; ++i)
        expected += factor(rows[r * input + i]) * factor(w[gate * input + i]);
      REQUIRE(std::abs(static_cast<double>(table[r * shape.gate_row() + column]) - expected) < tolerance);
    }
  });

  const std::size_t tokens = 40, row = shape.gate_row();
  AlignedBuffer<Stored> gradients(tokens * row);
  const auto values = random_values<float>(tokens * row, 3);
  for (std::size_t k = 0; k < values.size(); ++k) gradients.data()[k] = Stored(values[k]);
  std::vector<std::int32_t> slots(tokens);
  for (std::size_t k = 0; k < tokens; ++k) slots[k] = static_cast<std::int32_t>(k * 3 % count);
  std::vector<T> sums(count * row, T(0)), reordered = sums;
  std::vector<std::uint32_t> order(tokens);
  AlignedBuffer<Stored> elsewhere(tokens * row);
  for (std::uint32_t k = 0; k < tokens; ++k) {
    order[k] = (k * 7 + 3) % tokens;
    std::copy_n(gradients.data() + k * row, row, elsewhere.data() + order[k] * row);
  }
  for (const IndexRange range : {IndexRange{0, 64}, IndexRange{64, row}}) {
    K::add_gate_rows(shape, gradients.data(), {.count = tokens}, slots.data(), {sums.data(), count, row},
                     range);
    K::add_gate_rows(shape, elsewhere.data(), {.count = tokens, .order = order.data()}, slots.data(),
                     {reordered.data(), count, row}, range);
  }
  CHECK(same_bits(sums, reordered));
  for (std::size_t column = 0; column < row; ++column) {
    std::vector<double> expected(count);
    for (std::size_t k = 0; k < tokens; ++k)
      expected[k * 3 % count] += static_cast<double>(static_cast<float>(gradients.data()[k * row + column]));
    for (std::size_t r = 0; r < count; ++r)
      REQUIRE(std::abs(static_cast<double>(sums[r * row + column]) - expected[r]) < tolerance);
  }

  const std::size_t n = 9;
  std::vector<T> packed(K::sums_size(shape, n), T(5));
  const std::vector<std::int32_t> ids = {0, 8, 3, 1, 4};
  std::vector<T> gradient(4 * hidden * n, T(0));
  K::clear_sums(shape, n, packed.data(), {0, row});
  K::add_to_sums(shape, {sums.data(), count, row}, ids.data(), n, packed.data(), {0, row});
  K::unpack_sums(shape, packed.data(), {gradient.data(), 4 * hidden, n}, {0, shape.panels()});
  shape.for_each_gate([&](std::size_t column, std::size_t gate) {
    for (std::size_t k = 0; k < n; ++k) {
      const auto at = std::find(ids.begin(), ids.end(), static_cast<std::int32_t>(k));
      const T expected =
          at == ids.end() ? T(0) : sums[static_cast<std::size_t>(at - ids.begin()) * row + column];
      REQUIRE(gradient[gate * n + k] == expected);
    }
  });
}

}  // namespace

TEST_CASE("set: kernels on vectors and on tiles look up, sum and unpack alike") {
  check_tables<kernels::VectorKernels<float>>();
  check_tables<kernels::VectorKernels<double>>();
  for_each_matrix_unit([] { check_tables<kernels::TileKernels>(); });
}
