// Matrix products with bfloat16 factors and float sums, C (+)= A B, B packed in tiles.
//
//   for each band of 128 rows of A
//     for each block of 8 k tiles
//       for each pair of column tiles: its part stays in L1
//         for each block of 32 rows: add in tiles, from C and back to C
//
// Sums have one order over K, tile by tile: results do not depend on M or on the rows computed together.
#pragma once

#include <seqlstm/kernels/tile_block.hpp>
#include <seqlstm/kernels/tile_pack.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Rows that are multiplied together.
inline constexpr std::size_t block_rows = 2 * tile_side;
/// Columns of a pair of right tiles.
inline constexpr std::size_t pair_columns = 2 * tile_side;
/// Rows that B is read once for.
inline constexpr std::size_t band_rows = 4 * block_rows;
/// k tiles that are added before they go back to C.
inline constexpr std::size_t block_depth = 8;

namespace detail {

/// One block: C [rows][columns] (+)= left right over `depth` k tiles, rows up to 16 Rows, columns up to 16
/// Columns. C is written no further.
template <int Rows, int Columns, class Tiles>
void tile_gemm_block(Tiles& tiles, const LeftRows& left, const RightTiles& right, std::size_t depth, float* c,
                     std::size_t ldc, std::size_t columns, bool accumulate) {
  constexpr std::size_t height = Rows * tile_side, width = Columns * tile_side;
  const std::size_t rows = std::min(left.rows, height);
  TileBlock<Tiles, Rows, Columns> block(tiles);
  const bool whole = rows == height && columns == width;
  alignas(cache_line) float edge[height * width];
  if (!accumulate) {
    block.clear();
  } else if (whole) {
    block.load(c, ldc);
  } else {
    for (std::size_t r = 0; r < rows; ++r) std::copy_n(c + r * ldc, columns, edge + r * width);
    block.load(edge, width);
  }
  block.multiply(left, right, depth, [] {});
  if (whole) return block.store(c, ldc);
  block.store(edge, width);
  for (std::size_t r = 0; r < rows; ++r) std::copy_n(edge + r * width, columns, c + r * ldc);
}

/// A band of rows against all columns.
template <class Tiles>
void tile_gemm_band(Tiles& tiles, const LeftRows& left, RightTiles right, std::size_t depth,
                    std::size_t columns, float* c, std::size_t ldc, bool accumulate) {
  using one = std::integral_constant<int, 1>;
  using two = std::integral_constant<int, 2>;
  using four = std::integral_constant<int, 4>;
  const bool flat = left.rows <= tile_side;  // then sums are few: more columns at once
  while (columns > 0) {
    const std::size_t width = std::min(columns, flat ? 2 * pair_columns : pair_columns);
    for (std::size_t row = 0; row < left.rows; row += block_rows) {
      LeftRows own = left;
      own.numbers += row * left.stride;
      own.rows = std::min(block_rows, left.rows - row);
      const auto block = [&]<int Rows, int Columns>(std::integral_constant<int, Rows>,
                                                    std::integral_constant<int, Columns>) {
        tile_gemm_block<Rows, Columns>(tiles, own, right, depth, c + row * ldc, ldc, width, accumulate);
      };
      if (width <= tile_side) {
        own.rows > tile_side ? block(two{}, one{}) : block(one{}, one{});
      } else if (own.rows > tile_side) {
        block(two{}, two{});
      } else if (width <= pair_columns) {
        block(one{}, two{});
      } else {
        block(one{}, four{});
      }
    }
    columns -= width;
    c += width;
    right.tiles += ceil_div(width, pair_columns) * right.next;
  }
}

}  // namespace detail

/// C [M][N] (+)= A B, A rounded already (and `arranged`, or not), M rows `stride` numbers apart in memory
/// that holds whole tiles of rows; B as packed pairs of column tiles with `depth` k tiles. Allocates nothing,
/// runs on one thread.
template <class Tiles>
void tile_gemm(Tiles& tiles, const bfloat16* a, std::size_t stride, std::size_t rows, std::size_t depth,
               const bfloat16* b, std::size_t columns, float* c, std::size_t ldc, bool accumulate,
               bool arranged = false) {
  for (std::size_t row = 0; row < rows; row += band_rows)
    for (std::size_t k = 0; k < depth; k += block_depth)
      detail::tile_gemm_band(
          tiles,
          {a + row * stride + k * tile_depth, stride, tile_depth, std::min(band_rows, rows - row), arranged},
          {b + 2 * k * tile_size, 2 * depth * tile_size}, std::min(block_depth, depth - k), columns,
          c + row * ldc, ldc, accumulate || k > 0);
}

/// The same with a float A, rounded on the way.
template <class Arch = DefaultArch>
void tile_gemm(ConstMatrixView<float> a, const bfloat16* b, std::size_t columns, float* c, std::size_t ldc,
               bool accumulate) {
  with_tiles<Arch>([&](auto& tiles) {
    constexpr std::size_t terms = block_depth * tile_depth;
    alignas(cache_line) bfloat16 rounded[band_rows * (terms + tile_depth)];
    const std::size_t depth = depth_tiles(a.cols());
    for (std::size_t row = 0; row < a.rows(); row += band_rows)
      for (std::size_t k = 0; k < depth; k += block_depth) {
        const std::size_t block = std::min(block_depth, depth - k), stride = (block | 1U) * tile_depth,
                          rows = std::min(band_rows, a.rows() - row), first = k * tile_depth;
        for (std::size_t r = 0; r < rows; ++r) {
          round_row(a.row_data(row + r) + first, std::min(block * tile_depth, a.cols() - first),
                    rounded + r * stride, stride);
          arrange_left(rounded + r * stride, block * tile_depth);
        }
        detail::tile_gemm_band(tiles, {rounded, stride, tile_depth, rows, true},
                               {b + 2 * k * tile_size, 2 * depth * tile_size}, block, columns, c + row * ldc,
                               ldc, accumulate || k > 0);
      }
  });
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
