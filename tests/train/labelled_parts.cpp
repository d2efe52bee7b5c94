#include <seqlstm/train/labelled_parts.hpp>

#include <set>

#include "support/catch.hpp"
#include "support/labelled.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using namespace testing;
using support::message_of;

namespace {

LabelledRecords classes(const std::vector<std::string>& names) {
  std::vector<Record> records;
  for (std::size_t i = 0; i < names.size(); ++i)
    records.push_back({.id = std::to_string(i), .sequence = "ACGTACGT" + std::string(i, 'A')});
  return label(std::move(records), names);
}

std::multiset<std::string> ids(const LabelledParts& parts) {
  std::multiset<std::string> all;
  for (const auto* part : {&parts.train, &parts.valid, &parts.test})
    for (const auto& record : part->records) all.insert(record.id);
  return all;
}

}  // namespace

TEST_CASE("labelled parts: drawn by seed, every class in each part, every record once") {
  const auto all = ending_records(100, 8, 1);
  const auto parts = split_parts(all, Task::binary, 3);
  CHECK(parts.drawn);
  CHECK(parts.train.size() == 80);
  CHECK(parts.valid.size() == 10);
  CHECK(parts.test.size() == 10);
  CHECK(ids(parts).size() == 100);
  const auto distinct = ids(parts);
  CHECK(std::set<std::string>(distinct.begin(), distinct.end()).size() == 100);
  for (const auto* part : {&parts.train, &parts.valid, &parts.test})
    CHECK(std::set<double>(part->labels.begin(), part->labels.end()) == std::set<double>{0, 1});
  CHECK(ids(split_parts(all, Task::binary, 3)) == distinct);
  CHECK(split_parts(all, Task::binary, 3).test.records[0].id == parts.test.records[0].id);
  CHECK(message_of<option_error>([&] {
          split_parts(classes({"a", "a", "a", "b", "b"}), Task::binary, 1);
        }) == "label 'b' has 2 records, expected at least 3, one for each of training, validation and test");
  CHECK(message_of<option_error>([&] {
          split_parts(all.subset(std::vector<std::size_t>{0, 1}), Task::regression, 1);
        }) == "2 records, expected at least one for each of training, validation and test");
}

TEST_CASE("labelled parts: those that were brought, and validation is drawn where there is none") {
  const auto all = classes({"a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b"});
  const auto brought = partitioned(all, Task::binary, {{0, 1, 2, 3}, {4, 5}, {6, 7}}, 1);
  CHECK_FALSE(brought.drawn);
  CHECK(brought.valid.records[0].id == "4");
  CHECK(brought.test.labels == std::vector<double>{0, 1});
  const auto carved =
      partitioned(all, Task::binary, {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, {}, {12, 13}}, 1);
  CHECK(carved.valid.size() == 2);
  CHECK(carved.train.size() == 10);
  CHECK(
      message_of<option_error>([&] {
        partitioned(all, Task::binary, {{0, 2}, {1}, {3}}, 1);
      }) ==
      "label 'b' has 0 records in the training part, expected at least 1; leave the class out, or small ones "
      "with min_class_size");
  CHECK(
      message_of<option_error>([&] {
        partitioned(all, Task::binary, {{0, 2, 1}, {}, {3}}, 1);
      }) ==
      "label 'b' has 1 records in the training part, expected at least 2; leave the class out, or small ones "
      "with min_class_size");
  CHECK(message_of<option_error>([&] {
          partitioned(all, Task::binary, {{0, 1}, {2}, {}}, 1);
        }) == "no row is in the test part; every part needs rows");
  CHECK(message_of<option_error>([&] {
          partitioned(classes({"a", "b", "a", "a"}), Task::binary, {{0, 1}, {2}, {3}}, 1);
        }) == "label 'b' has 1 records, expected at least 2; leave it out with min_class_size 2");
}

TEST_CASE("labelled parts: some rows of training are kept, the others lose their labels") {
  auto parts = split_parts(ending_records(100, 8, 1), Task::binary, 3);
  auto same = parts;
  keep_train_rows(parts, 20);
  CHECK(parts.train.size() == 20);
  CHECK(parts.unlabelled.size() == 60);
  CHECK(std::set<double>(parts.train.labels.begin(), parts.train.labels.end()).size() == 2);
  keep_train_rows(same, 0);
  CHECK(same.train.size() == 80);
  keep_train_rows(same, 80);
  CHECK(same.unlabelled.empty());
  CHECK(message_of<option_error>([&] { keep_train_rows(same, 81); }) ==
        "train_rows is 81, the training part has 80 rows");
  CHECK(message_of<option_error>([&] { keep_train_rows(same, 1); }) ==
        "train_rows is 1, expected at least one for each of 2 classes");
}

TEST_CASE("labelled parts: equal sequences across parts are counted") {
  LabelledParts parts;
  parts.train = {{{.sequence = "ACGT"}, {.sequence = "TTTT"}}, {0, 1}, {}};
  parts.valid = {{{.sequence = "acgt"}}, {1}, {}};
  parts.test = {{{.sequence = "ACGT"}, {.sequence = "GGGG"}}, {0, 1}, {}};
  const auto found = overlap(parts);
  CHECK(found.test_in_train == 1);
  CHECK(found.contradictory == 3);  // all of acgt
}

TEST_CASE("labelled parts: encoded, with one length or not") {
  const auto same = ending_parts(40, 8, 1);
  CHECK(same.vocabulary() == 4);
  CHECK(same.same_length());
  CHECK(same.train.size() == 32);
  auto parts = split_parts(ending_records(40, 8, 1), Task::binary, 1);
  parts.unlabelled = {{.sequence = "ACG"}};
  const auto objective = objective_for(parts.task, parts.train);
  const auto longer = encode_parts(parts, objective, Tokenizer(dna4), {}, "data");
  CHECK_FALSE(longer.same_length());
  CHECK(longer.unlabelled.size() == 1);
  for (double& value : parts.valid.labels) value = 1;
  CHECK_THAT(message_of<option_error>([&] { encode_parts(parts, objective, Tokenizer(dna4), {}, "x.csv"); }),
             ContainsSubstring("x.csv, validation part: all 4 records have label yes"));
}
