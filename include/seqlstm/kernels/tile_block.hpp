// The block of tiles every bfloat16 product is made of: 2 x 2 sums, or 1 x 4 where there are no more than 16
// rows.
//
//   for each k tile:                       one order over K, whatever the block
//     load the left and right tiles, multiply
//     do a piece of other work             vectors and the matrix unit run side by side
#pragma once

#include <seqlstm/kernels/with_tiles.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Rows of the left factor: 32 terms of a row side by side, rows `stride` numbers apart, the next 32 terms
/// `step` numbers behind. Memory holds whole tiles, whose first `rows` rows count.
struct LeftRows {
  const bfloat16* numbers = nullptr;  ///< where the first row begins
  std::size_t stride = 0;             ///< numbers from one row to the next
  std::size_t step = tile_depth;      ///< numbers from 32 terms of a row to its next 32
  std::size_t rows = 0;               ///< rows that count
  bool arranged =
      false;  ///< by arrange_left or store_left; where Tiles::arranges is false, that is no change
};

/// Pairs of right tiles in the order they are read: [k tiles][2], and the next pair of columns `next` numbers
/// behind.
struct RightTiles {
  const bfloat16* tiles = nullptr;  ///< where the first pair begins
  std::size_t next = 0;             ///< a TileBlock of 1 or 2 columns does not read it
};

/// Sums of Rows x Columns tiles: 2 x 2, 2 x 1, 1 x 4, 1 x 2 or 1 x 1.
template <class Tiles, int Rows, int Columns> class TileBlock {
  static_assert(Rows * Columns <= 4 && Rows <= 2);

 public:
  /// Of the tiles that with_tiles() hands out; they must outlive it.
  explicit TileBlock(Tiles& tiles) : tiles_(tiles) {}

  /// All sums become zero.
  void clear() {
    each([&](auto sum, auto, auto) __attribute__((always_inline)) { tiles_.template clear<sum>(); });
  }
  /// Sums from rows `stride` floats apart, tile columns side by side.
  void load(const float* p, std::size_t stride) {
    Tiles::begin();
    each([&](auto sum, auto row, auto column) __attribute__((always_inline)) {
      tiles_.template load_sum<sum>(p + row * tile_side * stride + column * tile_side, stride);
    });
  }
  /// Sums to such rows.
  void store(float* p, std::size_t stride) {
    each([&](auto sum, auto row, auto column) __attribute__((always_inline)) {
      tiles_.template store_sum<sum>(p + row * tile_side * stride + column * tile_side, stride);
    });
  }
  /// Adds left times right over `depth` k tiles. Calls meanwhile() after every one.
  template <class Work>
  [[gnu::always_inline]] void multiply(const LeftRows& left, const RightTiles& right, std::size_t depth,
                                       Work&& meanwhile) {
    Tiles::begin();
    if constexpr (Tiles::arranges) {
      tiles_.template add<Rows, Columns>(left, right, depth, meanwhile);
    } else {
      multiply_tiles(left, right, depth, meanwhile);
    }
  }

 private:
  template <class Work>
  [[gnu::always_inline]] void multiply_tiles(const LeftRows& left, const RightTiles& right, std::size_t depth,
                                             Work&& meanwhile) {
    const bfloat16 *a = left.numbers, *b = right.tiles;
    const std::size_t below = left.rows > tile_side ? left.rows - tile_side : 0;
    for (std::size_t k = 0; k < depth; ++k, a += left.step, b += 2 * tile_size) {
      tiles_.template load_left<0>(a, left.stride, left.rows);
      tiles_.template load_right<0>(b);
      if constexpr (Columns > 1) tiles_.template load_right<1>(b + tile_size);
      if constexpr (Rows > 1) tiles_.template load_left<1>(a + tile_side * left.stride, left.stride, below);
      tiles_.template multiply<0, 0>();
      if constexpr (Columns > 1) tiles_.template multiply<1, 0>();
      if constexpr (Rows > 1) tiles_.template multiply<2, 1>();
      if constexpr (Rows > 1 && Columns > 1) tiles_.template multiply<3, 1>();
      if constexpr (Columns > 2) {
        tiles_.template load_right<0>(b + right.next);
        tiles_.template load_right<1>(b + right.next + tile_size);
        tiles_.template multiply<2, 0>();
        tiles_.template multiply<3, 0>();
      }
      meanwhile();
    }
  }

  /// body(number of the sum, its row, its column)
  template <class Body> [[gnu::always_inline]] void each(Body&& body) {
    unrolled<Rows>([&](auto row) __attribute__((always_inline)) {
      unrolled<Columns>([&](auto column) __attribute__((always_inline)) {
        constexpr int number = Columns == 4 ? int(column) : 2 * int(row) + int(column);
        body(std::integral_constant<int, number>{}, row, column);
      });
    });
  }
  Tiles& tiles_;
};

}  // namespace kernels

SEQLSTM_NAMESPACE_END
