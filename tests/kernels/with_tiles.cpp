#include <seqlstm/kernels/with_tiles.hpp>

#include "matrix_units.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("with_tiles: the tiles are those of the unit in use, and denormal numbers are zero meanwhile") {
  for_each_matrix_unit([] {
    std::size_t calls = 0;
    kernels::with_tiles([&](auto& tiles) {
      using Tiles = std::remove_reference_t<decltype(tiles)>;
      ++calls;
      CHECK(FloatControl::current().flushes());
      CHECK(Tiles::arranges == (matrix_unit() == MatrixUnit::dot));
    });
    CHECK(calls == 1);
    CHECK(kernels::arrangement() == (matrix_unit() == MatrixUnit::dot ? 1U : 0U));
  });
  CHECK(!FloatControl::current().flushes());
}
