#include <seqlstm/data/categorical_inputs.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

std::vector<Record> records(const std::vector<std::string>& descriptions) {
  std::vector<Record> made;
  for (const auto& text : descriptions) made.push_back({.id = "r", .description = text, .sequence = "ACGT"});
  return made;
}

}  // namespace

TEST_CASE("categorical inputs: values of a description") {
  CHECK(description_value("organism=plant", "organism") == "plant");
  CHECK(description_value("kinase OS=Homo sapiens OX=9606 GN=AKT1", "OS") == "Homo sapiens");
  CHECK(description_value("kinase OS=Homo sapiens OX=9606 GN=AKT1", "GN") == "AKT1");
  CHECK(description_value("kinase OS=Homo sapiens", "O") == "");
  CHECK(description_value("BOS=no", "OS") == "");
  CHECK(description_value("", "OS") == "");
  CHECK(description_value("a=1 \thost=any = text\t b=2", "host") == "any = text");
  CHECK(description_value("OS= OX=1", "OS") == "");
}

TEST_CASE("categorical inputs: a token for each value stands before the letters, another for new ones") {
  const auto train = records({"a=x b=1", "a=y b=2", "a=x b=3"});
  const CategoricalInputs inputs({"a", "b"}, train);
  CHECK(inputs.vocabulary() == 5);
  CHECK(inputs.values[0] == std::vector<std::string>{"x", "y"});
  const auto data = inputs.encode(std::span(train), dna4);
  CHECK(std::vector<Token>(data.sequence(0).begin(), data.sequence(0).end()) ==
        std::vector<Token>{4, 6, 0, 1, 2, 3});
  CHECK(std::vector<Token>(data.sequence(1).begin(), data.sequence(1).end()) ==
        std::vector<Token>{5, 7, 0, 1, 2, 3});
  const auto fresh = records({"a=z"});
  const auto read = inputs.encode(std::span(fresh), dna4);
  CHECK(read.ids[0] == 9);  // not seen: behind all of them
  CHECK(read.ids[1] == 9);
  LabelledRecords labelled{train, {0, 1, 0}, {"no", "yes"}};
  CHECK(inputs.encode(labelled, dna4).labels == labelled.labels);
  CHECK(inputs.encode(labelled, dna4).label_names == labelled.label_names);
  CHECK(CategoricalInputs().encode(std::span(train), dna4).ids ==
        encode(std::span<const Record>(train), dna4).ids);
}

TEST_CASE("categorical inputs: columns that say nothing or too much, records without a token") {
  CHECK_THROWS_WITH(CategoricalInputs({"a"}, records({"a=x", "a=x"})),
                    "categorical input a has 1 different values in the training part, expected 2 to 1000 "
                    "categories");
  std::vector<std::string> many;
  for (int i = 0; i < 1001; ++i) many.push_back("a=" + std::to_string(i));
  CHECK_THROWS_AS(CategoricalInputs({"a"}, records(many)), option_error);
  const std::vector<Record> empty = {{.id = "e", .sequence = "AC"}};
  CHECK_THROWS_WITH(CategoricalInputs().encode(std::span(empty), {dna4, {.k = 3}}),
                    "record 'e': record 'e' has 2 letters and not one token of 3 known ones; leave it out");
}

TEST_CASE("categorical inputs: values of a header, by key or by number of a field") {
  const Record record{.id = "P1|EUKARYA|SP", .description = "organism=plant 7=seven"};
  CHECK(header_value(record, "organism") == "plant");
  CHECK(header_value(record, "1") == "P1");
  CHECK(header_value(record, "2") == "EUKARYA");
  CHECK(header_value(record, "3") == "SP");
  CHECK(header_value(record, "4").empty());
  CHECK(header_value(record, "0").empty());
  CHECK(header_value(record, "2x").empty());
  CHECK(header_value(record, "7") == "seven");
}

TEST_CASE("categorical inputs: channels that are the same at every letter") {
  const std::vector<Record> train = {{.id = "a|X", .description = "b=1", .sequence = "AC"},
                                     {.id = "b|Y", .description = "b=2", .sequence = "G"}};
  const CategoricalInputs inputs({"2", "b"}, train);
  CHECK(inputs.vocabulary() == 4);
  CHECK(inputs.channels(train) == std::vector<float>{1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1});
  const std::vector<Record> others = {{.id = "c|Z", .description = "b=2", .sequence = "T"},
                                      {.id = "d", .sequence = ""}};
  CHECK(inputs.channels(others) == std::vector<float>{0, 0, 0, 1});
  CHECK(CategoricalInputs().channels(train).empty());
}
