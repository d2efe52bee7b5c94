// How far numbers are from their targets. NaN in the data makes every metric NaN; it is never left out.
#pragma once

#include <seqlstm/core/error.hpp>
#include <span>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

void check_pairs(const char* what, std::span<const double> truth, std::span<const double> predicted);
bool has_nan(std::span<const double> values);
/// Asked of the values themselves: their mean may be off by a rounding, and their variance not quite zero.
bool all_equal(std::span<const double> values);
double mean_of(std::span<const double> values);
/// Distances from the mean, divided by their Euclidean length.
std::vector<double> standardized(std::span<const double> values);
/// Ranks from 1; equal values share the mean of their ranks. Needs values without NaN.
std::vector<double> ranks(std::span<const double> values);

}  // namespace detail

/// Mean of (predicted - truth)^2.
double mean_squared_error(std::span<const double> truth, std::span<const double> predicted);

/// Mean of |predicted - truth|.
double mean_absolute_error(std::span<const double> truth, std::span<const double> predicted);

/// 1 - residual / total sum of squares. For a constant target 1 when every prediction is exact, else 0; NaN
/// for fewer than two rows (both as scikit-learn).
double r2_score(std::span<const double> truth, std::span<const double> predicted);

/// Pearson's correlation; NaN when one side is constant (scipy warns and returns NaN).
double pearson(std::span<const double> a, std::span<const double> b);

/// Spearman's correlation: Pearson's of the ranks, ties at their mean rank. NaN when one side is constant
/// (scipy warns and returns NaN).
double spearman(std::span<const double> a, std::span<const double> b);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/metrics/regression.ipp>
#endif
