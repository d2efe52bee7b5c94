// What language models read of files.
#include "support/contig_files.hpp"

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;

TEST_CASE("contigs: no piece ends at layout, in FASTA and in tables") {
  const support::TemporaryFolder folder;
  const std::vector<std::string> files = {
      folder.write("x.fa", "; genome\n>a\n        1 ACGTACGT ACGT\n       13 ACNNGT 18\n>b\n  TTTT\n  GG\n"),
      folder.write("x.csv", "sequence\nAC GT\n")};
  const auto contigs = examples::read_contigs(files, {}, dna4);
  CHECK(contigs.pieces == std::vector<std::string>{"ACGT", "ACGTACGTACGTAC", "GT", "TTTTGG"});
  CHECK(contigs.unknown_letters == 2);
}

TEST_CASE("contigs: the checksum follows letters and where pieces end") {
  using examples::checksum;
  CHECK(checksum({"ACGT"}) == 0x81127222U);  // zlib's of the four letters and a 0
  CHECK(checksum({"ACGT"}) != checksum({"ACGA"}));
  CHECK(checksum({"ACG", "T"}) != checksum({"AC", "GT"}));
  CHECK(checksum({"ACGT"}) != checksum({"AC", "GT"}));
}
