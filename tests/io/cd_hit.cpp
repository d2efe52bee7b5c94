#include <seqlstm/io/cd_hit.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("cd-hit: what it does not read stays, unless its k-mers show a copy", "[optional]") {
  if (!io::on_path("cd-hit")) {
    support::skip("cd-hit is not installed");
    return;
  }
  const std::vector<std::string> sequences = {"MKVLAAGIVGLCWDEFHNPQRSTYMKVW",   // 0
                                              "MKVLAAGIVGLCWDEFHNPQRSTYMKVWA",  // 1: the longer copy
                                              "WWYHPQMKIL*TREDCVNFSAGHK",       // 2: a stop inside
                                              "WWYHPQMKIL*TREDCVNFSAGHK",       // 3: its copy
                                              "YYPLMK",                         // 4: a peptide
                                              "GIVGLCWDEF",                     // 5: a piece of 1
                                              "YYPLM",
                                              "YYPLM",
                                              "GHK-PRSTVMKLAYCDE"};
  const auto found = io::without_copies(sequences, 0.95, SequenceType::protein, 1);
  CHECK(found.kept == std::vector<std::size_t>{1, 2, 4, 6, 8});
  CHECK(found.unread == 7);
  CHECK(found.unread_copies == 3);
}

TEST_CASE("cd-hit: words for thresholds, and the lowest threshold") {
  CHECK(io::detail::word_size(0.95, SequenceType::protein) == "5");
  CHECK(io::detail::word_size(0.65, SequenceType::protein) == "4");
  CHECK(io::detail::word_size(0.5, SequenceType::protein) == "3");
  CHECK(io::detail::word_size(0.4, SequenceType::protein) == "2");
  CHECK(io::detail::word_size(0.95, SequenceType::dna) == "10");
  CHECK(io::detail::word_size(0.8, SequenceType::dna) == "5");
  CHECK(io::lowest_cd_hit_identity(SequenceType::protein) == 0.4);
  CHECK(io::lowest_cd_hit_identity(SequenceType::dna) == 0.8);
}
