// The same sums of one sequence by logarithms, an exponential for every pair of labels: for scores that
// products of scaled numbers would lose.
#pragma once

#include <seqlstm/nn/detail/crf_factors.hpp>
#include <seqlstm/nn/detail/crf_run.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// log_sum of sequence k; observed labels make all other values -infinity, and `before` holds log alpha of
/// the sequence's own tokens.
void log_space_forward(const CrfFactors& factors, const CrfRun& run, std::size_t k);
/// Probabilities of sequence k, and sign times its expected transitions. Writes to its rows of `before` and
/// `factors`.
void log_space_backward(const CrfFactors& factors, const CrfRun& run, std::size_t k, double sign,
                        MatrixView<double> transitions);

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/crf_log_space.ipp>
#endif
