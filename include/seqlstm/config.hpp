// One place for what the library demands of a compiler and for the macros a user may set.
//
//   SEQLSTM_NO_ARCH_WARNING   define it to silence the compile-time note, one per translation unit, where the
//   flags allow less than AVX2 with fma. (Clang also silences it for headers it is told are a system's.)
//
//   SEQLSTM_NO_OPTIMIZE_WARNING   likewise, for the note where the compiler does not optimise (-O0).
//
//   SEQLSTM_COMPILED_KERNELS   is set by linking seqlstm::kernels, to its version: kernels, and what
//   .ipp files define, are that library's.
#pragma once

#if __cplusplus < 202002L
#error \
    "seqlstm needs C++20: compile with -std=c++20 (CMake: target_link_libraries(app seqlstm::seqlstm) asks for it)"
#endif

#if defined(__clang__)
#if __clang_major__ < 14
#error "seqlstm needs Clang 14 or later"
#endif
#elif defined(__GNUC__)
#if __GNUC__ < 12
#error "seqlstm needs GCC 12 or later"
#endif
#endif

// Clang tells of the first two only.
#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ > 0) || \
    defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__)
#error \
    "seqlstm propagates NaN and infinity and fixes the order of sums; compile without -ffast-math, -Ofast, -ffinite-math-only, -fassociative-math and -freciprocal-math"
#endif

#if !defined(__OPTIMIZE__) && !defined(SEQLSTM_NO_OPTIMIZE_WARNING)
#define SEQLSTM_NO_OPTIMIZE_WARNING
#pragma message( \
    "seqlstm: compiled without optimisation: about 200 times slower; add -O3 (CMake: -DCMAKE_BUILD_TYPE=Release), or define SEQLSTM_NO_OPTIMIZE_WARNING")
#endif

#if defined(__x86_64__) && !(defined(__AVX2__) && defined(__FMA__)) && !defined(SEQLSTM_NO_ARCH_WARNING) && \
    !defined(SEQLSTM_COMPILED_KERNELS)
#define SEQLSTM_NO_ARCH_WARNING
#if defined(__AVX__)
#pragma message( \
    "seqlstm: compiled for 256-bit vectors, but not for AVX2 with fma: slower than most CPUs allow; add -march=native or -march=x86-64-v3, or define SEQLSTM_NO_ARCH_WARNING")
#else
#pragma message( \
    "seqlstm: compiled for 128-bit vectors without fma: several times slower than most CPUs allow; add -march=native or -march=x86-64-v3, or define SEQLSTM_NO_ARCH_WARNING")
#endif
#endif

// Definitions follow their declarations at the end of a header, from a file NAME.ipp beside it; with
// seqlstm::kernels that library has them.
#if defined(SEQLSTM_COMPILED_KERNELS)
#define SEQLSTM_HEADER_ONLY 0
#define SEQLSTM_INLINE
#else
#define SEQLSTM_HEADER_ONLY 1
#define SEQLSTM_INLINE inline
#endif
