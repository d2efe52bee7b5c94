#include <seqlstm/core/packed.hpp>

#include "support/values.hpp"

using namespace seqlstm;

namespace {

std::vector<std::size_t> random_lengths(RandomStream& random) {
  std::vector<std::size_t> lengths(random.below(30));
  for (auto& n : lengths) n = random.below(3) == 0 ? random.below(3) : random.below(40);
  return lengths;
}

void check_layout(const PackedLayout& layout, const std::vector<std::size_t>& lengths) {
  const std::size_t longest = lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end());
  REQUIRE(layout.sequences() == lengths.size());
  REQUIRE(layout.steps() == longest);
  REQUIRE(layout.tokens() == std::accumulate(lengths.begin(), lengths.end(), std::size_t{0}));

  for (std::size_t r = 0; r < lengths.size(); ++r) {
    REQUIRE(layout.length(r) == lengths[layout.order(r)]);
    REQUIRE(layout.rank(layout.order(r)) == r);
    if (r == 0) continue;
    const std::size_t before = layout.length(r - 1), here = layout.length(r);
    REQUIRE((before > here || (before == here && layout.order(r - 1) < layout.order(r))));  // stable
  }
  std::vector<int> used(layout.tokens());
  for (std::size_t t = 0; t < longest; ++t) {
    const auto running = std::count_if(lengths.begin(), lengths.end(), [t](std::size_t n) { return n > t; });
    REQUIRE(layout.active(t) == static_cast<std::size_t>(running));
    for (std::size_t r = 0; r < layout.active(t); ++r) {
      REQUIRE(layout.length(r) > t);
      ++used.at(layout.offset(t) + r);
    }
  }
  for (const int n : used) REQUIRE(n == 1);
  REQUIRE(layout.active(longest) == 0);
  REQUIRE(layout.active(longest + 100) == 0);
  REQUIRE(layout.offset(longest) == layout.tokens());
}

}  // namespace

TEST_CASE("packed: every token has one place, for random lengths and a layout used again and again") {
  RandomStream random(1);
  PackedLayout reused;
  for (int round = 0; round < 300; ++round) {
    const auto lengths = random_lengths(random);
    reused.assign(lengths);
    check_layout(reused, lengths);
    check_layout(PackedLayout(lengths), lengths);
  }
}

TEST_CASE("packed: no sequences, empty sequences, one sequence") {
  check_layout(PackedLayout(), {});
  check_layout(PackedLayout(std::vector<std::size_t>{}), {});
  check_layout(PackedLayout(std::vector<std::size_t>{0}), {0});
  check_layout(PackedLayout(std::vector<std::size_t>{0, 0, 0}), {0, 0, 0});
  check_layout(PackedLayout(std::vector<std::size_t>{7}), {7});
  check_layout(PackedLayout(std::vector<std::size_t>{0, 2, 0, 2, 1}), {0, 2, 0, 2, 1});
}

TEST_CASE("packed: a record is the caller's number, or the index") {
  const std::vector<std::size_t> lengths = {1, 4, 2};
  PackedLayout layout(lengths);
  for (std::size_t r = 0; r < 3; ++r) CHECK(layout.record(r) == layout.order(r));
  const std::vector<std::uint64_t> records = {100, 7, 55};
  layout.assign(lengths, records);
  CHECK(layout.record(0) == 7);
  CHECK(layout.record(1) == 55);
  CHECK(layout.record(2) == 100);
}

TEST_CASE("packed: a batch of tokens keeps each token with its sequence") {
  RandomStream random(2);
  TokenBatch batch;
  for (int round = 0; round < 100; ++round) {
    const auto lengths = random_lengths(random);
    std::vector<std::vector<Token>> sequences;
    std::vector<std::uint64_t> records;
    for (const std::size_t n : lengths) {
      sequences.emplace_back(n);
      for (auto& id : sequences.back()) id = static_cast<Token>(random.below(1000));
      records.push_back(1000 + sequences.size());
    }
    const std::vector<std::span<const Token>> views(sequences.begin(), sequences.end());
    const bool numbered = round % 2 == 0;
    batch.labels = {1, 2};
    batch.label_width = 1;
    batch.assign(views,
                 numbered ? std::span<const std::uint64_t>(records) : std::span<const std::uint64_t>());
    REQUIRE(batch.ids.size() == batch.layout.tokens());
    REQUIRE(batch.labels.empty());
    REQUIRE(batch.label_width == 0);
    REQUIRE(batch.records.size() == sequences.size());
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      REQUIRE(batch.records[i] == (numbered ? records[i] : i));
      for (std::size_t t = 0; t < sequences[i].size(); ++t)
        REQUIRE(batch.ids[batch.layout.offset(t) + batch.layout.rank(i)] == sequences[i][t]);
    }
  }
}
