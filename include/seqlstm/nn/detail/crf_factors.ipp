// Definitions of crf_factors.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <seqlstm/nn/detail/crf_factors.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE CrfFactors crf_factors(Arena& arena, std::size_t labels) {
  CrfFactors f;
  for (auto* square : {&f.transitions, &f.transition_factors}) *square = arena.matrix<double>(labels, labels);
  for (auto* row : {&f.start, &f.end, &f.start_factors, &f.end_factors})
    *row = arena.matrix<double>(1, labels);
  const std::size_t packed = Kernels<double>::factor_size(labels, labels);
  f.forward = arena.allocate<double>(packed);
  f.backward = arena.allocate<double>(packed);
  return f;
}

/// Factors of scores; returns the largest score, 0 where there is none above -infinity.
inline double fill_factors(ConstMatrixView<double> scores, MatrixView<double> factors, bool& finite) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::size_t n = scores.size();
  double largest = -infinity;
  for (std::size_t i = 0; i < n; ++i) {
    largest = std::max(largest, scores.data()[i]);
    finite = finite && scores.data()[i] < infinity;  // false for NaN too
  }
  if (largest == -infinity) largest = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double score = scores.data()[i];
    factors.data()[i] = score > -infinity ? std::max(std::exp(score - largest), crf_floor) : 0;
  }
  return largest;
}

SEQLSTM_INLINE void fill_crf_factors(CrfFactors& f) {
  f.per_step = fill_factors(f.transitions, f.transition_factors, f.finite);
  f.once = fill_factors(f.start, f.start_factors, f.finite);
  f.once += fill_factors(f.end, f.end_factors, f.finite);
  Kernels<double>::pack_factor(f.transition_factors, false, f.forward);
  Kernels<double>::pack_factor(f.transition_factors, true, f.backward);
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
