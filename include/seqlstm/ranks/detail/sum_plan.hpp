// Who sends which part of a vector to whom, so that all ranks get its sum in the order of the tree.
#pragma once

#include <cstddef>
#include <seqlstm/core/parallel.hpp>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// A part of the vector that goes to or comes from a rank.
struct SumMessage {
  std::size_t rank;
  IndexRange range;
};

/// What one rank does at one node above its own. Before, the ranks of each child hold the child's sum, each a
/// piece of it; afterwards those of the node hold the node's.
struct SumLevel {
  bool in_left;                   ///< this rank belongs to the left child
  IndexRange held,                ///< its piece before
      piece;                      ///< and afterwards
  std::vector<SumMessage> sends,  ///< parts of `held`
      of_own_child,               ///< parts of `piece` that others of its child hold
      of_other_child;             ///< all of `piece`, from the other child's ranks
};

/// All nodes above a rank's own, from the bottom up. Pieces are halved where both children have as many ranks
/// (recursive halving; Thakur, Rabenseifner and Gropp 2005, with the nearest partner first, for the order of
/// the tree), else cut anew. Afterwards the messages run backwards from the top (recursive doubling).
struct SumPlan {
  std::vector<SumLevel> levels;
  bool pieces = true;  ///< false: of a short vector every rank sends and gets all, and nothing runs backwards
};

/// The plan of `rank` for a vector of `count` numbers.
SumPlan sum_plan(std::size_t ranks, std::size_t rank, std::size_t count, bool pieces);

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/ranks/detail/sum_plan.ipp>
#endif
