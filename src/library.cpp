// The list of what was compiled for which CPUs, and the CPU's own word. Compiled for any CPU.
#include <iterator>
#include <seqlstm/core/cpu.hpp>
#include <seqlstm/kernels/table.hpp>

namespace seqlstm {
namespace {

bool always() {
  return true;
}

#if defined(__x86_64__)

// Not all of them are asked where fewer tiers are compiled.

/// x86-64-v3.
[[maybe_unused]] bool has_v3() {
  __builtin_cpu_init();
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned movbe = 1U << 22U, f16c = 1U << 29U, lzcnt = 1U << 5U;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & movbe) == 0 || (c & f16c) == 0) return false;
  if (__get_cpuid(0x80000001U, &a, &b, &c, &d) == 0 || (c & lzcnt) == 0) return false;
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 &&
         __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("bmi2") != 0 &&
         __builtin_cpu_supports("popcnt") != 0;
}
[[maybe_unused]] bool has_avx512() {
  return has_v3() && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512cd") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0;
}
/// With dot products of bytes, which every CPU with those of bfloat16 has.
[[maybe_unused]] bool has_avx512_bf16() {
  return has_avx512() && __builtin_cpu_supports("avx512bf16") != 0 &&
         __builtin_cpu_supports("avx512vnni") != 0;
}

/// The matrix unit with bfloat16 and int8, and the system's permission to use it, for which it asks once.
[[maybe_unused]] bool has_amx() {
  static const bool granted = has_avx512_bf16() && detail::amx_is_granted();
  return granted;
}

#endif

}  // namespace
}  // namespace seqlstm

// SEQLSTM_TIERS(F): F(name, function, test) for every tier compiled, the lowest first.
#define SEQLSTM_DECLARE(name, function, test) \
  extern "C" [[gnu::visibility("hidden")]] const seqlstm::SEQLSTM_PLAIN::KernelTable* function();
SEQLSTM_TIERS(SEQLSTM_DECLARE)

namespace {
#define SEQLSTM_LIST(name, function, test) {name, &seqlstm::test, &function},
constexpr seqlstm::SEQLSTM_PLAIN::KernelTier tiers[] = {SEQLSTM_TIERS(SEQLSTM_LIST)};
}  // namespace

constinit seqlstm::SEQLSTM_PLAIN::KernelLibrary SEQLSTM_KERNEL_LIBRARY = {tiers, std::size(tiers), {}, {}};
