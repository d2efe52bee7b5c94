#include <seqlstm/io/ts_file.hpp>

#include <cmath>
#include <map>

#include "support/catch.hpp"
#include "support/gzip.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

const std::string two_channels =
    "%# a comment\n@problemName Steps\n@timeStamps false\n@missing true\n@univariate false\n@dimensions 2\n"
    "@equalLength false\n@classLabel true walk Run\n@data\n";

std::string message(const std::string& text) {
  const support::TemporaryFolder folder;
  const auto path = folder.write("x.ts", text);
  const auto what = message_of<parse_error>([&] { io::read_ts_file(path); });
  REQUIRE(what.starts_with(path));
  return what.substr(path.size());
}

io::TsFile read(const std::string& text) {
  const support::TemporaryFolder folder;
  return io::read_ts_file(folder.write("x.ts", text));
}

}  // namespace

TEST_CASE("ts: records become rows of steps, with their class") {
  const support::TemporaryFolder folder;
  const std::string text = two_channels + "1,2.5,3:-4,5e-1,?:walk\n\n# between\n 7 : NaN : Run \r\n";
  for (const auto& bytes : {text, support::gzip(text)}) {
    const auto path = folder.write("x.ts", bytes);
    const auto file = io::read_ts_file(path);
    CHECK(file.file == path);
    CHECK(file.problem == "Steps");
    CHECK(file.channels == 2);
    CHECK(file.classes == std::vector<std::string>{"walk", "Run"});
    CHECK(!file.has_targets);
    CHECK(file.missing == 2);
    CHECK(file.notes.empty());
    REQUIRE(file.series.size() == 2);
    const auto& first = file.series[0];
    CHECK(first.length == 3);
    CHECK(first.label == "walk");
    CHECK(first.line == 10);
    REQUIRE(first.rows.size() == 6);
    CHECK(std::vector<float>(first.rows.begin(), first.rows.begin() + 5) ==
          std::vector<float>{1, -4, 2.5F, 0.5F, 3});
    CHECK(std::isnan(first.rows[5]));
    const auto& second = file.series[1];
    CHECK(second.length == 1);
    CHECK(second.label == "Run");
    CHECK(second.line == 13);
    CHECK(second.rows[0] == 7);
    CHECK(std::isnan(second.rows[1]));
  }
}

TEST_CASE("ts: names of the header are read in any case, and dimensions without s") {
  const auto file = read(
      "@PROBLEMNAME a b\n@timestamps FALSE\n@missing False\n@Univariate False\n@dimension 2\n@equallength "
      "TRUE\n@serieslength 2\n@targetLabel True\n@DATA\n1,2:3,4:-0.5\n5,6:7,8:1e3\n");
  CHECK(file.problem == "a b");
  CHECK(file.channels == 2);
  CHECK(file.classes.empty());
  CHECK(file.has_targets);
  REQUIRE(file.series.size() == 2);
  CHECK(file.series[0].target == -0.5);
  CHECK(file.series[1].target == 1000);
  CHECK(file.series[1].rows == std::vector<float>{5, 7, 6, 8});
  CHECK(file.series[1].label.empty());
}

TEST_CASE("ts: the first record says how many channels there are where the header does not") {
  const auto file = read("@classLabel true a\n@data\n1:2:3:a\n4:5:6:a\n");
  CHECK(file.channels == 3);
  CHECK(file.series[1].rows == std::vector<float>{4, 5, 6});
  CHECK(message("@classLabel true a\n@data\n1:2:3:a\n4:5:a\n") ==
        ":4: the record has 2 channels, expected 3 as by the first record on line 3; divide channels by ':', "
        "and put the label after the last one");
}

TEST_CASE("ts: records without a class, which aeon ends with a colon") {
  for (const char* header : {"@classLabel false\n@data\n", "@targetlabel false\n@data\n"}) {
    const auto file = read(std::string(header) + "1,2:3,4\n5,6:7,8:\n");
    CHECK(file.channels == 2);
    CHECK(file.series[1].rows == std::vector<float>{5, 7, 6, 8});
    CHECK(file.series[1].label.empty());
  }
}

TEST_CASE("ts: what does not agree with the header but may be read is noted") {
  const support::TemporaryFolder folder;
  const auto path = folder.write(
      "x.ts", "@missing false\n@colour red\n@univariate true\n@classLabel true a\n@data\n1,2:a\n3,?:a\n");
  CHECK(io::read_ts_file(path).notes ==
        std::vector<std::string>{
            path + ":2: '@colour' is no part of the format that is known here; it is left out",
            path + ":1: the header says '@missing false', but 1 values are missing, first on line 7"});
}

TEST_CASE("ts: a header that is none is refused with its line") {
  CHECK(
      message("") ==
      ":1: the file has no line '@data'; expected a header of lines '@name value', '@data', then a record a "
      "line");
  CHECK(message("@problemName x\n@missing false\n").starts_with(":2: the file has no line '@data'"));
  CHECK(
      message("# c\n1,2,3:a\n@data\n") ==
      ":2: found '1,2,3:a' before '@data', expected a line '@name value' of the header; is this a .ts file?");
  CHECK(message("@classLabel true a\n@data yes\n1:a\n") ==
        ":2: found 'yes' after '@data', expected nothing; put the records on the lines below it");
  CHECK(
      message("@timeStamps True\n@data\n") ==
      ":1: '@timeStamps true': records with times are not read; bring the values to equal steps of time and "
      "write them alone, with '@timeStamps false'");
  CHECK(message("@missing\n") == ":1: '@missing' has the value '', expected true or false");
  CHECK(message("@univariate yes\n") == ":1: '@univariate' has the value 'yes', expected true or false");
  for (const char* number : {"0", "-1", "1.5", "many", "1e300", ""})
    CHECK(message(std::string("@missing true\n@dimensions ") + number + "\n") ==
          ":2: '@dimensions' has the value '" + std::string(number) + "', expected a whole number from 1 on");
  CHECK(message("@classLabel true\n") ==
        ":1: '@classLabel true' names no classes, expected them after it: '@classLabel true a b'");
  CHECK(message("@classLabel true a b a\n") == ":1: class 'a' stands twice in '@classLabel'; name each once");
  CHECK(message("@classLabel true a\n@targetLabel true\n@data\n") ==
        ":3: the header says both '@classLabel true' and '@targetLabel true'; records end with one of them: "
        "say false of the other");
  CHECK(message("@univariate true\n@data\n1,2\n") ==
        ":2: the header says neither '@classLabel' nor '@targetLabel', so the last part of a record may be a "
        "channel or a class; add '@classLabel true' with the classes, or '@classLabel false'");
  CHECK(message("@univariate true\n@dimensions 3\n@classLabel true a\n@data\n1:a\n") ==
        ":2: the header says 3 dimensions, but '@univariate true' on line 1; correct one of them");
  CHECK(message("@classLabel true a\n@data\n\n# none\n") ==
        ":4: there are no records after '@data'; expected a record a line");
}

TEST_CASE("ts: records that contradict the header are refused with both numbers and lines") {
  CHECK(
      message(two_channels + "1,2:3,4:walk\n1,2:walk\n") ==
      ":11: the record has 1 channels, expected 2 as by '@dimensions' on line 6; divide channels by ':', and "
      "put the label after the last one");
  CHECK(
      message("@univariate true\n@targetLabel false\n@data\n1,2:3,4\n") ==
      ":4: the record has 2 channels, expected 1 as by '@univariate true' on line 1; divide channels by ':'");
  CHECK(message(two_channels + "1,2,3:3,4:walk\n") ==
        ":10: channel 2 has 2 numbers, channel 1 has 3; all channels of a record have one length: write '?' "
        "for "
        "what is missing");
  CHECK(message("@equalLength true\n@seriesLength 3\n@classLabel true a\n@data\n1,2,3:a\n1,2:a\n") ==
        ":6: the record has 2 numbers a channel, expected 3 as by '@seriesLength' on line 2; or say "
        "'@equalLength false'");
  CHECK(
      message("@equalLength true\n@classLabel true a\n@data\n1,2,3:a\n1,2:a\n") ==
      ":5: the record has 2 numbers a channel, expected 3 as by the first record on line 4 and '@equalLength "
      "true' on line 1; or say '@equalLength false'");
  CHECK(read("@equalLength false\n@seriesLength 3\n@classLabel true a\n@data\n1,2,3:a\n1,2:a\n")
            .series[1]
            .length == 2);
  CHECK(message(two_channels + "1:2:run\n") ==
        ":10: the record ends with the class 'run', expected one of those on line 8 (walk, Run); add it "
        "there, or "
        "put a class after the last ':'");
  CHECK(message("@targetLabel true\n@data\n1,2:3\n1,2:?\n") ==
        ":4: the record ends with the target '?', expected a number after the last ':'");
  CHECK(message("@targetLabel true\n@data\n17\n") ==
        ":3: the record has no channel before its label; write its numbers, ':', then the label");
}

TEST_CASE("ts: what is no number is refused with its place") {
  const auto of = [](const std::string& cell) { return message(two_channels + "1,2:3," + cell + ":walk\n"); };
  for (const char* cell : {"", "x", "inf", "1_0", "0x10", "1 2", "--1"})
    CHECK(of(cell) == ":10: number 2 of channel 2 is '" + std::string(cell) +
                          "', expected a number, or '?' for a missing one");
  CHECK(of("-1e39") ==
        ":10: number 2 of channel 2 is '-1e39', which float32 does not have; scale the numbers");
  CHECK(
      message("@classLabel true a\n@data\n(2020-01-01,1),(2020-01-02,2):a\n") ==
      ":3: the record begins with '(2020-01-01,1),(2020-01-02,2):a', a value with its time; bring the values "
      "to equal steps of time and write them alone");
}

TEST_CASE("ts: a short file cannot ask for more memory than it has numbers") {
  std::string text = "@dimensions 2147483648\n@classLabel true a\n@data\n";
  CHECK(
      message(text + "1:a\n") ==
      ":4: the record has 1 channels, expected 2147483648 as by '@dimensions' on line 1; divide channels by "
      "':', and put the label after the last one");
  std::string numbers, channels;
  for (int i = 0; i < 100000; ++i) numbers += "1,", channels += ":1";
  CHECK(message("@classLabel true a\n@data\n" + numbers + "1" + channels + ":a\n")
            .starts_with(":3: channel 2 has 1 numbers, channel 1 has 100001;"));
}

TEST_CASE("ts: classes of several files are numbered alike") {
  const support::TemporaryFolder folder;
  const auto train = io::read_ts_file(folder.write("a.ts", "@classLabel true 1 2 10\n@data\n5:10\n5:1\n"));
  const auto path = folder.write("b.ts", "@classLabel true 1 10 2 3\n@data\n5:10\n5:2\n5:3\n");
  auto test = io::read_ts_file(path);
  CHECK(io::class_labels(train, train.classes) == std::vector<double>{2, 0});
  CHECK(message_of<parse_error>([&] { io::class_labels(test, train.classes); }) ==
        path + ":5: class '3' is none of: 1, 2, 10; name the classes of all files");
  test.series.pop_back();
  CHECK(io::class_labels(test, train.classes) == std::vector<double>{2, 1});
}

TEST_CASE("ts: Japanese Vowels has its published records", "[data]") {
  for (const auto& [name, count] : {std::pair<std::string, std::size_t>{"train", 270}, {"test", 370}}) {
    const auto path = support::data_file("signal/japanese_vowels_" + name + ".ts.gz");
    if (!path) return;
    const auto file = io::read_ts_file(*path);
    CHECK(file.problem == "JapaneseVowels");
    CHECK(file.channels == 12);
    CHECK(file.classes.size() == 9);
    CHECK(file.series.size() == count);
    CHECK(file.missing == 0);
    CHECK(file.notes.empty());
    std::size_t shortest = file.series[0].length, longest = shortest;
    std::map<std::string, std::size_t> speakers;
    for (const auto& series : file.series) {
      shortest = std::min(shortest, series.length);
      longest = std::max(longest, series.length);
      ++speakers[series.label];
      REQUIRE(series.rows.size() == 12 * series.length);
    }
    CHECK(shortest == 7);
    CHECK(longest == (name == "train" ? 26 : 29));
    CHECK(speakers.size() == 9);
    if (name == "train") {
      for (const auto& speaker : speakers) CHECK(speaker.second == 30);
      CHECK(file.series[0].rows[0] == 1.860936F);
      CHECK(file.series[0].rows[1] == -0.207383F);
    }
  }
}

TEST_CASE("ts: a data set of its series, with classes in a given order, targets or neither") {
  const auto file = read(two_channels + "1,2.5,3:-4,5e-1,6:walk\n7:8:Run\n");
  const SequenceDataset data = io::dataset_of(file);
  CHECK(data.size() == 2);
  CHECK(data.channel_count == 2);
  CHECK(data.offsets == std::vector<std::size_t>{0, 3, 4});
  CHECK(data.channels == std::vector<float>{1, -4, 2.5F, 0.5F, 3, 6, 7, 8});
  CHECK(data.labels == std::vector<double>{0, 1});
  CHECK(data.label_names == std::vector<std::string>{"walk", "Run"});
  CHECK(data.names == std::vector<std::string>{"record1", "record2"});
  CHECK(io::dataset_of(file, {.classes = {"Run", "sit", "walk"}}).labels == std::vector<double>{2, 0});
  CHECK_THROWS_AS(io::dataset_of(file, {.classes = {"Run", "sit"}}), parse_error);
  const auto numbers = io::dataset_of(read("@targetLabel true\n@data\n1,2:0.5\n3:-7\n"));
  CHECK(numbers.labels == std::vector<double>{0.5, -7});
  CHECK(numbers.label_width == 1);
  CHECK(io::dataset_of(read("@classLabel false\n@data\n1,2\n3\n")).label_width == 0);
  CHECK(io::dataset_of(file, {.classes = {"sit"}, .labels = false}).label_width == 0);
  CHECK(io::dataset_of(read("@targetLabel true\n@data\n1,2:0.5\n"), {.labels = false}).label_width == 0);
  const auto gaps = read(two_channels + "?,2,?:1,?,3:walk\n");
  CHECK(message_of<option_error>([&] { io::dataset_of(gaps); }) ==
        "record 'record1': channel 0 is nan at position 1, expected a finite number; fill_missing() puts "
        "numbers "
        "in place of NaN");
  CHECK(io::dataset_of(gaps, {.fill_missing = true}).channels == std::vector<float>{2, 1, 2, 1, 2, 3});
}
