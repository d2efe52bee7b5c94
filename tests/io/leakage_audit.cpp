#include <seqlstm/io/leakage_audit.hpp>

#include <sstream>

#include "support/catch.hpp"

using namespace seqlstm;
using io::AuditMethod;

namespace {

const std::string protein = "MKVLAAGIVGLCWDEFHNPQRSTYMKVWLLERADCGHIKLMNPQRSTVWY",
                  other = "GHKPRSTVMKLAYCDEWWYHPQMKILTREDCVNFSAGHKPLKMNVCRTEWQ";

}  // namespace

TEST_CASE("leakage audit: by k-mers, whatever the case, with a sentence and bands") {
  const auto found =
      io::audit(AuditMethod::kmers, {"mkvlaagivglcwdefhnpqrstymkvwllerADCGHIKLMNPQRSTVWY*", "YYYPL"},
                {other, protein}, 1);
  CHECK_FALSE(found.aligned);
  REQUIRE(found.relatives.size() == 2);
  CHECK(found.relatives[0].identity == 1);
  CHECK(found.relatives[0].row == 1);
  CHECK(found.leaks() == 1);
  CHECK(found.clean() == std::vector<std::size_t>{1});
  CHECK(found.sentence() ==
        "1 of 2 test sequences have a sequence that shares more than 30 % of its 6-mers in training or "
        "validation");
  std::ostringstream text;
  text << found;
  CHECK_THAT(text.str(), ContainsSubstring("leakage audit of 2 test sequences against training and"));
  CHECK_THAT(text.str(), ContainsSubstring(" %       1\n"));
  const auto bands = found.bands();
  CHECK(bands.front().rows == std::vector<std::size_t>{1});
  CHECK(bands.back().rows == std::vector<std::size_t>{0});
}

TEST_CASE("leakage audit: copies that a search passes over, on the other strand too") {
  const auto proteins = io::audit(AuditMethod::kmers, {"MKV", "WWW"}, {"MKVLA"}, 1);
  CHECK(proteins.copies == 1);  // too short for a 6-mer
  CHECK(proteins.relatives[0].row == 0);
  CHECK(proteins.relatives[1].row == Relative::none);
  const auto dna = io::audit(AuditMethod::kmers, {"aacguu"}, {"AACGTT", "GGG"}, 1, 0.3, SequenceType::dna);
  CHECK(dna.copies == 1);
  const auto strand = io::audit(AuditMethod::kmers, {"TTTTG"}, {"ACAAAAC"}, 1, 0.3, SequenceType::dna);
  CHECK(strand.relatives[0].identity == 1);
}

TEST_CASE("leakage audit: a word names the method, another one is refused") {
  CHECK(io::audit_method("kmers") == AuditMethod::kmers);
  CHECK(io::audit_method("auto") == AuditMethod::best_available);
  CHECK_THROWS_WITH(io::audit_method("blast"), "audit 'blast' is not known; expected mmseqs, kmers or auto");
}

TEST_CASE("leakage audit: mmseqs finds what k-mers do not share") {
  if (!io::on_path("mmseqs")) {
    CHECK(io::audit(AuditMethod::best_available, {protein}, {other}, 1).aligned == false);
    CHECK_THROWS_WITH(
        io::audit(AuditMethod::mmseqs, {protein}, {other}, 1),
        ContainsSubstring(
            "mmseqs is not installed (package mmseqs2); install it, or compare k-mers instead"));
    return;
  }
  std::string distant = protein;
  for (std::size_t i = 4; i < distant.size(); i += 5) distant[i] = distant[i] == 'A' ? 'S' : 'A';
  const auto by_words = io::audit(AuditMethod::kmers, {protein}, {distant}, 1);
  CHECK(by_words.leaks() == 0);
  const auto aligned = io::audit(AuditMethod::best_available, {protein, "MKVLA"}, {distant, "MKVLAAG"}, 1);
  CHECK(aligned.aligned);
  CHECK(aligned.leaks(0));
  CHECK(aligned.relatives[0].identity == Approx(0.8).margin(0.05));
  CHECK(aligned.leaks(1));  // a piece, too short to be searched
  CHECK_THAT(aligned.method(), ContainsSubstring("mmseqs -s 7.5"));
  CHECK(io::mean_coverage(aligned, std::vector<std::size_t>{0}) > 0.9);
}
