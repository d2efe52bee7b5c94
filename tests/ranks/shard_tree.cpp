#include <seqlstm/ranks/shard_tree.hpp>

#include <bit>
#include <numeric>
#include <vector>

#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

TEST_CASE("shard_tree: ranks own aligned blocks, which are all shards in order") {
  for (std::size_t shards = 1; shards <= 1024; shards *= 2)
    for (std::size_t ranks = 1; ranks <= std::min<std::size_t>(shards, 40); ++ranks) {
      const ShardTree tree(shards, ranks);
      std::size_t next = 0;
      for (std::size_t rank = 0; rank < ranks; ++rank) {
        const auto [begin, end] = tree.shards_of(rank);
        REQUIRE(begin == next);
        REQUIRE(std::has_single_bit(end - begin));
        REQUIRE(begin % (end - begin) == 0);
        REQUIRE(tree.owner(begin) == rank);
        REQUIRE(tree.owner(end - 1) == rank);
        next = end;
      }
      REQUIRE(next == shards);
    }
}

TEST_CASE("shard_tree: the left child has one rank more where their number is odd") {
  const auto sizes = [](std::size_t shards, std::size_t ranks) {
    std::vector<std::size_t> counts;
    for (std::size_t rank = 0; rank < ranks; ++rank) {
      const auto [begin, end] = ShardTree(shards, ranks).shards_of(rank);
      counts.push_back(end - begin);
    }
    return counts;
  };
  CHECK(sizes(16, 3) == std::vector<std::size_t>{4, 4, 8});
  CHECK(sizes(16, 5) == std::vector<std::size_t>{2, 2, 4, 4, 4});
  CHECK(sizes(16, 6) == std::vector<std::size_t>{2, 2, 4, 2, 2, 4});
  CHECK(sizes(8, 7) == std::vector<std::size_t>{1, 1, 1, 1, 1, 1, 2});
}

TEST_CASE("shard_tree: fold adds neighbours first") {
  std::vector<std::string> sums = {"a", "b", "c", "d", "e", "f", "g", "h"};
  ShardTree(8).fold(
      0, [&](std::size_t into, std::size_t from) { sums[into] = "(" + sums[into] + "+" + sums[from] + ")"; });
  CHECK(sums[0] == "(((a+b)+(c+d))+((e+f)+(g+h)))");
  std::size_t calls = 0;
  ShardTree(8, 4).fold(2, [&](std::size_t into, std::size_t from) {
    CHECK(into == 0);
    CHECK(from == 1);
    ++calls;
  });
  CHECK(calls == 1);
}

TEST_CASE("shard_tree: bad numbers are named") {
  CHECK(message_of<option_error>([] { ShardTree(12, 2); }) ==
        "shards is 12, expected a power of two from 1 to 1024");
  CHECK_THROWS_AS(ShardTree(2048), option_error);
  CHECK_THROWS_AS(ShardTree(0), option_error);
  CHECK_THROWS_AS(ShardTree(4, 0), option_error);
  CHECK(message_of<option_error>([] { ShardTree(4, 5); }) ==
        "5 ranks, but 4 shards: some ranks would have nothing to do; start at most 4 ranks, or cut batches "
        "into "
        "more shards");
  CHECK(message_of<option_error>([] { static_cast<void>(ShardTree(4, 2).shards_of(2)); }) ==
        "shards of rank 2 of 2; ranks count from 0");
  CHECK(message_of<option_error>([] { static_cast<void>(ShardTree(4, 2).owner(4)); }) ==
        "owner of shard 4 of 4; shards count from 0");
}
