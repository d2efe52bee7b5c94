#include <seqlstm/data/mutated_reads.hpp>

#include <algorithm>
#include <seqlstm/core/error.hpp>
#include <seqlstm/data/simulated.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

ReadSimulator simulator_of(std::size_t read, std::size_t window) {
  const std::vector<std::string> dna = {simulated_genome(20000, 1), "ACGT", simulated_genome(3000, 2)};
  return {dna, {read, window}};
}

/// What happened to the bases of many reads, by their origins.
struct Counts {
  double bases = 0, substitutions = 0, insertions = 0, deletions = 0;
};
Counts counts_of(const ReadSimulator& simulator, const MutationOptions& mutations, std::size_t reads) {
  Counts counts;
  for (std::size_t record = 0; record < reads; ++record) {
    const auto made = simulator.read(mutations, {3, 1, 0}, record);
    REQUIRE(made.read.size() == simulator.lengths().read);
    REQUIRE(made.origins.size() == made.read.size());
    REQUIRE(made.window.size() == simulator.lengths().window);
    std::int32_t before = -1;
    bool rises = true;
    for (std::size_t i = 0; i < made.read.size(); ++i) {
      const std::int32_t origin = made.origins[i];
      if (origin < 0) {
        ++counts.insertions;
        continue;
      }
      rises = rises && origin > before;
      if (static_cast<std::size_t>(origin) >= made.window.size()) FAIL("an origin outside the window");
      if (before >= 0) counts.deletions += origin - before - 1;
      before = origin;
      ++counts.bases;
      counts.substitutions += made.window[static_cast<std::size_t>(origin)] == made.read[i] ? 0 : 1;
    }
    REQUIRE(rises);
  }
  return counts;
}

}  // namespace

TEST_CASE("mutated_reads: changes are as frequent as asked for") {
  // Long reads: deletions before the first base and after the last one are not seen.
  const std::vector<std::string> dna = {simulated_genome(100000, 1)};
  const ReadSimulator simulator(dna, {20000, 40000});
  const auto counts = counts_of(simulator, {.divergence = 0.2, .indel_share = 0.25}, 100);
  const double passed = counts.bases + counts.deletions, p = 0.025;
  CHECK(counts.substitutions / passed == Approx(0.15).epsilon(0.01));
  CHECK(counts.insertions / passed == Approx(p / (1 - p)).epsilon(0.02));
  CHECK(counts.deletions / passed == Approx(p).epsilon(0.02));
  const auto indels = counts_of(simulator, {.divergence = 0.5, .indel_share = 1}, 100);
  CHECK(indels.substitutions == 0);
  CHECK(indels.insertions / (indels.bases + indels.deletions) == Approx(0.25 / 0.75).epsilon(0.01));
  CHECK(indels.deletions / (indels.bases + indels.deletions) == Approx(0.25).epsilon(0.01));
}

TEST_CASE("mutated_reads: without changes a read is a part of its window, at any place") {
  const auto simulator = simulator_of(20, 30);
  std::vector<int> starts(11);
  for (std::size_t record = 0; record < 2000; ++record) {
    const auto made = simulator.read({.divergence = 0}, {3, 1, 0}, record);
    const auto start = static_cast<std::size_t>(made.origins[0]);
    REQUIRE(start < starts.size());
    ++starts[start];
    for (std::size_t i = 0; i < 20; ++i) {
      REQUIRE(made.origins[i] == made.origins[0] + static_cast<std::int32_t>(i));
      REQUIRE(made.read[i] == made.window[start + i]);
    }
  }
  for (const int count : starts) CHECK(count == Approx(2000.0 / 11).margin(50));
}

TEST_CASE("mutated_reads: a window as long as the read has room for no deletion") {
  const auto counts = counts_of(simulator_of(50, 50), {.divergence = 0.5, .indel_share = 1}, 200);
  CHECK(counts.insertions > 0);
  CHECK(counts.substitutions == 0);
  CHECK(counts.bases + counts.insertions == 50 * 200);
}

TEST_CASE("mutated_reads: both strands are read, and a read is a function of key and record") {
  const std::vector<std::string> dna = {std::string(5000, 'A')};
  const ReadSimulator simulator(dna, {10, 20});
  std::size_t forward = 0;
  for (std::size_t record = 0; record < 400; ++record)
    forward += simulator.read({.divergence = 0}, {1, 1, 0}, record).read[0] == 0 ? 1 : 0;
  CHECK(forward == Approx(200).margin(40));
  const auto real = simulator_of(100, 300);
  const auto once = real.read({}, {1, 2, 3}, 7), again = real.read({}, {1, 2, 3}, 7),
             other = real.read({}, {1, 2, 4}, 7);
  CHECK(once.read == again.read);
  CHECK(once.window == again.window);
  CHECK(once.origins == again.origins);
  CHECK(once.window != other.window);
}

TEST_CASE("mutated_reads: mistakes are named") {
  CHECK_THROWS_WITH(
      simulator_of(10, 9),
      "mutated reads: reads of 10 bases in windows of 9, expected at least 1, and windows of at "
      "least as many and at most 1,000,000");
  CHECK_THROWS_AS(simulator_of(0, 9), option_error);
  const std::vector<std::string> dna = {"ACGTACGT", "ACG"}, letters = {"ACGTNCGT"};
  CHECK_THROWS_WITH(ReadSimulator(dna, {4, 5}),
                    "mutated reads: windows of 5 bases are drawn from stretches of twice as many, the "
                    "longest of 2 has 8; choose shorter windows");
  CHECK_THROWS_AS(ReadSimulator(letters, {2, 4}), token_error);
  const auto simulator = simulator_of(10, 20);
  CHECK_THROWS_WITH(simulator.read({.divergence = 0.6}, {}, 0),
                    "mutated reads: the divergence is 0.600000, expected 0 to 0.5 changes for each base");
  CHECK_THROWS_WITH(simulator.read({.indel_share = -1}, {}, 0),
                    "mutated reads: the share of indels is -1.000000, expected 0 to 1");
}
