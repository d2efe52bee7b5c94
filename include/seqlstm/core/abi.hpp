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
#if defined(__aarch64__)
// Each of these can be there without the others, so the tag names each: "base_lse_dot_fp16_bf16_sve".
#if defined(__ARM_FEATURE_ATOMICS)
#define SEQLSTM_ABI_LSE _lse
#else
#define SEQLSTM_ABI_LSE
#endif
#if defined(__ARM_FEATURE_DOTPROD)
#define SEQLSTM_ABI_DOT _dot
#else
#define SEQLSTM_ABI_DOT
#endif
#if defined(__ARM_FEATURE_FP16_VECTOR_ARITHMETIC)
#define SEQLSTM_ABI_FP16 _fp16
#else
#define SEQLSTM_ABI_FP16
#endif
#if defined(__ARM_FEATURE_BF16_VECTOR_ARITHMETIC)
#define SEQLSTM_ABI_BF16 _bf16
#else
#define SEQLSTM_ABI_BF16
#endif
#if defined(__ARM_FEATURE_SVE2)
#define SEQLSTM_ABI_SVE _sve2
#elif defined(__ARM_FEATURE_SVE)
#define SEQLSTM_ABI_SVE _sve
#else
#define SEQLSTM_ABI_SVE
#endif
#if defined(__ARM_FEATURE_SVE_BITS) && __ARM_FEATURE_SVE_BITS > 0  // vectors of one length only
#define SEQLSTM_ABI_SVE_BITS __ARM_FEATURE_SVE_BITS
#else
#define SEQLSTM_ABI_SVE_BITS
#endif
#define SEQLSTM_ABI_JOIN_PARTS_EXPANDED(lse, dot, fp16, bf16, sve, bits) base##lse##dot##fp16##bf16##sve##bits
#define SEQLSTM_ABI_JOIN_PARTS(lse, dot, fp16, bf16, sve, bits) \
  SEQLSTM_ABI_JOIN_PARTS_EXPANDED(lse, dot, fp16, bf16, sve, bits)
#define SEQLSTM_ABI_EXTENSION                                                                  \
  SEQLSTM_ABI_JOIN_PARTS(SEQLSTM_ABI_LSE, SEQLSTM_ABI_DOT, SEQLSTM_ABI_FP16, SEQLSTM_ABI_BF16, \
                         SEQLSTM_ABI_SVE, SEQLSTM_ABI_SVE_BITS)
#elif defined(__AMX_TILE__) || defined(__AMXTILE__)  // GCC's macro, and clang's
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
