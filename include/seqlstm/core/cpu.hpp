// Whether this CPU has the instructions that the code was compiled for.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <seqlstm/core/arch.hpp>
#include <seqlstm/core/error.hpp>
#include <string>

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// The first set of instructions that the compiler was allowed to use and this CPU (or its system) lacks;
/// null where it has all. The matrix unit is asked for where it is used. Nothing here needs more than the
/// basic set.
[[gnu::cold, gnu::noinline]] inline const char* missing_instructions() {
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
#if defined(__SSE4_2__)
  if (!__builtin_cpu_supports("sse4.2")) return "SSE4.2";
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
#if defined(__AVX512VNNI__)
  if (!__builtin_cpu_supports("avx512vnni")) return "AVX512_VNNI";
#endif
#if defined(__AVX512VBMI__)
  if (!__builtin_cpu_supports("avx512vbmi")) return "AVX512_VBMI";
#endif
#if defined(__AVX512BF16__)
  if (!__builtin_cpu_supports("avx512bf16")) return "AVX512_BF16";
#endif
#if defined(__ARM_FEATURE_SVE) && defined(__linux__)
  if ((getauxval(AT_HWCAP) & (1UL << 22U)) == 0) return "SVE";
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

}  // namespace detail

/// Throws cpu_error where this CPU lacks instructions that the caller's compiler was allowed to use: a
/// sentence instead of an illegal instruction in the midst of the work. The library asks before it takes its
/// first memory; a program that does much before then may ask first. On an x86-64 CPU without AVX the
/// sentence goes to stderr and the process ends with 1.
inline void require_cpu() {
  static const char* const missing = detail::missing_instructions();
  if (missing != nullptr)
    detail::refuse_cpu(missing, std::strcmp(missing, "AVX") != 0 && std::strcmp(missing, "SSE4.2") != 0);
}

SEQLSTM_NAMESPACE_END
