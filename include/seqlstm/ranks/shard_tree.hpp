// The one order in which the parts of a batch are added, wherever they are computed.
#pragma once

#include <cstddef>
#include <seqlstm/core/parallel.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// A binary tree over S shards of a batch, S a power of two. Each inner node is left + right; so a sum over
/// all shards has one order, however many ranks compute it. Ranks own aligned blocks: of a node's ranks the
/// left child has one more where their number is odd, and a node with one rank is that rank's own.
class ShardTree {
 public:
  /// Of so many shards (a power of two, 1 to 1024) over so many ranks. Throws option_error for other numbers,
  /// and where there are more ranks than shards.
  explicit ShardTree(std::size_t shards = 16, std::size_t ranks = 1);

  [[nodiscard]] std::size_t shards() const { return shards_; }  ///< S
  [[nodiscard]] std::size_t ranks() const { return ranks_; }    ///< R
  /// The shards of a rank: one node of the tree, so their number is a power of two.
  [[nodiscard]] IndexRange shards_of(std::size_t rank) const;
  /// The rank that computes a shard.
  [[nodiscard]] std::size_t owner(std::size_t shard) const;

  /// Adds up a rank's own shards in the order of the tree: add(into, from) for shards numbered from 0 in the
  /// rank's block is to make sum `into` the sum of both, `into` the left one. Shard 0 ends with the sum.
  template <class Add> void fold(std::size_t rank, Add&& add) const {
    const IndexRange own = shards_of(rank);
    const std::size_t count = own.end - own.begin;
    for (std::size_t step = 1; step < count; step *= 2)
      for (std::size_t into = 0; into < count; into += 2 * step) add(into, into + step);
  }

 private:
  std::size_t shards_, ranks_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/ranks/shard_tree.ipp>
#endif
