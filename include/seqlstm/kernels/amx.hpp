// The CPU's matrix unit (Intel AMX): eight tile registers of 16 rows by 64 bytes, and their product
//
//   C [16][16] += A [16][32] B [32][16], factors bfloat16, sums float
//
// Compiled where the translation unit's flags have it (-march=native on such a CPU, or sapphirerapids); used
// where the CPU has it and the system grants it. Elsewhere dot_tiles.hpp or vector_tiles.hpp compute the same
// bits.
#pragma once

#include <array>
#include <atomic>
#include <seqlstm/core/aligned_buffer.hpp>
#include <seqlstm/kernels/simd.hpp>

// GCC's macros, and clang's.
#if ((defined(__AMX_TILE__) && defined(__AMX_BF16__)) || (defined(__AMXTILE__) && defined(__AMXBF16__))) && \
    defined(__linux__)
#define SEQLSTM_HAS_AMX 1
#else
#define SEQLSTM_HAS_AMX 0
#endif

#if SEQLSTM_HAS_AMX && (defined(__AMX_INT8__) || defined(__AMXINT8__))
#define SEQLSTM_HAS_AMX_INT8 1
#else
#define SEQLSTM_HAS_AMX_INT8 0
#endif

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Rows of a tile, and its columns where they are floats.
inline constexpr std::size_t tile_side = 16;
/// Terms of one product of two tiles.
inline constexpr std::size_t tile_depth = 32;
/// bfloat16 numbers in a tile.
inline constexpr std::size_t tile_size = tile_side * tile_depth;

}  // namespace kernels

#if SEQLSTM_HAS_AMX

namespace kernels {

namespace detail {

/// Eight tiles of 16 rows of 64 bytes, in the processor's format (palette 1).
struct alignas(cache_line) TileShapes {
  std::uint8_t palette = 1, start_row = 0;
  std::array<std::uint8_t, 14> reserved{};
  std::array<std::uint16_t, 16> row_bytes{64, 64, 64, 64, 64, 64, 64, 64};
  std::array<std::uint8_t, 16> rows{16, 16, 16, 16, 16, 16, 16, 16};
};

}  // namespace detail

/// The tile registers of the calling thread while it lives: 0 to 3 are sums, 4 and 5 left factors, 6 and 7
/// right ones. Numbers must be literals to the compiler's intrinsics, whence the cases.
class AmxTiles {
 public:
  /// Configures the registers of the calling thread.
  AmxTiles() { _tile_loadconfig(&shapes); }
  /// Gives them back.
  ~AmxTiles() { _tile_release(); }
  AmxTiles(const AmxTiles&) = delete;
  AmxTiles& operator=(const AmxTiles&) = delete;

  static constexpr bool arranges = false;  ///< factors keep the order they have in memory
  /// To be called when vectors have written what tiles will load: the compiler does not see that loads read.
  static void begin() { std::atomic_signal_fence(std::memory_order_seq_cst); }

  /// Sum 0, 1, 2 or 3 becomes zero.
  template <int Sum> [[gnu::always_inline]] void clear() {
    if constexpr (Sum == 0) _tile_zero(0);
    if constexpr (Sum == 1) _tile_zero(1);
    if constexpr (Sum == 2) _tile_zero(2);
    if constexpr (Sum == 3) _tile_zero(3);
  }
  /// A sum from 16 rows of 16 floats, `stride` floats apart.
  template <int Sum> [[gnu::always_inline]] void load_sum(const float* p, std::size_t stride) {
    const std::size_t bytes = stride * sizeof(float);
    if constexpr (Sum == 0) _tile_loadd(0, p, bytes);
    if constexpr (Sum == 1) _tile_loadd(1, p, bytes);
    if constexpr (Sum == 2) _tile_loadd(2, p, bytes);
    if constexpr (Sum == 3) _tile_loadd(3, p, bytes);
  }
  /// A sum to such rows.
  template <int Sum> [[gnu::always_inline]] void store_sum(float* p, std::size_t stride) {
    const std::size_t bytes = stride * sizeof(float);
    if constexpr (Sum == 0) _tile_stored(0, p, bytes);
    if constexpr (Sum == 1) _tile_stored(1, p, bytes);
    if constexpr (Sum == 2) _tile_stored(2, p, bytes);
    if constexpr (Sum == 3) _tile_stored(3, p, bytes);
  }
  /// Left factor 0 or 1: 16 rows of 32 numbers, `stride` numbers apart. All are read, those behind the first
  /// `rows` for nothing.
  template <int Left>
  [[gnu::always_inline]] void load_left(const bfloat16* p, std::size_t stride, std::size_t /*rows*/) {
    const std::size_t bytes = stride * sizeof(bfloat16);
    if constexpr (Left == 0) _tile_loadd(4, p, bytes);
    if constexpr (Left == 1) _tile_loadd(5, p, bytes);
  }
  /// Right factor 0 or 1: a tile in the order of tile_pack.hpp.
  template <int Right> [[gnu::always_inline]] void load_right(const bfloat16* p) {
    if constexpr (Right == 0) _tile_loadd(6, p, cache_line);
    if constexpr (Right == 1) _tile_loadd(7, p, cache_line);
  }
  /// Sum += left factor times right factor Sum % 2.
  template <int Sum, int Left> [[gnu::always_inline]] void multiply() {
    if constexpr (Sum == 0 && Left == 0) _tile_dpbf16ps(0, 4, 6);
    if constexpr (Sum == 1 && Left == 0) _tile_dpbf16ps(1, 4, 7);
    if constexpr (Sum == 2 && Left == 0) _tile_dpbf16ps(2, 4, 6);
    if constexpr (Sum == 3 && Left == 0) _tile_dpbf16ps(3, 4, 7);
    if constexpr (Sum == 2 && Left == 1) _tile_dpbf16ps(2, 5, 6);
    if constexpr (Sum == 3 && Left == 1) _tile_dpbf16ps(3, 5, 7);
  }

#if SEQLSTM_HAS_AMX_INT8
  /// The same with bytes, 64 terms deep, and int32 sums. A sum from 16 rows `stride` numbers apart, 0: all
  /// alike.
  template <int Sum> [[gnu::always_inline]] void load_sum(const std::int32_t* p, std::size_t stride) {
    load_sum<Sum>(reinterpret_cast<const float*>(p), stride);
  }
  /// A sum to such rows.
  template <int Sum> [[gnu::always_inline]] void store_sum(std::int32_t* p, std::size_t stride) {
    store_sum<Sum>(reinterpret_cast<float*>(p), stride);
  }
  /// Left factor 0 or 1: 16 rows of 64 bytes, `stride` bytes apart; all are read.
  template <int Left> [[gnu::always_inline]] void load_left(const std::uint8_t* p, std::size_t stride) {
    if constexpr (Left == 0) _tile_loadd(4, p, stride);
    if constexpr (Left == 1) _tile_loadd(5, p, stride);
  }
  /// Right factor 0 or 1: 16 rows of 16 words of 4 terms, `stride` bytes apart.
  template <int Right> [[gnu::always_inline]] void load_right(const std::int8_t* p, std::size_t stride) {
    if constexpr (Right == 0) _tile_loadd(6, p, stride);
    if constexpr (Right == 1) _tile_loadd(7, p, stride);
  }
  /// Sum += left factor times right factor Sum % 2.
  template <int Sum, int Left> [[gnu::always_inline]] void multiply_bytes() {
    if constexpr (Sum == 0 && Left == 0) _tile_dpbusd(0, 4, 6);
    if constexpr (Sum == 1 && Left == 0) _tile_dpbusd(1, 4, 7);
    if constexpr (Sum == 2 && Left == 0) _tile_dpbusd(2, 4, 6);
    if constexpr (Sum == 3 && Left == 0) _tile_dpbusd(3, 4, 7);
    if constexpr (Sum == 2 && Left == 1) _tile_dpbusd(2, 5, 6);
    if constexpr (Sum == 3 && Left == 1) _tile_dpbusd(3, 5, 7);
  }
#endif

 private:
  // Not a local: the compiler sees the instruction read eight bytes of it and would not write the others.
  static constexpr detail::TileShapes shapes{};
};

}  // namespace kernels

#endif

SEQLSTM_NAMESPACE_END
