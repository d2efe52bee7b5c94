// The orders in which bfloat16 factors are stored for tile_block.hpp.
//
// A left tile is 16 rows of 32 terms, as a row-major matrix has them. A right tile has its terms in pairs:
// [16 pairs][16 columns][2], that is 16 rows of 16 words of two numbers; the transpose of its words is a left
// tile. Both are then arranged for what multiplies now (matrix_unit.hpp).
#pragma once

#include <array>
#include <seqlstm/kernels/pack.hpp>
#include <seqlstm/kernels/with_tiles.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Sizes of an LSTM direction in tiles: panels of 16 units, a gate a tile wide.
using TileGateShape = PanelShape<tile_side>;

/// k tiles of so many terms.
inline std::size_t depth_tiles(std::size_t terms) {
  return ceil_div(terms, tile_depth);
}
/// Numbers from one row of a left factor with so many terms to the next: an odd number of cache lines, so
/// that the rows of a tile spread over the cache.
inline std::size_t left_stride(std::size_t terms) {
  return (depth_tiles(terms) | 1U) * tile_depth;
}

/// Words of a tile [16][16].
using TileWords = std::array<std::array<std::uint32_t, tile_side>, tile_side>;

/// Words of the numbers in two rows, first those of `low`: of 16 columns, of which the first `count` are read
/// and the rest are zero. A null row is zero.
inline void pair_rows(const float* low, const float* high, std::size_t count,
                      std::array<std::uint32_t, tile_side>& words) {
#if defined(__AVX512BF16__)
  const auto mask = static_cast<__mmask16>(count >= tile_side ? 0xFFFFU : (1U << count) - 1U);
  const __m512 a = low == nullptr ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(mask, low),
               b = high == nullptr ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(mask, high);
  const __m256bh rounded_a = _mm512_cvtneps_pbh(a), rounded_b = _mm512_cvtneps_pbh(b);
  __m256i narrow_a, narrow_b;
  __builtin_memcpy(&narrow_a, &rounded_a, sizeof narrow_a);
  __builtin_memcpy(&narrow_b, &rounded_b, sizeof narrow_b);
  const __m512i pairs = _mm512_or_si512(_mm512_cvtepu16_epi32(narrow_a),
                                        _mm512_slli_epi32(_mm512_cvtepu16_epi32(narrow_b), 16));
  _mm512_storeu_si512(words.data(), pairs);
#else
  const auto rounded = [&](const float* row, std::size_t n) {
    return row == nullptr || n >= count ? std::uint32_t{0} : std::uint32_t{bfloat16::flushed(row[n]).bits};
  };
  for (std::size_t n = 0; n < tile_side; ++n) words[n] = rounded(low, n) | rounded(high, n) << 16U;
#endif
}

/// The transpose of a tile's words.
inline void transpose_words(const TileWords& from, TileWords& to) {
#if defined(__AVX512F__)
  // Words, then pairs of words, then quarters change places: three rounds of 16 shuffles, and a fourth.
  __m512i a[16], b[16];
  for (std::size_t i = 0; i < 16; ++i) a[i] = _mm512_loadu_si512(from[i].data());
  for (std::size_t i = 0; i < 16; i += 2) {
    b[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
    b[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
  }
  for (std::size_t i = 0; i < 16; i += 4) {
    a[i] = _mm512_unpacklo_epi64(b[i], b[i + 2]);
    a[i + 1] = _mm512_unpackhi_epi64(b[i], b[i + 2]);
    a[i + 2] = _mm512_unpacklo_epi64(b[i + 1], b[i + 3]);
    a[i + 3] = _mm512_unpackhi_epi64(b[i + 1], b[i + 3]);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    b[i] = _mm512_shuffle_i32x4(a[i], a[i + 4], 0x88);
    b[i + 4] = _mm512_shuffle_i32x4(a[i], a[i + 4], 0xDD);
    b[i + 8] = _mm512_shuffle_i32x4(a[i + 8], a[i + 12], 0x88);
    b[i + 12] = _mm512_shuffle_i32x4(a[i + 8], a[i + 12], 0xDD);
  }
  for (std::size_t i = 0; i < 4; ++i) {
    _mm512_storeu_si512(to[i].data(), _mm512_shuffle_i32x4(b[i], b[i + 8], 0x88));
    _mm512_storeu_si512(to[i + 8].data(), _mm512_shuffle_i32x4(b[i], b[i + 8], 0xDD));
    _mm512_storeu_si512(to[i + 4].data(), _mm512_shuffle_i32x4(b[i + 4], b[i + 12], 0x88));
    _mm512_storeu_si512(to[i + 12].data(), _mm512_shuffle_i32x4(b[i + 4], b[i + 12], 0xDD));
  }
#else
  for (std::size_t i = 0; i < tile_side; ++i)
    for (std::size_t k = 0; k < tile_side; ++k) to[k][i] = from[i][k];
#endif
}

/// Numbers rounded into a row of a left factor, zero up to `stride`.
inline void round_row(const float* from, std::size_t count, bfloat16* to, std::size_t stride) {
  using V = Vec<float, DefaultArch>;
  for (std::size_t k = 0; k < stride; k += V::size)
    store(to + k, k < count ? load_partial<V>(from + k, count - k) : V(0.0F));
}

/// A right tile whose columns are rows of a matrix: row(n) of n < columns, at terms [first, terms).
template <class Row>
void pack_right_columns(std::size_t columns, std::size_t first, std::size_t terms, Row&& row,
                        bfloat16* tile) {
  TileWords words{}, turned;
  std::array<bfloat16, tile_depth> numbers;
  for (std::size_t n = 0; n < columns; ++n) {
    round_row(row(n) + first, std::min(tile_depth, terms - first), numbers.data(), tile_depth);
    __builtin_memcpy(&words[n], &numbers, sizeof numbers);
  }
  transpose_words(words, turned);
  __builtin_memcpy(static_cast<void*>(tile), &turned, sizeof turned);
  arrange_right(tile);
}

/// A right tile whose terms are rows of a matrix: row(k) for k < 32, null for zero; `columns` of them.
template <class Row> void pack_right_rows(std::size_t columns, Row&& row, bfloat16* tile) {
  TileWords words;
  for (std::size_t pair = 0; pair < tile_side; ++pair)
    pair_rows(row(2 * pair), row(2 * pair + 1), columns, words[pair]);
  __builtin_memcpy(static_cast<void*>(tile), &words, sizeof words);
  arrange_right(tile);
}

/// A left tile whose terms are rows of a matrix, alike.
template <class Row> void pack_left_rows(std::size_t columns, Row&& row, bfloat16* tile) {
  TileWords words, turned;
  for (std::size_t pair = 0; pair < tile_side; ++pair)
    pair_rows(row(2 * pair), row(2 * pair + 1), columns, words[pair]);
  transpose_words(words, turned);
  __builtin_memcpy(static_cast<void*>(tile), &turned, sizeof turned);
  arrange_left(tile, tile_size);
}

/// Numbers that pack_tile_columns needs for w [GH, N] of G gates.
inline std::size_t tile_columns_size(const GateShape& shape, std::size_t n) {
  return shape.panels() * 4 * depth_tiles(n) * tile_size;
}
/// Packs w [GH, N] for pre-activations += x[N] * w^T: [panel][places 0 1 | 2 3][k tile][2], an LSTM's i f | g
/// o. A place that is no gate's of the matrix is zero.
inline void pack_tile_columns(const GateShape& shape, ConstMatrixView<float> w, bfloat16* packed,
                              IndexRange panels) {
  const std::size_t depth = depth_tiles(w.cols());
  for (std::size_t p = panels.begin; p < panels.end; ++p)
    for (std::size_t g = 0; g < 4; ++g)
      for (std::size_t k = 0; k < depth; ++k) {
        const std::size_t unit = p * tile_side, gate = shape.gate_at(g),
                          units = gate < shape.gate_count() ? std::min(tile_side, shape.hidden - unit) : 0;
        pack_right_columns(
            units, k * tile_depth, w.cols(),
            [&](std::size_t u) { return w.row_data(gate * shape.hidden + unit + u); },
            packed + (((p * 2 + g / 2) * depth + k) * 2 + g % 2) * tile_size);
      }
}

/// Numbers that pack_tile_rows needs for w [GH, N].
inline std::size_t tile_rows_size(const GateShape& shape, std::size_t n) {
  return ceil_div(n, 2 * tile_side) * 2 * depth_tiles(shape.gate_row()) * tile_size;
}
/// Packs w [GH, N] for dx[N] = dgates * w: [pair of column tiles][k tile][2], terms in the order of gate
/// rows; the terms of `panels` only.
inline void pack_tile_rows(const GateShape& shape, ConstMatrixView<float> w, bfloat16* packed,
                           IndexRange panels) {
  const std::size_t depth = depth_tiles(shape.gate_row());
  const auto row = [&](std::size_t k) -> const float* {
    constexpr std::size_t wide = TileGateShape::wide;
    const std::size_t unit = k / wide * tile_side + k % tile_side, gate = shape.gate_at(k % wide / tile_side);
    return unit < shape.hidden && gate < shape.gate_count() ? w.row_data(gate * shape.hidden + unit)
                                                            : nullptr;
  };
  for (std::size_t k = panels.begin * 2; k < panels.end * 2; ++k)
    for (std::size_t n = 0; n < w.cols(); n += tile_side)
      pack_right_rows(
          std::min(tile_side, w.cols() - n),
          [&](std::size_t i) {
            const float* start = row(k * tile_depth + i);
            return start == nullptr ? nullptr : start + n;
          },
          packed + ((n / (2 * tile_side) * depth + k) * 2 + n / tile_side % 2) * tile_size);
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
