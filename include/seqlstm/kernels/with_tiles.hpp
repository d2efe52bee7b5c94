// The tiles of what multiplies bfloat16 matrices now.
#pragma once

#include <seqlstm/core/float_env.hpp>
#include <seqlstm/kernels/amx.hpp>
#include <seqlstm/kernels/dot_tiles.hpp>
#include <seqlstm/kernels/matrix_unit.hpp>
#include <seqlstm/kernels/vector_tiles.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Calls body(tiles) with the tiles of what multiplies now. Denormal numbers are zero meanwhile, as they are
/// in the matrix unit. Not to be nested: a thread has one set of tiles.
template <class Arch = DefaultArch, class Body> void with_tiles(Body&& body) {
  const FlushDenormals flush;
  const MatrixUnit unit = matrix_unit();
#if SEQLSTM_HAS_AMX
  if (unit == MatrixUnit::amx) {
    AmxTiles tiles;
    body(tiles);
    return;
  }
#endif
#if SEQLSTM_HAS_DOT
  if (unit == MatrixUnit::dot) {
    DotTiles tiles;
    body(tiles);
    return;
  }
#endif
  static_cast<void>(unit);
  VectorTiles<Arch> tiles;
  body(tiles);
}

/// A right tile in tile_pack.hpp's order as what multiplies now wants it, in place.
inline void arrange_right([[maybe_unused]] bfloat16* tile) {
#if SEQLSTM_HAS_DOT
  if (matrix_unit() == MatrixUnit::dot) DotTiles::arrange_right(tile);
#endif
}
/// The same of a row of a left factor; `terms` is a multiple of 32.
inline void arrange_left([[maybe_unused]] bfloat16* row, [[maybe_unused]] std::size_t terms) {
#if SEQLSTM_HAS_DOT
  if (matrix_unit() == MatrixUnit::dot) DotTiles::arrange_left(row, terms);
#endif
}
/// Tells packed tiles of one arrangement from those of another.
inline std::uint64_t arrangement() {
  return matrix_unit() == MatrixUnit::dot ? 1 : 0;
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
