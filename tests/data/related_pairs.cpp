#include <seqlstm/data/related_pairs.hpp>

#include <map>
#include <seqlstm/core/error.hpp>
#include <set>

#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

using Names = std::vector<std::string>;

//                                 0    1    2    3    4    5    6    7
const std::vector<Names> ranks = {{"a", "a", "a", "a", "a", "b", "b", "c"},
                                  {"1", "1", "1", "2", "2", "1", "1", "1"},
                                  {"x", "x", "y", "z", "z", "x", "x", "x"}};

}  // namespace

TEST_CASE("related_pairs: a level counts the ranks that are alike, from the widest") {
  const RelationLevels relations(ranks);
  CHECK(relations.levels() == 4);
  CHECK(relations.size() == 8);
  CHECK(relations.level(0, 1) == 3);
  CHECK(relations.level(0, 2) == 2);
  CHECK(relations.level(3, 0) == 1);
  CHECK(relations.level(0, 5) == 0);  // of the same names under another first rank
  CHECK(relations.level(7, 7) == 3);
  CHECK(relations.groups(1) == std::vector<std::size_t>{0, 0, 0, 0, 0, 1, 1, 2});
  CHECK(relations.groups(2)[0] != relations.groups(2)[5]);
}

TEST_CASE("related_pairs: batches hold pairs of every level, of weight 1 each") {
  const RelationLevels relations(ranks);
  const RelatedPairs pairs(relations, 6);
  std::map<std::size_t, std::size_t> seen;
  for (std::uint32_t step = 0; step < 50; ++step) {
    const PairBatch batch = pairs.draw({4, 1, step});
    const std::set<std::size_t> distinct(batch.records.begin(), batch.records.end());
    CHECK(distinct.size() == batch.records.size());
    CHECK(distinct.count(7) == 0);  // related to none
    CHECK(batch.pairs.size() == batch.records.size() * (batch.records.size() - 1) / 2);
    std::map<std::size_t, double> weights;
    for (const RelatedPair& pair : batch.pairs) {
      CHECK(pair.level == relations.level(batch.records[pair.a], batch.records[pair.b]));
      weights[pair.level] += pair.weight;
      ++seen[pair.level];
    }
    for (const auto& level : weights) CHECK(level.second == Approx(1));
  }
  for (std::size_t level = 0; level < 4; ++level) CHECK(seen[level] > 0);
}

TEST_CASE("related_pairs: a function of the key") {
  const RelationLevels relations(ranks);
  const RelatedPairs pairs(relations, 2);
  CHECK(pairs.draw({4, 1, 2}).records == pairs.draw({4, 1, 2}).records);
  std::set<std::vector<std::size_t>> different;
  for (std::uint32_t step = 0; step < 20; ++step) different.insert(pairs.draw({4, 1, step}).records);
  CHECK(different.size() > 5);
}

TEST_CASE("related_pairs: large groups are drawn less often than they are large") {
  // 90 records of one superfamily and 10 of another: by the root of the size 3 to 1, not 9 to 1.
  std::vector<Names> two(1);
  for (int k = 0; k < 100; ++k) two[0].push_back(k < 90 ? "large" : "small");
  const RelationLevels relations(two);
  const RelatedPairs pairs(relations, 1);
  double large = 0;
  constexpr std::uint32_t draws = 2000;
  for (std::uint32_t step = 0; step < draws; ++step)
    large += pairs.draw({1, 1, step}).records[0] < 90 ? 1 : 0;
  CHECK(large / draws == Approx(0.75).margin(0.05));
}

TEST_CASE("related_pairs: mistakes") {
  const RelationLevels relations(ranks);
  CHECK(message_of<Error>([] { RelationLevels(std::vector<Names>{}); }) ==
        "relation levels: no ranks or no records, expected at least one of each");
  CHECK(message_of<Error>([] {
          RelationLevels(std::vector<Names>{{"a", "b"}, {"c"}});
        }) == "relation levels: a rank has 1 records, the first one 2");
  CHECK(message_of<Error>([&] { static_cast<void>(relations.groups(4)); }) ==
        "relation levels: there are no groups of level 4, expected 1 to 3");
  CHECK(message_of<Error>([&] { RelatedPairs(relations, 0); }) ==
        "related pairs: anchors is 0, expected at least 1");
  const RelationLevels strangers(std::vector<Names>{{"a", "b"}});
  CHECK(message_of<Error>([&] { RelatedPairs(strangers, 1); }) ==
        "related pairs: no two of 2 records are related; nothing can be learned from them");
}
