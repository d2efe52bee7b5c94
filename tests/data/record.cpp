#include <seqlstm/data/record.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {
std::vector<Record> some(std::size_t count) {
  return std::vector<Record>(count);
}
}  // namespace

TEST_CASE("several labels each: a column per name, in order") {
  const std::vector<Record> three(3, Record{.id = "r", .sequence = "MKV"});
  const auto data = multi_label(three, {"membrane; nucleus", "", " nucleus;cytosol ;"});
  CHECK(data.label_names == std::vector<std::string>{"cytosol", "membrane", "nucleus"});
  CHECK(data.label_width == 3);
  CHECK(data.labels == std::vector<double>{0, 1, 1, 0, 0, 0, 1, 0, 1});
  const auto twice = data + data;
  CHECK(twice.records.size() == 6);
  CHECK(twice.labels.size() == 18);
  CHECK_THROWS_AS(data + label(three, 1), option_error);
  CHECK_THROWS_AS(multi_label(three, {"a"}), shape_error);
}

TEST_CASE("separators without a name are no label, and spellings of a label are one") {
  const std::vector<Record> some_records(6, Record{.id = "r", .sequence = "MKV"});
  const auto data = multi_label(some_records, {"", ";", " ; ;", ";a;;b;", "b", "TRUE;True"});
  CHECK(data.label_names == std::vector<std::string>{"TRUE", "a", "b"});
  CHECK(data.labels == std::vector<double>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0});
}

TEST_CASE("a record finds the line and column of a letter in its file") {
  // line 3: ACGT, line 4: AC, line 5: blank, line 6: GT
  const Record record{
      .id = "a", .sequence = "ACGTACGT", .file = "x.fa", .line = 3, .line_starts = {0, 4, 6, 6}};
  CHECK(record.prefix(0) + record.position(0) == "x.fa:3: column 1");
  CHECK(record.prefix(3) + record.position(3) == "x.fa:3: column 4");
  CHECK(record.prefix(5) + record.position(5) == "x.fa:4: column 2");
  CHECK(record.prefix(6) + record.position(6) == "x.fa:6: column 1");
}

TEST_CASE("a record counts the layout before a letter in its column") {
  Record record{.id = "a", .file = "x.fa", .line = 3};
  for (const char* line : {"  1 AC GT  ", "; none", " AC"}) {
    record.line_starts.push_back(record.sequence.size());
    record.gaps.begin_line();
    if (line[0] != ';') append_letters(record.sequence, line, &record.gaps);
  }
  CHECK(record.sequence == "ACGTAC");
  CHECK(record.position(0) == "column 5");
  CHECK(record.position(1) == "column 6");
  CHECK(record.position(2) == "column 8");
  CHECK(record.prefix(4) + record.position(4) == "x.fa:5: column 2");
  CHECK(record.line_at(5) == 5);
}

TEST_CASE("a record without lines or file names the sequence") {
  CHECK(Record{.id = "a", .file = "x.csv", .line = 7}.prefix(3) == "x.csv:7: ");
  CHECK(Record{.id = "a", .file = "x.csv", .line = 7}.position(3) == "position 4 of the sequence");
  CHECK(Record{.id = "a"}.prefix() == "record 'a': ");
  CHECK(Record{}.prefix().empty());
}

TEST_CASE("labelled records join") {
  const auto data = label(some(2), 1) + label(some(1), 0);
  CHECK(data.records.size() == 3);
  CHECK(data.labels == std::vector<double>{1, 1, 0});
  CHECK(data.label_names.empty());
}

TEST_CASE("class names are numbered in order, numbers by value") {
  auto data = label(some(4), {"SP", "AMP", "SP", "x"});
  CHECK(data.labels == std::vector<double>{1, 0, 1, 2});
  CHECK(data.label_names == std::vector<std::string>{"AMP", "SP", "x"});
  data = label(some(5), {"10", "9", "-1", "10", "other"});
  CHECK(data.labels == std::vector<double>{2, 1, 0, 2, 3});
  CHECK(data.label_names == std::vector<std::string>{"-1", "9", "10", "other"});
  data = label(some(3), {"1.0", "1", "nan"});  // not all are numbers: names
  CHECK(data.label_names == std::vector<std::string>{"1", "1.0", "nan"});
}

TEST_CASE("spellings of one class are one label, and of two classes the positive one is 1") {
  auto data = label(some(4), {"1", "1.0", "0", " 1"});
  CHECK(data.label_names == std::vector<std::string>{"0", "1"});
  CHECK(data.labels == std::vector<double>{1, 1, 0, 1});
  data = label(some(5), {"TRUE", "False", "True", " True", "false "});
  CHECK(data.label_names == std::vector<std::string>{"False", "TRUE"});
  CHECK(data.labels == std::vector<double>{1, 0, 1, 1, 0});
  data = label(some(3), {"+", "-", "+"});
  CHECK(data.label_names == std::vector<std::string>{"-", "+"});
  CHECK(data.labels == std::vector<double>{1, 0, 1});
  data = label(some(2), {"AMP", "nonAMP"});
  CHECK(data.label_names == std::vector<std::string>{"nonAMP", "AMP"});
  data = label(some(3), {"+", "-", "?"});  // of three classes none is the positive one
  CHECK(data.label_names == std::vector<std::string>{"+", "-", "?"});
}

TEST_CASE("labels that do not fit are refused") {
  CHECK(message_of<shape_error>([] {
          return label(some(3), {"a", "b"});
        }) == "label: 3 records with 2 class names; expected one name per record");
  const auto a = label(some(2), {"a", "b"}), c = label(some(1), {"c"});
  CHECK(message_of<option_error>([&] { return a + c; }) ==
        "joining labelled records: the two sets name their classes differently; give both the same "
        "label_names");
  CHECK((label(some(1), 1) + a).label_names == std::vector<std::string>{"a", "b"});
}
