// What amx.hpp does, by the dot products of AVX512_BF16 (Zen 4 and later, Cooper Lake): for CPUs without a
// matrix unit.
//
// VDPBF16PS adds the product of a word's high numbers to a sum, then that of its low ones, each rounded to
// nearest, denormals flushed to zero. The matrix unit sums the products of even terms and those of odd terms
// apart. So words are paired anew: terms k and k + 2 (high, low) for one sum, k + 1 and k + 3 for the other.
// The bits are the unit's.
#pragma once

#include <array>
#include <cstring>
#include <seqlstm/kernels/amx.hpp>

#if defined(__AVX512BF16__) && defined(__AVX512BW__)
#define SEQLSTM_HAS_DOT 1
#include <immintrin.h>
#else
#define SEQLSTM_HAS_DOT 0
#endif

#if SEQLSTM_HAS_DOT

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Eight tiles in memory, the interface of AmxTiles; `add` multiplies a block of them over all terms. Right
/// factors are arranged where they are packed, left ones where they are rounded: arrange_right, arrange_left,
/// store_left.
class DotTiles {
 public:
  static constexpr bool arranges = true;  ///< left factors too have an order of their own
  /// Nothing to do: the compiler sees these loads.
  static void begin() {}

  /// Words of a right tile paired anew, in place.
  static void arrange_right(bfloat16* tile) {
    const __m512i even = _mm512_set_epi16(30, 62, 28, 60, 26, 58, 24, 56, 22, 54, 20, 52, 18, 50, 16, 48, 14,
                                          46, 12, 44, 10, 42, 8, 40, 6, 38, 4, 36, 2, 34, 0, 32);
    const __m512i odd = _mm512_add_epi16(even, _mm512_set1_epi16(1));
    for (bfloat16* row = tile; row < tile + tile_size;
         row += 2 * tile_depth) {  // terms k, k + 1; k + 2, k + 3
      const __m512i first = _mm512_loadu_si512(row), second = _mm512_loadu_si512(row + tile_depth);
      _mm512_storeu_si512(row, _mm512_permutex2var_epi16(first, even, second));
      _mm512_storeu_si512(row + tile_depth, _mm512_permutex2var_epi16(first, odd, second));
    }
  }
  /// Words of a row of a left factor paired anew, in place; `terms` is a multiple of 32.
  static void arrange_left(bfloat16* row, std::size_t terms) {
    for (std::size_t k = 0; k < terms; k += tile_depth) copy_arranged(row + k, row + k);
  }
  /// Numbers rounded and stored as a piece of such a row; a vector has at least 4.
  template <class V> [[gnu::always_inline]] static void store_left(bfloat16* p, const V& v) {
    if constexpr (V::size == 16) {
      const __m256bh rounded = _mm512_cvtneps_pbh(v);
      __m256i numbers;
      std::memcpy(&numbers, &rounded, sizeof numbers);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(p),
                          _mm256_shuffle_epi8(numbers, _mm256_broadcastsi128_si256(left_order())));
    } else {
      std::array<bfloat16, V::size> numbers;
      store(numbers.data(), v);
      for (std::size_t i = 0; i < V::size; i += 4) {
        p[i] = numbers[i + 2];
        p[i + 1] = numbers[i];
        p[i + 2] = numbers[i + 3];
        p[i + 3] = numbers[i + 1];
      }
    }
  }

  /// Sum 0, 1, 2 or 3 becomes zero.
  template <int Sum> void clear() { std::memset(sums_[Sum].data(), 0, sizeof sums_[Sum]); }
  /// A sum from 16 rows of 16 floats, `stride` floats apart.
  template <int Sum> void load_sum(const float* p, std::size_t stride) {
    for (std::size_t r = 0; r < tile_side; ++r)
      _mm512_store_ps(sums_[Sum][r].data(), _mm512_loadu_ps(p + r * stride));
  }
  /// A sum to such rows.
  template <int Sum> void store_sum(float* p, std::size_t stride) {
    for (std::size_t r = 0; r < tile_side; ++r)
      _mm512_storeu_ps(p + r * stride, _mm512_load_ps(sums_[Sum][r].data()));
  }
  /// Left factor 0 or 1: `rows` rows of 32 numbers, not arranged yet, `stride` numbers apart, 16 at most.
  /// Reads no others.
  template <int Left> void load_left(const bfloat16* p, std::size_t stride, std::size_t rows) {
    rows_[Left] = std::min(rows, tile_side);
    for (std::size_t r = 0; r < rows_[Left]; ++r)
      copy_arranged(p + r * stride, left_row(Left * tile_side + r));
  }
  /// Right factor 0 or 1: an arranged tile, which must stay where it is.
  template <int Right> void load_right(const bfloat16* p) { right_[Right] = p; }
  /// Sum += left factor times right factor Sum % 2.
  template <int Sum, int Left> [[gnu::flatten]] void multiply() {
    for (std::size_t r = 0; r < rows_[Left]; r += together)
      group<together, 1>(left_row(Left * tile_side + r), tile_depth, right_[Sum % 2], 0,
                         [&](std::size_t i, std::size_t) { return sums_[Sum][r + i].data(); });
  }

  /// Adds a block of Rows x Columns tiles over `depth` k tiles; calls meanwhile() after each. Sums are
  /// numbered as in TileBlock.
  template <int Rows, int Columns, class Left, class Right, class Work>
  [[gnu::always_inline]] void add(const Left& left, const Right& right, std::size_t depth, Work&& meanwhile) {
    const std::size_t rows = std::min(left.rows, std::size_t{Rows} * tile_side);
    const bfloat16 *numbers = left.numbers, *tiles = right.tiles;
    for (std::size_t k = 0; k < depth; ++k, numbers += left.step, tiles += 2 * tile_size) {
      if (left.arranged) {
        add_tiles<Rows, Columns>(numbers, left.stride, rows, tiles, right.next);
      } else {
        for (std::size_t r = 0; r < rows; ++r) copy_arranged(numbers + r * left.stride, left_row(r));
        add_tiles<Rows, Columns>(left_row(0), tile_depth, rows, tiles, right.next);
      }
      meanwhile();
    }
  }

 private:
  static constexpr std::size_t together = 4;  // rows; with two tiles of columns their sums fill the registers
  static constexpr std::size_t deep = 8;      // k tiles whose right factors stay in L1 for all rows
  static constexpr std::size_t row_step =
      2 * tile_side * tile_depth;  // of left_, from one k tile to the next

  static __m128i left_order() { return _mm_setr_epi8(4, 5, 0, 1, 6, 7, 2, 3, 12, 13, 8, 9, 14, 15, 10, 11); }
  static void copy_arranged(const bfloat16* from, bfloat16* to) {
    _mm512_storeu_si512(to,
                        _mm512_shuffle_epi8(_mm512_loadu_si512(from), _mm512_broadcast_i32x4(left_order())));
  }
  [[nodiscard]] bfloat16* left_row(std::size_t r) { return left_.data() + r * tile_depth; }
  template <int Columns> [[nodiscard]] float* sum_row(std::size_t row, std::size_t column) {
    return sums_[Columns == 4 ? column : 2 * (row / tile_side) + column][row % tile_side].data();
  }

  template <int Rows, int Columns>
  [[gnu::flatten]] void add_tiles(const bfloat16* left, std::size_t stride, std::size_t rows,
                                  const bfloat16* right, std::size_t next) {
    if (rows == 1)  // a chain is as long as it is: all columns side by side
      return group<1, Columns>(left, stride, right, next,
                               [&](std::size_t, std::size_t column) { return sum_row<Columns>(0, column); });
    constexpr std::size_t width = std::min(Columns, 2);
    for (std::size_t first = 0; first < Columns; first += width)
      for (std::size_t r = 0; r < rows; r += together)
        group<together, width>(
            left + r * stride, stride, right + first / 2 * next, next,
            [&](std::size_t i, std::size_t column) { return sum_row<Columns>(r + i, first + column); });
  }

  static __m512bh words(__m512i numbers) {
    __m512bh result;
    std::memcpy(&result, &numbers, sizeof result);
    return result;
  }
  static __m512bh word(const bfloat16* p) {
    int both;
    std::memcpy(&both, p, sizeof both);
    return words(_mm512_set1_epi32(both));
  }

  /// G rows times W tiles of columns, added to the rows sum(row, column).
  template <std::size_t G, std::size_t W, class Sum>
  [[gnu::always_inline]] static void group(const bfloat16* left, std::size_t stride, const bfloat16* right,
                                           std::size_t next, const Sum& sum) {
    __m512 even[G][W], odd[G][W];
    const auto each = [](auto&& body) __attribute__((always_inline)) {
      unrolled<G>([&](auto i) __attribute__((always_inline)) {
        unrolled<W>([&](auto w) __attribute__((always_inline)) { body(i, w); });
      });
    };
    each([&](auto i, auto w)
             __attribute__((always_inline)) { even[i][w] = odd[i][w] = _mm512_setzero_ps(); });
    for (std::size_t q = 0; q < tile_depth; q += 4) {
      __m512bh b[2][W];
      unrolled<W>([&](auto w) __attribute__((always_inline)) {
        const bfloat16* row = right + w / 2 * next + w % 2 * tile_size + q / 2 * tile_depth;
        b[0][w] = words(_mm512_loadu_si512(row));
        b[1][w] = words(_mm512_loadu_si512(row + tile_depth));
      });
      unrolled<G>([&](auto i) __attribute__((always_inline)) {
        const __m512bh a = word(left + i * stride + q), c = word(left + i * stride + q + 2);
        unrolled<W>([&](auto w) __attribute__((always_inline)) {
          even[i][w] = _mm512_dpbf16_ps(even[i][w], b[0][w], a);
          odd[i][w] = _mm512_dpbf16_ps(odd[i][w], b[1][w], c);
        });
      });
    }
    each([&](auto i, auto w) __attribute__((always_inline)) {
      float* to = sum(i, w);
      _mm512_store_ps(to, _mm512_add_ps(_mm512_load_ps(to), _mm512_add_ps(even[i][w], odd[i][w])));
    });
  }

  alignas(cache_line) std::array<std::array<std::array<float, tile_side>, tile_side>, 4> sums_;
  alignas(cache_line) std::array<bfloat16, 2 * tile_size> left_;
  std::array<const bfloat16*, 2> right_{};
  std::array<std::size_t, 2> rows_{};
};

}  // namespace kernels

SEQLSTM_NAMESPACE_END

#endif
