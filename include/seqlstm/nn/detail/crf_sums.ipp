// Definitions of crf_sums.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/nn/detail/crf_log_space.hpp>
#include <seqlstm/nn/detail/crf_sums.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// shifted = x - the largest x. Returns what that takes out of a token's e^x, as a logarithm; not finite
/// where an emission is not.
inline double shift_emissions(std::span<const double> x, std::int32_t observed, double* shifted) {
  double largest = x[0], zero = 0;
  for (const double v : x) {
    largest = v > largest ? v : largest;
    zero += v - v;  // NaN for what is not finite
  }
  for (std::size_t j = 0; j < x.size(); ++j) shifted[j] = x[j] - largest;
  return zero + (observed < 0 ? largest : x[static_cast<std::size_t>(observed)]);
}

/// Scaled alpha of a token from the sums over the labels before; returns what was taken out, 0 where the sums
/// are too small to be exact.
inline double scaled_alpha(std::span<const double> sums, std::span<const double> factors,
                           std::int32_t observed, double* alpha) {
  const std::size_t labels = sums.size();
  if (observed >= 0) {
    const auto label = static_cast<std::size_t>(observed);
    std::fill_n(alpha, labels, 0.0);
    alpha[label] = 1;
    return sums[label] < crf_least_sum ? 0 : sums[label];
  }
  double largest = 0, least = 1;
  for (std::size_t j = 0; j < labels; ++j) {
    alpha[j] = sums[j] * factors[j];
    largest = std::max(largest, alpha[j]);
    least = sums[j] > 0 ? std::min(least, sums[j]) : least;
  }
  if (least < crf_least_sum || !(largest > 0)) return 0;
  const double inverse = 1 / largest;
  for (std::size_t j = 0; j < labels; ++j)
    alpha[j] = sums[j] > 0 ? std::max(alpha[j] * inverse, crf_floor) : 0;
  return largest;
}

/// Sum of a[j] b[j].
inline double sum_of_products(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) sum = std::fma(a[j], b[j], sum);
  return sum;
}

/// Where alpha of step t of sequence k is kept.
inline double* place_of_alpha(const CrfRun& run, std::size_t t, std::size_t k) {
  return k < run.layout.active(t + 1) ? run.before.row_data(run.token(t + 1, k)) : run.ends.row_data(k);
}

/// One step of one sequence: scaled alpha, and the step's share of log_sum. Zeros where it is not scaled.
inline void forward_step(const CrfFactors& f, const CrfRun& run, std::size_t t, std::size_t k) {
  const std::size_t token = run.token(t, k);
  double* alpha = place_of_alpha(run, t, k);
  const double scale =
      run.scaled[k] ? scaled_alpha(run.sums.row(k), run.factors.row(token), run.observed[token], alpha) : 0;
  run.scaled[k] = scale > 0;
  if (!run.scaled[k]) {
    std::fill_n(alpha, f.labels(), 0.0);
    return;
  }
  run.scale[token] = scale;
  run.log_sum[k] += run.taken[token] + std::log(scale);
  if (t + 1 < run.layout.length(k)) return;
  run.total[k] = sum_of_products(run.ends.row(k), f.end_factors.row(0));
  run.scaled[k] = run.total[k] >= crf_least_sum;
  run.log_sum[k] += std::log(run.total[k]);
}

SEQLSTM_INLINE void crf_forward(const CrfFactors& f, const CrfRun& run) {
  const LayoutView& layout = run.layout;
  for (std::size_t k = 0; k < layout.sequences(); ++k) {
    run.scaled[k] = f.finite;
    run.log_sum[k] = f.once;
  }
  for (std::size_t t = 0; t < layout.steps(); ++t)
    for (std::size_t k = 0; k < layout.active(t); ++k) {
      const std::size_t token = run.token(t, k);
      run.taken[token] =
          (t > 0 ? f.per_step : 0) +
          shift_emissions(run.values.row(token), run.observed[token], run.factors.row_data(token));
      run.scaled[k] = run.scaled[k] && std::isfinite(run.taken[token]);
    }
  const auto factors = run.factors.row_range(0, layout.tokens());
  Kernels<double>::exponential(factors, factors);
  for (std::size_t t = 0; t < layout.steps(); ++t) {
    const std::size_t count = layout.active(t);
    const auto sums = run.sums.row_range(0, count);
    if (t > 0)
      Kernels<double>::multiply(run.before.row_range(layout.offset(t), count), f.forward, sums, false);
    for (std::size_t k = 0; k < count; ++k) {
      if (t == 0) std::copy_n(f.start_factors.data(), f.labels(), sums.row_data(k));
      forward_step(f, run, t, k);
    }
  }
  for (std::size_t k = 0; k < layout.sequences(); ++k)
    if (!run.scaled[k]) log_space_forward(f, run, k);
}

/// One step of one sequence: probabilities, and factors times scaled beta. One that is not scaled leaves
/// zeros for the sums of all.
inline void backward_step(const CrfFactors& f, const CrfRun& run, std::size_t t, std::size_t k) {
  const std::size_t token = run.token(t, k), labels = f.labels();
  double* factors = run.factors.row_data(token);
  if (!run.scaled[k]) {
    std::fill_n(factors, labels, 0.0);
    std::fill_n(run.before.row_data(token), labels, 0.0);
    return;
  }
  double *beta = run.sums.row_data(k), *probability = run.values.row_data(token);
  if (t + 1 == run.layout.length(k))
    for (std::size_t j = 0; j < labels; ++j) beta[j] = f.end_factors(0, j) / run.total[k];
  const double* alpha = place_of_alpha(run, t, k);
  const double inverse = 1 / run.scale[token];
  for (std::size_t j = 0; j < labels; ++j) probability[j] = alpha[j] * beta[j];
  if (run.observed[token] < 0) {
    for (std::size_t j = 0; j < labels; ++j)  // of labels that no path leads to, beta has no bound
      factors[j] = alpha[j] > 0 ? factors[j] * beta[j] * inverse : 0;
    return;
  }
  const auto label = static_cast<std::size_t>(run.observed[token]);
  std::fill_n(factors, labels, 0.0);
  factors[label] = beta[label] * inverse;
}

/// counts += sign times expected numbers of transitions of all sequences that are scaled.
inline void add_scaled_transitions(const CrfFactors& f, const CrfRun& run, double sign,
                                   MatrixView<double> counts) {
  if (run.layout.steps() < 2) return;
  const std::size_t first = run.layout.offset(1), count = run.layout.tokens() - first, labels = f.labels();
  std::fill_n(run.outer.data(), run.outer.size(), 0.0);
  Kernels<double>::add_outer(run.before.row_range(first, count), run.factors.row_range(first, count),
                             {0, labels}, run.outer, run.outer_room);
  for (std::size_t i = 0; i < labels; ++i)
    for (std::size_t j = 0; j < labels; ++j)
      counts(i, j) = std::fma(sign * run.outer(i, j), f.transition_factors(i, j), counts(i, j));
}

SEQLSTM_INLINE void crf_backward(const CrfFactors& f, const CrfRun& run, double sign,
                                 const CrfCounts& counts) {
  const LayoutView& layout = run.layout;
  for (std::size_t t = layout.steps(); t-- > 0;) {
    const std::size_t behind = layout.active(t + 1);
    if (behind > 0)
      Kernels<double>::multiply(run.factors.row_range(layout.offset(t + 1), behind), f.backward,
                                run.sums.row_range(0, behind), false);
    for (std::size_t k = 0; k < layout.active(t); ++k) backward_step(f, run, t, k);
  }
  if (!counts.transitions.empty()) add_scaled_transitions(f, run, sign, counts.transitions);
  for (std::size_t k = 0; k < layout.sequences(); ++k) {
    if (!run.scaled[k]) log_space_backward(f, run, k, sign, counts.transitions);
    if (counts.start.empty()) continue;
    const auto first = run.values.row(k), last = run.values.row(run.token(layout.length(k) - 1, k));
    for (std::size_t j = 0; j < f.labels(); ++j) {
      counts.start(0, j) += sign * first[j];
      counts.end(0, j) += sign * last[j];
    }
  }
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
