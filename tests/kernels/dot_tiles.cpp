#include <seqlstm/kernels/dot_tiles.hpp>
#include <seqlstm/kernels/vector_tiles.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("dot_tiles: the bits of vectors for every tile that is a sum or a factor", "[amx]") {
#if SEQLSTM_HAS_DOT
  const auto values = random_values<float>(4 * kernels::tile_size, 3);
  alignas(64) std::array<bfloat16, 4 * kernels::tile_size> numbers;
  for (std::size_t k = 0; k < numbers.size(); ++k) numbers[k] = bfloat16(values[k]);
  const auto products = [&]<class Tiles>(Tiles&& tiles, std::size_t rows) {
    alignas(64) auto factors = numbers;
    if constexpr (std::remove_cvref_t<Tiles>::arranges)
      for (std::size_t tile = 2; tile < 4; ++tile)
        kernels::DotTiles::arrange_right(factors.data() + tile * kernels::tile_size);
    std::vector<float> sums(4 * 256);
    tiles.template clear<0>();
    kernels::unrolled<3>([&](auto sum) { tiles.template load_sum<sum + 1>(values.data() + 7 * sum, 16); });
    tiles.template load_left<0>(factors.data(), kernels::tile_depth, rows);
    tiles.template load_left<1>(factors.data() + kernels::tile_size, kernels::tile_depth, rows);
    tiles.template load_right<0>(factors.data() + 2 * kernels::tile_size);
    tiles.template load_right<1>(factors.data() + 3 * kernels::tile_size);
    tiles.template multiply<0, 0>();
    tiles.template multiply<1, 0>();
    tiles.template multiply<2, 1>();
    tiles.template multiply<3, 1>();
    std::vector<float> counted;
    kernels::unrolled<4>([&](auto sum) {
      tiles.template store_sum<sum>(sums.data(), 16);
      counted.insert(counted.end(), sums.begin(), sums.begin() + static_cast<std::ptrdiff_t>(rows * 16));
    });
    return counted;
  };
  for (std::size_t rows = 1; rows <= 16; ++rows)
    CHECK(same_bits(products(kernels::DotTiles(), rows), products(kernels::VectorTiles<>(), rows)));
  alignas(64) std::array<bfloat16, 64> row, piece;  // a row arranged at once or in pieces
  std::copy_n(numbers.begin(), row.size(), row.begin());
  kernels::DotTiles::arrange_left(row.data(), row.size());
  const auto in_pieces = [&]<class V>(const V&) {
    for (std::size_t k = 0; k < piece.size(); k += V::size)
      kernels::DotTiles::store_left(piece.data() + k, kernels::load<V>(numbers.data() + k));
    CHECK(std::memcmp(row.data(), piece.data(), sizeof row) == 0);
  };
  in_pieces(kernels::Vec<float, kernels::DefaultArch>());
#else
  WARN("no matrix unit here: no dot products of bfloat16 in this build");  // skips the test, see
                                                                           // discover.cmake
#endif
}
