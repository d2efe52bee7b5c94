// Definitions of poisson_hmm.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/models/poisson_hmm.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

using StatePair = std::array<double, 2>;

/// Forward and backward probabilities of one sequence (Rabiner 1989): each window's forward row adds up to 1,
/// and backward rows are scaled by the same factors.
struct HmmPass {
  std::vector<StatePair> emissions,  ///< [windows] P(counts | state), the larger one 1
      forward,                       ///< P(state | counts up to here)
      backward;                      ///< P(counts after here | state) / P(counts after here | those before)
  std::vector<double> scale;         ///< P(counts here | those before), by the scale of `emissions`
  double log_likelihood = 0;
};

/// log k!
inline double log_factorial(double k) {
  double sum = 0;
  for (double i = 2; i <= k; ++i) sum += std::log(i);
  return sum;
}

/// The count of a channel in a window.
inline double checked_count(ConstMatrixView<float> counts, std::size_t t, std::size_t c) {
  const double k = counts(t, c);
  if (!(k >= 0 && k == std::floor(k) && k < 1e6))
    throw option_error("hidden Markov model: the count of window " + std::to_string(t) + " is " +
                       std::to_string(k) + ", expected a whole number from 0 to a million");
  return k;
}

/// Logarithms of the rates, taken once a pass.
struct PoissonEmissions {
  explicit PoissonEmissions(const PoissonHmm& model) : rates(model.rates) {
    for (const auto& rate : rates) {
      for (const double of_state : rate)
        if (!(of_state > 0 && std::isfinite(of_state)))
          throw option_error("hidden Markov model: a rate is " + std::to_string(of_state) +
                             ", expected a number above 0");
      logs.push_back({std::log(rate[0]), std::log(rate[1])});
    }
  }
  /// log P(counts of the window | state).
  [[nodiscard]] StatePair of(ConstMatrixView<float> counts, std::size_t t) const {
    StatePair sum{};
    for (std::size_t c = 0; c < rates.size(); ++c) {
      const double k = checked_count(counts, t, c);
      const double constant = log_factorial(k);
      for (std::size_t z = 0; z < 2; ++z) sum[z] += k * logs[c][z] - rates[c][z] - constant;
    }
    return sum;
  }

  std::vector<StatePair> rates, logs;
};

inline void check_counts(const PoissonHmm& model, ConstMatrixView<float> counts) {
  if (counts.cols() != model.rates.size())
    throw shape_error("hidden Markov model: counts of " + std::to_string(counts.cols()) +
                      " channels, expected " + std::to_string(model.rates.size()));
}

inline void hmm_forward(const PoissonHmm& model, ConstMatrixView<float> counts, HmmPass& pass) {
  check_counts(model, counts);
  const PoissonEmissions emissions(model);
  const std::size_t windows = counts.rows();
  pass.emissions.resize(windows);
  pass.forward.resize(windows);
  pass.scale.resize(windows);
  pass.log_likelihood = 0;
  for (std::size_t t = 0; t < windows; ++t) {
    const StatePair logs = emissions.of(counts, t);
    const double largest = std::max(logs[0], logs[1]);
    pass.emissions[t] = {std::exp(logs[0] - largest), std::exp(logs[1] - largest)};
    StatePair& row = pass.forward[t];
    for (std::size_t z = 0; z < 2; ++z) {
      const double before = t == 0 ? model.start[z]
                                   : pass.forward[t - 1][0] * model.transitions[0][z] +
                                         pass.forward[t - 1][1] * model.transitions[1][z];
      row[z] = before * pass.emissions[t][z];
    }
    pass.scale[t] = row[0] + row[1];
    if (!(pass.scale[t] > 0))
      throw option_error("hidden Markov model: no state that can come has the counts of window " +
                         std::to_string(t) + "; a start or transition is 0");
    for (double& p : row) p /= pass.scale[t];
    pass.log_likelihood += std::log(pass.scale[t]) + largest;
  }
}

inline void hmm_backward(const PoissonHmm& model, HmmPass& pass) {
  const std::size_t windows = pass.forward.size();
  pass.backward.assign(windows, {1, 1});
  for (std::size_t t = windows; t-- > 1;)
    for (std::size_t z = 0; z < 2; ++z) {
      double sum = 0;
      for (std::size_t next = 0; next < 2; ++next)
        sum += model.transitions[z][next] * pass.emissions[t][next] * pass.backward[t][next];
      pass.backward[t - 1][z] = sum / pass.scale[t];
    }
}

/// What a sequence is expected to have of everything: sums over its posteriors.
struct HmmExpectations {
  explicit HmmExpectations(std::size_t channels) : counts(channels) {}

  void add(const PoissonHmm& model, ConstMatrixView<float> of, const HmmPass& pass) {
    for (std::size_t t = 0; t < of.rows(); ++t)
      for (std::size_t z = 0; z < 2; ++z) {
        const double p = pass.forward[t][z] * pass.backward[t][z];
        if (t == 0) start[z] += p;
        windows[z] += p;
        for (std::size_t c = 0; c < counts.size(); ++c) counts[c][z] += p * static_cast<double>(of(t, c));
        if (t == 0) continue;
        for (std::size_t from = 0; from < 2; ++from)
          transitions[from][z] += pass.forward[t - 1][from] * model.transitions[from][z] *
                                  pass.emissions[t][z] * pass.backward[t][z] / pass.scale[t];
      }
  }
  /// The parameters under which they are likeliest; those of what never happens stay.
  void maximise(PoissonHmm& model) const {
    constexpr double least_rate = 1e-9;
    const double starts = start[0] + start[1];
    for (std::size_t z = 0; z < 2; ++z) {
      if (starts > 0) model.start[z] = start[z] / starts;
      const double leaving = transitions[z][0] + transitions[z][1];
      for (std::size_t to = 0; to < 2; ++to)
        if (leaving > 0) model.transitions[z][to] = transitions[z][to] / leaving;
      for (std::size_t c = 0; c < counts.size(); ++c)
        if (windows[z] > 0) model.rates[c][z] = std::max(least_rate, counts[c][z] / windows[z]);
    }
  }

  StatePair start{}, windows{};
  std::array<StatePair, 2> transitions{};
  std::vector<StatePair> counts;
};

}  // namespace detail

SEQLSTM_INLINE double PoissonHmm::log_likelihood(ConstMatrixView<float> counts) const {
  detail::HmmPass pass;
  detail::hmm_forward(*this, counts, pass);
  return pass.log_likelihood;
}

SEQLSTM_INLINE std::vector<double> PoissonHmm::posteriors(ConstMatrixView<float> counts) const {
  detail::HmmPass pass;
  detail::hmm_forward(*this, counts, pass);
  detail::hmm_backward(*this, pass);
  std::vector<double> archaic(counts.rows());
  for (std::size_t t = 0; t < archaic.size(); ++t) {
    const double one = pass.forward[t][1] * pass.backward[t][1];
    archaic[t] = one / (one + pass.forward[t][0] * pass.backward[t][0]);
  }
  return archaic;
}

SEQLSTM_INLINE PoissonHmm first_poisson_hmm(std::span<const ConstMatrixView<float>> sequences) {
  constexpr double fewer = 0.7, more = 5, least = 1e-3;
  std::vector<double> sums(sequences.empty() ? 0 : sequences.front().cols(), 0.0);
  std::size_t windows = 0;
  for (const auto& counts : sequences) {
    if (counts.cols() != sums.size())
      throw shape_error("hidden Markov model: counts of " + std::to_string(counts.cols()) + " and " +
                        std::to_string(sums.size()) + " channels, expected the same number");
    windows += counts.rows();
    for (std::size_t t = 0; t < counts.rows(); ++t)
      for (std::size_t c = 0; c < sums.size(); ++c) sums[c] += detail::checked_count(counts, t, c);
  }
  if (windows == 0) throw shape_error("hidden Markov model: no window to fit to");
  PoissonHmm model;
  for (const double sum : sums) {
    const double mean = std::max(least, sum / static_cast<double>(windows));
    model.rates.push_back({fewer * mean, more * mean});
  }
  return model;
}

SEQLSTM_INLINE PoissonHmmFit fit_poisson_hmm(const PoissonHmm& first,
                                             std::span<const ConstMatrixView<float>> sequences,
                                             const PoissonHmmFitOptions& options) {
  PoissonHmmFit fit{first, {}};
  std::size_t windows = 0;
  for (const auto& counts : sequences) windows += counts.rows();
  if (windows == 0) throw shape_error("hidden Markov model: no window to fit to");
  detail::HmmPass pass;
  for (std::size_t i = 0; i < options.iterations; ++i) {
    detail::HmmExpectations expected(first.rates.size());
    double sum = 0;
    for (const auto& counts : sequences) {
      detail::hmm_forward(fit.model, counts, pass);
      detail::hmm_backward(fit.model, pass);
      expected.add(fit.model, counts, pass);
      sum += pass.log_likelihood;
    }
    const bool over = !fit.log_likelihoods.empty() && sum - fit.log_likelihoods.back() < options.tolerance;
    fit.log_likelihoods.push_back(sum);
    if (over) break;
    expected.maximise(fit.model);
  }
  return fit;
}

namespace detail {

/// The states of a sequence's windows.
inline std::vector<std::size_t> known_states(std::span<const double> labels, std::size_t windows) {
  if (labels.size() != windows)
    throw shape_error("hidden Markov model: " + std::to_string(labels.size()) + " labels for " +
                      std::to_string(windows) + " windows");
  std::vector<std::size_t> states;
  for (const double label : labels) {
    if (label != 0 && label != 1)
      throw option_error("hidden Markov model: the label of window " + std::to_string(states.size()) +
                         " is " + std::to_string(label) + ", expected 0 or 1");
    states.push_back(label == 1 ? 1 : 0);
  }
  return states;
}

}  // namespace detail

SEQLSTM_INLINE PoissonHmm counted_poisson_hmm(std::span<const ConstMatrixView<float>> sequences,
                                              std::span<const std::span<const double>> labels) {
  if (labels.size() != sequences.size())
    throw shape_error("hidden Markov model: labels of " + std::to_string(labels.size()) + " sequences for " +
                      std::to_string(sequences.size()));
  PoissonHmm model = first_poisson_hmm(sequences);
  detail::HmmExpectations seen(model.rates.size());
  seen.start = {1, 1};
  seen.transitions = {{{1, 1}, {1, 1}}};
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    detail::check_counts(model, sequences[i]);
    const auto states = detail::known_states(labels[i], sequences[i].rows());
    for (std::size_t t = 0; t < states.size(); ++t) {
      ++seen.windows[states[t]];
      if (t == 0) ++seen.start[states[t]];
      if (t > 0) ++seen.transitions[states[t - 1]][states[t]];
      for (std::size_t c = 0; c < model.rates.size(); ++c)
        seen.counts[c][states[t]] += static_cast<double>(sequences[i](t, c));
    }
  }
  const double all = seen.windows[0] + seen.windows[1];
  for (auto& count : seen.counts) {
    const double mean = (count[0] + count[1]) / all;
    for (double& of_state : count) of_state += mean;
  }
  for (double& windows : seen.windows) windows += 1;
  seen.maximise(model);
  return model;
}

SEQLSTM_NAMESPACE_END
