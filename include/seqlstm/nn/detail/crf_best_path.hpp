// The best path of a conditional random field (Viterbi 1967).
#pragma once

#include <cstdint>
#include <seqlstm/nn/detail/crf_factors.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// The labels of the best path through the emissions `scores` [length, K], which become the scores of the
/// best paths that end there, x(t, j) + the largest score of t-1 and transition. Of equal ones the smaller
/// label is taken, the last position first. Returns the path's score, -infinity where there is none. `room`
/// is scratch memory of K numbers; the length is at least 1.
double best_path(const CrfFactors& factors, MatrixView<double> scores, double* room, std::int32_t* path);

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/crf_best_path.ipp>
#endif
