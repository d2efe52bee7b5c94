#include <seqlstm/kernels/tile.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Whole numbers from -8 to 8: sums of their products are exact in any order and with any rounding.
template <class T> std::vector<T> whole_numbers(std::size_t count, std::uint64_t seed) {
  auto values = random_values<T>(count, seed);
  for (auto& v : values) v = std::round(T(8) * v);
  return values;
}

template <class T, std::size_t Rows, std::size_t Columns> std::vector<T> numbers_of(const auto& tile) {
  using V = kernels::Vec<T, kernels::DefaultArch>;
  std::vector<T> values(Rows * Columns * V::size);
  for (std::size_t i = 0; i < Rows; ++i)
    for (std::size_t j = 0; j < Columns; ++j)
      kernels::store(&values[(i * Columns + j) * V::size], tile.sum[i][j]);
  return values;
}

/// Where a product's numbers stand: a[i * a_row + k * a_step] and panel[k * panel_step + column].
struct Places {
  std::size_t depth, a_step, panel_gap;
};

/// The rows of `a` from `first` on times a panel, added to `start` (no start: zero).
template <class T, std::size_t Rows, std::size_t Columns>
std::vector<T> tile_product(const std::vector<T>& a, std::size_t first, const std::vector<T>& panel,
                            const std::vector<T>& start, const Places& places) {
  using V = kernels::Vec<T, kernels::DefaultArch>;
  kernels::Tile<V, Rows, Columns> tile;
  if (start.empty()) {
    tile.clear();
  } else {
    tile.fill(start.data());
  }
  std::array<const T*, Rows> rows;
  for (std::size_t i = 0; i < Rows; ++i) rows[i] = &a[(first + i) * (places.depth * places.a_step + 3)];
  const std::size_t panel_step = Columns * V::size + places.panel_gap, cut = places.depth / 3;
  tile.multiply(rows, places.a_step, 0, cut, panel.data(), panel_step, panel.data());
  tile.multiply(rows, places.a_step, cut, places.depth, &panel[cut * panel_step], panel_step, panel.data());
  return numbers_of<T, Rows, Columns>(tile);
}

template <class T, std::size_t Rows, std::size_t Columns> void check_product(const Places& places) {
  constexpr std::size_t columns = Columns * kernels::width<T, kernels::DefaultArch>;
  const std::size_t a_row = places.depth * places.a_step + 3, panel_step = columns + places.panel_gap;
  const auto a = whole_numbers<T>(Rows * a_row, 1),
             panel = whole_numbers<T>(places.depth * panel_step + 1, 2), start = whole_numbers<T>(columns, 3);
  for (const bool from_zero : {true, false}) {
    std::vector<T> expected;
    for (std::size_t i = 0; i < Rows; ++i)
      for (std::size_t c = 0; c < columns; ++c) {
        T sum = from_zero ? T(0) : start[c];
        for (std::size_t k = 0; k < places.depth; ++k)
          sum += a[i * a_row + k * places.a_step] * panel[k * panel_step + c];
        expected.push_back(sum);
      }
    INFO(Rows << " rows, " << Columns << " vectors, depth " << places.depth << ", steps " << places.a_step
              << " and " << panel_step << (from_zero ? ", from zero" : ", from a row"));
    CHECK(tile_product<T, Rows, Columns>(a, 0, panel, from_zero ? std::vector<T>() : start, places) ==
          expected);
  }
}

template <class T> void check_products() {
  for (const Places& places : {Places{0, 1, 0}, Places{1, 1, 0}, Places{7, 1, 0}, Places{19, 3, 5}})
    kernels::unrolled<6>([&](auto rows) {
      check_product<T, rows + 1, 1>(places);
      check_product<T, rows + 1, 2>(places);
      check_product<T, rows + 1, 4>(places);
    });
}

/// A row's bits are the same in a tile of any height, whatever numbers it holds.
template <class T> void check_heights() {
  constexpr std::size_t columns = 4 * kernels::width<T, kernels::DefaultArch>;
  const Places places{23, 1, 0};
  const auto a = random_values<T>(6 * 26, 1), panel = random_values<T>(23 * columns, 2),
             start = random_values<T>(columns, 3);
  std::vector<T> alone;
  for (std::size_t row = 0; row < 6; ++row) {
    const auto one = tile_product<T, 1, 4>(a, row, panel, start, places);
    alone.insert(alone.end(), one.begin(), one.end());
  }
  kernels::unrolled<6>([&](auto i) {
    constexpr std::size_t rows = i + 1;
    INFO(rows << " rows");
    CHECK(same_bits(tile_product<T, rows, 4>(a, 0, panel, start, places),
                    std::vector<T>(alone.begin(), alone.begin() + rows * columns)));
  });
}

}  // namespace

TEST_CASE("tile: products of every height and width are those of plain loops") {
  check_products<float>();
  check_products<double>();
}

TEST_CASE("tile: a row's bits do not depend on the rows beside it") {
  check_heights<float>();
  check_heights<double>();
}
