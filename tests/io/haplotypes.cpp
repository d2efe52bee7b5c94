#include <seqlstm/io/haplotypes.hpp>

#include "support/catch.hpp"
#include "support/gzip.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

const std::string header = "seqlstm-haplotypes\t1\n# a comment\nhaplotypes\t3\noutgroup\t5\n";
const std::string region = "region\tchr1\t100\n";

std::string message(const std::string& text) {
  const support::TemporaryFolder folder;
  const auto path = folder.write("haplotypes.tsv", text);
  const auto what = message_of<parse_error>([&] { static_cast<void>(io::read_haplotypes(path)); });
  REQUIRE(what.starts_with(path));
  return what.substr(path.size());
}

}  // namespace

TEST_CASE("haplotype file: sites and segments of regions, gzip or not") {
  const support::TemporaryFolder folder;
  const std::string text = header + region + "site\t7\t0\t1\t010\nsite\t99\t5\t0\t111\nsegment\t1\t0\t40\n" +
                           "segment\t1\t41\t100\n\nregion\tchr2\t10\n";
  for (const auto& bytes : {text, support::gzip(text)}) {
    const HaplotypePanel panel = io::read_haplotypes(folder.write("haplotypes.tsv", bytes));
    CHECK(panel.haplotypes == 3);
    CHECK(panel.outgroup == 5);
    REQUIRE(panel.regions.size() == 2);
    const HaplotypeRegion& first = panel.regions[0];
    CHECK(first.name == "chr1");
    CHECK(first.length == 100);
    CHECK(first.positions == std::vector<std::size_t>{7, 99});
    CHECK(first.outgroup == std::vector<std::uint32_t>{0, 5});
    CHECK(first.archaic == std::vector<std::uint8_t>{1, 0});
    CHECK(first.alleles == std::vector<std::uint8_t>{0, 1, 0, 1, 1, 1});
    CHECK(first.introgressed ==
          std::vector<std::vector<BaseRange>>{{}, {BaseRange{0, 40}, BaseRange{41, 100}}, {}});
    CHECK(panel.regions[1].sites() == 0);
    CHECK(panel.regions[1].introgressed.size() == 3);
  }
}

TEST_CASE("haplotype file: another format, another version") {
  CHECK_THAT(message(""), ContainsSubstring("no file of haplotypes"));
  CHECK(message(">chr1\n") ==
        ":1: no file of haplotypes: the first line is '>chr1', expected 'seqlstm-haplotypes' and a version "
        "with a tab between them");
  CHECK(message("seqlstm-haplotypes\t2\n") ==
        ":1: version '2', expected 1; write the file again by simulate_ancestry.py");
  CHECK_THAT(message("seqlstm-haplotypes\t1\n"), ContainsSubstring("expected a line 'haplotypes'"));
  CHECK_THAT(message("seqlstm-haplotypes\t1\noutgroup\t1\n"), ContainsSubstring("expected 'haplotypes'"));
}

TEST_CASE("haplotype file: haplotypes of different length, other alleles") {
  CHECK(message(header + region + "site\t7\t0\t1\t01\n") ==
        ":6: 2 alleles, expected 3, one for each haplotype");
  CHECK(message(header + region + "site\t7\t0\t1\t012\n") ==
        ":6: the allele of haplotype 2 is '2', expected 0 or 1");
  CHECK(message(header + region + "site\t7\t0\t.\t010\n") ==
        ":6: the archaic allele is '.', expected 0 or 1");
  CHECK(message(header + region + "site\t7\t6\t1\t010\n") ==
        ":6: outgroup is '6', expected a whole number from 0 to 5");
}

TEST_CASE("haplotype file: an empty reference") {
  CHECK(message("seqlstm-haplotypes\t1\nhaplotypes\t3\noutgroup\t0\n") ==
        ":3: outgroup is 0, expected at least 1: an empty reference tells nothing apart");
  CHECK_THAT(message(header + region + "site\t7\t0\t0\t010\n"),
             ContainsSubstring(":6: the archaic reference is empty"));
}

TEST_CASE("haplotype file: places that cannot be") {
  CHECK_THAT(message(header), ContainsSubstring("the file has no region"));
  CHECK_THAT(message(header + "site\t7\t0\t1\t010\n"), ContainsSubstring(":5: no region yet"));
  CHECK_THAT(message(header + "sites\n"), ContainsSubstring("expected region, site or segment"));
  CHECK(message(header + "region\tchr1\t0\n") == ":5: length is 0, expected at least 1 base");
  CHECK(message(header + "region\tchr1\n") == ":5: a region of 2 cells, expected 3 with tabs between them");
  CHECK(message(header + region + "site\t100\t0\t1\t010\n") ==
        ":6: position 100 of a region of 100 bases, which are counted from 0");
  CHECK(message(header + region + "site\t7\t0\t1\t010\nsite\t7\t0\t1\t010\n") ==
        ":7: position 7 after 7, expected rising positions");
  CHECK_THAT(message(header + region + "site\t-7\t0\t1\t010\n"), ContainsSubstring("position is '-7'"));
  CHECK_THAT(message(header + region + "segment\t3\t0\t10\n"), ContainsSubstring("haplotype is '3'"));
  CHECK_THAT(message(header + region + "segment\t0\t0\t101\n"), ContainsSubstring("end is '101'"));
  CHECK_THAT(message(header + region + "segment\t0\t10\t10\n"), ContainsSubstring("an end after its begin"));
  CHECK_THAT(message(header + region + "segment\t0\t5\t10\nsegment\t0\t10\t11\n"),
             ContainsSubstring(":7: a segment from 10 after one to 10"));
}
