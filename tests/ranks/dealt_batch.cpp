#include <seqlstm/ranks/dealt_batch.hpp>

#include <algorithm>
#include <numeric>
#include <seqlstm/core/random.hpp>
#include <seqlstm/ranks/shard_tree.hpp>

#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

TEST_CASE("dealt_batch: every shard has as many sequences, and ranks have about as many tokens") {
  RandomStream random(3);
  std::vector<std::size_t> lengths(64);
  for (auto& length : lengths) length = 20 + random.below(400);
  const auto shards = deal_sequences(lengths, 16);
  std::vector<std::size_t> sequences(16), tokens(16);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    ++sequences[shards[i]];
    tokens[shards[i]] += lengths[i];
  }
  CHECK(std::all_of(sequences.begin(), sequences.end(), [](std::size_t count) { return count == 4; }));
  const auto all = static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), std::size_t{0}));
  for (const std::size_t ranks : {2U, 4U, 8U})
    for (std::size_t rank = 0; rank < ranks; ++rank) {
      const auto [begin, end] = ShardTree(16, ranks).shards_of(rank);
      std::size_t own = 0;
      for (std::size_t s = begin; s < end; ++s) own += tokens[s];
      INFO("rank " << rank << " of " << ranks);
      CHECK(static_cast<double>(own) * static_cast<double>(ranks) / all < 1.05);
    }
}

TEST_CASE("dealt_batch: neighbours in length are far apart in the tree, equal lengths keep their order") {
  CHECK(deal_sequences(std::vector<std::size_t>{5, 9, 7, 7, 1, 0, 8, 2}, 4) ==
        std::vector<std::uint32_t>{3, 0, 1, 3, 2, 0, 2, 1});
  CHECK(deal_sequences(std::vector<std::size_t>{1, 1, 1}, 1) == std::vector<std::uint32_t>{0, 0, 0});
  CHECK(deal_sequences({}, 8).empty());
  CHECK(message_of<option_error>([] { deal_sequences({}, 6); }) == "shards is 6, expected a power of two");
}
