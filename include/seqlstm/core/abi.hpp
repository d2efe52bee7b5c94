// The inline namespace that carries version and instruction set, so that objects compiled with different
// flags link into one program and each keeps calling the library's code of its own.
//
// It cannot speak for code of others. An object that uses std::vector holds functions of std::vector,
// compiled for its CPU too; the linker keeps one copy of each for the whole program, perhaps that one. A
// program for older CPUs that links such an object must hide them: docs/faq.md, seqlstm_isolated_library.
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

// What else the compiler may use in any function of the library, kernels or not: a part of the tag for each
// set that CPUs of one level have or lack.
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
#define SEQLSTM_ABI_SETS                                                                       \
  SEQLSTM_ABI_JOIN_PARTS(SEQLSTM_ABI_LSE, SEQLSTM_ABI_DOT, SEQLSTM_ABI_FP16, SEQLSTM_ABI_BF16, \
                         SEQLSTM_ABI_SVE, SEQLSTM_ABI_SVE_BITS)
#else
// A letter each.
#if defined(__SSE3__)
#define SEQLSTM_ABI_HAS_SSE3 3
#else
#define SEQLSTM_ABI_HAS_SSE3
#endif
#if defined(__SSSE3__)
#define SEQLSTM_ABI_HAS_SSSE3 s
#else
#define SEQLSTM_ABI_HAS_SSSE3
#endif
#if defined(__SSE4_1__)
#define SEQLSTM_ABI_HAS_SSE4_1 1
#else
#define SEQLSTM_ABI_HAS_SSE4_1
#endif
#if defined(__POPCNT__)
#define SEQLSTM_ABI_HAS_POPCNT o
#else
#define SEQLSTM_ABI_HAS_POPCNT
#endif
#if defined(__FMA__)
#define SEQLSTM_ABI_HAS_FMA m
#else
#define SEQLSTM_ABI_HAS_FMA
#endif
#if defined(__BMI2__)
#define SEQLSTM_ABI_HAS_BMI2 x
#else
#define SEQLSTM_ABI_HAS_BMI2
#endif
#if defined(__LZCNT__)
#define SEQLSTM_ABI_HAS_LZCNT z
#else
#define SEQLSTM_ABI_HAS_LZCNT
#endif
#if defined(__MOVBE__)
#define SEQLSTM_ABI_HAS_MOVBE e
#else
#define SEQLSTM_ABI_HAS_MOVBE
#endif
#if defined(__F16C__)
#define SEQLSTM_ABI_HAS_F16C c
#else
#define SEQLSTM_ABI_HAS_F16C
#endif
#if defined(__AVXVNNI__)
#define SEQLSTM_ABI_HAS_AVX_VNNI n
#else
#define SEQLSTM_ABI_HAS_AVX_VNNI
#endif
#if defined(__GFNI__)
#define SEQLSTM_ABI_HAS_GFNI g
#else
#define SEQLSTM_ABI_HAS_GFNI
#endif
#if defined(__AVX512F__)
#define SEQLSTM_ABI_HAS_AVX512F f
#else
#define SEQLSTM_ABI_HAS_AVX512F
#endif
#if defined(__AVX512VL__)
#define SEQLSTM_ABI_HAS_AVX512VL l
#else
#define SEQLSTM_ABI_HAS_AVX512VL
#endif
#if defined(__AVX512VNNI__)
#define SEQLSTM_ABI_HAS_AVX512_VNNI v
#else
#define SEQLSTM_ABI_HAS_AVX512_VNNI
#endif
#if defined(__AVX512BF16__)
#define SEQLSTM_ABI_HAS_AVX512_BF16 b
#else
#define SEQLSTM_ABI_HAS_AVX512_BF16
#endif
#if defined(__AVX512IFMA__)
#define SEQLSTM_ABI_HAS_IFMA i
#else
#define SEQLSTM_ABI_HAS_IFMA
#endif
#if defined(__AVX512VBMI__)
#define SEQLSTM_ABI_HAS_VBMI p
#else
#define SEQLSTM_ABI_HAS_VBMI
#endif
#if defined(__AVX512VBMI2__)
#define SEQLSTM_ABI_HAS_VBMI2 q
#else
#define SEQLSTM_ABI_HAS_VBMI2
#endif
#if defined(__AVX512BITALG__)
#define SEQLSTM_ABI_HAS_BITALG t
#else
#define SEQLSTM_ABI_HAS_BITALG
#endif
#if defined(__AVX512VPOPCNTDQ__)
#define SEQLSTM_ABI_HAS_VPOPCNTDQ d
#else
#define SEQLSTM_ABI_HAS_VPOPCNTDQ
#endif
#if defined(__AVX512FP16__)
#define SEQLSTM_ABI_HAS_AVX512_FP16 h
#else
#define SEQLSTM_ABI_HAS_AVX512_FP16
#endif
#if defined(__AMX_TILE__) || defined(__AMXTILE__)  // GCC's macro, and clang's
#define SEQLSTM_ABI_HAS_AMX a
#else
#define SEQLSTM_ABI_HAS_AMX
#endif
#define SEQLSTM_ABI_JOIN_SETS_EXPANDED(sse3, ssse3, sse4_1, popcnt, fma, bmi2, lzcnt, movbe, f16c, avx_vnni, \
                                       gfni, avx512f, avx512vl, avx512_vnni, avx512_bf16, ifma, vbmi, vbmi2, \
                                       bitalg, vpopcntdq, avx512_fp16, amx)                                  \
  s##sse3##ssse3##sse4_1##popcnt##fma##bmi2##lzcnt##movbe##f16c##avx_vnni##gfni##avx512f##avx512vl##avx512_vnni##avx512_bf16##ifma##vbmi##vbmi2##bitalg##vpopcntdq##avx512_fp16##amx
#define SEQLSTM_ABI_JOIN_SETS(...) SEQLSTM_ABI_JOIN_SETS_EXPANDED(__VA_ARGS__)
#define SEQLSTM_ABI_SETS                                                                             \
  SEQLSTM_ABI_JOIN_SETS(                                                                             \
      SEQLSTM_ABI_HAS_SSE3, SEQLSTM_ABI_HAS_SSSE3, SEQLSTM_ABI_HAS_SSE4_1, SEQLSTM_ABI_HAS_POPCNT,   \
      SEQLSTM_ABI_HAS_FMA, SEQLSTM_ABI_HAS_BMI2, SEQLSTM_ABI_HAS_LZCNT, SEQLSTM_ABI_HAS_MOVBE,       \
      SEQLSTM_ABI_HAS_F16C, SEQLSTM_ABI_HAS_AVX_VNNI, SEQLSTM_ABI_HAS_GFNI, SEQLSTM_ABI_HAS_AVX512F, \
      SEQLSTM_ABI_HAS_AVX512VL, SEQLSTM_ABI_HAS_AVX512_VNNI, SEQLSTM_ABI_HAS_AVX512_BF16,            \
      SEQLSTM_ABI_HAS_IFMA, SEQLSTM_ABI_HAS_VBMI, SEQLSTM_ABI_HAS_VBMI2, SEQLSTM_ABI_HAS_BITALG,     \
      SEQLSTM_ABI_HAS_VPOPCNTDQ, SEQLSTM_ABI_HAS_AVX512_FP16, SEQLSTM_ABI_HAS_AMX)
#endif

#define SEQLSTM_ABI_JOIN_EXPANDED(major, minor, patch, arch, sets) \
  v##major##_##minor##_##patch##_##arch##_##sets
#define SEQLSTM_ABI_JOIN(major, minor, patch, arch, sets) \
  SEQLSTM_ABI_JOIN_EXPANDED(major, minor, patch, arch, sets)

// Objects that link seqlstm::kernels have the functions of that library, whatever they were compiled for: one
// tag for all. What stays in headers is small, and has one copy in a program as std::vector's functions have.
#if defined(SEQLSTM_COMPILED_KERNELS)
#define SEQLSTM_ABI                                                                               \
  SEQLSTM_ABI_JOIN(SEQLSTM_VERSION_MAJOR, SEQLSTM_VERSION_MINOR, SEQLSTM_VERSION_PATCH, compiled, \
                   SEQLSTM_ABI_CHECKS)
#else
#define SEQLSTM_ABI                                                                                       \
  SEQLSTM_ABI_JOIN(SEQLSTM_VERSION_MAJOR, SEQLSTM_VERSION_MINOR, SEQLSTM_VERSION_PATCH, SEQLSTM_ABI_ARCH, \
                   SEQLSTM_ABI_SETS)
#endif
// The debug containers of libstdc++ have other layouts.
#if defined(_GLIBCXX_DEBUG)
#define SEQLSTM_ABI_CHECKS debug
#else
#define SEQLSTM_ABI_CHECKS release
#endif

// Plain data that code for different instruction sets hands to each other is of the version alone. Its
// functions, where it has any, are always inlined, so that no object holds a copy of them, compiled for its
// CPU, that another could come to call. That cannot be said of an application's own templates on such types:
// like std::vector's functions they have one copy in a program.
#define SEQLSTM_PLAIN_JOIN_EXPANDED(major, minor, patch) plain_##major##_##minor##_##patch
#define SEQLSTM_PLAIN_JOIN(major, minor, patch) SEQLSTM_PLAIN_JOIN_EXPANDED(major, minor, patch)
#define SEQLSTM_PLAIN SEQLSTM_PLAIN_JOIN(SEQLSTM_VERSION_MAJOR, SEQLSTM_VERSION_MINOR, SEQLSTM_VERSION_PATCH)

#define SEQLSTM_PLAIN_NAMESPACE_BEGIN \
  namespace seqlstm {                 \
  namespace SEQLSTM_PLAIN {
#define SEQLSTM_PLAIN_NAMESPACE_END \
  }                                 \
  }
#define SEQLSTM_NAMESPACE_BEGIN \
  namespace seqlstm {           \
  inline namespace SEQLSTM_ABI {
#define SEQLSTM_NAMESPACE_END \
  }                           \
  }

// What differs with the flags of a file stands in a namespace of its own for each, also where all share the
// tag: whether the CPU has what the flags allow, and what that is called.
#define SEQLSTM_FLAGS_JOIN_EXPANDED(arch, sets) flags_##arch##_##sets
#define SEQLSTM_FLAGS_JOIN(arch, sets) SEQLSTM_FLAGS_JOIN_EXPANDED(arch, sets)
#define SEQLSTM_FLAGS_NAMESPACE_BEGIN \
  inline namespace SEQLSTM_FLAGS_JOIN(SEQLSTM_ABI_ARCH, SEQLSTM_ABI_SETS) {
#define SEQLSTM_FLAGS_NAMESPACE_END }
