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

/// Eight tiles in memory, the interface of AmxTiles; `add` multiplies a whole block of them.
class DotTiles {
 public:
  static void begin() {}

  template <int Sum> void clear() { std::memset(sums_[Sum].data(), 0, sizeof sums_[Sum]); }
  template <int Sum> void load_sum(const float* p, std::size_t stride) {
    for (std::size_t r = 0; r < tile_side; ++r)
      _mm512_store_ps(sums_[Sum][r].data(), _mm512_loadu_ps(p + r * stride));
  }
  template <int Sum> void store_sum(float* p, std::size_t stride) {
    for (std::size_t r = 0; r < tile_side; ++r)
      _mm512_storeu_ps(p + r * stride, _mm512_load_ps(sums_[Sum][r].data()));
  }
  template <int Left> void load_left(const bfloat16* p, std::size_t stride, std::size_t rows) {
    rows_[Left] = std::min(rows, tile_side);
    pair_left(p, stride, rows_[Left], left_.data() + Left * tile_side);
  }
  template <int Right> void load_right(const bfloat16* p) { pair_right(p, right_[Right]); }
  template <int Sum, int Left> [[gnu::flatten]] void multiply() {
    for (std::size_t r = 0; r < rows_[Left]; r += together)
      group<together, 1>(left_.data() + Left * tile_side + r, Paired{right_.data() + Sum % 2},
                         [&](std::size_t i, std::size_t) { return sums_[Sum][r + i].data(); });
  }

  /// Adds a whole block, Rows x Columns tiles: `rows` rows of `a`, `stride` numbers apart; two right tiles at
  /// `b`, two more `next` numbers behind. Sums are numbered as in TileBlock.
  template <int Rows, int Columns>
  [[gnu::flatten]] void add(const bfloat16* a, std::size_t stride, std::size_t rows, const bfloat16* b,
                            std::size_t next) {
    rows = std::min(rows, std::size_t{Rows} * tile_side);
    pair_left(a, stride, rows, left_.data());
    if (rows == 1) {  // a chain is as long as it is: all columns side by side
      group<1, Columns>(left_.data(), Unpaired{b, next},
                        [&](std::size_t, std::size_t column) { return sum_row<Columns>(0, column); });
      return;
    }
    constexpr std::size_t width = std::min(Columns, 2);
    for (std::size_t first = 0; first < Columns; first += width) {
      const auto sum = [&](std::size_t r) {
        return [this, r, first](std::size_t i, std::size_t column) {
          return sum_row<Columns>(r + i, first + column);
        };
      };
      const bfloat16* tiles = b + first / 2 * next;
      if (rows <= together) {
        group<together, width>(left_.data(), Unpaired{tiles, 0}, sum(0));
        continue;
      }
      for (std::size_t w = 0; w < width; ++w) pair_right(tiles + w * tile_size, right_[w]);
      for (std::size_t r = 0; r < rows; r += together)
        group<together, width>(left_.data() + r, Paired{right_.data()}, sum(r));
    }
  }

 private:
  using Words = std::array<int, tile_side>;  // of two numbers
  using Tile = std::array<Words, tile_side>;
  static constexpr std::size_t together = 4;  // rows; with two tiles of columns their sums fill the registers

  template <int Columns> [[nodiscard]] float* sum_row(std::size_t row, std::size_t column) {
    return sums_[Columns == 4 ? column : 2 * (row / tile_side) + column][row % tile_side].data();
  }

  /// Rows of a left factor, words paired anew; rows up to a whole group are zero.
  static void pair_left(const bfloat16* p, std::size_t stride, std::size_t rows, Words* to) {
    const __m512i order =
        _mm512_broadcast_i32x4(_mm_setr_epi8(4, 5, 0, 1, 6, 7, 2, 3, 12, 13, 8, 9, 14, 15, 10, 11));
    std::size_t r = 0;
    for (; r < rows; ++r)
      _mm512_store_si512(to[r].data(), _mm512_shuffle_epi8(_mm512_loadu_si512(p + r * stride), order));
    for (; r % together != 0; ++r) _mm512_store_si512(to[r].data(), _mm512_setzero_si512());
  }

  /// Words of sums of even and of odd terms.
  struct EvenOdd {
    __m512bh even, odd;
  };
  /// Two rows of words of a right tile (terms k, k + 1 and k + 2, k + 3) paired anew.
  static EvenOdd paired(const bfloat16* p) {
    const __m512i even = _mm512_set_epi16(30, 62, 28, 60, 26, 58, 24, 56, 22, 54, 20, 52, 18, 50, 16, 48, 14,
                                          46, 12, 44, 10, 42, 8, 40, 6, 38, 4, 36, 2, 34, 0, 32);
    const __m512i odd = _mm512_add_epi16(even, _mm512_set1_epi16(1));
    const __m512i first = _mm512_loadu_si512(p), second = _mm512_loadu_si512(p + tile_depth);
    return {words(_mm512_permutex2var_epi16(first, even, second)),
            words(_mm512_permutex2var_epi16(first, odd, second))};
  }
  static void pair_right(const bfloat16* p, Tile& to) {
    for (std::size_t q = 0; q < tile_side; q += 2) {
      const EvenOdd both = paired(p + q * tile_depth);
      std::memcpy(to[q].data(), &both.even, sizeof both.even);
      std::memcpy(to[q + 1].data(), &both.odd, sizeof both.odd);
    }
  }
  static __m512bh words(__m512i numbers) {
    __m512bh result;
    std::memcpy(&result, &numbers, sizeof result);
    return result;
  }

  /// Where a group's right factors come from: word rows q and q + 1 of tile `column`.
  struct Paired {
    const Tile* tiles;
    [[gnu::always_inline]] EvenOdd operator()(std::size_t column, std::size_t q) const {
      return {words(_mm512_load_si512(tiles[column][q].data())),
              words(_mm512_load_si512(tiles[column][q + 1].data()))};
    }
  };
  struct Unpaired {
    const bfloat16* tiles;
    std::size_t next;
    [[gnu::always_inline]] EvenOdd operator()(std::size_t column, std::size_t q) const {
      return paired(tiles + column / 2 * next + column % 2 * tile_size + q * tile_depth);
    }
  };

  /// G rows times W tiles of columns, added to the rows sum(row, column).
  template <std::size_t G, std::size_t W, class Right, class Sum>
  [[gnu::always_inline]] static void group(const Words* left, const Right& right, const Sum& sum) {
    __m512 even[G][W], odd[G][W];
    const auto each = [](auto&& body) __attribute__((always_inline)) {
      unrolled<G>([&](auto i) __attribute__((always_inline)) {
        unrolled<W>([&](auto w) __attribute__((always_inline)) { body(i, w); });
      });
    };
    each([&](auto i, auto w)
             __attribute__((always_inline)) { even[i][w] = odd[i][w] = _mm512_setzero_ps(); });
    for (std::size_t q = 0; q < tile_side; q += 2) {
      EvenOdd b[W];
      unrolled<W>([&](auto w) __attribute__((always_inline)) { b[w] = right(w, q); });
      unrolled<G>([&](auto i) __attribute__((always_inline)) {
        const __m512bh a = words(_mm512_set1_epi32(left[i][q])), c = words(_mm512_set1_epi32(left[i][q + 1]));
        unrolled<W>([&](auto w) __attribute__((always_inline)) {
          even[i][w] = _mm512_dpbf16_ps(even[i][w], b[w].even, a);
          odd[i][w] = _mm512_dpbf16_ps(odd[i][w], b[w].odd, c);
        });
      });
    }
    each([&](auto i, auto w) __attribute__((always_inline)) {
      float* to = sum(i, w);
      _mm512_store_ps(to, _mm512_add_ps(_mm512_load_ps(to), _mm512_add_ps(even[i][w], odd[i][w])));
    });
  }

  alignas(cache_line) std::array<std::array<std::array<float, tile_side>, tile_side>, 4> sums_;
  alignas(cache_line) std::array<Words, 2 * tile_side> left_;
  alignas(cache_line) std::array<Tile, 2> right_;
  std::array<std::size_t, 2> rows_{};
};

}  // namespace kernels

SEQLSTM_NAMESPACE_END

#endif
