#include <seqlstm/io/csv.hpp>

#include <algorithm>
#include <map>

#include "support/catch.hpp"
#include "support/gzip.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
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

TEST_CASE("between tabs a quote is a character") {
  const support::TemporaryFolder folder;
  const auto table = io::read_csv(
      folder.write("x.tsv", "id\tname\n1\t5\" end\n2\t\"never closed\n3\t\"a, b\"\n4\t  \"\"  \n"));
  CHECK(table.rows == Rows{{"1", "5\" end"}, {"2", "\"never closed"}, {"3", "\"a, b\""}, {"4", "\"\""}});
  CHECK(table.lines == std::vector<std::size_t>{2, 3, 4, 5});
  CHECK(table.notes.empty());
  const auto path = folder.write("y.tsv", "a\tb\n1\n");
  CHECK(message_of<parse_error>([&] { io::read_csv(path); }) ==
        path + ":2: the row has 1 fields, expected 2 (a, b); add or remove fields");
}

TEST_CASE("quoted cells of many lines, or over lines that look like rows, get a note") {
  const support::TemporaryFolder folder;
  const auto notes = [&](const std::string& text) { return io::read_csv(folder.write("x.csv", text)).notes; };
  const auto path = folder.path("x.csv");
  CHECK(notes("a,b\n1,\"two\nlines\"\n").empty());
  CHECK(notes("a,b\n1,\"x\n2,y\n3,z\"\n") ==
        std::vector<std::string>{path +
                                 ":2: a quoted cell of this row spans 3 lines, 1 of which look like rows; is "
                                 "its first quote meant to be one?"});
  std::string ten, eleven;
  for (int i = 0; i < 10; ++i) ten += "ACGT\n";
  eleven = ten + "ACGT\n";
  CHECK(notes("a,b\n1,\"" + ten.substr(0, 49) + "\"\n").empty());
  CHECK(notes("a,b\n1,x\n1,\"" + eleven.substr(0, 54) + "\"\n2,\"" + eleven + "\"\n") ==
        std::vector<std::string>{
            path + ":3: a quoted cell of this row spans 11 lines, as do cells of 1 other rows; is "
                   "its first quote meant to be one?"});
}

TEST_CASE("sequences of cells are their letters") {
  const support::TemporaryFolder folder;
  const auto path = folder.write(
      "x.csv",
      "id,sequence\na,MKVLAA\nb,\"MKV\nLAA\"\nc,M K V L A A\nd,1 MKV LAA 6\ne,\" MKVLAA\t\"\nf,12\n");
  auto table = io::read_csv(path);
  const auto records = table.records("sequence", "id");
  for (std::size_t i = 0; i < 5; ++i) CHECK(records[i].sequence == "MKVLAA");
  CHECK(records[5].sequence.empty());
  CHECK(records[2].line == 5);
  table.keep_letters("sequence");
  for (std::size_t i = 0; i < 5; ++i) CHECK(table.cell(i, "sequence") == "MKVLAA");
  CHECK(table.values("id") == std::vector<std::string>{"a", "b", "c", "d", "e", "f"});
  const auto numbers = io::read_csv(folder.write("y.csv", "sequence\nA\n0.1234567890123456789012\n"));
  CHECK(message_of<parse_error>([&] { return numbers.records("sequence"); }) ==
        folder.path("y.csv") +
            ":3: '0.1234567890123456789012' in column 'sequence' is mostly digits, expected "
            "letters; is it the column of the sequences?");
}

TEST_CASE("a delimiter at the end of lines is no column") {
  const support::TemporaryFolder folder;
  const std::vector<std::string> columns = {"a", "b"};
  const Rows rows = {{"1", "2"}, {"3", ""}};
  for (const char* text : {"a,b\n1,2\n3,\n", "a,b,\n1,2,\n3,,\n", "a,b\n1,2,\n3,,\n", "a,b,\n1,2\n3,\n",
                           "a,b,,,\n1,2,,,\n3,,,,\n", "a,b\n1,2,,\n3,,,\n"}) {
    INFO(text);
    const auto table = io::read_csv(folder.write("x.csv", text));
    CHECK(table.columns == columns);
    CHECK(table.rows == rows);
    std::string tabs = text;
    std::replace(tabs.begin(), tabs.end(), ',', '\t');
    CHECK(io::read_csv(folder.write("x.tsv", tabs)).rows == rows);
  }
  // Where only some rows have it, it may be an unquoted comma before an empty cell.
  const std::string width =
      "fields, expected 2 (a, b); add or remove fields, or quote one that holds the delimiter";
  CHECK(message_for("a,b\n1,2\n3,4,\n") == ":3: the row has 3 " + width);
  CHECK(message_for("a,b\n3,4,\n1,2\n") == ":2: the row has 3 " + width);
  CHECK(message_for("a,b\n3,4,\n1,2,,\n") == ":2: the row has 3 " + width);
  CHECK_THAT(message_for("a,b,\n1,2\n3,4,5\n"), StartsWith(":2: the row has 2 fields, expected 3"));
  CHECK_THAT(message_for("a,b,,\n1,2,3,\n"), StartsWith(":1: column '' stands twice"));
  // A column without a name but with cells stays.
  const auto unnamed = io::read_csv(folder.write("x.csv", ",a,\n0,1,x\n"));
  CHECK_FALSE(unnamed.columns.empty());
}

TEST_CASE("a table without a header is told from one") {
  const support::TemporaryFolder folder;
  const auto message = [&](const std::string& text, const char* column = "sequence") {
    const auto path = folder.write("x.csv", text);
    return message_of<parse_error>([&] { return io::read_csv(path).values(column); }).substr(path.size());
  };
  CHECK(message("p1,MKVLAAGIVRAMKVLAAGIV,yes\n") ==
        ":1: there is no column 'sequence'; the columns are: p1, MKVLAAGIVRAMKVLAAGIV, yes: this looks like "
        "a row; put "
        "a line with the names of the columns before it");
  CHECK_THAT(message("MKV,1\n"), ContainsSubstring("this looks like a row"));
  CHECK_THAT(message("mkvlaagivramkvlaagiv\n"), ContainsSubstring("this looks like a row"));
  CHECK_THAT(message("0,MKVL,0\n"),
             ContainsSubstring("column '0' stands twice in the header: this looks like a row"));
  CHECK_THAT(message("seq,label,resolution_angstrom\n"), EndsWith("seq, label, resolution_angstrom"));
  CHECK_THAT(message("0,1,2\n"), EndsWith("0, 1, 2"));  // features by number
  CHECK_THAT(message("id;sequence\n1;MKV\n"), ContainsSubstring("divided by other characters than commas"));
}

TEST_CASE("write_csv writes what read_csv reads, with commas and with tabs") {
  const support::TemporaryFolder folder;
  const io::CsvTable table{
      .columns = {"id", "text"},
      .rows = {{"1", "plain"}, {"2", "a,b\tc"}, {"3", " \"quoted\" "}, {"", "two\nlines"}}};
  io::write_csv(folder.path("x.csv"), table);
  CHECK(io::read_csv(folder.path("x.csv")).columns == table.columns);
  CHECK(io::read_csv(folder.path("x.csv")).rows == table.rows);
  const io::CsvTable tabs{.columns = {"id", "te\"xt"}, .rows = {{"1", "\"a,b\""}, {"", "\""}, {"", ""}}};
  io::write_csv(folder.path("x.tsv"), tabs);
  CHECK(io::read_csv(folder.path("x.tsv")).columns == tabs.columns);
  CHECK(io::read_csv(folder.path("x.tsv")).rows == tabs.rows);
  io::write_csv(folder.path("x.tsv"), {.columns = {"id", "probability"}, .rows = {{"a", "0.5"}}});
  CHECK(support::read_bytes(folder.path("x.tsv")) == "id\tprobability\na\t0.5\n");
  const io::CsvTable single{.columns = {"only"}, .rows = {{""}, {"x"}}};
  io::write_csv(folder.path("y.csv"), single);
  CHECK(io::read_csv(folder.path("y.csv")).rows == single.rows);
  CHECK(message_of<option_error>([&] { io::write_csv(folder.path("y.tsv"), table); }) ==
        "cell 'a,b\\tc' cannot stand between tabs, where nothing is quoted: a tab, a line break, a blank at "
        "an end or "
        "an empty line would not be read back; write CSV (a name in .csv)");
  for (const char* cell : {"two\nlines", " x", "x ", "a\rb"})
    CHECK_THROWS_AS(io::write_csv(folder.path("y.tsv"), {.columns = {"a", "b"}, .rows = {{"1", cell}}}),
                    option_error);
  CHECK_THROWS_AS(io::write_csv(folder.path("y.tsv"), single), option_error);
  CHECK_THROWS_AS(io::write_csv(folder.path("z.csv"), {.columns = {"a"}, .rows = {{"b\rc"}}}), option_error);
  CHECK_FALSE(std::filesystem::exists(folder.path("y.tsv")));
}

TEST_CASE("a name that begins like another kind of file is read back") {
  const support::TemporaryFolder folder;
  for (const std::string mark : {"\xEF\xBB\xBF", "\xFF\xFE", "\xFE\xFF", "\x1F\x8B"}) {
    const io::CsvTable table{.file = "t", .columns = {mark + "x", "y"}, .rows = {{"1", "2"}}};
    io::write_csv(folder.path("t.csv"), table);
    CHECK(io::read_csv(folder.path("t.csv")).columns == table.columns);
    CHECK_THROWS_AS(io::write_csv(folder.path("t.tsv"), table), option_error);
  }
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
