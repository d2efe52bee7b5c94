#include <seqlstm/data/interval_labels.hpp>

#include <seqlstm/core/random.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

const std::vector<Record> two_records = {{.id = "chr1", .sequence = "ACGTACGTAC", .file = "g.fa", .line = 2},
                                         {.id = "chr2", .sequence = "ACGT"}};

BedInterval interval(const std::string& chrom, std::size_t start, std::size_t end, const std::string& name,
                     std::size_t line, char strand = '.') {
  return {.chrom = chrom,
          .start = start,
          .end = end,
          .name = name,
          .strand = strand,
          .file = "x.bed",
          .line = line};
}

std::string refused(const std::vector<BedInterval>& intervals, const IntervalLabelOptions& options = {}) {
  return message_of<parse_error>([&] { label_intervals(two_records, intervals, options); });
}

}  // namespace

TEST_CASE("interval labels: every base has the class of its interval, the others have 0") {
  const std::vector<BedInterval> intervals = {interval("chr2", 0, 4, "b", 1), interval("chr1", 8, 10, "a", 2),
                                              interval("chr1", 0, 1, "b", 3), interval("chr1", 3, 3, "b", 4),
                                              interval("chr1", 9, 10, "a", 5)};
  const auto labels = label_intervals(two_records, intervals);
  CHECK(labels.classes == std::vector<std::string>{"background", "b", "a"});
  REQUIRE(labels.labels.size() == 2);
  CHECK(labels.labels[0] == std::vector<Token>{1, 0, 0, 0, 0, 0, 0, 0, 2, 2});
  CHECK(labels.labels[1] == std::vector<Token>{1, 1, 1, 1});
  const auto given =
      label_intervals(two_records, intervals, {.classes = {"a", "c", "b"}, .background = "none"});
  CHECK(given.classes == std::vector<std::string>{"none", "a", "c", "b"});
  CHECK(given.labels[0] == std::vector<Token>{3, 0, 0, 0, 0, 0, 0, 0, 1, 1});
  const auto nothing = label_intervals(two_records, {});
  CHECK(nothing.classes == std::vector<std::string>{"background"});
  CHECK(nothing.labels[1] == std::vector<Token>(4));
}

TEST_CASE("interval labels: strands make classes only where asked, and intervals without a name have one") {
  const std::vector<BedInterval> intervals = {
      interval("chr2", 0, 1, "x", 1, '+'), interval("chr2", 1, 2, "x", 2, '-'),
      interval("chr2", 2, 3, "x", 3), interval("chr2", 3, 4, "", 4, '-')};
  const auto plain = label_intervals(two_records, intervals);
  CHECK(plain.classes == std::vector<std::string>{"background", "x", "interval"});
  CHECK(plain.labels[1] == std::vector<Token>{1, 1, 1, 2});
  const auto stranded = label_intervals(two_records, intervals, {.unnamed = "peak", .stranded = true});
  CHECK(stranded.classes == std::vector<std::string>{"background", "x+", "x-", "x", "peak-"});
  CHECK(stranded.labels[1] == std::vector<Token>{1, 2, 3, 4});
}

TEST_CASE("interval labels: classes that overlap are an error with both intervals, or the later one counts") {
  const std::vector<BedInterval> intervals = {interval("chr1", 0, 3, "a", 1), interval("chr2", 0, 4, "b", 2),
                                              interval("chr1", 2, 6, "a", 3), interval("chr1", 5, 8, "b", 4)};
  CHECK(refused(intervals) ==
        "x.bed:4: interval chr1:5-8 'b' of class 'b' overlaps chr1:2-6 'a' of class 'a' (x.bed:3) at base 5; "
        "cut "
        "one of them, or let the later one count (later_wins)");
  const auto labels = label_intervals(two_records, intervals, {.later_wins = true});
  CHECK(labels.labels[0] == std::vector<Token>{1, 1, 1, 1, 1, 2, 2, 2, 0, 0});
  CHECK(
      refused({interval("chr1", 0, 3, "a", 1, '+'), interval("chr1", 0, 3, "a", 2, '-')},
              {.stranded = true}) ==
      "x.bed:2: interval chr1:0-3 'a' of class 'a-' overlaps chr1:0-3 'a' of class 'a+' (x.bed:1) at base 0; "
      "cut one of them, or let the later one count (later_wins)");
}

TEST_CASE("interval labels: what does not fit the records is refused with file, line and both numbers") {
  CHECK(refused({interval("chr1", 4, 10, "a", 1), interval("chr1", 4, 11, "a", 7)}) ==
        "x.bed:7: interval chr1:4-11 'a' ends beyond its sequence, which has 10 letters (g.fa:2); BED counts "
        "from "
        "0 and leaves the end out: are both files of one assembly?");
  CHECK(
      refused({{.chrom = "chr2", .start = 3, .end = 5}}) ==
      "interval chr2:3-5 ends beyond its sequence, which has 4 letters; BED counts from 0 and leaves the end "
      "out: are both files of one assembly?");
  CHECK(refused({interval("chr1", 4, 3, "a", 1)}) ==
        "x.bed:1: interval chr1:4-3 'a' ends before it begins; exchange start and end");
  CHECK(
      refused({interval("1", 4, 6, "a", 3)}) ==
      "x.bed:3: interval 1:4-6 'a' is of a sequence that is no record; the ids are: 'chr1', 'chr2'; give its "
      "sequence, or leave intervals of others out (skip_others)");
  CHECK(label_intervals(two_records, std::vector{interval("1", 4, 6, "a", 3)}, {.skip_others = true})
            .classes.size() == 1);
  CHECK(refused({interval("chr1", 4, 6, "d", 3)}, {.classes = {"a", "b"}}) ==
        "x.bed:3: interval chr1:4-6 'd' is of class 'd', expected one of: 'a', 'b'; give all classes, or "
        "take the "
        "interval out");
  CHECK(refused({interval("chr1", 4, 6, "background", 3)}) ==
        "x.bed:3: interval chr1:4-6 'background' is of class 'background', which is the name of the "
        "background; "
        "rename one");
  const std::vector<Record> many = {{.id = "a"}, {.id = "b"}, {.id = "c"},
                                    {.id = "d"}, {.id = "e"}, {.id = "f"}};
  CHECK_THAT(message_of<parse_error>([&] { label_intervals(many, std::vector{interval("x", 0, 0, "", 1)}); }),
             ContainsSubstring("the ids are: 'a', 'b', 'c', 'd', 'e', ...;"));
}

TEST_CASE("interval labels: options that contradict one another are refused") {
  CHECK(message_of<option_error>([&] {
          label_intervals(two_records, {}, {.classes = {"a", "b", "a"}});
        }) == "interval labels: class 'a' is given twice; name each once");
  CHECK(message_of<option_error>([&] { label_intervals(two_records, {}, {.classes = {"background"}}); }) ==
        "interval labels: class 'background' has the name of the background; rename one");
  const std::vector<Record> twins = {{.id = "a"}, {.id = "a"}};
  CHECK(
      message_of<option_error>([&] { label_intervals(twins, {}); }) ==
      "interval labels: two records have the id 'a', so an interval may belong to either; give each its own");
}

TEST_CASE("interval labels: runs of a class become intervals, and intervals labels again") {
  const std::vector<std::string> classes = {"none", "a", "b-"};
  const auto intervals = intervals_of("c", std::vector<Token>{1, 1, 0, 2, 1, 1}, classes);
  REQUIRE(intervals.size() == 3);
  CHECK(intervals[0].text() == "c:0-2 'a'");
  CHECK(intervals[1].text() == "c:3-4 'b-'");
  CHECK(intervals[1].strand == '.');
  CHECK(intervals[2].text() == "c:4-6 'a'");
  CHECK(intervals_of("c", std::vector<Token>{2}, classes, true)[0].text() == "c:0-1 'b'");
  CHECK(intervals_of("c", std::vector<Token>{2}, classes, true)[0].strand == '-');
  CHECK(intervals_of("c", std::vector<Token>{0, 0}, classes).empty());
  CHECK(intervals_of("c", std::vector<Token>{}, classes).empty());
  CHECK(message_of<option_error>([&] {
          intervals_of("c", std::vector<Token>{0, 3}, classes);
        }) ==
        "intervals: label 3 at base 1 of 'c' is none of 3 classes; give the name of each, the background's "
        "first");
  CHECK(message_of<option_error>([&] { intervals_of("c", std::vector<Token>{-1}, classes); }) ==
        "intervals: label -1 at base 0 of 'c' is none of 3 classes; give the name of each, the background's "
        "first");

  RandomStream random(1);
  for (int round = 0; round < 100; ++round) {
    std::vector<Record> records;
    IntervalLabels labels{{"background", "x+", "y", "x-"}, {}};
    for (std::size_t r = 0, count = random.below(4); r < count; ++r) {
      records.push_back({.id = "r" + std::to_string(r), .sequence = std::string(random.below(50), 'A')});
      labels.labels.emplace_back();
      for (std::size_t i = 0; i < records[r].sequence.size(); ++i)
        labels.labels[r].push_back(static_cast<Token>(random.below(4)));
    }
    for (const bool stranded : {false, true}) {
      const auto again = label_intervals(records, intervals_of(records, labels, stranded),
                                         {.classes = {"x+", "y", "x-"}, .stranded = stranded});
      CHECK(again.classes == labels.classes);
      CHECK(again.labels == labels.labels);
    }
  }
}

TEST_CASE("interval labels: labels that do not fit the records make no intervals") {
  IntervalLabels labels{{"none", "a"}, {std::vector<Token>(10), std::vector<Token>(3)}};
  CHECK(message_of<shape_error>([&] { intervals_of(two_records, labels); }) ==
        "intervals: record 'chr2' has 4 letters and 3 labels; expected a label for each letter");
  labels.labels.pop_back();
  CHECK(message_of<shape_error>([&] { intervals_of(two_records, labels); }) ==
        "intervals: 2 records, labels of 1; expected labels for each record");
}

TEST_CASE("interval labels: as letters of a label string, which remember what they stand for") {
  std::vector<Record> records = {{.id = "chr1", .sequence = "ACGTACGT"}, {.id = "chr2", .sequence = "AC"}};
  IntervalLabels labels{{"background", "exon", "Enhancer", "e", "E", "_"},
                        {{0, 1, 1, 2, 3, 4, 5, 0}, {0, 0}}};
  const LabelAlphabet alphabet = annotate(records, labels);
  CHECK(alphabet.letters == ".ENeAB");
  CHECK(alphabet.names() == labels.classes);
  CHECK(records[0].annotation == ".EENeAB.");
  CHECK(records[1].annotation == "..");
  const auto labelled = label_positions(records, alphabet);
  CHECK(labelled.position_labels == std::vector<double>{0, 1, 1, 2, 3, 4, 5, 0, 0, 0});
  CHECK(labelled.position_label_names == labels.classes);

  labels.labels[1][1] = 6;
  CHECK(message_of<option_error>([&] { annotate(records, labels); }) ==
        "interval labels: record 'chr2' has the class 6 of 6");
  labels.labels.pop_back();
  CHECK(message_of<shape_error>([&] { annotate(records, labels); }) ==
        "interval labels: labels of 1 records for 2");
  IntervalLabels many{{"background"}, {}};
  for (int c = 0; c < 62; ++c) many.classes.push_back("class " + std::to_string(c));
  CHECK(annotate({}, many).classes() == 63);
  many.classes.push_back("one more");
  CHECK(message_of<option_error>([&] { annotate({}, many); }) ==
        "interval labels: 64 classes, but a label is a letter or digit, of which there are 62; join some");
}
