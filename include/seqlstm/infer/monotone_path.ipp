// Definitions of monotone_path.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <seqlstm/core/error.hpp>
#include <seqlstm/infer/monotone_path.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

inline constexpr double no_path = -std::numeric_limits<double>::infinity();

/// The best way into each position: from one before it, over none or some that are skipped.
class SkipsBefore {
 public:
  explicit SkipsBefore(const SkipScores& scores) : scores_(scores) {}
  /// Goes on to position j; best[k] is the score of what ends at position k.
  void move_to(std::size_t j, const double* best) {
    skipped_ += scores_.more;
    if (j >= 2 && !(best[j - 2] + scores_.first < skipped_)) {  // of equal ones the nearest
      skipped_ = best[j - 2] + scores_.first;
      skipped_from_ = static_cast<std::int32_t>(j) - 2;
    }
    score_ = skipped_;
    from_ = skipped_from_;
    if (j >= 1 && !(best[j - 1] + scores_.none < score_)) {
      score_ = best[j - 1] + scores_.none;
      from_ = static_cast<std::int32_t>(j) - 1;
    }
  }
  [[nodiscard]] double score() const { return score_; }
  [[nodiscard]] std::int32_t from() const { return from_; }

 private:
  SkipScores scores_;
  double skipped_ = no_path, score_ = no_path;
  std::int32_t skipped_from_ = -1, from_ = -1;
};

/// What element i is on the best path whose last position so far is j.
struct PathStep {
  static constexpr std::int32_t insertion = -2, begin = -1;
  std::int32_t from;  ///< insertion; or i is at j, and the position before it is this one, or none: begin
};

}  // namespace detail

SEQLSTM_INLINE SkipScores counted_skips(std::span<const std::vector<std::int32_t>> alignments) {
  double follows = 1, skips = 1, more = 1;
  for (const auto& positions : alignments) {
    std::int32_t before = -1;
    for (const std::int32_t position : positions) {
      if (position < 0) continue;
      if (before >= 0 && position == before + 1) ++follows;
      if (before >= 0 && position > before + 1) {
        ++skips;
        more += position - before - 2;
      }
      before = position;
    }
  }
  const double steps = follows + skips, skipped = skips + more;
  return {std::log(follows / steps), std::log(skips / steps) + std::log(skips / skipped),
          std::log(more / skipped)};
}

SEQLSTM_INLINE std::vector<std::int32_t> monotone_path(ConstMatrixView<double> log_p,
                                                       const SkipScores& skips) {
  if (log_p.cols() == 0)
    throw shape_error("monotone_path: no columns, expected one for each position and one for none");
  const std::size_t length = log_p.rows(), positions = log_p.cols() - 1;
  std::vector<double> best(positions, detail::no_path), next(positions);
  std::vector<detail::PathStep> steps(length * positions);
  double none = 0;  // all so far are insertions
  for (std::size_t i = 0; i < length; ++i) {
    const double insertion = log_p(i, positions);
    detail::SkipsBefore before(skips);
    for (std::size_t j = 0; j < positions; ++j) {
      before.move_to(j, best.data());
      const bool begins = before.from() < 0 || before.score() < none;
      const double aligned = (begins ? none : before.score()) + log_p(i, j), inserted = best[j] + insertion;
      steps[i * positions + j] = {inserted >= aligned ? detail::PathStep::insertion
                                  : begins            ? detail::PathStep::begin
                                                      : before.from()};
      next[j] = std::max(aligned, inserted);
    }
    none += insertion;
    std::swap(best, next);
  }
  std::vector<std::int32_t> path(length, -1);
  const auto end = std::max_element(best.begin(), best.end());
  if (end == best.end() || !(*end > none)) return path;
  auto at = static_cast<std::int32_t>(end - best.begin());
  for (std::size_t i = length; i-- > 0;) {
    const std::int32_t from = steps[i * positions + static_cast<std::size_t>(at)].from;
    if (from == detail::PathStep::insertion) continue;
    path[i] = at;
    if (from == detail::PathStep::begin) break;
    at = from;
  }
  return path;
}

SEQLSTM_NAMESPACE_END
