#include <seqlstm/data/dataset.hpp>

#include <limits>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

LabelledRecords example() {
  return label({Record{.id = "a", .sequence = "ACGT"}, Record{.id = "b", .sequence = ""}}, 1) +
         label({Record{.id = "c", .sequence = "GG"}}, 0);
}
std::vector<Token> tokens_of(const SequenceDataset& data, std::size_t i) {
  const auto tokens = data.sequence(i);
  return {tokens.begin(), tokens.end()};
}

}  // namespace

TEST_CASE("a data set holds every record's tokens, label and name") {
  const SequenceDataset data = encode(example(), dna4);
  CHECK(data.size() == 3);
  CHECK(data.tokens() == 6);
  CHECK(data.vocabulary() == 4);
  CHECK(tokens_of(data, 0) == std::vector<Token>{0, 1, 2, 3});
  CHECK(data.sequence(1).empty());
  CHECK(tokens_of(data, 2) == std::vector<Token>{2, 2});
  CHECK(data.label(0)[0] == 1);
  CHECK(data.labels == std::vector<double>{1, 1, 0});
  CHECK(data.names == std::vector<std::string>{"a", "b", "c"});
  CHECK(data.max_length() == 4);
  CHECK_FALSE(data.same_length());
  CHECK(data.classes() == 2);
  CHECK(class_counts(data.labels) == std::vector<std::size_t>{1, 2});
}

TEST_CASE("encode takes k-mers, and records without labels") {
  const auto labelled = example();
  CHECK(tokens_of(encode(labelled, {dna4, {.k = 2}}), 0) == std::vector<Token>{1, 6, 11});
  const SequenceDataset plain = encode(labelled.records, dna4);
  CHECK(plain.label_width == 0);
  CHECK(plain.label(1).empty());
  CHECK(plain.size() == 3);
  CHECK(message_of<option_error>([&] { return plain.classes(); }) ==
        "classes: the data set has 0 labels per record, expected one class index");
}

TEST_CASE("a data set without records is legal") {
  const SequenceDataset none = encode(LabelledRecords{}, dna4);
  CHECK(none.size() == 0);
  CHECK(none.label_width == 1);
  CHECK(none.max_length() == 0);
  CHECK_FALSE(none.same_length());
}

TEST_CASE("encode names the record of an unknown letter") {
  const std::vector<Record> records = {{.id = "good", .sequence = "A"}, {.id = "bad", .sequence = "AX"}};
  CHECK_THAT(message_of<token_error>([&] { return encode(records, dna4); }),
             ContainsSubstring("record 'bad': letter 'X' at position 2 of the sequence"));
}

TEST_CASE("labels must be as many as records") {
  auto labelled = example();
  labelled.labels.pop_back();
  CHECK(message_of<shape_error>([&] { return encode(labelled, dna4); }) ==
        "encode: 3 records with 2 labels; expected one label per record");
  SequenceDataset data;
  data.add(Record{.sequence = "A"}, std::vector<double>{1, 0});
  CHECK(data.label_width == 2);
  CHECK(message_of<shape_error>([&] { data.add(Record{.sequence = "C"}, std::vector<double>{1}); }) ==
        "data set: a record with 1 labels behind records with 2; expected the same number for all");
  CHECK(data.size() == 1);
}

TEST_CASE("subset keeps the given rows in the given order") {
  SequenceDataset data = encode(example(), dna4);
  data.label_names = {"no", "yes"};
  const SequenceDataset part = data.subset(std::vector<std::size_t>{2, 0, 2});
  CHECK(part.size() == 3);
  CHECK(part.names == std::vector<std::string>{"c", "a", "c"});
  CHECK(part.labels == std::vector<double>{0, 1, 0});
  CHECK(tokens_of(part, 1) == tokens_of(data, 0));
  CHECK(part.label_names == data.label_names);
  CHECK(part.tokenizer == data.tokenizer);
  CHECK(data.subset({}).size() == 0);
}

TEST_CASE("concat is one set behind the other, and a set may follow itself") {
  const SequenceDataset data = encode(example(), dna4);
  const SequenceDataset both = concat(data, data.subset(std::vector<std::size_t>{2}));
  CHECK(both.size() == 4);
  CHECK(both.names.back() == "c");
  CHECK(tokens_of(both, 3) == std::vector<Token>{2, 2});
  SequenceDataset twice = data;
  twice.append(twice);
  CHECK(twice.size() == 6);
  CHECK(tokens_of(twice, 3) == tokens_of(data, 0));
  CHECK(message_of<option_error>([&] { return concat(data, encode(example(), dna5)); }) ==
        "append: the data sets have different tokenizers; encode both with one");
  auto named = data;
  named.label_names = {"x", "y"};
  CHECK_THROWS_AS(concat(data, named), option_error);
  CHECK_THROWS_AS(concat(data, encode(example().records, dna4)), shape_error);
}

TEST_CASE("labels that are no class indices are refused") {
  CHECK(message_of<option_error>([] {
          return class_counts(std::vector<double>{1, 0.5});
        }) ==
        "label 0.500000 of record 1 is not a class index (0, 1, 2, ...); name the classes, or use a "
        "regression loss");
  CHECK_THROWS_AS(class_counts(std::vector<double>{-1}), option_error);
  CHECK_THROWS_AS(class_counts(std::vector<double>{std::nan("")}), option_error);
  CHECK(class_counts(std::vector<double>{2, 0}) == std::vector<std::size_t>{1, 0, 1});
  CHECK(class_counts({}).empty());
}

TEST_CASE("one class only is an error that names it") {
  SequenceDataset data =
      encode(label({Record{.id = "a", .sequence = "A"}, Record{.id = "b", .sequence = "C"}}, 1), dna4);
  CHECK(message_of<option_error>([&] { require_two_classes(data, "promoter.csv"); }) ==
        "promoter.csv: all 2 records have label 1; a classifier needs records of at least two classes");
  data.label_names = {"no", "yes"};
  CHECK_THAT(message_of<option_error>([&] { require_two_classes(data, "x"); }),
             ContainsSubstring("have label yes;"));
  CHECK(message_of<option_error>([] { require_two_classes(SequenceDataset{}, "x.csv"); }) ==
        "x.csv: no records; expected records of at least two classes");
  CHECK_NOTHROW(require_two_classes(encode(example(), dna4), "x"));
}

TEST_CASE("data set: an alphabet with options of its tokenizer") {
  const std::vector<Record> records = {{.id = "a", .sequence = "ACGT"}};
  CHECK(encode(records, dna4, {.k = 3}).ids == encode(records, Tokenizer(dna4, {.k = 3})).ids);
  CHECK(encode(example(), dna4, {.k = 2}).ids == encode(example(), Tokenizer(dna4, {.k = 2})).ids);
}

TEST_CASE("a data set of real numbers holds rows, channels and labels") {
  const std::vector<float> first = {1, 2, 3, 4, 5, 6}, second = {7, 8};
  const double label[] = {1}, positions[] = {0, 1, ignored_label};
  SequenceDataset data;
  data.add("a", {first.data(), 3, 2}, {.record = label, .positions = positions});
  data.add("b", {second.data(), 1, 2}, {.record = label, .positions = std::span(positions).first(1)});
  CHECK(data.size() == 2);
  CHECK(data.tokens() == 4);
  CHECK(data.max_length() == 3);
  CHECK(data.sequence(0).empty());
  CHECK(data.channel_rows(0)(2, 1) == 6);
  CHECK(data.channel_rows(1).rows() == 1);
  CHECK(data.channel_rows().rows() == 4);
  CHECK(data.position_classes() == 2);
  CHECK(data.labels_of(1).positions.size() == 1);
  const auto turned = data.subset(std::vector<std::size_t>{1, 0});
  CHECK(turned.channels == std::vector<float>{7, 8, 1, 2, 3, 4, 5, 6});
  CHECK(turned.offsets == std::vector<std::size_t>{0, 1, 4});
  CHECK(concat(data, data).channels.size() == 16);
  CHECK(message_of<shape_error>([&] {
          data.add("c", {first.data(), 2, 3}, {.record = label, .positions = std::span(positions).first(2)});
        }) == "record 'c': 3 channels behind records with 2; expected the same number for all");
  CHECK(
      message_of<shape_error>([&] {
        data.add("c", {first.data(), 3, 2}, {.record = label});
      }) ==
      "record 'c': no labels by position behind records that have them; give them to all records or to none");
  CHECK(message_of<shape_error>([&] {
          data.add("c", {first.data(), 3, 2}, {.record = label, .positions = std::span(positions).first(2)});
        }) ==
        "record 'c': 2 labels for 3 positions; expected one each (a tokenizer of k = 1 gives a token for "
        "each letter)");
  CHECK(message_of<option_error>([&] {
          const std::vector<float> bad = {1, std::numeric_limits<float>::infinity()};
          data.add("c", {bad.data(), 1, 2}, {.record = label, .positions = std::span(positions).first(1)});
        }) ==
        "record 'c': channel 1 is inf at position 1, expected a finite number; fill_missing() puts numbers "
        "in place of NaN");
  CHECK(message_of<shape_error>([&] {
          data.add("c", {first.data(), 3, 0}, {.record = label});
        }) == "record 'c': no channels, expected at least one");
  CHECK(message_of<shape_error>([&] {
          data.add(Record{.id = "c", .sequence = "A"}, {first.data(), 1, 2},
                   {.record = label, .positions = std::span(positions).first(1)});
        }) == "record 'c': tokens behind records that have none; give them to all records or to none");
  CHECK(data.size() == 2);
  CHECK(data.tokens() == 4);
  data.check();
  data.position_labels.pop_back();
  CHECK(message_of<shape_error>([&] { data.check(); }) ==
        "data set: 3 labels of positions, expected 4, or none");
}

TEST_CASE("a data set of letters and numbers needs a row for each token") {
  const std::vector<float> rows = {1, 2, 3, 4};
  SequenceDataset data;
  data.add(Record{.id = "a", .sequence = "ACGT"}, {rows.data(), 4, 1}, {});
  CHECK(data.sequence(0).size() == 4);
  CHECK(data.channel_rows(0)(3, 0) == 4);
  CHECK(message_of<shape_error>([&] {
          data.add(Record{.id = "b", .sequence = "AC"}, {rows.data(), 3, 1}, {});
        }) == "record 'b': 3 rows of channels for 2 tokens; expected one each");
}

TEST_CASE("what records spell may have any length, and goes with them") {
  const std::vector<Token> word = {2, 1, 1}, other = {3};
  SequenceDataset data;
  data.add(Record{.id = "none", .sequence = "A"});
  data.add(Record{.id = "a", .sequence = "AC"}, RecordLabels{.sequence = word});
  data.add(Record{.id = "b", .sequence = "ACGT"}, RecordLabels{.sequence = other});
  CHECK(data.label_sequence_offsets == std::vector<std::size_t>{0, 0, 3, 4});
  const auto turned = data.subset(std::vector<std::size_t>{2, 0, 1});
  CHECK(turned.label_sequences == std::vector<Token>{3, 2, 1, 1});
  CHECK(turned.label_sequence_offsets == std::vector<std::size_t>{0, 1, 1, 4});
  CHECK(data.targets().label_sequences.size() == 4);
}

TEST_CASE("a data set takes further channels behind those it has") {
  SequenceDataset data =
      encode(std::vector<Record>{{.id = "a", .sequence = "AC"}, {.id = "b", .sequence = "G"}}, dna4);
  const std::vector<float> first = {1, 2, 3}, more = {4, 5, 6, 7, 8, 9};
  data.add_channels({first.data(), 3, 1});
  CHECK(data.channel_count == 1);
  data.add_channels({more.data(), 3, 2});
  CHECK(data.channel_count == 3);
  CHECK(data.channels == std::vector<float>{1, 4, 5, 2, 6, 7, 3, 8, 9});
  CHECK_NOTHROW(data.check());
  CHECK(data.channel_rows(1)(0, 2) == 9);
  CHECK(support::message_of<shape_error>([&] {
          data.add_channels({more.data(), 2, 3});
        }) == "data set: 2 rows of channels for 3 positions; expected one each");
  const std::vector<float> bad = {0, 1, std::numeric_limits<float>::quiet_NaN()};
  CHECK(
      support::message_of<option_error>([&] {
        data.add_channels({bad.data(), 3, 1});
      }) ==
      "record 'b': channel 0 is nan at position 1, expected a finite number; fill_missing() puts numbers in "
      "place of NaN");
  CHECK(data.channel_count == 3);
}
