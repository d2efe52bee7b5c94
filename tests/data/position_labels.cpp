#include <seqlstm/data/position_labels.hpp>

#include <cmath>
#include <seqlstm/data/batcher.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

std::vector<Record> example() {
  return {Record{.id = "a", .sequence = "ACDE", .annotation = "HHC-", .mask = "1101"},
          Record{.id = "b", .sequence = ""}, Record{.id = "c", .sequence = "GG", .annotation = "EC"}};
}
/// Equal, where NaN is NaN.
void check_labels(std::span<const double> found, const std::vector<double>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (std::isnan(expected[i])) {
      CHECK(std::isnan(found[i]));
    } else {
      CHECK(found[i] == expected[i]);
    }
  }
}
constexpr double none = ignored_label;

}  // namespace

TEST_CASE("position labels: a class for each letter, by the order of the label letters") {
  const auto records = example();
  const LabelAlphabet alphabet = label_alphabet(records, "-");
  CHECK(alphabet.letters == "CEH");
  CHECK(alphabet.classes() == 3);
  CHECK(alphabet.names() == std::vector<std::string>{"C", "E", "H"});
  const LabelledRecords labelled = label_positions(records, alphabet);
  check_labels(labelled.position_labels, {2, 2, none, none, 1, 0});
  CHECK(labelled.position_label_names == alphabet.names());
  CHECK(labelled.label_width == 0);
  CHECK(labelled.letter_offsets() == std::vector<std::size_t>{0, 4, 4, 6});
  CHECK(alphabet.text(labelled.position_labels) == "HH..EC");
  CHECK(alphabet.text(labelled.position_labels, '?') == "HH??EC");
}

TEST_CASE("position labels: subsets and sums keep them with their records") {
  const auto labelled = label_positions(example(), {"CEH", "-"});
  check_labels(labelled.subset(std::vector<std::size_t>{2, 0, 2}).position_labels,
               {1, 0, 2, 2, none, none, 1, 0});
  check_labels((labelled + labelled.subset(std::vector<std::size_t>{2})).position_labels,
               {2, 2, none, none, 1, 0, 1, 0});
  const auto others = label_positions(example(), {"ECH", "-"});
  CHECK(message_of<option_error>([&] { return labelled + others; }) ==
        "joining labelled records: the two sets have different labels by position; give both the same "
        "classes, and weights to both or to none");
}

TEST_CASE("position labels: they reach data set and batch, each at its letter") {
  auto labelled = label_positions(example(), {"CEH", "-"});
  labelled.position_weights = {1, 2, 3, 4, 5, 6};
  const SequenceDataset data = encode(labelled, aa20);
  CHECK(data.position_classes() == 3);
  CHECK(data.position_label_names == std::vector<std::string>{"C", "E", "H"});
  check_labels(data.labels_of(0).positions, {2, 2, none, none});
  CHECK(data.labels_of(1).positions.empty());
  check_labels(data.subset(std::vector<std::size_t>{2, 1, 0}).position_labels, {1, 0, 2, 2, none, none});
  CHECK(concat(data, data).position_labels.size() == 12);

  Batcher batcher(data, {.shuffle = false});
  SequenceBatch batch;
  REQUIRE(batcher.next(batch));
  REQUIRE(batch.position_labels.size() == 6);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t record = batch.records[i], r = batch.layout.rank(i);
    for (std::size_t t = 0; t < data.length(record); ++t) {
      const std::size_t row = batch.layout.offset(t) + r, at = data.offsets[record] + t;
      CHECK(batch.position_weights[row] == labelled.position_weights[at]);
      CHECK(batch.ids[row] == data.ids[at]);
      check_labels({&batch.position_labels[row], 1}, {data.position_labels[at]});
    }
  }
}

TEST_CASE("position labels: what does not fit names file, line and both lengths") {
  const LabelAlphabet alphabet{"CEH", "-"};
  const auto sentence = [&](Record record) {
    record.id = "p";
    record.file = "x.csv";
    record.line = 7;
    return message_of<parse_error>([&] { return alphabet.labels(record); });
  };
  CHECK(
      sentence({.sequence = "ACD", .annotation = "HH"}) ==
      "x.csv:7: record 'p' has 3 letters, but 2 labels; expected one for each letter, where white space does "
      "not count");
  CHECK(
      sentence({.sequence = "ACD", .annotation = "HHH", .mask = "1"}) ==
      "x.csv:7: record 'p' has 3 letters, but 1 characters of its mask; expected one for each letter, where "
      "white space does not count");
  CHECK(sentence({.sequence = "ACD", .annotation = "HXH"}) ==
        "x.csv:7: label 'X' at position 2 of 'p' is none of 'CEH', and none of '-', which do not count");
  CHECK(
      sentence({.sequence = "ACD", .annotation = "HHH", .mask = "012"}) ==
      "x.csv:7: record 'p' has '2' at position 3 of its mask, expected 0 where a label does not count and 1 "
      "where it does");
  CHECK(message_of<option_error>([&] {
          return label_positions({Record{.id = "p", .sequence = "AC", .annotation = "HH", .mask = "00"}},
                                 alphabet);
        }) ==
        "no letter of 1 records has a label that counts; look at the mask and at the letters that are "
        "ignored");
}

TEST_CASE("position labels: k-mers have no label for each letter") {
  const auto labelled = label_positions(example(), {"CEH", "-"});
  CHECK_THROWS_WITH(
      encode(labelled, Tokenizer(aa20, {.k = 2})),
      ContainsSubstring("record 'a': 4 labels for 3 positions; expected one each (a tokenizer of "
                        "k = 1 gives a token for each letter)"));
}

TEST_CASE("position labels: of records of several types a class is a letter in one type") {
  std::vector<Record> records = {Record{.id = "a", .sequence = "MKLA", .annotation = "SSOO"},
                                 Record{.id = "b", .sequence = "MK", .annotation = "IO"},
                                 Record{.id = "c", .sequence = "M", .annotation = "S"}};
  const std::vector<std::string> types = {"SP", "NO", "SP"};
  const LabelAlphabet alphabet = label_alphabet(records, "", types);
  CHECK(alphabet.letters == "IOOS");
  CHECK(alphabet.types == std::vector<std::string>{"NO", "NO", "SP", "SP"});
  CHECK(alphabet.names() == std::vector<std::string>{"NO:I", "NO:O", "SP:O", "SP:S"});
  CHECK(alphabet.type_names() == std::vector<std::string>{"NO", "SP"});
  CHECK(alphabet.type_numbers() == std::vector<std::size_t>{0, 0, 1, 1});
  const auto labelled = label_positions(records, alphabet, types);
  check_labels(labelled.position_labels, {3, 3, 2, 2, 0, 1, 3});
  CHECK(labelled.position_label_names == alphabet.names());
  CHECK(alphabet.text(labelled.position_labels) == "SSOOIOS");
  CHECK(message_of<shape_error>([&] { label_alphabet(records, "", std::span(types).first(2)); }) ==
        "labels by position: 2 types of 3 records; expected one for each");
  CHECK(message_of<parse_error>([&] { (void)alphabet.labels(records[1], "SP"); }) ==
        "record 'b': label 'I' at position 1 of 'b' is none of 'OS' of the type 'SP'");
  CHECK(message_of<parse_error>([&] { (void)alphabet.labels(records[0], "LIPO"); }) ==
        "record 'a': label 'S' at position 1 of 'a' is none of '' of the type 'LIPO'");
}

TEST_CASE("position labels: the probability of a type is that of its classes") {
  const LabelAlphabet alphabet{"IOOS", "", {"NO", "NO", "SP", "SP"}};
  const std::vector<double> values = {0.25, 0.25, 0.125, 0.375, 0.0, 0.5, 0.5, 0.0, 0.0, 0.0, 0.75, 0.25};
  const ConstMatrixView<double> rows(values.data(), 3, 4);
  const auto probabilities = type_probabilities(alphabet, rows);
  REQUIRE(probabilities.size() == 2);
  CHECK(std::abs(probabilities[0] - (1.0 / 3)) < 1e-15);
  CHECK(std::abs(probabilities[1] - (2.0 / 3)) < 1e-15);
  CHECK(likeliest_of_type(alphabet, rows) == std::vector<Token>{3, 2, 2});
  CHECK(type_probabilities(alphabet, {}) == std::vector<double>{0.5, 0.5});
  CHECK(likeliest_of_type(alphabet, {}).empty());
  CHECK(message_of<shape_error>([&] {
          type_probabilities(alphabet, {values.data(), 4, 3});
        }) == "type_probabilities: 3 columns for 4 classes");
  CHECK(message_of<option_error>([&] { type_probabilities({"IO"}, rows); }) ==
        "type_probabilities: the label alphabet has no types of records");
}

TEST_CASE("position labels: a letter may stand for a longer name") {
  const LabelAlphabet alphabet{".E", "", {}, {"background", "exon"}};
  CHECK(alphabet.names() == std::vector<std::string>{"background", "exon"});
  CHECK(alphabet.type_names().empty());
  CHECK(alphabet.type_numbers().empty());
}
