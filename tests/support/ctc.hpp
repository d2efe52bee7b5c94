// Connectionist temporal classification as its definition has it: all paths one by one; and its lattice state
// by state in logarithms, for what has too many paths.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "support/reference.hpp"

namespace reference {

using Labels = std::vector<std::int32_t>;

/// Rows of logarithms that sum to 1.
inline Matrix log_softmax(Matrix logits) {
  for (std::size_t t = 0; t < logits.rows; ++t) {
    double sum = 0;
    for (std::size_t c = 0; c < logits.cols; ++c) sum += std::exp(logits(t, c));
    for (std::size_t c = 0; c < logits.cols; ++c) logits(t, c) -= std::log(sum);
  }
  return logits;
}

/// A path without repeats, then without blanks.
inline Labels labels_of_path(const Labels& path, std::int32_t blank) {
  Labels labels;
  for (std::size_t t = 0; t < path.size(); ++t)
    if (path[t] != blank && (t == 0 || path[t] != path[t - 1])) labels.push_back(path[t]);
  return labels;
}

/// body(path, its probability) for every path through frames of these logarithms of probabilities.
template <class Body> void for_each_path(const Matrix& log_p, Body&& body) {
  Labels path(log_p.rows, 0);
  for (;;) {
    double sum = 0;
    for (std::size_t t = 0; t < log_p.rows; ++t)
      sum += log_p.data[t * log_p.cols + static_cast<std::size_t>(path[t])];
    body(path, std::exp(sum));
    std::size_t t = 0;
    while (t < path.size() && ++path[t] == static_cast<std::int32_t>(log_p.cols)) path[t++] = 0;
    if (t == path.size()) return;
  }
}

/// What labels have of the probability, and each frame's classes of theirs.
struct CtcAnswer {
  double log_probability = -std::numeric_limits<double>::infinity();
  Matrix posteriors;  // [frames, classes]; rows sum to 1
};

/// From all paths: an answer for every labelling that has one.
inline std::map<Labels, CtcAnswer> ctc_by_paths(const Matrix& log_p, std::int32_t blank) {
  std::map<Labels, CtcAnswer> answers;
  std::map<Labels, double> sums;
  for_each_path(log_p, [&](const Labels& path, double probability) {
    const Labels labels = labels_of_path(path, blank);
    CtcAnswer& answer = answers[labels];
    if (answer.posteriors.rows == 0) answer.posteriors = Matrix(log_p.rows, log_p.cols);
    sums[labels] += probability;
    for (std::size_t t = 0; t < path.size(); ++t)
      answer.posteriors(t, static_cast<std::size_t>(path[t])) += probability;
  });
  for (auto& [labels, answer] : answers) {
    answer.log_probability = std::log(sums[labels]);
    for (double& p : answer.posteriors.data) p /= sums[labels];
  }
  return answers;
}

inline double log_add(double a, double b) {
  const double larger = std::max(a, b), smaller = std::min(a, b);
  return std::isfinite(smaller) ? larger + std::log1p(std::exp(smaller - larger)) : larger;
}

/// By the recursions of Graves et al. 2006, equations 6 and 10, over labels with blanks between them.
inline CtcAnswer ctc_by_lattice(const Matrix& log_p, const Labels& labels, std::int32_t blank) {
  Labels states(2 * labels.size() + 1, blank);
  for (std::size_t i = 0; i < labels.size(); ++i) states[2 * i + 1] = labels[i];
  const std::size_t frames = log_p.rows, n = states.size();
  const auto skips = [&](std::size_t s) {
    return s >= 2 && states[s] != blank && states[s] != states[s - 2];
  };
  const auto p = [&](std::size_t t, std::size_t s) { return log_p(t, static_cast<std::size_t>(states[s])); };
  const double zero = -std::numeric_limits<double>::infinity();
  Matrix alpha(frames, n), beta(frames, n);
  std::fill(alpha.data.begin(), alpha.data.end(), zero);
  std::fill(beta.data.begin(), beta.data.end(), zero);
  for (std::size_t s = 0; s < std::min<std::size_t>(n, 2); ++s) {
    alpha(0, s) = p(0, s);
    beta(frames - 1, n - 1 - s) = 0;
  }
  for (std::size_t t = 1; t < frames; ++t)
    for (std::size_t s = 0; s < n; ++s) {
      double sum = alpha(t - 1, s);
      if (s >= 1) sum = log_add(sum, alpha(t - 1, s - 1));
      if (skips(s)) sum = log_add(sum, alpha(t - 1, s - 2));
      alpha(t, s) = sum + p(t, s);
    }
  for (std::size_t t = frames - 1; t-- > 0;)
    for (std::size_t s = 0; s < n; ++s) {
      double sum = beta(t + 1, s) + p(t + 1, s);
      if (s + 1 < n) sum = log_add(sum, beta(t + 1, s + 1) + p(t + 1, s + 1));
      if (s + 2 < n && skips(s + 2)) sum = log_add(sum, beta(t + 1, s + 2) + p(t + 1, s + 2));
      beta(t, s) = sum;
    }
  CtcAnswer answer{alpha(frames - 1, n - 1), Matrix(frames, log_p.cols)};
  if (n > 1) answer.log_probability = log_add(answer.log_probability, alpha(frames - 1, n - 2));
  for (std::size_t t = 0; t < frames; ++t)
    for (std::size_t s = 0; s < n; ++s)
      answer.posteriors(t, static_cast<std::size_t>(states[s])) +=
          std::exp(alpha(t, s) + beta(t, s) - answer.log_probability);
  return answer;
}

}  // namespace reference
