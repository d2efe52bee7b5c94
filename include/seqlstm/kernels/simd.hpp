// Hides xsimd (with neon.hpp): vectors, loads of partial rows, and loops the compiler must unroll.
// What differs between xsimd 8.1 and its current release is bridged here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <seqlstm/core/abi.hpp>
#include <seqlstm/kernels/arguments.hpp>
#include <type_traits>
#include <utility>

// GCC 12 warns about the deliberately undefined operands inside its own AVX-512 intrinsics (GCC bug 105593);
// read here first, so that an application's -Wall does not show it.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif
#pragma push_macro("I")  // of <complex.h>, and xsimd's name for template arguments
#undef I
#include <xsimd/xsimd.hpp>
#pragma pop_macro("I")
#if XSIMD_VERSION_MAJOR < 8 || (XSIMD_VERSION_MAJOR == 8 && XSIMD_VERSION_MINOR < 1)
#error "seqlstm: the xsimd found first is older than 8.1; install a newer one, or put its folder in front"
#elif defined(__aarch64__)
#include <seqlstm/kernels/neon.hpp>
#endif

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// The best instruction set the translation unit's flags allow; on AArch64 NEON, whatever they allow. Every
/// kernel takes one as its first template argument.
#if defined(__aarch64__)
using DefaultArch = Neon;
#else
using DefaultArch = xsimd::default_arch;
#endif

/// A vector of T on an instruction set.
template <class T, class Arch> using Vec = xsimd::batch<T, Arch>;

/// Several vectors at once (bundle.hpp); the functions below take them too.
template <class B>
concept Bundled = B::is_bundle;

/// Lanes of a vector of T.
template <class T, class Arch> inline constexpr std::size_t width = Vec<T, Arch>::size;

/// Whether there are 32 vector registers, not 16; decides the height of a register tile.
template <class Arch>
inline constexpr bool has_32_registers =
    std::is_base_of_v<xsimd::avx512f, Arch> || std::is_base_of_v<xsimd::neon, Arch>;

/// Rows of a register tile of 4 vectors a row: 24 accumulators of 32 registers, or 8 of 16.
template <class Arch> inline constexpr std::size_t tile_rows = has_32_registers<Arch> ? 6 : 2;

/// Calls body(std::integral_constant) for 0..N-1, unrolled because it is a fold and not a loop.
template <std::size_t N, class Body> [[gnu::always_inline]] inline void unrolled(Body&& body) {
  [&]<std::size_t... Index>(std::index_sequence<Index...>) __attribute__((always_inline)) {
    (body(std::integral_constant<std::size_t, Index>{}), ...);
  }
  (std::make_index_sequence<N>{});
}

/// Calls body(std::integral_constant<H>) for a tile of a height known at compile time: the largest of Max, 4,
/// 2 and 1 that is not above `rows`. Few heights keep programs small and quick to compile.
template <std::size_t Max, class Body>
[[gnu::always_inline]] inline void with_height(std::size_t rows, Body&& body) {
  const bool evens_out = Max == 6 && rows == 8;  // 4 and 4: a tile of 2 behind 6 waits for its own sums
  if (rows >= Max && !evens_out) return body(std::integral_constant<std::size_t, Max>{});
  if constexpr (Max > 4) {
    if (rows >= 4) return body(std::integral_constant<std::size_t, 4>{});
  }
  if constexpr (Max > 2) {
    if (rows >= 2) return body(std::integral_constant<std::size_t, 2>{});
  }
  body(std::integral_constant<std::size_t, 1>{});
}

/// The same for the 1 to 4 vectors of a panel.
template <class Body> [[gnu::always_inline]] inline void with_vectors(std::size_t vectors, Body&& body) {
  if (vectors == 4) return body(std::integral_constant<std::size_t, 4>{});
  if (vectors == 3) return body(std::integral_constant<std::size_t, 3>{});
  if (vectors == 2) return body(std::integral_constant<std::size_t, 2>{});
  body(std::integral_constant<std::size_t, 1>{});
}

/// A vector of the numbers at p, which need no alignment.
template <class V, class T> [[gnu::always_inline]] inline V load(const T* p) {
  return V::load_unaligned(p);
}
/// The same of numbers stored as bfloat16, as floats.
template <class V> [[gnu::always_inline]] inline V load(const bfloat16* p) {
#if defined(__AVX512F__)
  if constexpr (std::is_base_of_v<xsimd::avx512f, typename V::arch_type>)
    return V(_mm512_castsi512_ps(_mm512_slli_epi32(
        _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))), 16)));
#endif
  float lanes[V::size];
  for (std::size_t i = 0; i < V::size; ++i) lanes[i] = static_cast<float>(p[i]);
  return V::load_unaligned(lanes);
}
// store, the functions below and those of math.hpp are function objects, because argument-dependent lookup
// would otherwise prefer xsimd's functions of the same names (its store demands alignment, its tanh states no
// error bound).
/// Writes a vector to p, which needs no alignment.
inline constexpr struct Store {
  /// The numbers as they are.
  template <class V, class T> [[gnu::always_inline]] void operator()(T* p, const V& v) const {
    v.store_unaligned(p);
  }
  /// Rounded to bfloat16, denormal numbers as zero.
  template <class V> [[gnu::always_inline]] void operator()(bfloat16* p, const V& v) const {
#if defined(__AVX512BF16__)
    if constexpr (std::is_base_of_v<xsimd::avx512f, typename V::arch_type>) {
      const __m256bh rounded = _mm512_cvtneps_pbh(v);
      __builtin_memcpy(static_cast<void*>(p), &rounded, sizeof rounded);
      return;
    }
#endif
    float lanes[V::size];
    v.store_unaligned(lanes);
    for (std::size_t i = 0; i < V::size; ++i) p[i] = bfloat16::flushed(lanes[i]);
  }
} store;  ///< to be called: store(p, v)
/// Two vectors rounded to bfloat16, `apart` numbers apart. `Past` the caches where they fill a line, for what
/// is not read soon: p is then aligned, and finish_lines() to be called before others read.
template <bool Past, class V>
[[gnu::always_inline]] inline void store_two(bfloat16* p, std::size_t apart, const V& first,
                                             const V& second) {
#if defined(__AVX512BF16__)
  if constexpr (std::is_base_of_v<xsimd::avx512f, typename V::arch_type>) {
    const __m512bh rounded = _mm512_cvtne2ps_pbh(second, first);
    __m512i line;
    __builtin_memcpy(&line, &rounded, sizeof line);
    Past ? _mm512_stream_si512(reinterpret_cast<__m512i*>(p), line) : _mm512_storeu_si512(p, line);
    return;
  }
#endif
  store(p, first);
  store(p + apart, second);
}
// Clang 14 does not take the argument `false` inside a lambda of a lambda.
/// The same through the caches, at any address.
template <class V>
[[gnu::always_inline]] inline void store_two(bfloat16* p, std::size_t apart, const V& first,
                                             const V& second) {
  store_two<false>(p, apart, first, second);
}
/// After store_two<true>, before another thread reads what it wrote.
inline void finish_lines() {
#if defined(__AVX512BF16__)
  _mm_sfence();
#endif
}
#if defined(__AVX512F__)
/// Has loads and stores that leave lanes out.
template <class V> inline constexpr bool has_masks = std::is_base_of_v<xsimd::avx512f, typename V::arch_type>;
#endif

/// The first `count` elements, zero behind them; reads no further.
template <class V, class T> [[gnu::always_inline]] inline V load_partial(const T* p, std::size_t count) {
  if (count >= V::size) return load<V>(p);
#if defined(__AVX512F__)
  if constexpr (has_masks<V>) {
    const auto mask = static_cast<__mmask16>((1U << count) - 1U);
    if constexpr (std::is_same_v<T, float>) return V(_mm512_maskz_loadu_ps(mask, p));
    if constexpr (std::is_same_v<T, double>) return V(_mm512_maskz_loadu_pd(static_cast<__mmask8>(mask), p));
  }
#endif
  T lanes[V::size] = {};
  for (std::size_t i = 0; i < count; ++i) lanes[i] = p[i];
  return V::load_unaligned(lanes);
}
/// Writes the first `count` elements and no further.
template <class V, class T>
[[gnu::always_inline]] inline void store_partial(T* p, const V& v, std::size_t count) {
  if (count >= V::size) return store(p, v);
#if defined(__AVX512F__)
  if constexpr (has_masks<V>) {
    const auto mask = static_cast<__mmask16>((1U << count) - 1U);
    if constexpr (std::is_same_v<T, float>) return _mm512_mask_storeu_ps(p, mask, v);
    if constexpr (std::is_same_v<T, double>) return _mm512_mask_storeu_pd(p, static_cast<__mmask8>(mask), v);
  }
#endif
  T lanes[V::size];
  v.store_unaligned(lanes);
  for (std::size_t i = 0; i < count; ++i) p[i] = lanes[i];
}

/// The first `count` lanes, zero behind them.
template <class V> [[gnu::always_inline]] inline V keep_first(const V& v, std::size_t count) {
  typename V::value_type lanes[V::size];
  store(lanes, v);
  return load_partial<V>(lanes, count);
}

#if defined(__aarch64__)
/// xsimd makes float's square roots here from estimates and rounds the product of c - a * b, so the functions
/// below name the instructions.
template <class Arch> inline constexpr bool is_neon = std::is_base_of_v<xsimd::neon, Arch>;
#endif

/// a * b + c, rounded once where the instruction set has it. Written out everywhere, because some compilers
/// fuse separate multiplies and adds and others do not. xsimd 8.1 itself multiplies and adds on AVX-512, and
/// which product the compiler then fuses depends on what it inlined: so the instruction is named here.
inline constexpr struct Fma {
  /// a * b + c of vectors.
  template <class T, class Arch>
  [[gnu::always_inline]] xsimd::batch<T, Arch> operator()(const xsimd::batch<T, Arch>& a,
                                                          const xsimd::batch<T, Arch>& b,
                                                          const xsimd::batch<T, Arch>& c) const {
#if defined(__AVX512F__)
    if constexpr (std::is_base_of_v<xsimd::avx512f, Arch>) {
      if constexpr (std::is_same_v<T, float>) return _mm512_fmadd_ps(a, b, c);
      if constexpr (std::is_same_v<T, double>) return _mm512_fmadd_pd(a, b, c);
    }
#endif
    return xsimd::fma(a, b, c);
  }
  /// The same of bundles.
  template <Bundled B> [[gnu::always_inline]] B operator()(const B& a, const B& b, const B& c) const {
    return B::map(*this, a, b, c);
  }
} fma;  ///< to be called: fma(a, b, c)
/// c - a * b, rounded alike.
inline constexpr struct Fnma {
  /// c - a * b of vectors.
  template <class T, class Arch>
  [[gnu::always_inline]] xsimd::batch<T, Arch> operator()(const xsimd::batch<T, Arch>& a,
                                                          const xsimd::batch<T, Arch>& b,
                                                          const xsimd::batch<T, Arch>& c) const {
#if defined(__AVX512F__)
    if constexpr (std::is_base_of_v<xsimd::avx512f, Arch>) {
      if constexpr (std::is_same_v<T, float>) return _mm512_fnmadd_ps(a, b, c);
      if constexpr (std::is_same_v<T, double>) return _mm512_fnmadd_pd(a, b, c);
    }
#endif
#if defined(__aarch64__)
    if constexpr (is_neon<Arch>) {
      if constexpr (std::is_same_v<T, float>) return vfmsq_f32(c, a, b);
      if constexpr (std::is_same_v<T, double>) return vfmsq_f64(c, a, b);
    }
#endif
    return xsimd::fnma(a, b, c);
  }
  /// The same of bundles.
  template <Bundled B> [[gnu::always_inline]] B operator()(const B& a, const B& b, const B& c) const {
    return B::map(*this, a, b, c);
  }
} fnma;  ///< to be called: fnma(a, b, c)

/// a / b, rounded correctly, of vectors and of bundles of them.
inline constexpr struct Divide {
  /// a / b of vectors.
  template <class T, class Arch>
  [[gnu::always_inline]] xsimd::batch<T, Arch> operator()(const xsimd::batch<T, Arch>& a,
                                                          const xsimd::batch<T, Arch>& b) const {
    // On NEON this is the operator of neon.hpp.
    // What xsimd itself makes of floats there
    // is not rounded correctly.
    return a / b;
  }
  /// The same of bundles.
  template <Bundled B> [[gnu::always_inline]] B operator()(const B& a, const B& b) const {
    return B::map(*this, a, b);
  }
} divide;  ///< to be called: divide(a, b)
/// The square root, rounded correctly.
inline constexpr struct Sqrt {
  /// Of a vector.
  template <class T, class Arch>
  [[gnu::always_inline]] xsimd::batch<T, Arch> operator()(const xsimd::batch<T, Arch>& x) const {
#if defined(__aarch64__)
    if constexpr (is_neon<Arch> && std::is_same_v<T, float>) return vsqrtq_f32(x);
#endif
    return xsimd::sqrt(x);
  }
} sqrt;  ///< to be called: sqrt(x)
/// Lane by lane, a where the mask (the result of a comparison) is set, else b.
inline constexpr struct Select {
  /// Of vectors.
  template <class Mask, class V>
  [[gnu::always_inline]] V operator()(const Mask& mask, const V& a, const V& b) const {
    return xsimd::select(mask, a, b);
  }
} select;  ///< to be called: select(mask, a, b)

/// Which operand xsimd's min and max return where either is NaN. x86 instructions return the same one of two;
/// before 14.0 xsimd hands them its operands in order, which returns its second, since then it does as
/// std::min and std::max, which return the first.
inline constexpr bool xsimd_keeps_first = XSIMD_VERSION_MAJOR >= 14;

/// The smaller of x and a bound; NaN where x is NaN.
inline constexpr struct AtMost {
  /// Of vectors.
  template <class V> [[gnu::always_inline]] V operator()(const V& x, const V& bound) const {
    return xsimd_keeps_first ? xsimd::min(x, bound) : xsimd::min(bound, x);
  }
  /// The same of bundles.
  template <Bundled B> [[gnu::always_inline]] B operator()(const B& x, const B& bound) const {
    return B::map(*this, x, bound);
  }
} at_most;  ///< to be called: at_most(x, bound)
/// The larger of x and a bound; NaN where x is NaN.
inline constexpr struct AtLeast {
  /// Of vectors.
  template <class V> [[gnu::always_inline]] V operator()(const V& x, const V& bound) const {
    return xsimd_keeps_first ? xsimd::max(x, bound) : xsimd::max(bound, x);
  }
  /// The same of bundles.
  template <Bundled B> [[gnu::always_inline]] B operator()(const B& x, const B& bound) const {
    return B::map(*this, x, bound);
  }
} at_least;  ///< to be called: at_least(x, bound)

/// The integers as wide as T.
template <class T>
using IntegerOf = std::conditional_t<sizeof(T) == sizeof(std::int32_t), std::int32_t, std::int64_t>;

/// The bit patterns of x as integers.
template <class V> [[gnu::always_inline]] inline auto bits_of(const V& x) {
  using Integer = IntegerOf<typename V::value_type>;
#if XSIMD_VERSION_MAJOR >= 11  // as below
  return xsimd::bitwise_cast<Integer>(x);
#else
  return xsimd::bitwise_cast<Vec<Integer, typename V::arch_type>>(x);
#endif
}

/// The vector whose bit patterns are those of x, shifted left: what moves an integer into an exponent.
template <class V> [[gnu::always_inline]] inline V shift_bits_left(const V& x, int bits) {
  using Integer = IntegerOf<typename V::value_type>;
  using Integers = Vec<Integer, typename V::arch_type>;
#if XSIMD_VERSION_MAJOR >= 11  // bitwise_cast is told the new element; before, the new vector
  return xsimd::bitwise_cast<typename V::value_type>(Integers(xsimd::bitwise_cast<Integer>(x) << bits));
#else
  return xsimd::bitwise_cast<V>(Integers(xsimd::bitwise_cast<Integers>(x) << bits));
#endif
}

/// The larger of two integers, lane by lane.
template <class Integers>
[[gnu::always_inline]] inline Integers larger(const Integers& a, const Integers& b) {
  return xsimd::max(a, b);
}
/// The 32-bit integers at p as floats, each rounded to the nearest.
template <class V> [[gnu::always_inline]] inline V integers_as(const std::int32_t* p) {
  return xsimd::to_float(Vec<std::int32_t, typename V::arch_type>::load_unaligned(p));
}

/// An estimate of 1 / b good to 14 bits, where the instruction set has one.
inline constexpr struct InverseEstimate {
  /// Whether vectors of T have one: floats on AVX-512. Call it only there.
  template <class T, class Arch>
  static constexpr bool exists = std::is_same_v<T, float>&& std::is_base_of_v<xsimd::avx512f, Arch>;
#if defined(__AVX512F__)
  /// Of a vector.
  template <class Arch>
  [[gnu::always_inline]] xsimd::batch<float, Arch> operator()(const xsimd::batch<float, Arch>& b) const {
    return xsimd::batch<float, Arch>(_mm512_rcp14_ps(b));
  }
#endif
  /// Of a bundle.
  template <Bundled B> [[gnu::always_inline]] B operator()(const B& b) const {
    return B::map(*this, b);
  }
} inverse_estimate;  ///< to be called: inverse_estimate(b)

#if defined(__AVX512DQ__)
/// x - floor(x), where InverseEstimate exists.
inline constexpr struct Fraction {
  /// Of a vector.
  template <class Arch>
  [[gnu::always_inline]] xsimd::batch<float, Arch> operator()(const xsimd::batch<float, Arch>& x) const {
    constexpr int to_minus_infinity = 1;
    return xsimd::batch<float, Arch>(_mm512_maskz_reduce_ps(0xFFFF, x, to_minus_infinity));
  }
  /// Of a bundle.
  template <Bundled B> [[gnu::always_inline]] B operator()(const B& x) const { return B::map(*this, x); }
} fraction;  ///< to be called: fraction(x)
/// v 2^floor(x), infinity or zero where that is beyond the exponents.
inline constexpr struct Scaled {
  /// Of vectors.
  template <class Arch>
  [[gnu::always_inline]] xsimd::batch<float, Arch> operator()(const xsimd::batch<float, Arch>& v,
                                                              const xsimd::batch<float, Arch>& x) const {
    return xsimd::batch<float, Arch>(_mm512_maskz_scalef_ps(0xFFFF, v, x));
  }
  /// The same of bundles.
  template <Bundled B> [[gnu::always_inline]] B operator()(const B& v, const B& x) const {
    return B::map(*this, v, x);
  }
} scaled;  ///< to be called: scaled(v, x)
#endif

/// a / b for b from 2^-126 to 2^126: at most 0.6 ULP. Correcting an estimate of 1 / b by multiplications
/// leaves the division unit out of it.
inline constexpr struct Quotient {
  /// Of vectors or of bundles.
  template <class V> [[gnu::always_inline]] V operator()(const V& a, const V& b) const {
    using T = typename V::value_type;
    if constexpr (InverseEstimate::exists<T, typename V::arch_type>) {
      const V estimate = inverse_estimate(b);
      const V inverse = fma(estimate, fnma(b, estimate, V(T(1))), estimate);
      const V result = a * inverse;
      return fma(fnma(b, result, a), inverse, result);
    } else {
      return divide(a, b);
    }
  }
} quotient;  ///< to be called: quotient(a, b)

}  // namespace kernels

SEQLSTM_NAMESPACE_END
