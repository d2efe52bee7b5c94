#include <seqlstm/kernels/tile_block.hpp>
#include <seqlstm/kernels/tile_pack.hpp>

#include "matrix_units.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// C + A B by blocks of Rows x Columns tiles over three k tiles, of which `rows` rows count, against plain
/// loops; the rows that count.
template <int Rows, int Columns> std::vector<float> check_block(std::size_t rows = Rows * 16) {
  constexpr std::size_t height = Rows * 16, width = Columns * 16, depth = 3, terms = depth * 32;
  constexpr std::size_t stride = terms + 32;
  const auto a = random_values<float>(height * stride, 1), b = random_values<float>(terms * width, 2),
             c = random_values<float>(height * width, 3);
  std::vector<bfloat16> left(height * stride);
  for (std::size_t k = 0; k < left.size(); ++k) left[k] = bfloat16(a[k]);
  constexpr std::size_t pairs = (Columns + 1) / 2;
  AlignedBuffer<bfloat16> right(pairs * depth * 2 * kernels::tile_size);
  for (std::size_t n = 0; n < width; n += 16)
    for (std::size_t k = 0; k < depth; ++k)
      kernels::pack_right_rows(
          16, [&](std::size_t i) { return b.data() + (k * 32 + i) * width + n; },
          right.data() + ((n / 32 * depth + k) * 2 + n / 16 % 2) * kernels::tile_size);
  AlignedBuffer<float> found(height * width);
  std::size_t pieces = 0;
  kernels::with_tiles<>([&](auto& tiles) {
    kernels::TileBlock<std::remove_reference_t<decltype(tiles)>, Rows, Columns> block(tiles);
    block.load(c.data(), width);
    block.multiply({left.data(), stride, 32, rows}, {right.data(), depth * 2 * kernels::tile_size}, depth,
                   [&] { ++pieces; });
    block.store(found.data(), width);
  });
  CHECK(pieces == depth);
  for (std::size_t m = 0; m < rows; ++m)
    for (std::size_t n = 0; n < width; ++n) {
      double expected = double{c[m * width + n]};
      for (std::size_t k = 0; k < terms; ++k)
        expected += double{static_cast<float>(bfloat16(a[m * stride + k]))} *
                    double{static_cast<float>(bfloat16(b[k * width + n]))};
      REQUIRE(std::abs(double{found.data()[m * width + n]} - expected) < 2e-5);
    }
  return {found.data(), found.data() + rows * width};
}

/// Any number of rows, with the same bits on all units.
template <int Rows, int Columns> void check_units() {
  for (std::size_t rows = 1; rows <= Rows * 16; ++rows) {
    std::vector<std::vector<float>> found;
    for_each_matrix_unit([&] { found.push_back(check_block<Rows, Columns>(rows)); });
    for (const auto& bits : found) REQUIRE(same_bits(found[0], bits));
  }
}

}  // namespace

TEST_CASE("tile_block: blocks of every shape add rounded products") {
  check_units<2, 2>();
  check_units<2, 1>();
  check_units<1, 4>();
  check_units<1, 2>();
  check_units<1, 1>();
}
