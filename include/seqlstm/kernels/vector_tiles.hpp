// What amx.hpp does, by vectors of floats: for CPUs without a matrix unit and without dot products. The same
// bits, because the order is the unit's (Intel's manual, TDPBF16PS): the products of a tile's even terms are
// summed, those of its odd terms, then both are added to the sum.
#pragma once

#include <array>
#include <seqlstm/kernels/amx.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Eight tiles in memory, the interface of AmxTiles.
template <class Arch = DefaultArch> class VectorTiles {
 public:
  static constexpr bool arranges = false;  ///< factors keep the order they have in memory
  /// Nothing to do: the compiler sees these loads.
  static void begin() {}

  /// Sum 0, 1, 2 or 3 becomes zero.
  template <int Sum> void clear() { sums_[Sum] = {}; }
  /// A sum from 16 rows of 16 floats, `stride` floats apart.
  template <int Sum> void load_sum(const float* p, std::size_t stride) {
    for (std::size_t r = 0; r < tile_side; ++r) std::copy_n(p + r * stride, tile_side, sums_[Sum][r].data());
  }
  /// A sum to such rows.
  template <int Sum> void store_sum(float* p, std::size_t stride) {
    for (std::size_t r = 0; r < tile_side; ++r) std::copy_n(sums_[Sum][r].data(), tile_side, p + r * stride);
  }
  /// Left factor 0 or 1: `rows` rows of 32 numbers, `stride` numbers apart, 16 at most. Reads no others.
  template <int Left> void load_left(const bfloat16* p, std::size_t stride, std::size_t rows) {
    rows_[Left] = std::min(ceil_div(rows, together) * together, tile_side);
    if (rows < tile_side) left_[Left] = {};
    for (std::size_t r = 0; r < std::min(rows, tile_side); ++r)
      for (std::size_t k = 0; k < tile_depth; k += V::size)
        store(&left_[Left][r][k], load<V>(p + r * stride + k));
  }
  /// Right factor 0 or 1: a tile in the order of tile_pack.hpp.
  template <int Right> void load_right(const bfloat16* p) {
    for (std::size_t k = 0; k < tile_depth; ++k)
      for (std::size_t n = 0; n < tile_side; ++n)
        right_[Right][k][n] = static_cast<float>(p[(k / 2 * tile_side + n) * 2 + k % 2]);
  }
  /// Sum += left factor times right factor Sum % 2.
  template <int Sum, int Left> [[gnu::flatten]] void multiply() {
    const auto& right = right_[Sum % 2];
    for (std::size_t n = 0; n < tile_side; n += V::size)
      for (std::size_t first = 0; first < rows_[Left]; first += together) {
        std::array<V, together> even, odd;
        unrolled<together>([&](auto i) { even[i] = odd[i] = V(0.0F); });
        for (std::size_t k = 0; k < tile_depth; k += 2) {
          const V a = load<V>(&right[k][n]), b = load<V>(&right[k + 1][n]);
          unrolled<together>([&](auto i) {
            const auto& row = left_[Left][first + i];
            even[i] = fma(V(row[k]), a, even[i]);
            odd[i] = fma(V(row[k + 1]), b, odd[i]);
          });
        }
        unrolled<together>([&](auto i) {
          float* sum = &sums_[Sum][first + i][n];
          store(sum, load<V>(sum) + (even[i] + odd[i]));
        });
      }
  }

 private:
  using V = Vec<float, Arch>;
  using Floats = std::array<std::array<float, tile_side>, tile_side>;
  static constexpr std::size_t together = 4;  // rows whose chains of sums hide each other's latency

  std::array<std::size_t, 2> rows_{};  // of the left factors, those that count and what fills their group
  alignas(cache_line) std::array<Floats, 4> sums_;
  alignas(cache_line) std::array<std::array<std::array<float, tile_depth>, tile_side>, 2> left_;
  alignas(cache_line) std::array<std::array<std::array<float, tile_side>, tile_depth>, 2> right_;
};

}  // namespace kernels

SEQLSTM_NAMESPACE_END
