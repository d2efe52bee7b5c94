#include <seqlstm/io/bed.hpp>

#include <limits>
#include <seqlstm/core/random.hpp>
#include <seqlstm/io/fasta.hpp>

#include "support/catch.hpp"
#include "support/gzip.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

std::string refused(const std::string& text) {
  const support::TemporaryFolder folder;
  const auto path = folder.write("x.bed", text);
  const auto what = message_of<parse_error>([&] { io::read_bed(path); });
  REQUIRE(what.starts_with(path));
  return what.substr(path.size());
}

bool same(const BedInterval& a, const BedInterval& b) {
  return a.chrom == b.chrom && a.start == b.start && a.end == b.end && a.name == b.name &&
         a.score == b.score && a.strand == b.strand;
}

}  // namespace

TEST_CASE("bed: three to twelve columns, between tabs or blanks, plain or gzip") {
  const support::TemporaryFolder folder;
  const std::string text =
      "browser position chr1:1-10\ntrack name=\"x y\"\n# a comment\n\nchr1\t0\t10\nchr1 5  7 exon\n"
      "track1\t3\t3\ta "
      "name\t0.25\t-\r\nchr2\t1\t4\t.\t.\t.\nchr3\t0\t9\tx\t960\t+\t0\t9\t255,0,0\t1\t9,\t0,\n"
      "chr4\t1\t2\t\n";
  for (const auto& bytes : {text, support::gzip(text)}) {
    const auto path = folder.write("x.bed", bytes);
    const auto intervals = io::read_bed(path);
    REQUIRE(intervals.size() == 6);
    CHECK(same(intervals[0], {.chrom = "chr1", .start = 0, .end = 10}));
    CHECK(intervals[0].prefix() == path + ":5: ");
    CHECK(intervals[0].text() == "chr1:0-10");
    CHECK(same(intervals[1], {.chrom = "chr1", .start = 5, .end = 7, .name = "exon"}));
    CHECK(intervals[1].line == 6);
    CHECK(same(intervals[2],
               {.chrom = "track1", .start = 3, .end = 3, .name = "a name", .score = 0.25, .strand = '-'}));
    CHECK(same(intervals[3], {.chrom = "chr2", .start = 1, .end = 4}));
    CHECK(same(intervals[4],
               {.chrom = "chr3", .start = 0, .end = 9, .name = "x", .score = 960, .strand = '+'}));
    CHECK(same(intervals[5], {.chrom = "chr4", .start = 1, .end = 2}));
  }
  CHECK(io::read_bed(folder.write("y.bed", "")).empty());
  CHECK_THROWS_AS(io::read_bed(folder.path("absent.bed")), io_error);
}

TEST_CASE("bed: lines that are no intervals are refused with line, column and what was found") {
  CHECK(refused("chr1\t0\t10\nchr1\t5\n") ==
        ":2: the line has 2 columns, expected at least 3: sequence, start, end; divide them by tabs");
  CHECK(refused("chr1,0,10\n") ==
        ":1: the line has 1 columns, expected at least 3: sequence, start, end; divide them by tabs");
  CHECK(refused("\t0\t10\n") == ":1: column 1 is empty, expected the name of a sequence");
  for (const char* number :
       {"-1", "1.0", "x", "", "1,000", "+5", "18446744073709551616", "18446744073709551615"}) {
    CHECK(refused(std::string("c\t") + number + "\t9\tx\n") ==
          ":1: column 2 (start) is '" + std::string(number) + "', expected a base counted from 0");
    CHECK(refused(std::string("c\t0\t") + number + "\tx\n") ==
          ":1: column 3 (end) is '" + std::string(number) + "', expected a base counted from 0");
  }
  CHECK(refused("\nc\t10\t9\n") ==
        ":2: the interval begins at 10 and ends at 9, expected start <= end; exchange them, and say '-' in "
        "column "
        "6 for the other strand");
  CHECK(refused("c\t0\t9\tEH38D1\tEH38E1\tpELS\n") ==
        ":1: column 5 (score) is 'EH38E1', expected a number or '.'; where the file has other columns than "
        "BED, "
        "keep the first four (cut -f1-4)");
  CHECK(
      refused("c\t0\t9\tx\t5\t1\n") ==
      ":1: column 6 (strand) is '1', expected +, - or .; where the file has other columns than BED, keep the "
      "first four (cut -f1-4)");
  CHECK(refused("c\t0\t90\tx\t5\t+\t0\t90\t0\t2\t10,20\t0,70\n") ==
        ":1: the interval has 2 blocks (column 10), expected 1: take blocks apart first (bedtools "
        "bed12tobed6), or "
        "keep the first six columns for whole intervals (cut -f1-6)");
  CHECK(
      refused("track type=bedGraph\nc\t0\t9\t0.5\n") ==
      ":1: this is bedGraph, whose fourth column is a value and no name; expected BED: make intervals of the "
      "values that count first");
  CHECK(refused(std::string("c\t0\t9\n\0", 8)).starts_with(":2: the file holds a NUL byte"));
}

TEST_CASE("bed: what is written is read again, with as many columns as are needed") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("x.bed");
  const auto written = [&](const std::vector<BedInterval>& intervals) {
    io::write_bed(path, intervals);
    const auto again = io::read_bed(path);
    REQUIRE(again.size() == intervals.size());
    for (std::size_t i = 0; i < again.size(); ++i) CHECK(same(again[i], intervals[i]));
    return support::read_bytes(path);
  };
  CHECK(written({}).empty());
  CHECK(written({{.chrom = "c", .end = 5}}) == "c\t0\t5\n");
  CHECK(written({{.chrom = "c", .end = 5}, {.chrom = "a b", .start = 1, .end = 2, .name = "x y"}}) ==
        "c\t0\t5\t.\na b\t1\t2\tx y\n");
  CHECK(written({{.chrom = "c", .end = 5, .score = 0.5}}) == "c\t0\t5\t.\t0.5\n");
  CHECK(
      written({{.chrom = "c", .end = 5, .name = "n"}, {.chrom = "c", .start = 7, .end = 7, .strand = '-'}}) ==
      "c\t0\t5\tn\t0\t.\nc\t7\t7\t.\t0\t-\n");
  RandomStream random(1);
  std::vector<BedInterval> many;
  for (std::size_t i = 0; i < 100; ++i)
    many.push_back({.chrom = "c", .start = i, .end = std::size_t{1} << 62U, .score = random.uniform() - 0.5});
  written(many);
}

TEST_CASE("bed: what would be read as something else is not written, and the old file stays") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("x.bed", "c\t0\t5\n");
  const auto message = [&](const BedInterval& interval) {
    return message_of<option_error>([&] { io::write_bed(path, std::vector{interval}); });
  };
  for (const char* chrom : {"", "#c", "track", "track x", "browser", " c", "a\tb", "a\nb",
                            "\xEF\xBB\xBF"
                            "c"})
    CHECK_THAT(
        message({.chrom = chrom, .end = 5}),
        ContainsSubstring("cannot be written as BED: its sequence has no name that a line could begin with"));
  for (const char* name : {".", "a\tb", "a\r", " a", "a "})
    CHECK_THAT(message({.chrom = "c", .end = 5, .name = name}),
               ContainsSubstring("its name is '.' or has tabs, line breaks or blanks at an end; rename it"));
  CHECK(message({.chrom = "c", .start = 6, .end = 5}) ==
        "interval c:6-5 cannot be written as BED: it ends before it begins; exchange start and end");
  CHECK(message({.chrom = "c", .end = 5, .score = std::numeric_limits<double>::infinity()}) ==
        "interval c:0-5 cannot be written as BED: its score is not finite; give a number");
  CHECK(message({.chrom = "c", .end = 5, .strand = '*'}) ==
        "interval c:0-5 cannot be written as BED: its strand is '*', expected +, - or .");
  CHECK(support::read_bytes(path) == "c\t0\t5\n");
}

TEST_CASE("bed: intervals of a file label the records of another, and complaints name both") {
  const support::TemporaryFolder folder;
  const auto fasta = folder.write("g.fa", ">chr1\nACGTAC\n>chr2\nACG\n");
  const auto bed = folder.write("x.bed", "# x\nchr1\t1\t3\ta\nchr2\t0\t4\tb\n");
  const auto records = io::read_fasta(fasta);
  auto intervals = io::read_bed(bed);
  CHECK(message_of<parse_error>([&] { label_intervals(records, intervals); }) ==
        bed + ":3: interval chr2:0-4 'b' ends beyond its sequence, which has 3 letters (" + fasta +
            ":4); BED counts from 0 and leaves the end out: are both files of one assembly?");
  intervals[1].end = 3;
  const auto labels = label_intervals(records, intervals);
  CHECK(labels.labels[0] == std::vector<Token>{0, 1, 1, 0, 0, 0});
  io::write_bed(bed, intervals_of(records, labels));
  CHECK(support::read_bytes(bed) == "chr1\t1\t3\ta\nchr2\t0\t3\tb\n");
}
