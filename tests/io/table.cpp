#include <seqlstm/io/table.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;

namespace {

const std::string mixed =
    "id,sequence,label,set\na,MKVLAA,1,train\nb,M K V L A A,1,train\nc,\"MKV\nLAA\",1,train\nd, 1 mkvlaa "
    "6,1,train\n"
    "e,MKI LAA,0,train\nf,MKI-LA.A*,0,test\n";

io::TableOptions options_for(const std::string& path) {
  io::TableOptions options;
  options.data = path;
  return options;
}

}  // namespace

TEST_CASE("table: FASTA is known by its first '>', after blanks and comments") {
  const support::TemporaryFolder folder;
  for (const char* text : {">a\nMKV\n", "\n  \n>a\n", "; a comment\n;\n >a\n"})
    CHECK(io::is_fasta(folder.write("x", text)));
  for (const char* text : {"", "\n", "id,sequence\n>a,MKV\n", "; only\n", "a>b\n"})
    CHECK_FALSE(io::is_fasta(folder.write("x", text)));
  const auto table =
      io::detail::fasta_table(folder.write("x", ">a of two\n; comment\n\n M K\nV\n>b\nMK\n"), {});
  CHECK(table.rows == std::vector<std::vector<std::string>>{{"a", "of two", "MKV"}, {"b", "", "MK"}});
  CHECK(table.lines == std::vector<std::size_t>{4, 7});
}

TEST_CASE("table: sequences are their letters, so copies are found in any writing") {
  const support::TemporaryFolder folder;
  auto options = options_for(folder.write("x.csv", mixed));
  CHECK(io::read_table(options).values("sequence") ==
        std::vector<std::string>{"MKVLAA", "MKVLAA", "MKVLAA", "mkvlaa", "MKILAA", "MKI-LA.A*"});
  options.unique = true;
  CHECK(io::read_table(options).values("id") == std::vector<std::string>{"a", "e", "f"});
  CHECK(io::read_table(options).notes == io::Notes{"3 rows repeat a sequence and are left out"});
  io::Notes notes;
  const auto sequences = io::unlabelled_sequences({folder.write("y.csv", mixed + "g,M KILAA,0,test\n"),
                                                   folder.write("z.fa", ">h\n 1 MKVL AA\n>i\n M W W\n")},
                                                  {}, "set", false, notes);
  REQUIRE(sequences.size() == 2);  // MKILAA is in the test part, too
  CHECK(sequences[0].sequence == "MKVLAA");
  CHECK(sequences[1].sequence == "MWW");
  CHECK(notes == io::Notes{"2 sequences of validation and test parts are not read"});
}

TEST_CASE("table: a reader's notes are kept, with control characters escaped") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("x\x1B.csv", "id,sequence,label\na,\"MKV\nb,MKL,1\nMKI\",0\nc,MKK,1\n");
  const auto table = io::read_table(options_for(path));
  CHECK(table.rows[0][1].starts_with("MKVb,MKL,MKI"));
  CHECK(
      table.notes ==
      io::Notes{folder.path("x\\x1B.csv") +
                ":2: a quoted cell of this row spans 3 lines, 1 of which look like rows; is its first quote "
                "meant to be one?"});
}

TEST_CASE("table: labels of a second table, small classes and rows without a label") {
  const support::TemporaryFolder folder;
  io::TableOptions options = options_for(folder.write("x.fa", ">a\nMKV\n>b\nMKL\n>c\nMKI\n>d\nMKM\n"));
  CHECK_THROWS_WITH(io::read_table(options),
                    options.data + ": a FASTA file has no labels; name a table of ids and labels: labels");
  options.labels = folder.write("y.csv", "id,label\na,1\nb,NA\nc,1\nd,2\n");
  CHECK_THROWS_WITH(io::read_table(options),
                    ContainsSubstring("or pass drop_unlabelled to leave such rows out") &&
                        ContainsSubstring("missing \"\" to keep 'NA' as a class"));
  options.drop_unlabelled = true;
  options.min_class_size = 2;
  const auto table = io::read_table(options);
  CHECK(table.values("id") == std::vector<std::string>{"a", "c"});
  CHECK(table.notes ==
        io::Notes{"1 of 4 rows have 'NA' as label and are left out; missing \"\" keeps it as a class",
                  "1 classes with fewer than 2 rows left out, 1 rows in all"});
  options.min_class_size = 9;
  CHECK_THROWS_WITH(io::read_table(options), options.data + ": no row is left; ask for fewer conditions");
}

TEST_CASE("table: spellings of one class") {
  CHECK(io::spelling_notes({"TRUE", "True", "false"}) ==
        io::Notes{"the labels 'TRUE' and 'True' are one class, 'TRUE'"});
  CHECK(io::spelling_notes({"a", "b"}).empty());
}

TEST_CASE("table: notes are there where nothing is left, and name options as they are called") {
  const support::TemporaryFolder folder;
  auto options = options_for(folder.write("x.csv", "sequence,label\nMKV,1\nMKL,NA\nMKI,2\n"));
  options.drop_unlabelled = true;
  options.min_class_size = 5;
  io::Notes notes;
  CHECK_THROWS_AS(io::read_table(options, notes), option_error);
  CHECK(notes.size() == 2);
  options = {};
  options.missing = "?,-";
  options.names.missing = "--missing";
  notes.clear();
  const auto found =
      io::unlabelled_sequences({folder.write("y.csv", "sequence\nMKV\n?\n")}, options, "set", false, notes);
  CHECK(found.size() == 1);
  REQUIRE(notes.size() == 2);
  CHECK(notes[0] == "1 sequences are words of --missing and count as none");
  CHECK_THAT(notes[1], ContainsSubstring("has no column 'set': all its rows are read"));
  CHECK_THROWS_AS(io::unlabelled_sequences({folder.path("y.csv")}, options, "set", true, notes), parse_error);
}
