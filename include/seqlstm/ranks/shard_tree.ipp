// Definitions of shard_tree.hpp.
#pragma once

#include <bit>
#include <seqlstm/ranks/shard_tree.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE ShardTree::ShardTree(std::size_t shards, std::size_t ranks) : shards_(shards), ranks_(ranks) {
  constexpr std::size_t most = 1024;
  if (!std::has_single_bit(shards) || shards > most)
    throw option_error("shards is " + std::to_string(shards) + ", expected a power of two from 1 to " +
                       std::to_string(most));
  if (ranks == 0) throw option_error("a tree of shards has 0 ranks, expected at least 1");
  if (ranks > shards)
    throw option_error(std::to_string(ranks) + " ranks, but " + std::to_string(shards) +
                       " shards: some ranks would have nothing to do; start at most " +
                       std::to_string(shards) + " ranks, or cut batches into more shards");
}

SEQLSTM_INLINE IndexRange ShardTree::shards_of(std::size_t rank) const {
  if (rank >= ranks_)
    throw option_error("shards of rank " + std::to_string(rank) + " of " + std::to_string(ranks_) +
                       "; ranks count from 0");
  IndexRange node{0, shards_};
  for (std::size_t first = 0, ranks = ranks_; ranks > 1;) {
    const std::size_t left = (ranks + 1) / 2, middle = (node.begin + node.end) / 2;
    if (rank < first + left) {
      node.end = middle;
      ranks = left;
    } else {
      node.begin = middle;
      first += left;
      ranks -= left;
    }
  }
  return node;
}

SEQLSTM_INLINE std::size_t ShardTree::owner(std::size_t shard) const {
  if (shard >= shards_)
    throw option_error("owner of shard " + std::to_string(shard) + " of " + std::to_string(shards_) +
                       "; shards count from 0");
  std::size_t rank = 0;
  while (shards_of(rank).end <= shard) ++rank;
  return rank;
}

SEQLSTM_NAMESPACE_END
