// Whether this CPU has the instructions that the code was compiled for.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <seqlstm/core/arch.hpp>
#include <seqlstm/core/error.hpp>
#include <string>

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

#if defined(__x86_64__) && defined(__linux__)
[[gnu::target("xsave")]] inline bool system_saves_tiles() {
  constexpr unsigned long long tile_state = 3ULL << 17U;  // XTILECFG and XTILEDATA
  return (__builtin_ia32_xgetbv(0) & tile_state) == tile_state;
}
/// Whether CPU and system have AMX with bfloat16 and int8 and let this process use it. Asks the system for
/// it.
inline bool amx_is_granted() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(1, 0, &a, &b, &c, &d) == 0 || (c & bit_OSXSAVE) == 0) return false;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
  constexpr unsigned bf16 = 1U << 22U, tile = 1U << 24U, int8 = 1U << 25U;
  if ((d & bf16) == 0 || (d & tile) == 0 || (d & int8) == 0 || !system_saves_tiles()) return false;
  constexpr long request_permission = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM, Linux 5.16
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}
#else
inline bool amx_is_granted() {
  return false;
}
#endif

SEQLSTM_FLAGS_NAMESPACE_BEGIN

/// The first set of instructions that the compiler was allowed to use and this CPU (or its system) lacks;
/// null where it has all. The matrix unit is asked for where it is used; F16C, LZCNT and MOVBE came with
/// AVX2. Nothing here needs more than the basic set.
[[gnu::cold, gnu::noinline]] inline const char* missing_instructions() {
#if defined(__x86_64__)
  __builtin_cpu_init();
#if defined(__SSSE3__)
  if (!__builtin_cpu_supports("ssse3")) return "SSSE3";
#endif
#if defined(__SSE4_2__)
  if (!__builtin_cpu_supports("sse4.2")) return "SSE4.2";
#endif
#if defined(__POPCNT__)
  if (!__builtin_cpu_supports("popcnt")) return "POPCNT";
#endif
#if defined(__AVX__)
  if (!__builtin_cpu_supports("avx")) return "AVX";
#endif
#if defined(__FMA__)
  if (!__builtin_cpu_supports("fma")) return "FMA";
#endif
#if defined(__AVX2__)
  if (!__builtin_cpu_supports("avx2")) return "AVX2";
#endif
#if defined(__BMI2__)
  if (!__builtin_cpu_supports("bmi2")) return "BMI2";
#endif
#if defined(__GFNI__)
  if (!__builtin_cpu_supports("gfni")) return "GFNI";
#endif
#if defined(__AVX512F__)
  if (!__builtin_cpu_supports("avx512f")) return "AVX512F";
#endif
#if defined(__AVX512VL__)
  if (!__builtin_cpu_supports("avx512vl")) return "AVX512VL";
#endif
#if defined(__AVX512BW__)
  if (!__builtin_cpu_supports("avx512bw")) return "AVX512BW";
#endif
#if defined(__AVX512DQ__)
  if (!__builtin_cpu_supports("avx512dq")) return "AVX512DQ";
#endif
#if defined(__AVX512CD__)
  if (!__builtin_cpu_supports("avx512cd")) return "AVX512CD";
#endif
#if defined(__AVX512VNNI__)
  if (!__builtin_cpu_supports("avx512vnni")) return "AVX512_VNNI";
#endif
#if defined(__AVX512VBMI__)
  if (!__builtin_cpu_supports("avx512vbmi")) return "AVX512_VBMI";
#endif
#if defined(__AVX512VBMI2__)
  if (!__builtin_cpu_supports("avx512vbmi2")) return "AVX512_VBMI2";
#endif
#if defined(__AVX512BITALG__)
  if (!__builtin_cpu_supports("avx512bitalg")) return "AVX512_BITALG";
#endif
#if defined(__AVX512VPOPCNTDQ__)
  if (!__builtin_cpu_supports("avx512vpopcntdq")) return "AVX512_VPOPCNTDQ";
#endif
#if defined(__AVX512IFMA__)
  if (!__builtin_cpu_supports("avx512ifma")) return "AVX512_IFMA";
#endif
#if defined(__AVX512BF16__)
  if (!__builtin_cpu_supports("avx512bf16")) return "AVX512_BF16";
#endif
#if defined(__AVXVNNI__) || defined(__AVX512FP16__)  // which some compilers cannot ask for by name
  unsigned a = 0, b = 0, c = 0, d = 0;
#endif
#if defined(__AVXVNNI__)
  if (__get_cpuid_count(7, 1, &a, &b, &c, &d) == 0 || (a & (1U << 4U)) == 0) return "AVX-VNNI";
#endif
#if defined(__AVX512FP16__)
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & (1U << 23U)) == 0) return "AVX512_FP16";
#endif
#elif defined(__aarch64__) && defined(__linux__)
#if defined(__ARM_FEATURE_ATOMICS)
  if ((getauxval(AT_HWCAP) & (1UL << 8U)) == 0) return "atomics (LSE)";
#endif
#if defined(__ARM_FEATURE_FP16_VECTOR_ARITHMETIC)
  if ((getauxval(AT_HWCAP) & (1UL << 10U)) == 0) return "fp16";
#endif
#if defined(__ARM_FEATURE_DOTPROD)
  if ((getauxval(AT_HWCAP) & (1UL << 20U)) == 0) return "dot products";
#endif
#if defined(__ARM_FEATURE_SVE)
  if ((getauxval(AT_HWCAP) & (1UL << 22U)) == 0) return "SVE";
#endif
#if defined(__ARM_FEATURE_SVE2)
  if ((getauxval(AT_HWCAP2) & (1UL << 1U)) == 0) return "SVE2";
#endif
#if defined(__ARM_FEATURE_MATMUL_INT8)
  if ((getauxval(AT_HWCAP2) & (1UL << 13U)) == 0) return "i8mm";
#endif
#if defined(__ARM_FEATURE_BF16_VECTOR_ARITHMETIC)
  if ((getauxval(AT_HWCAP2) & (1UL << 14U)) == 0) return "bf16";
#endif
#endif
  return nullptr;
}

/// Throws cpu_error for a set that is missing. Where that is AVX, throwing may itself need what is missing:
/// prints the sentence and ends the process.
[[gnu::cold, gnu::noinline]] inline void refuse_cpu(const char* missing, bool can_throw) {
  constexpr const char* found = "this program was compiled for CPUs with ";
  constexpr const char* advice =
      " (" SEQLSTM_STRINGIZE(SEQLSTM_ABI_ARCH) "), which this one lacks; compile it on this machine with -march=native, or for all machines that run it: -march=x86-64-v3, or no -march at all";
  if (can_throw) throw cpu_error(std::string(found) + missing + advice);
  std::fputs(found, stderr);
  std::fputs(missing, stderr);
  std::fputs(advice, stderr);
  std::fputs("\n", stderr);
  std::_Exit(1);
}

SEQLSTM_FLAGS_NAMESPACE_END

}  // namespace detail

SEQLSTM_FLAGS_NAMESPACE_BEGIN

/// Throws cpu_error where this CPU lacks instructions that the caller's compiler was allowed to use: a
/// sentence instead of an illegal instruction in the midst of the work. The library asks before it takes its
/// first memory; a program that does much before then may ask first. On an x86-64 CPU without AVX the
/// sentence goes to stderr and the process ends with 1; so it does before main() in a program with compiled
/// kernels whose own code was compiled for more than the basic set.
inline void require_cpu() {
  static const char* const missing = detail::missing_instructions();
#if defined(__AVX__)
  if (missing != nullptr) detail::refuse_cpu(missing, __builtin_cpu_supports("avx") != 0);
#else
  if (missing != nullptr) detail::refuse_cpu(missing, true);
#endif
}
SEQLSTM_FLAGS_NAMESPACE_END

#if !SEQLSTM_HEADER_ONLY && (!defined(__x86_64__) || defined(__SSSE3__))
// With compiled kernels the library, compiled for any CPU, takes the first memory. So each file that was
// compiled for more asks before main(), and where something is missing the process ends with the sentence.
namespace detail {
namespace {
struct AtStart {
  AtStart() {
    if (const char* missing = missing_instructions()) refuse_cpu(missing, false);
  }
};
[[maybe_unused]] const AtStart at_start;
}  // namespace
}  // namespace detail
#endif

SEQLSTM_NAMESPACE_END
