// Definitions of crf_log_space.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <seqlstm/nn/detail/crf_log_space.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// log of the sum of e^term(i), i < n. NaN where a term is.
template <class Term> double sum_by_logarithms(std::size_t n, Term&& term) {
  constexpr double lowest = -std::numeric_limits<double>::infinity();
  double largest = lowest, sum = 0;
  for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, term(i));
  if (largest == lowest) {
    for (std::size_t i = 0; i < n; ++i) sum += term(i);
    return sum;
  }
  for (std::size_t i = 0; i < n; ++i) sum += std::exp(term(i) - largest);
  return largest + std::log(sum);
}

SEQLSTM_INLINE void log_space_forward(const CrfFactors& f, const CrfRun& run, std::size_t k) {
  const std::size_t labels = f.labels(), length = run.layout.length(k);
  for (std::size_t t = 0; t < length; ++t) {
    const std::size_t token = run.token(t, k);
    double *x = run.values.row_data(token), *alpha = run.before.row_data(token);
    const double* previous = t > 0 ? run.before.row_data(run.token(t - 1, k)) : nullptr;
    for (std::size_t j = 0; j < labels; ++j) {
      if (run.observed[token] >= 0 && static_cast<std::size_t>(run.observed[token]) != j)
        x[j] = -std::numeric_limits<double>::infinity();
      const auto arrive = [&](std::size_t i) { return previous[i] + f.transitions(i, j); };
      alpha[j] = x[j] + (t == 0 ? f.start(0, j) : sum_by_logarithms(labels, arrive));
    }
  }
  const double* alpha = run.before.row_data(run.token(length - 1, k));
  run.log_sum[k] = sum_by_logarithms(labels, [&](std::size_t j) { return alpha[j] + f.end(0, j); });
}

SEQLSTM_INLINE void log_space_backward(const CrfFactors& f, const CrfRun& run, std::size_t k, double sign,
                                       MatrixView<double> transitions) {
  log_space_forward(f, run, k);  // crf_backward() has cleared log alpha
  const std::size_t labels = f.labels();
  const double log_sum = run.log_sum[k];
  double* beta = run.factors.row_data(run.token(run.layout.length(k) - 1, k));
  std::copy_n(f.end.data(), labels, beta);
  for (std::size_t t = run.layout.length(k); t-- > 0;) {
    const std::size_t token = run.token(t, k);
    double *x = run.values.row_data(token), *alpha = run.before.row_data(token);
    double* onward = alpha;  // alpha of this token, then x + beta
    beta = run.factors.row_data(token);
    for (std::size_t j = 0; j < labels; ++j) {
      const double here = x[j];
      x[j] = std::exp(alpha[j] + beta[j] - log_sum);
      onward[j] = here + beta[j];
    }
    if (t == 0) return;
    const double* previous = run.before.row_data(run.token(t - 1, k));
    double* beta_before = run.factors.row_data(run.token(t - 1, k));
    for (std::size_t i = 0; i < labels; ++i) {
      beta_before[i] =
          sum_by_logarithms(labels, [&](std::size_t j) { return f.transitions(i, j) + onward[j]; });
      for (std::size_t j = 0; !transitions.empty() && j < labels; ++j)
        transitions(i, j) += sign * std::exp(previous[i] + f.transitions(i, j) + onward[j] - log_sum);
    }
  }
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
