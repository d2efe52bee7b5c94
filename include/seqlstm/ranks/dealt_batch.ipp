// Definitions of dealt_batch.hpp.
#pragma once

#include <algorithm>
#include <bit>
#include <numeric>
#include <seqlstm/ranks/dealt_batch.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::vector<std::uint32_t> deal_sequences(std::span<const std::size_t> lengths,
                                                         std::size_t shards) {
  if (!std::has_single_bit(shards))
    throw option_error("shards is " + std::to_string(shards) + ", expected a power of two");
  std::vector<std::size_t> order(lengths.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return lengths[a] != lengths[b] ? lengths[a] > lengths[b] : a < b;
  });
  const auto reversed = [&](std::size_t number) {
    std::size_t bits = 0;
    for (std::size_t left = 1; left < shards; left *= 2, number /= 2) bits = 2 * bits + number % 2;
    return static_cast<std::uint32_t>(bits);
  };
  std::vector<std::uint32_t> shard(lengths.size());
  for (std::size_t k = 0; k < order.size(); ++k) {
    const std::size_t column = k % shards;
    shard[order[k]] = reversed(k / shards % 2 == 0 ? column : shards - 1 - column);
  }
  return shard;
}

SEQLSTM_NAMESPACE_END
