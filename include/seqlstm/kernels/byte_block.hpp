// Products of rows of bytes with a block of up to 64 columns of a weight matrix, in int32.
//
//   sums = - 128 * sums of the weights            what the 128 in every activation adds
//   for each tile of rows, as high as registers allow
//     for each word of 4 terms: rows x columns sums of four products each (byte_words.hpp)
//
// On AMX a tile is 16 rows and 64 terms, and two by two of them are multiplied at once.
//
// A block of V vectors of 16 columns is [words][V][16 columns][4 terms], lines of 64 terms filled up with
// zeros, then the columns' scales and their corrections. The order is the same for every CPU.
#pragma once

#include <seqlstm/kernels/byte_rows.hpp>
#include <seqlstm/kernels/byte_words.hpp>
#include <seqlstm/kernels/with_tiles.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Columns of a vector of a block.
inline constexpr std::size_t byte_side = 16;
/// Most columns of a block, and numbers from one row of its sums to the next.
inline constexpr std::size_t byte_columns = 4 * byte_side;

/// A block of weights for rows of so many terms.
struct ByteBlock {
  std::size_t terms;           ///< of a row
  std::size_t vectors;         ///< V: 1 to 4
  const std::int8_t* weights;  ///< size(terms, vectors) bytes, aligned to a cache line

  /// Bytes of a block.
  static std::size_t size(std::size_t terms, std::size_t vectors) {
    constexpr std::size_t per_column = sizeof(float) + sizeof(std::int32_t);
    return vectors * byte_side * (padded_terms(terms) + per_column);
  }
  /// Bytes from one word of terms to the next.
  [[nodiscard]] std::size_t step() const { return vectors * byte_side * byte_group; }
  /// Words of a row.
  [[nodiscard]] std::size_t words() const { return ceil_div(terms, byte_group); }
  /// Of each column.
  [[nodiscard]] const float* scales() const {
    return reinterpret_cast<const float*>(weights + vectors * byte_side * padded_terms(terms));
  }
  /// -128 times the sum of the column's weights.
  [[nodiscard]] const std::int32_t* corrections() const {
    return reinterpret_cast<const std::int32_t*>(scales() + vectors * byte_side);
  }
  /// Where the weight of a term and a column stands.
  [[nodiscard]] std::size_t place(std::size_t term, std::size_t column) const {
    return term / byte_group * step() + column * byte_group + term % byte_group;
  }
  /// Weight of a term and a column, multiplied out.
  [[nodiscard]] float weight(std::size_t term, std::size_t column) const {
    return static_cast<float>(weights[place(term, column)]) * scales()[column];
  }
};

/// Quantises the columns of a block: row(c) is where the weights of column c begin, null for a column of
/// zeros.
template <class Row> void pack_byte_block(ByteBlock block, std::int8_t* packed, Row&& row) {
  block.weights = packed;
  std::memset(packed, 0, ByteBlock::size(block.terms, block.vectors));
  auto* scales = const_cast<float*>(block.scales());
  auto* corrections = const_cast<std::int32_t*>(block.corrections());
  for (std::size_t c = 0; c < block.vectors * byte_side; ++c) {
    const float* from = row(c);
    if (from == nullptr) continue;
    scales[c] = quantize_weights(from, block.terms, packed, [&](std::size_t k) { return block.place(k, c); });
    std::int32_t sum = 0;
    for (std::size_t k = 0; k < block.terms; ++k) sum += packed[block.place(k, c)];
    corrections[c] = -128 * sum;
  }
}

namespace detail {

/// Rows times N registers of columns. One row has two sums of each column, which hide each other's latency.
template <class Words, std::size_t Rows, std::size_t N>
[[gnu::flatten]] void byte_tile(const std::uint8_t* left, std::size_t stride, const ByteBlock& block,
                                const std::int32_t* start, std::size_t column, std::int32_t* sums) {
  constexpr std::size_t chains = Rows == 1 ? 2 : 1;
  typename Words::Sums sum[chains][Rows][N];
  const auto each = [](auto&& body) __attribute__((always_inline)) {
    unrolled<Rows>([&](auto i) __attribute__((always_inline)) {
      unrolled<N>([&](auto j) __attribute__((always_inline)) { body(i, j); });
    });
  };
  each([&](auto i, auto j) __attribute__((always_inline)) {
    sum[0][i][j] = Words::load_sums(start + column + j * Words::columns);
    if constexpr (chains == 2) sum[1][i][j] = typename Words::Sums{};
  });
  const std::int8_t* right = block.weights + column * byte_group;
  const std::size_t step = block.step(), words = block.words();
  const auto add = [&](auto chain, std::size_t k) __attribute__((always_inline)) {
    typename Words::Right b[N];
    unrolled<N>([&](auto j) __attribute__((always_inline)) {
      b[j] = Words::right(right + k * step + j * Words::columns * byte_group);
    });
    unrolled<Rows>([&](auto i) __attribute__((always_inline)) {
      const auto a = Words::left(left + i * stride + k * byte_group);
      unrolled<N>([&](auto j) __attribute__((always_inline)) { Words::add(sum[chain][i][j], a, b[j]); });
    });
  };
  using First = std::integral_constant<std::size_t, 0>;
  using Last = std::integral_constant<std::size_t, chains - 1>;
  std::size_t k = 0;
  for (; k + chains <= words; k += chains) {
    add(First{}, k);
    if constexpr (chains == 2) add(Last{}, k + 1);
  }
  if (k < words) add(First{}, k);
  each([&](auto i, auto j) __attribute__((always_inline)) {
    if constexpr (chains == 2) sum[0][i][j] = Words::sum_of(sum[0][i][j], sum[1][i][j]);
    Words::store_sums(sums + i * byte_columns + column + j * Words::columns, sum[0][i][j]);
  });
}

}  // namespace detail

/// Products by words of bytes.
template <class Words> struct ByteWordProducts {
  /// sums [rows][byte_columns] = start + rows of bytes, `stride` bytes apart, times the block; start is
  /// block.corrections(), or zeros where other terms have begun with those.
  static void multiply(const std::uint8_t* left, std::size_t stride, std::size_t rows, const ByteBlock& block,
                       const std::int32_t* start, std::int32_t* sums) {
    const std::size_t registers = block.vectors * byte_side / Words::columns;
    for (std::size_t first = 0; first < registers; first += 4)
      with_vectors(std::min<std::size_t>(4, registers - first), [&](auto n) {
        std::size_t r = 0;
        while (r < rows)
          with_height<Words::rows>(rows - r, [&](auto height) {
            detail::byte_tile<Words, height, n>(left + r * stride, stride, block, start,
                                                first * Words::columns, sums + r * byte_columns);
            r += height;
          });
      });
  }
};

#if SEQLSTM_HAS_AMX_INT8
/// The same by the matrix unit, except of one or two rows, for which a tile is too much. Rows are read in
/// sixteens: memory holds whole ones, and so do the sums.
class ByteTileProducts {
 public:
  /// Of the tiles that the calling thread has.
  explicit ByteTileProducts(AmxTiles& tiles) : tiles_(tiles) {}

  /// As ByteWordProducts has it.
  void multiply(const std::uint8_t* left, std::size_t stride, std::size_t rows, const ByteBlock& block,
                const std::int32_t* start, std::int32_t* sums) {
    if (rows <= 2) return ByteWordProducts<BestWords>::multiply(left, stride, rows, block, start, sums);
    AmxTiles::begin();
    for (std::size_t r = 0; r < rows; r += 2 * tile_side) {
      const bool tall = rows - r > tile_side;
      for (std::size_t v = 0; v < block.vectors; v += 2) {
        const bool both = v + 1 < block.vectors;
        const auto* own = left + r * stride;
        const std::int32_t* first = start + v * byte_side;
        std::int32_t* to = sums + r * byte_columns + v * byte_side;
        if (tall) {
          both ? tile<2, 2>(own, stride, block, v, first, to) : tile<2, 1>(own, stride, block, v, first, to);
        } else {
          both ? tile<1, 2>(own, stride, block, v, first, to) : tile<1, 1>(own, stride, block, v, first, to);
        }
      }
    }
    AmxTiles::begin();
  }

 private:
  template <int Rows, int Columns>
  void tile(const std::uint8_t* left, std::size_t stride, const ByteBlock& block, std::size_t vector,
            const std::int32_t* start, std::int32_t* sums) {
    tiles_.load_sum<0>(start, 0);
    if constexpr (Columns > 1) tiles_.load_sum<1>(start + byte_side, 0);
    if constexpr (Rows > 1) tiles_.load_sum<2>(start, 0);
    if constexpr (Rows > 1 && Columns > 1) tiles_.load_sum<3>(start + byte_side, 0);
    const std::size_t step = block.step();
    const std::int8_t* right = block.weights + vector * byte_side * byte_group;
    for (std::size_t k = 0; k < block.terms; k += byte_line, right += byte_side * step) {
      tiles_.load_left<0>(left + k, stride);
      tiles_.load_right<0>(right, step);
      if constexpr (Columns > 1) tiles_.load_right<1>(right + byte_side * byte_group, step);
      if constexpr (Rows > 1) tiles_.load_left<1>(left + tile_side * stride + k, stride);
      tiles_.multiply_bytes<0, 0>();
      if constexpr (Columns > 1) tiles_.multiply_bytes<1, 0>();
      if constexpr (Rows > 1) tiles_.multiply_bytes<2, 1>();
      if constexpr (Rows > 1 && Columns > 1) tiles_.multiply_bytes<3, 1>();
    }
    tiles_.store_sum<0>(sums, byte_columns);
    if constexpr (Columns > 1) tiles_.store_sum<1>(sums + byte_side, byte_columns);
    if constexpr (Rows > 1) tiles_.store_sum<2>(sums + tile_side * byte_columns, byte_columns);
    if constexpr (Rows > 1 && Columns > 1)
      tiles_.store_sum<3>(sums + tile_side * byte_columns + byte_side, byte_columns);
  }

  AmxTiles& tiles_;
};
#endif

/// Calls body(products) with what multiplies bytes now: the matrix unit where it is in use, else the CPU's
/// words. Denormal numbers are zero meanwhile. Not to be nested: a thread has one set of tiles.
template <class Body> void with_byte_products(Body&& body) {
  const FlushDenormals flush;
#if SEQLSTM_HAS_AMX_INT8
  if (matrix_unit() == MatrixUnit::amx) {
    AmxTiles tiles;
    ByteTileProducts products(tiles);
    body(products);
    return;
  }
#endif
  ByteWordProducts<BestWords> products;
  body(products);
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
