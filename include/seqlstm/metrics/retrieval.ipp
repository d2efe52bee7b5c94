// Definitions of retrieval.hpp.
#pragma once

#include <cmath>
#include <limits>
#include <seqlstm/metrics/curve.hpp>
#include <seqlstm/metrics/retrieval.hpp>
#include <string>
#include <unordered_map>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// What one query's targets are, and how they scored.
struct RankedTargets {
  std::vector<int> right;
  std::vector<double> scores;

  void assign(ConstMatrixView<double> all, std::span<const std::size_t> groups, std::size_t query) {
    right.clear();
    scores.clear();
    for (std::size_t row = 0; row < groups.size(); ++row) {
      if (row == query) continue;
      right.push_back(groups[row] == groups[query] ? 1 : 0);
      scores.push_back(all(query, row));
    }
  }
  /// Of the targets with the best score, the share that is right.
  [[nodiscard]] double top() const {
    const double best = *std::max_element(scores.begin(), scores.end());
    std::size_t tied = 0, found = 0;
    for (std::size_t k = 0; k < scores.size(); ++k) {
      if (scores[k] != best) continue;
      ++tied;
      found += right[k] == 1 ? 1 : 0;
    }
    return static_cast<double>(found) / static_cast<double>(tied);
  }
};

SEQLSTM_INLINE void check_queries(ConstMatrixView<double> scores, std::span<const std::size_t> groups,
                                  std::span<const std::size_t> queries) {
  if (scores.rows() != groups.size() || scores.cols() != groups.size())
    throw shape_error("retrieval_score: scores are " + std::to_string(scores.rows()) + " x " +
                      std::to_string(scores.cols()) + ", expected a row and a column for each of " +
                      std::to_string(groups.size()) + " groups");
  std::unordered_map<std::size_t, std::size_t> members;
  for (const std::size_t group : groups) ++members[group];
  for (const std::size_t query : queries) {
    if (query >= groups.size())
      throw option_error("retrieval_score: query " + std::to_string(query) + " is none of " +
                         std::to_string(groups.size()) + " rows");
    if (members[groups[query]] < 2)
      throw option_error("retrieval_score: query " + std::to_string(query) +
                         " is alone in its group and can find nothing; ask rows_with_relatives()");
  }
}

}  // namespace detail

SEQLSTM_INLINE std::vector<std::size_t> rows_with_relatives(std::span<const std::size_t> groups) {
  std::unordered_map<std::size_t, std::size_t> members;
  for (const std::size_t group : groups) ++members[group];
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < groups.size(); ++row)
    if (members[groups[row]] > 1) rows.push_back(row);
  return rows;
}

SEQLSTM_INLINE RetrievalScore retrieval_score(ConstMatrixView<double> scores,
                                              std::span<const std::size_t> groups,
                                              std::span<const std::size_t> queries) {
  detail::check_queries(scores, groups, queries);
  RetrievalScore result;
  result.queries = queries.size();
  detail::RankedTargets own, all;
  double precision = 0, top = 0;
  for (const std::size_t query : queries) {
    own.assign(scores, groups, query);
    precision += pr_auc(own.right, own.scores);  // refuses NaN
    top += own.top();
    all.right.insert(all.right.end(), own.right.begin(), own.right.end());
    all.scores.insert(all.scores.end(), own.scores.begin(), own.scores.end());
  }
  const auto count = static_cast<double>(queries.size());
  result.mean_average_precision = precision / count;
  result.top_1 = top / count;
  result.roc_auc =
      queries.empty() ? std::numeric_limits<double>::quiet_NaN() : roc_auc(all.right, all.scores);
  return result;
}

SEQLSTM_NAMESPACE_END
