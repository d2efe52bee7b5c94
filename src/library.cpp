// The list of what was compiled for which CPUs, and the CPU's own word. Compiled for any CPU.
#include <seqlstm/kernels/table.hpp>

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

namespace seqlstm {
namespace {

bool always() {
  return true;
}

#if defined(__x86_64__)

/// x86-64-v3, as far as compilers can ask: what else it has came with AVX2.
bool has_v3() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 &&
         __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("bmi2") != 0 &&
         __builtin_cpu_supports("popcnt") != 0;
}
bool has_avx512() {
  return has_v3() && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512cd") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0;
}
bool has_avx512_bf16() {
  return has_avx512() && __builtin_cpu_supports("avx512bf16") != 0;
}

[[gnu::target("xsave")]] bool system_saves_tiles() {
  constexpr unsigned long long tile_state = 3ULL << 17U;  // XTILECFG and XTILEDATA
  return (__builtin_ia32_xgetbv(0) & tile_state) == tile_state;
}
/// The matrix unit with bfloat16, and the system's permission to use it, for which it asks.
bool has_amx() {
#if defined(__linux__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!has_avx512_bf16() || __get_cpuid_count(1, 0, &a, &b, &c, &d) == 0 || (c & bit_OSXSAVE) == 0) return false;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
  constexpr unsigned bf16 = 1U << 22U, tile = 1U << 24U;
  if ((d & bf16) == 0 || (d & tile) == 0 || !system_saves_tiles()) return false;
  constexpr long request_permission = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM, Linux 5.16
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
  return false;
#endif
}

#endif

}  // namespace
}  // namespace seqlstm

// SEQLSTM_TIERS(F): F(name, function, test) for every tier compiled, the lowest first.
#define SEQLSTM_DECLARE(name, function, test) extern "C" const seqlstm::SEQLSTM_PLAIN::KernelTable* function();
SEQLSTM_TIERS(SEQLSTM_DECLARE)

namespace {
#define SEQLSTM_LIST(name, function, test) {name, &seqlstm::test, &function},
constexpr seqlstm::SEQLSTM_PLAIN::KernelTier tiers[] = {SEQLSTM_TIERS(SEQLSTM_LIST)};
}  // namespace

constinit seqlstm::SEQLSTM_PLAIN::KernelLibrary SEQLSTM_KERNEL_LIBRARY = {tiers, std::size(tiers), {}, {}};
