#include <seqlstm/io/pore_model.hpp>

#include "support/catch.hpp"
#include "support/gzip.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

const std::string header = "kmer\tlevel_mean\tlevel_stdv\tsd_mean\tweight\n";
const std::string rows = "C\t80.5\t1.5\t1\t9\nA\t70\t1\t2\tx\nG\t90\t2\t3\t\nT\t1e2\t.5\t4\t0\n";

std::string message(const std::string& text) {
  const support::TemporaryFolder folder;
  const auto path = folder.write("pore.tsv", text);
  const auto what = message_of<parse_error>([&] { static_cast<void>(io::read_pore_model(path)); });
  REQUIRE(what.starts_with(path));
  return what.substr(path.size());
}

}  // namespace

TEST_CASE("pore model file: levels and deviations by k-mer, in any order, gzip or not") {
  const support::TemporaryFolder folder;
  const std::string text = "# R9\n\n" + header + rows;
  for (const auto& bytes : {text, support::gzip(text)}) {
    const PoreModel model = io::read_pore_model(folder.write("pore.tsv", bytes));
    CHECK(model.k == 1);
    CHECK(model.level == std::vector<double>{70, 80.5, 90, 100});
    CHECK(model.level_deviation == std::vector<double>{1, 1.5, 2, 0.5});
    CHECK(model.deviation == std::vector<double>{2, 1, 3, 4});
  }
}

TEST_CASE("pore model file: what is wrong is named with its line") {
  CHECK_THAT(message(""), ContainsSubstring("no table"));
  CHECK(message("kmer\tmean\n").starts_with(":1: there is no column 'level_mean'"));
  CHECK_THAT(message(header), ContainsSubstring("the table has no k-mer"));
  CHECK(message(header + "A\t1\t1\n").starts_with(":2: 3 cells, but the header names 5 columns"));
  CHECK(message(header + rows + "AC\t1\t1\t1\t1\n") == ":6: k-mer 'AC' has 2 letters, those before have 1");
  CHECK(message(header + "N\t1\t1\t1\t1\n") == ":2: k-mer 'N' has other letters than A, C, G and T");
  CHECK(message(header + rows + "G\t1\t1\t1\t1\n") == ":6: k-mer G stands on line 4 already");
  CHECK(message(header + "A\tx\t1\t1\t1\n") == ":2: level_mean is 'x', expected a finite number");
  CHECK(message(header + "A\t1\tinf\t1\t1\n") == ":2: level_stdv is 'inf', expected a finite number");
  CHECK(message(header + "A\t1\t1\t0\t1\n") == ":2: sd_mean is '0', expected a number above 0");
  CHECK(message(header + "A\t1\t-1\t1\t1\n") == ":2: level_stdv is '-1', expected 0 or more");
  CHECK(message(header + "ACGTACGTACG\t1\t1\t1\t1\n") ==
        ":2: 'ACGTACGTACG' has 11 letters, expected a k-mer of 1 to 10");
  CHECK(message(header + "A\t1\t1\t1\t1\nT\t1\t1\t1\t1\n") ==
        ":3: the table ends, and 2 of the 4 k-mers are missing, the first of them C");
}

TEST_CASE("pore model file: R9.4 of Oxford Nanopore", "[data]") {
  const auto path = support::data_file("signal/r9.4_6mer_levels.tsv.gz");
  if (!path) return;
  const PoreModel model = io::read_pore_model(*path);
  CHECK(model.k == 6);
  CHECK(model.level[0] == 86.486336);
  CHECK_NOTHROW(model.check());
}
