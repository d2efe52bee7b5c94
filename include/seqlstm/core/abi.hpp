// The inline namespace that carries version and instruction set, so that objects compiled with different
// flags link into one program and each keeps calling its own code.
#pragma once

#include <seqlstm/config.hpp>
#include <seqlstm/version.hpp>

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512CD__)
#define SEQLSTM_ABI_ARCH avx512
#elif defined(__AVX2__) && defined(__FMA__)
#define SEQLSTM_ABI_ARCH avx2_fma
#elif defined(__AVX2__)
#define SEQLSTM_ABI_ARCH avx2
#elif defined(__AVX__)
#define SEQLSTM_ABI_ARCH avx
#elif defined(__SSE4_2__)
#define SEQLSTM_ABI_ARCH sse4_2
#elif defined(__SSE2__)
#define SEQLSTM_ABI_ARCH sse2
#elif defined(__ARM_NEON) && defined(__aarch64__)
#define SEQLSTM_ABI_ARCH neon64
#else
#error "seqlstm: no supported vector instruction set (x86-64 with SSE2 or later, or AArch64)"
#endif

// What else the compiler may use in any function of the library, kernels or not.
#if defined(__AMX_TILE__) || defined(__AMXTILE__)  // GCC's macro, and clang's
#define SEQLSTM_ABI_EXTENSION amx
#elif defined(__AVX512FP16__)
#define SEQLSTM_ABI_EXTENSION fp16
#elif defined(__AVX512BF16__)
#define SEQLSTM_ABI_EXTENSION bf16
#elif defined(__AVX512VNNI__)
#define SEQLSTM_ABI_EXTENSION vnni
#elif defined(__AVX512VBMI__)
#define SEQLSTM_ABI_EXTENSION vbmi
#elif defined(__FMA__)
#define SEQLSTM_ABI_EXTENSION fma
#elif defined(__SSE4_1__)
#define SEQLSTM_ABI_EXTENSION sse4_1
#elif defined(__SSSE3__)
#define SEQLSTM_ABI_EXTENSION ssse3
#elif defined(__SSE3__)
#define SEQLSTM_ABI_EXTENSION sse3
#else
#define SEQLSTM_ABI_EXTENSION base
#endif

#define SEQLSTM_ABI_JOIN_EXPANDED(major, minor, patch, arch, extension) \
  v##major##_##minor##_##patch##_##arch##_##extension
#define SEQLSTM_ABI_JOIN(major, minor, patch, arch, extension) \
  SEQLSTM_ABI_JOIN_EXPANDED(major, minor, patch, arch, extension)
#define SEQLSTM_ABI                                                                                       \
  SEQLSTM_ABI_JOIN(SEQLSTM_VERSION_MAJOR, SEQLSTM_VERSION_MINOR, SEQLSTM_VERSION_PATCH, SEQLSTM_ABI_ARCH, \
                   SEQLSTM_ABI_EXTENSION)

#define SEQLSTM_NAMESPACE_BEGIN \
  namespace seqlstm {           \
  inline namespace SEQLSTM_ABI {
#define SEQLSTM_NAMESPACE_END \
  }                           \
  }
