// Which of three ways multiplies bfloat16 matrices. All have the same bits.
//
//   amx      the matrix unit: amx.hpp
//   dot      the CPU's dot products of bfloat16 pairs: dot_tiles.hpp
//   vectors  fused multiply-adds of floats: vector_tiles.hpp
#pragma once

#include <array>
#include <atomic>
#include <cstdlib>
#include <seqlstm/core/cpu.hpp>
#include <string>
#include <string_view>
#if defined(SEQLSTM_COMPILED_KERNELS)
#include <seqlstm/kernels/linked.hpp>
#else
#include <seqlstm/kernels/amx.hpp>
#include <seqlstm/kernels/dot_tiles.hpp>
#endif

SEQLSTM_NAMESPACE_BEGIN

/// What multiplies bfloat16 matrices.
enum class MatrixUnit {
  amx,     ///< the matrix unit of Intel CPUs
  dot,     ///< dot products of bfloat16 pairs, AVX512_BF16
  vectors  ///< fused multiply-adds of floats, on every CPU
};

namespace kernels {

namespace detail {

#if !defined(SEQLSTM_COMPILED_KERNELS)
/// Whether build, CPU and system have the unit of that number.
inline bool has_unit(int unit) {
  if (unit == static_cast<int>(MatrixUnit::amx))
    return SEQLSTM_HAS_AMX != 0 && seqlstm::detail::amx_is_granted();
  return unit != static_cast<int>(MatrixUnit::dot) || SEQLSTM_HAS_DOT != 0;
}
inline std::atomic<int>& unit_slot() {
  static std::atomic<int> unit{-1};
  return unit;
}
/// The unit in use; -1 before somebody asks or chooses.
inline int unit_in_use() {
  return unit_slot();
}
inline void use_unit(int unit) {
  unit_slot() = unit;
}
#endif

struct NamedMatrixUnit {
  MatrixUnit unit;
  std::string_view name;
};
/// The fastest first.
inline constexpr std::array<NamedMatrixUnit, 3> matrix_units = {
    {{MatrixUnit::amx, "amx"}, {MatrixUnit::dot, "dot"}, {MatrixUnit::vectors, "vectors"}}};

/// "build has none (...)".
inline std::string built_with() {
#if defined(SEQLSTM_COMPILED_KERNELS)
  return "tier of kernels has none (" + std::string(tier_in_use().name) + ")";
#else
  return "build has none (built with -march=native on such a CPU?)";
#endif
}
/// The unit of that name; option_error that begins with `who` where there is none or this machine has it not.
inline MatrixUnit matrix_unit_of(std::string_view name, const std::string& who) {
  for (const auto& named : matrix_units) {
    if (named.name != name) continue;
    if (has_unit(static_cast<int>(named.unit))) return named.unit;
    throw option_error(who + " is '" + std::string(name) + "', but this CPU, system or " + built_with() +
                       "; take vectors");
  }
  throw option_error(who + " is '" + std::string(name) + "', expected amx, dot or vectors");
}

/// What SEQLSTM_MATRIX_UNIT asks for, else the best there is.
inline MatrixUnit first_matrix_unit() {
#if !defined(SEQLSTM_TIER)  // a tier is told its unit, and throws nothing
  const char* wish = std::getenv("SEQLSTM_MATRIX_UNIT");
  if (wish != nullptr && *wish != '\0') return matrix_unit_of(wish, "SEQLSTM_MATRIX_UNIT");
#endif
  for (const auto& named : matrix_units)
    if (has_unit(static_cast<int>(named.unit))) return named.unit;
  return MatrixUnit::vectors;
}

}  // namespace detail

}  // namespace kernels

/// What multiplies where a layer's precision is bf16: the best of amx, dot and vectors that the build (or
/// the tier in use), the CPU and the system have, with the same bits. The environment variable
/// SEQLSTM_MATRIX_UNIT decides before; an option_error where what it names cannot be had.
inline MatrixUnit matrix_unit() {
  const int chosen = kernels::detail::unit_in_use();
  if (chosen >= 0) return static_cast<MatrixUnit>(chosen);
  const MatrixUnit first = kernels::detail::first_matrix_unit();
  kernels::detail::use_unit(static_cast<int>(first));
  return first;
}
/// Another one from now on; option_error where it is not to be had. Not while another thread trains or
/// predicts.
inline void set_matrix_unit(MatrixUnit unit) {
  for (const auto& named : kernels::detail::matrix_units)
    if (named.unit == unit) static_cast<void>(kernels::detail::matrix_unit_of(named.name, "set_matrix_unit"));
  kernels::detail::use_unit(static_cast<int>(unit));
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

SEQLSTM_NAMESPACE_END
