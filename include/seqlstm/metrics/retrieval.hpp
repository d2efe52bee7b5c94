// How well scores of pairs find what belongs together: each query ranks all others, and those of its own
// group should come first.
#pragma once

#include <cstddef>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/view.hpp>
#include <span>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// How good a ranking of targets by queries is. All but `queries` are NaN where there is no query.
struct RetrievalScore {
  std::size_t queries = 0;            ///< that were asked
  double mean_average_precision = 0,  ///< the mean over queries of pr_auc() of their targets
      top_1 = 0,                      ///< share of the queries whose best target is of their group
      roc_auc = 0;                    ///< of all pairs of a query and a target together; NaN without others
};

/// The rows whose group has another member: those that can find something.
std::vector<std::size_t> rows_with_relatives(std::span<const std::size_t> groups);

/// Ranks, for each of `queries`, all other rows by falling scores(query, row). A row is right where its group
/// is that of the query; the query itself is left out. Of equal best scores top_1 counts the share that is
/// right, so that a query whose scores are all equal gets what chance gives. `scores` [n, n], `groups` [n];
/// the diagonal is not read. Allocates a number for each pair.
///
/// Throws shape_error where scores are not [n, n], option_error for a query that is no row or has no
/// relative, numeric_error for a NaN.
RetrievalScore retrieval_score(ConstMatrixView<double> scores, std::span<const std::size_t> groups,
                               std::span<const std::size_t> queries);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/metrics/retrieval.ipp>
#endif
