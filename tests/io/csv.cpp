#include <seqlstm/io/csv.hpp>

#include <map>

#include "support/catch.hpp"
#include "support/gzip.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

using Rows = std::vector<std::vector<std::string>>;

// The message for a file of these bytes, without the path it begins with.
std::string message_for(const std::string& bytes) {
  const support::TemporaryFolder folder;
  const auto path = folder.write("x.csv", bytes);
  const std::string text = message_of<parse_error>([&] { return io::read_csv(path); });
  REQUIRE(text.substr(0, path.size()) == path);
  return text.substr(path.size());
}

}  // namespace

TEST_CASE("CSV with quotes, blank lines, a byte order mark and any line end") {
  const support::TemporaryFolder folder;
  const std::string text =
      "\xEF\xBB\xBFid, sequence ,label\r\n1,ACGT,yes\r\n\r\n   \n\"2, two\",\"say \"\"hi\"\"\nagain\", no "
      "\n3,,";
  for (const bool compressed : {false, true}) {
    const auto table = io::read_csv(folder.write("x.csv", compressed ? support::gzip(text) : text));
    CHECK(table.columns == std::vector<std::string>{"id", "sequence", "label"});
    CHECK(table.rows == Rows{{"1", "ACGT", "yes"}, {"2, two", "say \"hi\"\nagain", "no"}, {"3", "", ""}});
    CHECK(table.lines == std::vector<std::size_t>{2, 5, 7});
    CHECK(table.cell(1, "label") == "no");
    CHECK(table.values("id") == std::vector<std::string>{"1", "2, two", "3"});
  }
}

TEST_CASE("tabs divide .tsv files, and empty cells are cells") {
  const support::TemporaryFolder folder;
  const auto table = io::read_csv(folder.write("x.tsv", "a\tb\tc\n1\t\t2,5\n\t\t\n"));
  CHECK(table.rows == Rows{{"1", "", "2,5"}, {"", "", ""}});
  CHECK(io::delimiter_of("x.tsv.gz") == '\t');
  CHECK(io::delimiter_of("x.csv.gz") == ',');
}

TEST_CASE("a table of column names alone has no rows") {
  const support::TemporaryFolder folder;
  CHECK(io::read_csv(folder.write("x.csv", "a,b\n")).size() == 0);
}

TEST_CASE("a broken table says in which line") {
  CHECK(message_for("") == ":1: the file is empty; expected a line of column names, then rows");
  CHECK(message_for("\n\n") == ":2: the file is empty; expected a line of column names, then rows");
  CHECK(message_for("a,b\n1,2\n\n3\n") ==
        ":4: the row has 1 fields, expected 2 (a, b); add or remove fields, or quote one that holds the "
        "delimiter");
  CHECK(message_for("a,b\n1,2,3\n") ==
        ":2: the row has 3 fields, expected 2 (a, b); add or remove fields, or quote one that holds the "
        "delimiter");
  CHECK(
      message_for("a,b\n1,2\"3\n") ==
      ":2: misplaced quote near column 4; put the whole field into quotes and write each quote in it twice");
  CHECK(
      message_for("a,b\n1,\"2\"3\n") ==
      ":2: misplaced quote near column 6; put the whole field into quotes and write each quote in it twice");
  CHECK(message_for("a,b\n1,2\n1,\"2\nx\n") == ":3: a quoted field of this row never ends; close its quote");
  CHECK(message_for("a,b,a\n") == ":1: column 'a' stands twice in the header; rename one");
}

TEST_CASE("a missing column is an error that lists those there are") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("x.csv", "seq,class\nACGT,1\n");
  const auto table = io::read_csv(path);
  CHECK(table.has("seq"));
  CHECK_FALSE(table.has("sequence"));
  const std::string expected = path + ":1: there is no column 'sequence'; the columns are: seq, class";
  CHECK(message_of<parse_error>([&] { return table.values("sequence"); }) == expected);
  CHECK(message_of<parse_error>([&] { return table.records("sequence"); }) == expected);
  CHECK(message_of<parse_error>([&] { return table.where("sequence", "x"); }) == expected);
}

TEST_CASE("rows become records that know their line") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("x.csv", "name,sequence\na,ACGT\n\nb,AC\n");
  const auto table = io::read_csv(path);
  const auto named = table.records("sequence", "name"), numbered = table.records("sequence");
  CHECK(named[1].id == "b");
  CHECK(named[1].sequence == "AC");
  CHECK(named[1].prefix() == path + ":4: ");
  CHECK(numbered[1].id == "4");
}

TEST_CASE("filter keeps rows by COLUMN=VALUE, with their lines") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("x.csv", "task,label\n1.1,a\n2.1,b\n1.1,c=d\n");
  const auto table = io::read_csv(path);
  const auto part = table.filter("task=1.1");
  CHECK(part.values("label") == std::vector<std::string>{"a", "c=d"});
  CHECK(part.lines == std::vector<std::size_t>{2, 4});
  CHECK(table.filter("label=c=d").size() == 1);
  CHECK(table.where("task", "none").size() == 0);
  CHECK(message_of<option_error>([&] { return table.filter("task"); }) ==
        "filter 'task' is not of the form COLUMN=VALUE");
  CHECK(message_of<option_error>([&] { return table.filter("task=9"); }) ==
        "filter 'task=9' leaves none of the 3 rows of " + path + "; check the value");
}

TEST_CASE("numbers are read whole or not at all") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("x.csv", "good,bad\n1,0.5\n-2.5e-3,0.5x\n");
  const auto table = io::read_csv(path);
  CHECK(table.numbers("good") == std::vector<double>{1, -2.5e-3});
  CHECK(message_of<parse_error>([&] { return table.numbers("bad"); }) ==
        path + ":3: '0.5x' in column 'bad' is not a number; correct the cell or choose another column");
  CHECK_THROWS_AS(io::read_csv(folder.write("y.csv", "a\nnan\n")).numbers("a"), parse_error);
  CHECK_THROWS_AS(io::read_csv(folder.write("y.csv", "a,b\n,1\n")).numbers("a"), parse_error);
}

TEST_CASE("write_csv writes what read_csv reads, with commas and with tabs") {
  const support::TemporaryFolder folder;
  const io::CsvTable table{
      .columns = {"id", "text"},
      .rows = {{"1", "plain"}, {"2", "a,b\tc"}, {"3", " \"quoted\" "}, {"", "two\nlines"}}};
  for (const char* name : {"x.csv", "x.tsv"}) {
    io::write_csv(folder.path(name), table);
    const auto again = io::read_csv(folder.path(name));
    CHECK(again.columns == table.columns);
    CHECK(again.rows == table.rows);
  }
  io::write_csv(folder.path("x.tsv"), {.columns = {"id", "probability"}, .rows = {{"a", "0.5"}}});
  CHECK(support::read_bytes(folder.path("x.tsv")) == "id\tprobability\na\t0.5\n");
  const io::CsvTable single{.columns = {"only"}, .rows = {{""}, {"x"}}};
  io::write_csv(folder.path("y.csv"), single);
  CHECK(io::read_csv(folder.path("y.csv")).rows == single.rows);
}

TEST_CASE("the promoter table has its published rows", "[data]") {
  for (const char* name : {"promoter/ecoli_cds.csv", "promoter/ecoli_cds_shifted.csv"}) {
    const auto path = support::data_file(name);
    if (!path) return;
    const auto table = io::read_csv(*path);
    std::map<std::pair<std::string, std::string>, std::size_t> counts;
    const auto set = table.values("set"), label = table.values("label");
    for (std::size_t i = 0; i < table.size(); ++i) ++counts[{set[i], label[i]}];
    CHECK(counts == decltype(counts){{{"train", "1"}, 3525},
                                     {{"train", "0"}, 3150},
                                     {{"valid", "1"}, 375},
                                     {{"valid", "0"}, 375},
                                     {{"test", "1"}, 415},
                                     {{"test", "0"}, 415}});
  }
}

TEST_CASE("protein tables read from plain and gzip files", "[data]") {
  struct Expected {
    const char* file;
    std::size_t train, valid, test;
  };
  for (const auto& [file, train, valid, test] :
       {Expected{"protein/amp_scanner.csv", 1424, 708, 1424},
        Expected{"protein/targetp2.csv.gz", 7796, 2604, 2605}, Expected{"protein/esol.csv", 2364, 0, 783},
        Expected{"protein/gb1.csv.gz", 2691, 299, 5743}}) {
    const auto path = support::data_file(file);
    if (!path) return;
    INFO(*path);
    const auto table = io::read_csv(*path);
    CHECK(table.where("set", "train").size() == train);
    CHECK(table.where("set", "valid").size() == valid);
    CHECK(table.where("set", "test").size() == test);
    CHECK(table.size() == train + valid + test);
  }
  const auto path = support::data_file("protein/scop_homology.csv.gz");
  if (!path) return;
  CHECK(io::read_csv(*path).size() == 25732 + 14585);
}
