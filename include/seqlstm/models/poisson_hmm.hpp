// A hidden Markov model of two states with Poisson counts, as Skov et al. 2018 (PLoS Genetics 14:e1007641)
// find archaic stretches: windows of modern ancestry have few private alleles, archaic ones many.
//
//     auto fitted = fit_poisson_hmm(first_poisson_hmm(sequences), sequences);
//     auto archaic = fitted.model.posteriors(counts);  // P(state 1 | all counts), [windows]
#pragma once

#include <array>
#include <cstddef>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/view.hpp>
#include <span>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Two hidden states, 0 and 1, and what they emit. Counts of a window are independent given its state:
///
///     P(counts) = sum over states z of start[z0] prod_t transitions[z(t-1)][z(t)]
///                 prod_t prod_c Poisson(counts(t, c); rates[c][z(t)])
///
/// Counts are [windows, channels], whole numbers of 0 or more. All functions throw shape_error for another
/// number of channels than `rates` has, and option_error for rates that are not above 0 and, naming the
/// window, for a count below 0 or not whole, or one that no state can have. Memory: up to 8
/// doubles for each window.
struct PoissonHmm {
  std::array<double, 2> start = {0.98, 0.02};  ///< P(state of the first window)
  /// P(next state | state): [from][to].
  std::array<std::array<double, 2>, 2> transitions = {{{0.999, 0.001}, {0.02, 0.98}}};
  std::vector<std::array<double, 2>> rates;  ///< [channels] mean count of a window, by state; above 0

  /// log P(counts); 0 without windows.
  [[nodiscard]] double log_likelihood(ConstMatrixView<float> counts) const;
  /// P(window t is in state 1 | all counts), [windows].
  [[nodiscard]] std::vector<double> posteriors(ConstMatrixView<float> counts) const;
};

/// Options of fit_poisson_hmm().
struct PoissonHmmFitOptions {
  std::size_t iterations = 200;  ///< at most
  double tolerance = 1e-3;       ///< ends where the log-likelihood of all sequences grows by less
};

/// What fit_poisson_hmm() returns.
struct PoissonHmmFit {
  PoissonHmm model;                     ///< after the last iteration
  std::vector<double> log_likelihoods;  ///< of all sequences before each iteration, never falling
};

/// Where fits begin: rates of 0.7 (state 0) and 5 (state 1) times the mean count of each channel, and the
/// transitions of a PoissonHmm. Throws shape_error without any window, and for different numbers of channels.
PoissonHmm first_poisson_hmm(std::span<const ConstMatrixView<float>> sequences);

/// Baum and Welch's algorithm: expectation and maximisation by all sequences together, without labels. States
/// keep the numbers that `first` gives them. Rates do not fall below 1e-9. Throws as the model does, and
/// shape_error without any window.
PoissonHmmFit fit_poisson_hmm(const PoissonHmm& first, std::span<const ConstMatrixView<float>> sequences,
                              const PoissonHmmFitOptions& options = {});

/// The model of known states: rates are mean counts, transitions are shares. So that none is 0, every count
/// of starts and transitions begins at 1, and each state has one more window with the mean of all.
/// labels[i] has the state of each window of sequences[i], 0 or 1. Throws as the model does, shape_error for
/// another number of labels than windows and without any window, option_error for another label.
PoissonHmm counted_poisson_hmm(std::span<const ConstMatrixView<float>> sequences,
                               std::span<const std::span<const double>> labels);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/models/poisson_hmm.ipp>
#endif
