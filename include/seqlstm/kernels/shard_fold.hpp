// Sums of shards, one made after the other and added up in pairs: those that wait for their right neighbour
// are a stack, so few of them are kept at a time.
#pragma once

#include <cstddef>
#include <seqlstm/kernels/arguments.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Places of the stack that the sums of a kernel's shards need.
inline constexpr std::size_t shard_places =
    static_cast<std::size_t>(__builtin_ctzll(GradientTokens::shard_limit)) + 1;

/// Calls make(shard, place) for every shard in turn, which leaves its sums at that place of the stack, and
/// add(left, right) for two places where the left one is to become the sum of both. The sums of all shards, a
/// power of two, end at place 0; the highest place is log2(shards).
template <class Make, class Add>
[[gnu::always_inline]] inline void fold_shards(std::size_t shards, Make&& make, Add&& add) {
  for (std::size_t s = 0; s < shards; ++s) {
    const auto place = static_cast<std::size_t>(__builtin_popcountll(s));
    make(s, place);
    // Each node that this shard completes: its left sums, which wait, plus its right ones.
    const auto complete = static_cast<std::size_t>(__builtin_ctzll(~s));
    for (std::size_t node = 0; node < complete; ++node) add(place - 1 - node, place - node);
  }
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
