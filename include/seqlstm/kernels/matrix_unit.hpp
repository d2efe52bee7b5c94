// Which of three ways multiplies bfloat16 matrices. All have the same bits.
//
//   amx      the matrix unit: amx.hpp
//   dot      the CPU's dot products of bfloat16 pairs: dot_tiles.hpp
//   vectors  fused multiply-adds of floats: vector_tiles.hpp
#pragma once

#include <atomic>
#include <cstdlib>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/kernels/amx.hpp>
#include <seqlstm/kernels/dot_tiles.hpp>
#include <seqlstm/kernels/vector_tiles.hpp>
#include <string>
#include <string_view>

SEQLSTM_NAMESPACE_BEGIN

/// What multiplies bfloat16 matrices.
enum class MatrixUnit { amx, dot, vectors };

namespace kernels {

namespace detail {

struct NamedMatrixUnit {
  MatrixUnit unit;
  std::string_view name;
};
/// The fastest first.
inline constexpr std::array<NamedMatrixUnit, 3> matrix_units = {
    {{MatrixUnit::amx, "amx"}, {MatrixUnit::dot, "dot"}, {MatrixUnit::vectors, "vectors"}}};

/// Whether build, CPU and system have it.
inline bool has_matrix_unit(MatrixUnit unit) {
  switch (unit) {
    case MatrixUnit::amx:
      return amx_is_granted();
    case MatrixUnit::dot:
      return SEQLSTM_HAS_DOT != 0;
    case MatrixUnit::vectors:
      break;
  }
  return true;
}
/// The unit of that name; option_error that begins with `who` where there is none or this machine has it not.
inline MatrixUnit matrix_unit_of(std::string_view name, const std::string& who) {
  for (const auto& named : matrix_units) {
    if (named.name != name) continue;
    if (has_matrix_unit(named.unit)) return named.unit;
    throw option_error(who + " is '" + std::string(name) +
                       "', but this CPU, system or build has none (built with -march=native on such a CPU?); "
                       "take vectors");
  }
  throw option_error(who + " is '" + std::string(name) + "', expected amx, dot or vectors");
}

/// What SEQLSTM_MATRIX_UNIT asks for, else the best there is.
inline MatrixUnit first_matrix_unit() {
  const char* wish = std::getenv("SEQLSTM_MATRIX_UNIT");
  if (wish != nullptr && *wish != '\0') return matrix_unit_of(wish, "SEQLSTM_MATRIX_UNIT");
  for (const auto& named : matrix_units)
    if (has_matrix_unit(named.unit)) return named.unit;
  return MatrixUnit::vectors;
}

/// The unit in use; none until somebody asks or chooses.
inline std::atomic<int>& chosen_matrix_unit() {
  static std::atomic<int> unit{-1};
  return unit;
}

}  // namespace detail

}  // namespace kernels

/// What multiplies where a layer's precision is bf16: the best of amx, dot and vectors that the build, the
/// CPU and the system have, with the same bits. The environment variable SEQLSTM_MATRIX_UNIT decides before;
/// an option_error where what it names cannot be had.
inline MatrixUnit matrix_unit() {
  auto& chosen = kernels::detail::chosen_matrix_unit();
  if (chosen < 0) chosen = static_cast<int>(kernels::detail::first_matrix_unit());
  return static_cast<MatrixUnit>(chosen.load());
}
/// Another one from now on; option_error where it is not to be had. Not while another thread trains or
/// predicts.
inline void set_matrix_unit(MatrixUnit unit) {
  for (const auto& named : kernels::detail::matrix_units)
    if (named.unit == unit) static_cast<void>(kernels::detail::matrix_unit_of(named.name, "set_matrix_unit"));
  kernels::detail::chosen_matrix_unit() = static_cast<int>(unit);
}
/// The same by name: "amx", "dot" or "vectors".
inline void set_matrix_unit(std::string_view name) {
  set_matrix_unit(kernels::detail::matrix_unit_of(name, "matrix_unit"));
}
/// "amx", "dot" or "vectors".
inline std::string_view matrix_unit_name() {
  for (const auto& named : kernels::detail::matrix_units)
    if (named.unit == matrix_unit()) return named.name;
  return {};
}

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

/// A right tile in tile_pack.hpp's order, or a row of a left factor, as what multiplies now wants it, in
/// place.
inline void arrange_right([[maybe_unused]] bfloat16* tile) {
#if SEQLSTM_HAS_DOT
  if (matrix_unit() == MatrixUnit::dot) DotTiles::arrange_right(tile);
#endif
}
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
