// Which sequences of a batch each shard has.
#pragma once

#include <cstdint>
#include <seqlstm/core/error.hpp>
#include <span>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// The shard of every sequence of a batch, by their lengths: a function of the lengths and of S, `shards` (a
/// power of two), not of ranks. From the longest on, sequences go to shards one after the other, back and
/// forth, in an order in which neighbours are far apart in the tree (bits of the number reversed); so all
/// blocks of the tree have about as many tokens. Throws option_error for another number of shards.
std::vector<std::uint32_t> deal_sequences(std::span<const std::size_t> lengths, std::size_t shards);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/ranks/dealt_batch.ipp>
#endif
