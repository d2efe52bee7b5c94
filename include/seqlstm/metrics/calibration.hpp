// Do probabilities mean what they say? Expected calibration error, and the temperature that mends it.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/view.hpp>
#include <span>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

void check_calibration(const char* what, std::span<const double> truth,
                       ConstMatrixView<double> probabilities);

/// log(p), but not below log(1e-300): a probability of zero stays finite.
inline double safe_log(double p) {
  return std::log(std::max(p, 1e-300));
}

/// Probabilities at a temperature: softmax(log(p) / T); one column is the probability of class 1 of two.
void temper_row(std::span<const double> p, double temperature, std::span<double> out);

}  // namespace detail

/// Probabilities [rows, classes], or [rows, 1] of class 1, at a temperature: above 1 less sure, below 1 more;
/// their order within a row stays. Throws option_error for a temperature that is not above 0.
void apply_temperature(MatrixView<double> probabilities, double temperature);

/// Mean of -log p of the true classes, in nats.
double negative_log_likelihood(std::span<const double> truth, ConstMatrixView<double> probabilities,
                               double temperature = 1);

/// The temperature at which the probabilities of a validation part are most likely (Guo, Pleiss, Sun and
/// Weinberger 2017, section 4.2), by golden section over [1/20, 20] of its logarithm: the likelihood has one
/// maximum there.
double fitted_temperature(std::span<const double> truth, ConstMatrixView<double> probabilities);

/// Mean distance of confidence and accuracy: predictions are sorted into `bins` of equal width by the
/// probability of the predicted class, sum over bins of n_b / n |accuracy_b - confidence_b| (Naeini, Cooper
/// and Hauskrecht 2015).
double expected_calibration_error(std::span<const double> truth, ConstMatrixView<double> probabilities,
                                  std::size_t bins = 15);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/metrics/calibration.ipp>
#endif
