// Definitions of sum_plan.hpp.
#pragma once

#include <algorithm>
#include <numeric>
#include <seqlstm/ranks/detail/sum_plan.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

inline constexpr std::size_t sum_grain = 16;  // pieces begin on cache lines of floats

/// The pieces of a node's sum that its ranks hold, in their order.
SEQLSTM_INLINE std::vector<IndexRange> sum_pieces(std::size_t ranks, std::size_t count) {
  if (ranks <= 1) return {{0, count}};
  auto pieces = sum_pieces((ranks + 1) / 2, count);
  if (ranks % 2 == 0) {  // partners in both children hold the same piece; each keeps a half
    const std::size_t half = pieces.size();
    for (std::size_t i = 0; i < half; ++i) {
      const std::size_t length = pieces[i].end - pieces[i].begin;
      const std::size_t middle = pieces[i].begin + part_of(length, 2, 0, sum_grain).end;
      pieces.push_back({middle, pieces[i].end});
      pieces[i].end = middle;
    }
    return pieces;
  }
  // Equal parts, in the order of what was held, so that much of it stays.
  const auto right = sum_pieces(ranks / 2, count);
  pieces.insert(pieces.end(), right.begin(), right.end());
  std::vector<std::size_t> order(ranks);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return pieces[a].begin != pieces[b].begin ? pieces[a].begin < pieces[b].begin : a < b;
  });
  for (std::size_t i = 0; i < ranks; ++i) pieces[order[i]] = part_of(count, ranks, i, sum_grain);
  return pieces;
}

/// What two ranges share; empty where they do not.
inline IndexRange shared(const IndexRange& a, const IndexRange& b) {
  const std::size_t begin = std::max(a.begin, b.begin);
  return {begin, std::max(begin, std::min(a.end, b.end))};
}

/// The plan of the node of `ranks` ranks from `first` on, appended after those below it.
SEQLSTM_INLINE void plan_node(SumPlan& plan, std::size_t first, std::size_t ranks, std::size_t rank,
                              std::size_t count) {
  if (ranks <= 1) return;
  const std::size_t left = (ranks + 1) / 2, right = ranks - left;
  SumLevel level{};
  level.in_left = rank < first + left;
  if (level.in_left)
    plan_node(plan, first, left, rank, count);
  else
    plan_node(plan, first + left, right, rank, count);

  if (!plan.pieces) {
    level.held = level.piece = {0, count};
    // Rank i of a child has its other operand from rank i of the other, the last where there are fewer.
    const std::size_t own = rank - first;
    const std::size_t partner = level.in_left ? left + std::min(own, right - 1) : own - left;
    level.of_other_child = {{first + partner, level.piece}};
    if (level.in_left) {
      if (own < right) level.sends = {{first + left + own, level.held}};
    } else {
      level.sends = {{first + own - left, level.held}};
      if (own + 1 == ranks && left > right) level.sends.push_back({first + left - 1, level.held});
    }
    plan.levels.push_back(std::move(level));
    return;
  }

  auto held = sum_pieces(left, count);
  const auto right_pieces = sum_pieces(right, count);
  held.insert(held.end(), right_pieces.begin(), right_pieces.end());
  const auto pieces = sum_pieces(ranks, count);
  const std::size_t own = rank - first;
  level.held = held[own];
  level.piece = pieces[own];
  for (std::size_t i = 0; i < ranks; ++i) {
    if (i == own) continue;
    if (const IndexRange part = shared(held[own], pieces[i]); part.begin < part.end)
      level.sends.push_back({first + i, part});
    if (const IndexRange part = shared(held[i], pieces[own]); part.begin < part.end)
      ((i < left) == level.in_left ? level.of_own_child : level.of_other_child).push_back({first + i, part});
  }
  plan.levels.push_back(std::move(level));
}

SEQLSTM_INLINE SumPlan sum_plan(std::size_t ranks, std::size_t rank, std::size_t count, bool pieces) {
  SumPlan plan;
  plan.pieces = pieces;
  plan_node(plan, 0, ranks, rank, count);
  return plan;
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
