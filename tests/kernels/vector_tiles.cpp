#include <seqlstm/kernels/matrix_unit.hpp>
#include <seqlstm/kernels/vector_tiles.hpp>

#include <seqlstm/kernels/with_tiles.hpp>

#include "matrix_units.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

struct Operands {
  alignas(64) std::array<bfloat16, kernels::tile_size> left, right;
  alignas(64) std::array<float, 256> sum;

  explicit Operands(std::uint64_t seed) {
    const auto values = random_values<float>(2 * kernels::tile_size + 256, seed);
    for (std::size_t k = 0; k < kernels::tile_size; ++k) {
      left[k] = bfloat16(values[k]);
      right[k] = bfloat16(values[kernels::tile_size + k]);
    }
    std::copy_n(values.end() - 256, 256, sum.begin());
  }
  /// sum + left right by what multiplies now.
  [[nodiscard]] std::array<float, 256> product() const {
    std::array<float, 256> result;
    alignas(64) auto arranged = right;
    kernels::arrange_right(arranged.data());
    kernels::with_tiles<>([&](auto& tiles) {
      tiles.begin();
      tiles.template load_sum<3>(sum.data(), kernels::tile_side);
      tiles.template load_left<1>(left.data(), kernels::tile_depth, kernels::tile_side);
      tiles.template load_right<1>(arranged.data());
      tiles.template multiply<3, 1>();
      tiles.template store_sum<3>(result.data(), kernels::tile_side);
    });
    return result;
  }
};

}  // namespace

TEST_CASE("vector_tiles: a product of tiles is the sum over rounded factors") {
  for_each_matrix_unit([] {
    const Operands o(5);
    const auto found = o.product();
    for (std::size_t m = 0; m < 16; ++m)
      for (std::size_t n = 0; n < 16; ++n) {
        double expected = double{o.sum[m * 16 + n]};
        for (std::size_t k = 0; k < 32; ++k)
          expected += double{static_cast<float>(o.left[m * 32 + k])} *
                      double{static_cast<float>(o.right[(k / 2 * 16 + n) * 2 + k % 2])};
        REQUIRE(std::abs(double{found[m * 16 + n]} - expected) < 4e-6);
      }
  });
}

TEST_CASE("vector_tiles: the matrix unit's bits, whatever the numbers", "[amx]") {
  if (matrix_unit_name() == "vectors") {
    WARN("no matrix unit here: nothing to compare with");  // skips the test, see
                                                           // discover.cmake
    return;
  }
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Operands o(seed);
    if (seed % 4 == 1) o.left[seed] = bfloat16(std::numeric_limits<float>::infinity());
    if (seed % 4 == 2) o.right[seed] = bfloat16(1e-39F);  // denormal: zero in the unit
    if (seed % 4 == 3)
      for (auto& v : o.left) v = bfloat16(static_cast<float>(v) * 1e-37F);  // denormal sums
    std::vector<std::array<float, 256>> found;
    for_each_matrix_unit([&] { found.push_back(o.product()); });
    REQUIRE(found.size() >= 2);
    for (const auto& other : found)
      for (std::size_t k = 0; k < 256; ++k) {
        const bool same = std::memcmp(&found[0][k], &other[k], sizeof(float)) == 0;
        INFO("seed " << seed << ", element " << k << ": " << found[0][k] << " and " << other[k]);
        REQUIRE((same || (std::isnan(found[0][k]) && std::isnan(other[k]))));
      }
  }
}

TEST_CASE("vector_tiles: rows behind those that count are not read") {
  const Operands o(7);
  kernels::VectorTiles<> tiles;
  alignas(64) std::array<float, 256> result;
  tiles.clear<0>();
  tiles.load_left<0>(o.left.data(), kernels::tile_depth, 3);
  tiles.load_right<0>(o.right.data());
  tiles.multiply<0, 0>();
  tiles.store_sum<0>(result.data(), kernels::tile_side);
  for (std::size_t k = 3 * 16; k < 256; ++k) REQUIRE(result[k] == 0);
  CHECK(result[0] != 0);
}
