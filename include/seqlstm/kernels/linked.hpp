// The kernels of the compiled library, chosen for the CPU that runs the program: the same names as
// VectorKernels, TileKernels and ByteKernels, without their code.
#pragma once

#include <cstdlib>
#include <seqlstm/core/error.hpp>
#include <seqlstm/kernels/table.hpp>
#include <string>
#include <string_view>
#include <type_traits>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

using SEQLSTM_PLAIN::KernelTable;
using SEQLSTM_PLAIN::KernelTier;

namespace detail {

/// The tiers of the library, the lowest first.
inline std::span<const KernelTier> kernel_tiers() {
  return {SEQLSTM_KERNEL_LIBRARY.tiers, SEQLSTM_KERNEL_LIBRARY.count};
}
/// "baseline, v3, avx512": those that this CPU runs, or all.
inline std::string tier_names(bool all) {
  std::string names;
  for (const KernelTier& tier : kernel_tiers())
    if (all || tier.runs_here()) names += (names.empty() ? "" : ", ") + std::string(tier.name);
  return names;
}
/// The tier of that name; option_error that begins with `who` where there is none or this CPU lacks it.
inline const KernelTier& tier_of(std::string_view name, const std::string& who) {
  for (const KernelTier& tier : kernel_tiers()) {
    if (tier.name != name) continue;
    if (tier.runs_here()) return tier;
    throw option_error(who + " is '" + std::string(name) + "', but this CPU or system runs " +
                       tier_names(false));
  }
  throw option_error(who + " is '" + std::string(name) + "', expected one of " + tier_names(true) +
                     ", of which this CPU runs " + tier_names(false));
}
/// What SEQLSTM_CPU asks for, else the highest that this CPU runs.
inline const KernelTier& first_tier() {
  const char* wish = std::getenv("SEQLSTM_CPU");
  if (wish != nullptr && *wish != '\0') return tier_of(wish, "SEQLSTM_CPU");
  const auto tiers = kernel_tiers();
  for (std::size_t i = tiers.size(); i > 0; --i)
    if (tiers[i - 1].runs_here()) return tiers[i - 1];
  throw cpu_error("this CPU runs none of the compiled kernels: " + tier_names(true));
}
/// A matrix unit that was chosen stays in use; where the tier lacks it vectors do, with the same bits.
inline const KernelTable& use_tier(const KernelTier& tier) {
  const KernelTable* table = tier.table();
  const KernelTable* before = SEQLSTM_KERNEL_LIBRARY.table.load(std::memory_order_acquire);
  const int unit = before == nullptr ? -1 : before->tiles.unit();
  constexpr int vectors = 2;
  if (unit >= 0) table->tiles.use_unit(table->tiles.has_unit(unit) ? unit : vectors);
  SEQLSTM_KERNEL_LIBRARY.chosen.store(&tier, std::memory_order_relaxed);
  SEQLSTM_KERNEL_LIBRARY.table.store(table, std::memory_order_release);
  return *table;
}
/// The tables in use; chosen at the first call.
inline const KernelTable& kernel_table() {
  const KernelTable* table = SEQLSTM_KERNEL_LIBRARY.table.load(std::memory_order_acquire);
  return table != nullptr ? *table : use_tier(first_tier());
}
inline const KernelTier& tier_in_use() {
  static_cast<void>(kernel_table());
  return *SEQLSTM_KERNEL_LIBRARY.chosen.load(std::memory_order_relaxed);
}
/// Tells what was packed for one tier from what was packed for another.
inline std::uint64_t tier_number() {
  return static_cast<std::uint64_t>(&tier_in_use() - SEQLSTM_KERNEL_LIBRARY.tiers);
}

#if defined(SEQLSTM_COMPILED_KERNELS)
// What matrix_unit.hpp asks.
inline bool has_unit(int unit) {
  return kernel_table().tiles.has_unit(unit);
}
inline int unit_in_use() {
  return kernel_table().tiles.unit();
}
inline void use_unit(int unit) {
  kernel_table().tiles.use_unit(unit);
}
#endif

}  // namespace detail

#define SEQLSTM_CALL(result, name, parameters, arguments) \
  static result name parameters {                         \
    return functions().name arguments;                    \
  }

/// VectorKernels<T> of the tier in use.
template <class T> struct LinkedVectorKernels {
  using Number = T;                                      ///< numbers that layers hand in and out
  using Stored = T;                                      ///< packed weights, saved gates and their gradients
  using Forward = LstmForwardArguments<Number, Stored>;  ///< what forward() is given
  using Backward = LstmBackwardArguments<Number, Stored>;  ///< what backward() is given
  using Operand = GradientOperand<Number>;                 ///< what weight_gradient() sums

  /// What packed weights depend on besides the weights.
  static std::uint64_t order() { return detail::tier_number(); }
  SEQLSTM_LAYER_KERNELS(SEQLSTM_CALL)
  SEQLSTM_NUMBER_KERNELS(SEQLSTM_CALL)

 private:
  static const SEQLSTM_PLAIN::VectorTable<T>& functions() {
    if constexpr (std::is_same_v<T, float>) {
      return detail::kernel_table().floats;
    } else {
      return detail::kernel_table().doubles;
    }
  }
};

/// TileKernels of the tier in use.
struct LinkedTileKernels {
  using Number = float;                                  ///< numbers that layers hand in and out
  using Stored = bfloat16;                               ///< packed weights, saved gates and their gradients
  using Forward = LstmForwardArguments<Number, Stored>;  ///< what forward() is given
  using Backward = LstmBackwardArguments<Number, Stored>;  ///< what backward() is given
  using Operand = GradientOperand<Number>;                 ///< what weight_gradient() sums

  /// The same: the tier, and how it arranges right factors and left ones (arrangement()).
  static std::uint64_t order() { return 2 * detail::tier_number() + functions().order(); }
  SEQLSTM_LAYER_KERNELS(SEQLSTM_CALL)

 private:
  static const SEQLSTM_PLAIN::TileTable& functions() { return detail::kernel_table().tiles; }
};

/// ByteKernels of the tier in use.
struct LinkedByteKernels {
  using Number = float;                                    ///< numbers that layers hand in and out
  using Stored = std::int8_t;                              ///< packed weights
  using Forward = LstmForwardArguments<Number, Stored>;    ///< what forward() is given
  using Backward = LstmBackwardArguments<Number, Stored>;  ///< there is no backward()

  /// What packed weights depend on besides the weights: nothing, also not the tier.
  static std::uint64_t order() { return 1; }
  SEQLSTM_BYTE_KERNELS(SEQLSTM_CALL)

 private:
  static const SEQLSTM_PLAIN::ByteTable& functions() { return detail::kernel_table().bytes; }
};

#undef SEQLSTM_CALL

}  // namespace kernels

SEQLSTM_NAMESPACE_END
