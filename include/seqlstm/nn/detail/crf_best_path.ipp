// Definitions of crf_best_path.hpp.
#pragma once

#include <algorithm>
#include <limits>
#include <seqlstm/nn/detail/crf_best_path.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// x[j] += the largest of before[i] + transitions(i, j).
inline void add_best(const double* before, ConstMatrixView<double> transitions, double* best, double* x) {
  const std::size_t labels = transitions.cols();
  std::fill_n(best, labels, -std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < labels; ++i) {
    const double *row = transitions.row_data(i), score = before[i];
    for (std::size_t j = 0; j < labels; ++j) {
      const double sum = score + row[j];
      best[j] = sum > best[j] ? sum : best[j];
    }
  }
  for (std::size_t j = 0; j < labels; ++j) x[j] += best[j];
}

/// The smallest i with the largest value(i), and that value; 0 and -infinity where none is above that.
template <class Value> std::pair<std::size_t, double> first_largest(std::size_t n, Value&& value) {
  std::pair<std::size_t, double> best{0, -std::numeric_limits<double>::infinity()};
  for (std::size_t i = 0; i < n; ++i)
    if (value(i) > best.second) best = {i, value(i)};
  return best;
}

SEQLSTM_INLINE double best_path(const CrfFactors& f, MatrixView<double> scores, double* room,
                                std::int32_t* path) {
  const std::size_t labels = f.labels(), length = scores.rows();
  for (std::size_t j = 0; j < labels; ++j) scores(0, j) += f.start(0, j);
  for (std::size_t t = 1; t < length; ++t)
    add_best(scores.row_data(t - 1), f.transitions, room, scores.row_data(t));
  const auto end = first_largest(labels, [&](std::size_t j) { return scores(length - 1, j) + f.end(0, j); });
  std::size_t label = end.first;
  for (std::size_t t = length; t-- > 0;) {
    path[t] = static_cast<std::int32_t>(label);
    if (t == 0) break;
    label = first_largest(labels, [&](std::size_t i) {
              return scores(t - 1, i) + f.transitions(i, label);
            }).first;
  }
  return end.second;
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
