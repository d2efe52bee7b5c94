// Transitions of a conditional random field, as scores to add and as factors to multiply.
#pragma once

#include <seqlstm/core/arena.hpp>
#include <seqlstm/kernels/set.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// What a path's scores are made of besides the emissions, K labels. A score of -infinity is a transition
/// that cannot be.
struct CrfFactors {
  MatrixView<double> transitions, start, end;  // scores: [K, K] row -> column, [1, K], [1, K]
  // e^(score - the largest score), at least crf_floor; 0 for what cannot be
  MatrixView<double> transition_factors, start_factors, end_factors;
  double* forward = nullptr;   // transition_factors packed, for rows times it
  double* backward = nullptr;  // its transpose alike
  double per_step = 0;         // the largest score of transitions
  double once = 0;             // the largest of start + that of end
  bool finite = true;          // all scores are numbers or -infinity

  [[nodiscard]] std::size_t labels() const { return transitions.rows(); }
};

/// The least factor of a transition that can be, and the least scaled alpha of a label that can be: only what
/// is forbidden is 0. Two of them multiply to a normal number.
inline constexpr double crf_floor = 1e-152;
/// The least sum over the labels before at which what the floor changes is below rounding.
inline constexpr double crf_least_sum = 1e-130;

/// Uninitialised scores for K labels.
CrfFactors crf_factors(Arena& arena, std::size_t labels);
/// Makes the factors, once the scores are there.
void fill_crf_factors(CrfFactors& factors);

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/crf_factors.ipp>
#endif
