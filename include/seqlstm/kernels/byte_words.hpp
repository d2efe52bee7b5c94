// Sums of products of four bytes with four bytes, for many columns at once: what int8 products are made of on
// each instruction set. All give the same int32 sums, for nothing saturates and nothing is rounded.
//
//   AVX512_VNNI, AVX-VNNI    one instruction
//   AVX-512BW, AVX2, SSE2    bytes widened to 16 bits, terms 0 and 2 apart from 1 and 3, two multiply-adds
//   elsewhere                plain loops
#pragma once

#include <array>
#include <cstring>
#include <seqlstm/kernels/simd.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Terms in a word of bytes.
inline constexpr std::size_t byte_group = 4;

/// Plain loops, and the interface of all: `columns` words of four weights, a word of four activations from
/// memory for all of them, and their sums.
struct PlainWords {
  static constexpr std::size_t columns = 4 /*!< of a register */, rows = 2;  ///< rows of the tallest tile
  using Sums = std::array<std::int32_t, columns>;                            ///< one for each column
  using Left = std::array<std::uint8_t, byte_group>;                         ///< activations: q + 128
  using Right = std::array<std::int8_t, columns * byte_group>;               ///< weights, word after word

  /// Sums from memory.
  static Sums load_sums(const std::int32_t* p) {
    Sums sums;
    std::memcpy(sums.data(), p, sizeof sums);
    return sums;
  }
  /// Sums to memory.
  static void store_sums(std::int32_t* p, const Sums& sums) { std::memcpy(p, sums.data(), sizeof sums); }
  /// Lane by lane.
  static Sums sum_of(const Sums& a, const Sums& b) {
    Sums sums;
    for (std::size_t n = 0; n < columns; ++n) sums[n] = wrapped(a[n], b[n]);
    return sums;
  }
  /// The word of activations at p, for all columns.
  static Left left(const std::uint8_t* p) {
    Left word;
    std::memcpy(word.data(), p, sizeof word);
    return word;
  }
  /// The words of weights at p, one for each column.
  static Right right(const std::int8_t* p) {
    Right words;
    std::memcpy(words.data(), p, sizeof words);
    return words;
  }
  /// sums += left right.
  static void add(Sums& sums, const Left& a, const Right& b) {
    for (std::size_t n = 0; n < columns; ++n) {
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < byte_group; ++k) sum += std::int32_t{a[k]} * b[n * byte_group + k];
      sums[n] = wrapped(sums[n], sum);
    }
  }

 private:
  // Sums begin with a correction and may leave int32 on the way back, as the instructions' sums may.
  static std::int32_t wrapped(std::int32_t a, std::int32_t b) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
  }
};

#if defined(__SSE2__)
/// Four columns by SSE2; names as in PlainWords, alike below.
struct Sse2Words {
  static constexpr std::size_t columns = 4, rows = 2;  ///< words in a register, rows of a tile
  using Sums = __m128i;
  struct Halves {
    __m128i even, odd;
  };  // 16 bits each: terms 0 and 2, terms 1 and 3
  using Left = Halves;
  using Right = Halves;

  [[gnu::always_inline]] static Sums load_sums(const std::int32_t* p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  }
  [[gnu::always_inline]] static void store_sums(std::int32_t* p, Sums sums) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), sums);
  }
  [[gnu::always_inline]] static Sums sum_of(Sums a, Sums b) { return _mm_add_epi32(a, b); }
  [[gnu::always_inline]] static Left left(const std::uint8_t* p) {
    int word;
    std::memcpy(&word, p, sizeof word);
    const __m128i all = _mm_set1_epi32(word);
    return {_mm_and_si128(all, _mm_set1_epi16(0xFF)), _mm_srli_epi16(all, 8)};
  }
  [[gnu::always_inline]] static Right right(const std::int8_t* p) {
    const __m128i words = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    return {_mm_srai_epi16(_mm_slli_epi16(words, 8), 8), _mm_srai_epi16(words, 8)};
  }
  [[gnu::always_inline]] static void add(Sums& sums, const Left& a, const Right& b) {
    sums = _mm_add_epi32(sums, _mm_add_epi32(_mm_madd_epi16(a.even, b.even), _mm_madd_epi16(a.odd, b.odd)));
  }
};
#endif

#if defined(__AVX2__)
/// Eight columns by AVX2.
struct Avx2Words {
  static constexpr std::size_t columns = 8, rows = 2;  ///< words in a register, rows of a tile
  using Sums = __m256i;
  struct Halves {
    __m256i even, odd;
  };
  using Left = Halves;
  using Right = Halves;

  [[gnu::always_inline]] static Sums load_sums(const std::int32_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  [[gnu::always_inline]] static void store_sums(std::int32_t* p, Sums sums) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), sums);
  }
  [[gnu::always_inline]] static Sums sum_of(Sums a, Sums b) { return _mm256_add_epi32(a, b); }
  [[gnu::always_inline]] static __m256i word(const std::uint8_t* p) {
    int all;
    std::memcpy(&all, p, sizeof all);
    return _mm256_set1_epi32(all);
  }
  [[gnu::always_inline]] static Left left(const std::uint8_t* p) {
    const __m256i all = word(p);
    return {_mm256_and_si256(all, _mm256_set1_epi16(0xFF)), _mm256_srli_epi16(all, 8)};
  }
  [[gnu::always_inline]] static Right right(const std::int8_t* p) {
    const __m256i words = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    return {_mm256_srai_epi16(_mm256_slli_epi16(words, 8), 8), _mm256_srai_epi16(words, 8)};
  }
  [[gnu::always_inline]] static void add(Sums& sums, const Left& a, const Right& b) {
    sums = _mm256_add_epi32(
        sums, _mm256_add_epi32(_mm256_madd_epi16(a.even, b.even), _mm256_madd_epi16(a.odd, b.odd)));
  }
};
#endif

#if defined(__AVXVNNI__)
/// Eight columns by AVX-VNNI.
struct AvxVnniWords : Avx2Words {
  using Left = __m256i;
  using Right = __m256i;

  [[gnu::always_inline]] static Left left(const std::uint8_t* p) { return word(p); }
  [[gnu::always_inline]] static Right right(const std::int8_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  [[gnu::always_inline]] static void add(Sums& sums, const Left& a, const Right& b) {
    sums = _mm256_dpbusd_avx_epi32(sums, a, b);
  }
};
#endif

#if defined(__AVX512BW__)
/// Sixteen columns by AVX-512BW.
struct Avx512Words {
  static constexpr std::size_t columns = 16, rows = 6;  ///< words in a register, rows of a tile
  using Sums = __m512i;
  struct Halves {
    __m512i even, odd;
  };
  using Left = Halves;
  using Right = Halves;

  [[gnu::always_inline]] static Sums load_sums(const std::int32_t* p) { return _mm512_loadu_si512(p); }
  [[gnu::always_inline]] static void store_sums(std::int32_t* p, Sums sums) { _mm512_storeu_si512(p, sums); }
  [[gnu::always_inline]] static Sums sum_of(Sums a, Sums b) { return _mm512_add_epi32(a, b); }
  [[gnu::always_inline]] static __m512i word(const std::uint8_t* p) {
    int all;
    std::memcpy(&all, p, sizeof all);
    return _mm512_set1_epi32(all);
  }
  [[gnu::always_inline]] static Left left(const std::uint8_t* p) {
    const __m512i all = word(p);
    return {_mm512_and_si512(all, _mm512_set1_epi16(0xFF)), _mm512_srli_epi16(all, 8)};
  }
  [[gnu::always_inline]] static Right right(const std::int8_t* p) {
    const __m512i words = _mm512_loadu_si512(p);
    return {_mm512_srai_epi16(_mm512_slli_epi16(words, 8), 8), _mm512_srai_epi16(words, 8)};
  }
  [[gnu::always_inline]] static void add(Sums& sums, const Left& a, const Right& b) {
    sums = _mm512_add_epi32(
        sums, _mm512_add_epi32(_mm512_madd_epi16(a.even, b.even), _mm512_madd_epi16(a.odd, b.odd)));
  }
};
#endif

#if defined(__AVX512VNNI__) && defined(__AVX512BW__)
/// Sixteen columns by AVX512_VNNI.
struct VnniWords : Avx512Words {
  using Left = __m512i;
  using Right = __m512i;

  [[gnu::always_inline]] static Left left(const std::uint8_t* p) { return word(p); }
  [[gnu::always_inline]] static Right right(const std::int8_t* p) { return _mm512_loadu_si512(p); }
  [[gnu::always_inline]] static void add(Sums& sums, const Left& a, const Right& b) {
    sums = _mm512_dpbusd_epi32(sums, a, b);
  }
};
using BestWords = VnniWords;  ///< the fastest that the flags allow
#elif defined(__AVX512BW__)
using BestWords = Avx512Words;  ///< the fastest that the flags allow
#elif defined(__AVXVNNI__)
using BestWords = AvxVnniWords;  ///< the fastest that the flags allow
#elif defined(__AVX2__)
using BestWords = Avx2Words;  ///< the fastest that the flags allow
#elif defined(__SSE2__)
using BestWords = Sse2Words;  ///< the fastest that the flags allow
#else
using BestWords = PlainWords;  ///< the fastest that the flags allow
#endif

}  // namespace kernels

SEQLSTM_NAMESPACE_END
