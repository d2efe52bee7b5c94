// One place for what the library demands of a compiler and for the macros a user may set.
//
//   SEQLSTM_NO_ARCH_WARNING   define it to silence the compile-time note of a translation unit without SIMD
//   flags.
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

#if defined(__FAST_MATH__)
#error "seqlstm propagates NaN and infinity and fixes the order of sums; compile without -ffast-math"
#endif

#if defined(__x86_64__) && !(defined(__AVX2__) && defined(__FMA__)) && !defined(SEQLSTM_NO_ARCH_WARNING)
#define SEQLSTM_NO_ARCH_WARNING
#pragma message( \
    "seqlstm: compiled for baseline x86-64 (128-bit vectors, no fma): several times slower; add -march=native or -march=x86-64-v3, or define SEQLSTM_NO_ARCH_WARNING")
#endif
