#include <seqlstm/kernels/outer_bf16.hpp>

#include "matrix_units.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {
double rounded(float v) {
  return double{static_cast<float>(bfloat16(v))};
}
}  // namespace

TEST_CASE("outer_bf16: a dense layer's weight gradient is added to what is there") {
  for_each_matrix_unit([] {
    for (const std::size_t rows : {0U, 1U, 33U, 600U})
      for (const std::size_t outputs : {1U, 17U, 40U})
        for (const std::size_t inputs : {1U, 31U, 65U}) {
          const auto dy = random_values<float>(rows * outputs, 1), x = random_values<float>(rows * inputs, 2);
          std::vector<float> dw(outputs * inputs, 3.0F), parted = dw;
          AlignedBuffer<bfloat16> scratch(kernels::TileProducts::outer_room(outputs));
          const auto add = [&](Range range, std::vector<float>& to) {
            kernels::TileProducts::add_outer({dy.data(), rows, outputs}, {x.data(), rows, inputs}, range,
                                             {to.data(), outputs, inputs}, scratch.data());
          };
          add({0, outputs}, dw);
          add({0, outputs / 2}, parted);
          add({outputs / 2, outputs}, parted);
          INFO(rows << " rows, " << outputs << " x " << inputs);
          CHECK(same_bits(dw, parted));
          for (std::size_t o = 0; o < outputs; ++o)
            for (std::size_t i = 0; i < inputs; ++i) {
              double expected = 3;
              for (std::size_t r = 0; r < rows; ++r)
                expected += rounded(dy[r * outputs + o]) * rounded(x[r * inputs + i]);
              REQUIRE(std::abs(double{dw[o * inputs + i]} - expected) < 1e-4);
            }
        }
  });
}

TEST_CASE("outer_bf16: blocks of sums hold every row and column once") {
  const kernels::TileShape shape{1, 37};
  const std::size_t rows = 45;
  std::vector<float> memory(kernels::BlockedSums::size(shape, rows), 0.0F);
  const kernels::BlockedSums sums(rows, memory.data());
  for (std::size_t k = 0; k < rows; ++k)
    for (std::size_t column = 0; column < shape.gate_row(); ++column) sums(k, column) += 1;
  for (std::size_t k = 0; k < rows; ++k)
    for (std::size_t column = 0; column < shape.gate_row(); ++column) REQUIRE(sums(k, column) == 1);
  sums.clear({64, 128});
  CHECK(sums(44, 63) == 1);
  CHECK(sums(0, 64) == 0);
  CHECK(sums(44, 127) == 0);
  CHECK(sums(0, 128) == 1);
}

TEST_CASE("outer_bf16: as many rows at once as leave room in the cache, a multiple of a tile's terms") {
  for (const std::size_t columns : {1U, 100U, 384U, 2000U}) {
    CHECK(kernels::outer_depth(columns) % kernels::tile_depth == 0);
    CHECK(kernels::outer_depth(columns) >= 512);
    CHECK(kernels::outer_depth(columns) <= 4096);
  }
}
