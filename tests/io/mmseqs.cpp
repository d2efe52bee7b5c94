#include <seqlstm/io/mmseqs.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("mmseqs: peptides too short for it join clusters by their k-mers", "[optional]") {
  const std::vector<std::string> peptides = {"MKVLAAGI", "MKVLAAGY", "WWYHPQ", "WWYHP", "WWYHP"};
  if (!io::on_path("mmseqs")) {
    support::skip("mmseqs is not installed");
    return;
  }
  std::size_t too_short = 0;
  const auto clusters = io::mmseqs_clusters(peptides, 0.3, SequenceType::protein, 1, too_short);
  CHECK(too_short == 5);
  CHECK(clusters.of_row == std::vector<std::size_t>{0, 0, 1, 2, 2});
}

TEST_CASE("mmseqs: the nearest relative of each test sequence, by alignment", "[optional]") {
  if (!io::on_path("mmseqs")) {
    support::skip("mmseqs is not installed");
    return;
  }
  const std::string sequence = "MKVLAAGIVGLCWDEFHNPQRSTYMKVWLLERADCGHIKLMNPQRSTVWY";
  std::string near = sequence;
  near[10] = 'A';
  const std::vector<std::string> trained = {"GHKPRSTVMKLAYCDEWWYHPQMKILTREDCVNFSAGHKPLKMNVCRTEWQ", near},
                                 test = {sequence, "MKV"};
  std::size_t repetitive = 0;
  const auto found = io::mmseqs_relatives(test, trained, 1, 0.3, SequenceType::protein, repetitive);
  REQUIRE(found.size() == 2);
  CHECK(found[0].row == 1);
  CHECK(found[0].identity > 0.9);
  CHECK(found[0].coverage > 0.9);
  CHECK(found[1].row == Relative::none);  // too short to be searched
  CHECK(repetitive == 0);
}
