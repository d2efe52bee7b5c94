// Sums over all paths of a conditional random field: log Z, the probability of every label at every position,
// and the expected number of every transition.
//
//   alpha(t, j) = e^x(t, j) sum over i of alpha(t-1, i) M(i, j)     the paths to label j at t
//   beta(t, i)  = sum over j of M(i, j) e^x(t+1, j) beta(t+1, j)    the paths from label i at t
//   P(j at t)            = alpha(t, j) beta(t, j) / Z
//   P(i at t-1, j at t)  = alpha(t-1, i) M(i, j) e^x(t, j) beta(t, j) / Z
//
// For each step the sequences that still run make one matrix product. alpha is scaled to a largest 1, and
// beta by the same factors, so that alpha beta is the probability (Rabiner 1989, section V.A). A label that
// can be keeps an alpha of crf_floor or more. Where a sum over the labels before is not far above that, what
// the floor changes could show: such a sequence is computed by sums of logarithms (crf_log_space.hpp). Then a
// label e^-300 behind the best is the only one that may go on, or scores of transitions differ by 300.
//
// Everything is in double: e^x of floats would lose labels that are 87 behind the best.
#pragma once

#include <seqlstm/nn/detail/crf_factors.hpp>
#include <seqlstm/nn/detail/crf_run.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Signed sums of expected numbers of transitions, first and last labels. An empty view: not wanted.
struct CrfCounts {
  MatrixView<double> transitions, start, end;  // [K, K], [1, K], [1, K]
};

/// log_sum of every sequence; -infinity where there is no path, NaN where an emission is.
void crf_forward(const CrfFactors& factors, const CrfRun& run);
/// After crf_forward(): values become probabilities, and sign (1 or -1) times expected numbers are added to
/// `counts`.
void crf_backward(const CrfFactors& factors, const CrfRun& run, double sign, const CrfCounts& counts);

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/crf_sums.ipp>
#endif
