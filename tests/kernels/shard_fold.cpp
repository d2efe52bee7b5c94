#include <seqlstm/kernels/shard_fold.hpp>

#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("shard_fold: neighbours are added up first, in few places") {
  for (const std::size_t shards : {1U, 2U, 4U, 8U, 16U}) {
    std::vector<std::string> sums(kernels::shard_places);
    std::size_t highest = 0;
    kernels::fold_shards(
        shards,
        [&](std::size_t shard, std::size_t place) {
          highest = std::max(highest, place);
          sums.at(place) = std::to_string(shard);
        },
        [&](std::size_t left, std::size_t right) {
          CHECK(right == left + 1);
          sums[left] = "(" + sums[left] + "+" + sums[right] + ")";
        });
    std::vector<std::string> nodes;
    for (std::size_t s = 0; s < shards; ++s) nodes.push_back(std::to_string(s));
    for (; nodes.size() > 1; nodes.resize(nodes.size() / 2))
      for (std::size_t i = 0; i < nodes.size() / 2; ++i)
        nodes[i] = "(" + nodes[2 * i] + "+" + nodes[2 * i + 1] + ")";
    CHECK(sums[0] == nodes[0]);
    CHECK((std::size_t{1} << highest) == shards);
  }
}

TEST_CASE("shard_fold: tokens of shards, and all of them as one") {
  const std::vector<std::size_t> ends = {3, 3, 7, 9};
  const kernels::GradientTokens tokens{.count = 9, .shards = 4, .ends = ends.data()};
  CHECK(tokens.of(0).begin == 0);
  CHECK(tokens.of(1).begin == tokens.of(1).end);
  CHECK(tokens.of(3).begin == 7);
  CHECK(tokens.of(3).end == 9);
  const kernels::GradientTokens one{.count = 5};
  CHECK(one.of(0).end == 5);
}
