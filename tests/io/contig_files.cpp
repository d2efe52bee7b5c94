#include <seqlstm/io/contig_files.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

TEST_CASE("contigs: no piece ends at layout, in FASTA and in tables") {
  const support::TemporaryFolder folder;
  const std::vector<std::string> files = {
      folder.write("x.fa", "; genome\n>a\n        1 ACGTACGT ACGT\n       13 ACNNGT 18\n>b\n  TTTT\n  GG\n"),
      folder.write("x.csv", "sequence\nAC GT\n")};
  io::Notes notes;
  const auto contigs = io::read_contigs(files, {}, "set", false, dna4, notes);
  CHECK(contigs.pieces == std::vector<std::string>{"ACGT", "ACGTACGTACGTAC", "GT", "TTTTGG"});
  CHECK(contigs.unknown_letters == 2);
  REQUIRE(notes.size() == 1);
  CHECK_THAT(notes[0], ContainsSubstring("x.csv has no column 'set': all its rows are read"));
}

TEST_CASE("contigs: of a table with parts the training part is read, and no letter at all is an error") {
  const support::TemporaryFolder folder;
  io::Notes notes;
  const auto table = folder.write("x.tsv", "sequence\tset\nACGT\ttrain\nTTTT\ttest\n");
  CHECK(io::read_contigs({table}, {}, "set", true, dna4, notes).pieces == std::vector<std::string>{"ACGT"});
  const auto proteins = folder.write("p.fa", ">p\nQQQEEE\n");
  CHECK_THAT(message_of<token_error>([&] { io::read_contigs({proteins}, {}, "set", false, dna4, notes); }),
             ContainsSubstring(
                 "p.fa: no known letter of alphabet dna4 (ACGT); check the file, or name its alphabet"));
}

TEST_CASE("contigs: tables are told by their names") {
  CHECK(io::is_table("a.csv"));
  CHECK(io::is_table("a.tsv.gz"));
  CHECK(io::is_table("a.tab"));
  CHECK_FALSE(io::is_table("a.fa.gz"));
}

TEST_CASE("contigs: the checksum follows letters and where pieces end") {
  using io::checksum;
  CHECK(checksum({"ACGT"}) == 0x81127222U);  // zlib's of the four letters and a 0
  CHECK(checksum({"ACGT"}) != checksum({"ACGA"}));
  CHECK(checksum({"ACG", "T"}) != checksum({"AC", "GT"}));
  CHECK(checksum({"ACGT"}) != checksum({"AC", "GT"}));
}
