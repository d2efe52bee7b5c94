// exp, expm1, sigmoid and tanh on vectors, one branch-free path each.
//
// All reduce x = n ln2 + r with |r| <= ln2 / 2 (Cody and Waite 1980) and evaluate expm1(r) as r + r^2 q(r), q
// of degree 4 in float (the smallest largest error, found by linear programming) and Taylor's of degree 11 in
// double: the remainder is below 0.1 ULP of 1 + expm1(r). Error bounds are in units in the last place (ULP)
// of the true value, over the stated range; tests/kernels/math.cpp measures them. NaN passes through.
#pragma once

#include <array>
#include <seqlstm/kernels/simd.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

namespace detail {

template <class T> struct ExpConstants;

template <> struct ExpConstants<float> {
  static constexpr int mantissa_bits = 23;
  static constexpr float magic = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer in the low bits
  static constexpr float log2e = 1.44269504F;
  static constexpr float ln2_high = 0.693359375F;
  static constexpr float ln2_low = -2.12194440e-4F;
  static constexpr float underflow = -86.6F, overflow = 88.7228394F;
  static constexpr float sigmoid_limit = 86.0F, tanh_limit = 9.1F;
  static constexpr std::array<float, 5> q = {0x1.6be874p-10F, 0x1.123d42p-7F, 0x1.5556b4p-5F, 0x1.55548cp-3F,
                                             0x1.fffffep-2F};
};

template <> struct ExpConstants<double> {
  static constexpr int mantissa_bits = 52;
  static constexpr double magic = 6755399441055744.0;  // 1.5 * 2^52
  static constexpr double log2e = 1.4426950408889634074;
  static constexpr double ln2_high = 0.693145751953125;
  static constexpr double ln2_low = 1.42860682030941723212e-6;
  static constexpr double underflow = -707.0, overflow = 709.782712893383973096;
  static constexpr double sigmoid_limit = 700.0, tanh_limit = 19.2;
  static constexpr std::array<double, 12> q = {
      1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320,
      1.0 / 5040,       1.0 / 720,       1.0 / 120,      1.0 / 24,      1.0 / 6,      0.5};
};

/// c[0] x^N-1 + ... + c[N-1], by Horner's rule. A fold: a loop's body may become a call, which spills every
/// vector register.
template <class V, class T, std::size_t N, std::size_t... Index>
[[gnu::always_inline]] inline V horner(const V& x, const std::array<T, N>& c, std::index_sequence<Index...>) {
  V sum(c[0]);
  ((sum = fma(sum, x, V(c[Index + 1]))), ...);
  return sum;
}

/// exp(x) = 2^Halvings scale (1 + p): scale a power of two, p = expm1(r).
template <class V> struct Reduced { V scale, p; };

/// x so that scale stays within the exponent range.
template <int Halvings = 0, class V> [[gnu::always_inline]] inline Reduced<V> reduce_exp(const V& x) {
  using T = typename V::value_type;
  using C = ExpConstants<T>;
  // The sum's low bits hold n plus the exponent's bias; the shift drops everything above them.
  const V magic(C::magic + static_cast<T>(std::numeric_limits<T>::max_exponent - 1 - Halvings));
  const V biased = fma(x, V(C::log2e), magic);
  const V n = biased - magic;
  const V r = fnma(n, V(C::ln2_low), fnma(n, V(C::ln2_high), x));
  const V q = horner(r, C::q, std::make_index_sequence<C::q.size() - 1>{});
  return {shift_bits_left(biased, C::mantissa_bits), fma(q, r * r, r)};
}

/// x within -limit..limit; NaN stays NaN.
template <class V, class T> [[gnu::always_inline]] inline V clamp(const V& x, T limit) {
  return at_least(at_most(x, V(limit)), V(-limit));
}

}  // namespace detail

/// e^x: at most 1.5 ULP for -86.6 <= x (float) or -707 <= x (double); 0 below that, infinity where e^x
/// overflows.
inline constexpr struct Exp {
  /// Lane by lane, of a vector or a bundle.
  template <class V> [[gnu::always_inline]] V operator()(const V& x) const {
    using T = typename V::value_type;
    using C = detail::ExpConstants<T>;
    const V inside = at_least(at_most(x, V(C::overflow)), V(C::underflow));
    const auto [half, p] = detail::reduce_exp<1>(inside);  // the scale may be one above the largest exponent
    V result = fma(half, p, half) * V(T(2));
    result = select(x < V(C::underflow), V(T(0)), result);
    return select(x > V(C::overflow), V(std::numeric_limits<T>::infinity()), result);
  }
} exp;  ///< to be called: exp(x)

/// 1 / (1 + e^-x) = e^x / (e^x + 1): at most 2.5 ULP for |x| <= 86 (float) or 700 (double); beyond, the value
/// at the limit.
inline constexpr struct Sigmoid {
  /// Lane by lane, of a vector or a bundle.
  template <class V> [[gnu::always_inline]] V operator()(const V& x) const {
    using T = typename V::value_type;
    const auto [scale, p] = detail::reduce_exp(detail::clamp(x, detail::ExpConstants<T>::sigmoid_limit));
    const V power = fma(scale, p, scale);
    return quotient(power, power + V(T(1)));
  }
} sigmoid;  ///< to be called: sigmoid(x)

/// tanh x = expm1(2x) / (expm1(2x) + 2): at most 3 ULP for every x, and tanh(-x) within that of -tanh(x).
inline constexpr struct Tanh {
  /// Lane by lane, of a vector or a bundle.
  template <class V> [[gnu::always_inline]] V operator()(const V& x) const {
    using T = typename V::value_type;
    const V inside = detail::clamp(x, detail::ExpConstants<T>::tanh_limit);
    const auto [scale, p] = detail::reduce_exp(inside + inside);
    const V expm1 = fma(scale, p, scale - V(T(1)));
    return quotient(expm1, expm1 + V(T(2)));
  }
} tanh;  ///< to be called: tanh(x)

/// The accurate functions as a policy.
struct AccurateFunctions {
  static constexpr const Sigmoid& sigmoid = kernels::sigmoid;  ///< at most 2.5 ULP
  static constexpr const Tanh& tanh = kernels::tanh;           ///< at most 3 ULP
};

#if defined(__AVX512DQ__)
namespace detail {
/// 2^x by the instructions that split a number into whole and fraction and scale by a power of two: relative
/// error at most 3e-6, 2^0 = 1; overflows to infinity, underflows to 0. The fraction's polynomial has the
/// smallest largest relative error on [0, 1) of those that are 1 at 0.
inline constexpr struct Exp2Rough {
  static constexpr std::array<float, 5> p = {0x1.b7f734p-7F, 0x1.abf868p-5F, 0x1.ee2452p-3F, 0x1.62d6c6p-1F,
                                             1.0F};
  template <class V> [[gnu::always_inline]] V operator()(const V& x) const {
    return scaled(horner(fraction(x), p, std::make_index_sequence<p.size() - 1>{}), x);
  }
} exp2_rough;
}  // namespace detail
#endif

/// Functions whose results are rounded to bfloat16 (relative error 4e-3) or multiplied by such: absolute
/// error at most 1e-4 (sigmoid), 1e-5 (tanh) and 3e-6 (keep). On AVX-512 half the instructions of the
/// accurate ones, elsewhere the same. NaN passes through.
struct RoughFunctions {
  /// 1 / (1 + e^-x), on AVX-512 an estimate of it.
  static constexpr struct {
    template <class V> [[gnu::always_inline]] V operator()(const V& x) const {
#if defined(__AVX512DQ__)
      if constexpr (InverseEstimate::exists<typename V::value_type, typename V::arch_type>)
        return inverse_estimate(V(1.0F) + detail::exp2_rough(x * V(-detail::ExpConstants<float>::log2e)));
#endif
      return kernels::sigmoid(x);
    }
  } sigmoid{};
  /// The sigmoid of forget gates and a GRU's update gates, the estimate corrected once: what a cell keeps is
  /// multiplied by it in every step, and errors of one sign would add up over long memories.
  static constexpr struct {
    template <class V> [[gnu::always_inline]] V operator()(const V& x) const {
#if defined(__AVX512DQ__)
      if constexpr (InverseEstimate::exists<typename V::value_type, typename V::arch_type>) {
        const V power = at_most(x * V(-detail::ExpConstants<float>::log2e), V(126.0F));
        const V sum = V(1.0F) + detail::exp2_rough(power);
        const V estimate = inverse_estimate(sum);
        return fma(estimate, fnma(sum, estimate, V(1.0F)), estimate);
      }
#endif
      return kernels::sigmoid(x);
    }
  } keep{};
  /// 2 sigmoid(2x) - 1, the estimate corrected once.
  static constexpr struct {
    template <class V> [[gnu::always_inline]] V operator()(const V& x) const {
#if defined(__AVX512DQ__)
      if constexpr (InverseEstimate::exists<typename V::value_type, typename V::arch_type>) {
        const V power = at_most(x * V(-2 * detail::ExpConstants<float>::log2e), V(126.0F));
        const V sum = V(1.0F) + detail::exp2_rough(power);
        const V estimate = inverse_estimate(sum);
        const V twice = estimate + estimate;
        return fma(twice, fnma(sum, estimate, V(1.0F)), twice - V(1.0F));
      }
#endif
      return kernels::tanh(x);
    }
  } tanh{};
};

}  // namespace kernels

SEQLSTM_NAMESPACE_END
