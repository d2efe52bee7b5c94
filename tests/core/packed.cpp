#include <seqlstm/core/packed.hpp>

#include <numeric>

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

TEST_CASE("packed: shorter sequences stay in their rows, with their index and record") {
  RandomStream random(3);
  PackedLayout from, to, in_place;
  for (int round = 0; round < 200; ++round) {
    const auto lengths = random_lengths(random);
    std::vector<std::uint64_t> records(lengths.size());
    for (auto& record : records) record = random.below(1000);
    from.assign(lengths, records);
    const std::size_t stride = 1 + random.below(4), lost = random.below(3);
    const auto length_of = [&](std::size_t n) { return n <= lost ? 0 : (n - lost - 1) / stride + 1; };
    to.assign_shorter(from, length_of);
    in_place = from;
    in_place.assign_shorter(in_place, length_of);
    for (const PackedLayout* layout : {&to, &in_place}) {
      REQUIRE(layout->sequences() == from.sequences());
      std::size_t tokens = 0;
      for (std::size_t r = 0; r < from.sequences(); ++r) {
        REQUIRE(layout->length(r) == length_of(from.length(r)));
        REQUIRE(layout->order(r) == from.order(r));
        REQUIRE(layout->rank(from.order(r)) == r);
        REQUIRE(layout->record(r) == from.record(r));
        tokens += layout->length(r);
      }
      REQUIRE(layout->tokens() == tokens);
      REQUIRE(layout->steps() == (from.sequences() == 0 ? 0 : layout->length(0)));
      for (std::size_t t = 0, before = 0; t < layout->steps(); before += layout->active(t++)) {
        std::size_t running = 0;
        for (std::size_t r = 0; r < layout->sequences(); ++r) running += layout->length(r) > t ? 1 : 0;
        REQUIRE(layout->active(t) == running);
        REQUIRE(layout->offset(t) == before);
      }
    }
  }
}

TEST_CASE("packed: lengths that grow, or change the order of rows, are named") {
  const PackedLayout from(std::vector<std::size_t>{5, 3, 8});
  PackedLayout to;
  CHECK_THROWS_AS(to.assign_shorter(from, [](std::size_t n) { return n + 1; }), shape_error);
  CHECK_THROWS_WITH(to.assign_shorter(from, [](std::size_t n) { return n + 1; }),
                    "packed layout: 8 tokens become 9, expected no more than before");
  CHECK_THROWS_WITH(
      to.assign_shorter(from, [](std::size_t n) { return n % 4; }),
      "packed layout: a sequence becomes longer, with 1 tokens, than one that was at least as long, "
      "with 0; the new length must not fall where the old one rises");
}
