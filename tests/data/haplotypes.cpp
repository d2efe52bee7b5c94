#include <seqlstm/data/haplotypes.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

/// Two haplotypes, windows of 10 bases: every kind of site once.
HaplotypeRegion region() {
  HaplotypeRegion made;
  made.name = "r";
  made.length = 25;
  made.positions = {0, 3, 9, 10, 12, 13, 24};
  made.outgroup = {0, 0, 0, 2, 3, 50, 0};
  made.archaic = {0, 1, 1, 1, 1, 0, 1};
  made.alleles = {1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 1, 1};
  made.introgressed = {{{2, 8}, {9, 21}}, {}};
  return made;
}

float at(const std::vector<float>& counts, std::size_t window, WindowCount column) {
  return counts[window * window_count_columns + static_cast<std::size_t>(column)];
}

}  // namespace

TEST_CASE("haplotypes: sites of each kind are counted by window") {
  const auto counts = window_counts(region(), 0, 40, 10);
  REQUIRE(counts.size() == 3 * window_count_columns);
  CHECK(at(counts, 0, WindowCount::private_alleles) == 2);
  CHECK(at(counts, 0, WindowCount::matches) == 1);
  CHECK(at(counts, 0, WindowCount::misses) == 1);
  CHECK(at(counts, 1, WindowCount::private_alleles) == 0);
  CHECK(at(counts, 1, WindowCount::rare_matches) == 1);  // 2 of 40 are 5 %
  CHECK(at(counts, 1, WindowCount::shared_matches) == 1);
  CHECK(at(counts, 1, WindowCount::shared_alleles) == 1);
  CHECK(at(counts, 2, WindowCount::matches) == 1);
  const auto other = window_counts(region(), 1, 40, 10);
  CHECK(at(other, 0, WindowCount::private_alleles) == 1);
  CHECK(at(other, 0, WindowCount::misses) == 1);
  CHECK(at(other, 1, WindowCount::shared_alleles) == 0);
}

TEST_CASE("haplotypes: introgressed bases by window, and the distance to the archaic genome") {
  CHECK(introgressed_bases(region(), 0, 10) == std::vector<std::size_t>{7, 10, 1});
  CHECK(introgressed_bases(region(), 1, 10) == std::vector<std::size_t>{0, 0, 0});
  // Of 0 to 10 haplotype 0 differs at 0 and 9.
  CHECK(archaic_divergence(region(), 0, {0, 10}) == 0.2);
  CHECK(archaic_divergence(region(), 0, {5, 5}) == 0);
  CHECK(archaic_divergence(region(), 1, {10, 20}) == 0.2);
}

TEST_CASE("haplotypes: what a region does not have is refused") {
  CHECK(message_of<option_error>([] { static_cast<void>(window_counts(region(), 7, 40, 10)); }) ==
        "haplotype 7 of 2, which are counted from 0");
  CHECK_THROWS_AS(introgressed_bases(region(), 7, 10), option_error);
  CHECK_THROWS_AS(archaic_divergence(region(), 7, {0, 10}), option_error);
  auto longer = region();
  longer.positions.back() = longer.length;
  CHECK_THAT(message_of<option_error>([&] { static_cast<void>(window_counts(longer, 0, 40, 10)); }),
             ContainsSubstring("of the region '"));
  auto beyond = region();
  beyond.introgressed[0].back().end = beyond.length + 1;
  CHECK_THROWS_AS(introgressed_bases(beyond, 0, 10), option_error);
}

TEST_CASE("haplotypes: windows") {
  CHECK(window_number(region(), 10) == 3);
  CHECK(window_number(region(), 25) == 1);
  CHECK(message_of<option_error>([] { static_cast<void>(window_number(region(), 0)); }) ==
        "windows of 0 bases; expected at least 1");
}
