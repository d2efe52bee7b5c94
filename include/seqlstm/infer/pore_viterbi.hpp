// Reading bases with the pore model itself: the hidden Markov model that base callers were before networks
// (Nanocall, David et al. 2017).
#pragma once

#include <seqlstm/data/pore_model.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// How the hidden Markov model of pore_viterbi() moves and hears.
struct PoreViterbiOptions {
  double dwell_mean = 9;   ///< samples of a k-mer: a sample stays in it with probability 1 - 1 / dwell_mean
  double level_noise = 1;  ///< factor on the pore model's deviation of visits
  double noise = 1;        ///< factor on its deviation of samples
};

/// The likeliest path of k-mers through a signal.
struct PorePath {
  std::vector<Token> bases;         ///< [events] the middle base of each k-mer
  std::vector<std::size_t> starts;  ///< [events] the first sample of each
  double log_probability = 0;       ///< of path and signal together
};

/// The path with the highest probability (Viterbi 1967) of a hidden Markov model whose 4^k states are k-mers.
/// From sample to sample it stays, or steps to one of the four k-mers that follow, all alike; it begins
/// anywhere. A sample is normal around the k-mer's level, with the deviations of visits and of samples
/// together, whatever the sample before it was. `signal` in pA, without shift and drift.
///
/// Time: 4^k x 5 transitions a sample. Memory: 4^k bytes a sample. Throws option_error as PoreModel::check()
/// does and for a dwell_mean not above 1, noise not above 0 and level_noise below 0; numeric_error for a
/// number that is not finite.
PorePath pore_viterbi(std::span<const float> signal, const PoreModel& model,
                      const PoreViterbiOptions& options = {});

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/infer/pore_viterbi.ipp>
#endif
