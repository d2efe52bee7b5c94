// What programs read of tables and FASTA: letters, whatever the writing, and the notes of readers.
#include "../../examples/programs/support/table_source.hpp"

#include "../../examples/programs/support/contig_files.hpp"

#include <sstream>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;

namespace {

const std::string mixed =
    "id,sequence,label,set\na,MKVLAA,1,train\nb,M K V L A A,1,train\nc,\"MKV\nLAA\",1,train\nd, 1 mkvlaa "
    "6,1,train\n"
    "e,MKI LAA,0,train\nf,MKI-LA.A*,0,test\n";

examples::TableOptions options_for(const std::string& path) {
  examples::TableOptions options;
  options.data = path;
  return options;
}

}  // namespace

TEST_CASE("table: FASTA is known by its first '>', after blanks and comments") {
  const support::TemporaryFolder folder;
  for (const char* text : {">a\nMKV\n", "\n  \n>a\n", "; a comment\n;\n >a\n"})
    CHECK(examples::detail::is_fasta(folder.write("x", text)));
  for (const char* text : {"", "\n", "id,sequence\n>a,MKV\n", "; only\n", "a>b\n"})
    CHECK_FALSE(examples::detail::is_fasta(folder.write("x", text)));
  const auto table =
      examples::detail::fasta_table(folder.write("x", ">a of two\n; comment\n\n M K\nV\n>b\nMK\n"), {});
  CHECK(table.rows == std::vector<std::vector<std::string>>{{"a", "of two", "MKV"}, {"b", "", "MK"}});
  CHECK(table.lines == std::vector<std::size_t>{4, 7});
}

TEST_CASE("table: sequences are their letters, so copies are found in any writing") {
  const support::TemporaryFolder folder;
  std::ostringstream out;
  auto options = options_for(folder.write("x.csv", mixed));
  CHECK(examples::read_table(options, out).values("sequence") ==
        std::vector<std::string>{"MKVLAA", "MKVLAA", "MKVLAA", "mkvlaa", "MKILAA", "MKI-LA.A*"});
  options.unique = true;
  CHECK(examples::read_table(options, out).values("id") == std::vector<std::string>{"a", "e", "f"});
  CHECK_THAT(out.str(), ContainsSubstring("note: 3 rows repeat a sequence"));
  out.str("");
  const auto sequences =
      examples::unlabelled_sequences({folder.write("y.csv", mixed + "g,M KILAA,0,test\n"),
                                      folder.write("z.fa", ">h\n 1 MKVL AA\n>i\n M W W\n")},
                                     "sequence", "set", false, {}, out);
  REQUIRE(sequences.size() == 2);  // MKILAA is in the test part, too
  CHECK(sequences[0].sequence == "MKVLAA");
  CHECK(sequences[1].sequence == "MWW");
}

TEST_CASE("table: a reader's notes are printed, with control characters escaped") {
  const support::TemporaryFolder folder;
  std::ostringstream out;
  const auto path = folder.write("x\x1B.csv", "id,sequence,label\na,\"MKV\nb,MKL,1\nMKI\",0\nc,MKK,1\n");
  const auto table = examples::read_table(options_for(path), out);
  CHECK(table.notes.empty());
  CHECK(table.rows[0][1].starts_with("MKVb,MKL,MKI"));
  CHECK(out.str() ==
        "note: " + folder.path("x\\x1B.csv") +
            ":2: a quoted cell of this row spans 3 lines, 1 of which look like rows; is its first quote "
            "meant to be one?\n");
}

TEST_CASE("contigs: no piece ends at layout, in FASTA and in tables") {
  const support::TemporaryFolder folder;
  const std::vector<std::string> files = {
      folder.write("x.fa", "; genome\n>a\n        1 ACGTACGT ACGT\n       13 ACNNGT 18\n>b\n  TTTT\n  GG\n"),
      folder.write("x.csv", "sequence\nAC GT\n")};
  const auto contigs = examples::read_contigs(files, {}, dna4);
  CHECK(contigs.pieces == std::vector<std::string>{"ACGT", "ACGTACGTACGTAC", "GT", "TTTTGG"});
  CHECK(contigs.unknown_letters == 2);
}
