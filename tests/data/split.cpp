#include <seqlstm/data/split.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

// counts[c] rows of class c, classes interleaved as they come
std::vector<double> labels_of(const std::vector<std::size_t>& counts) {
  std::vector<double> labels;
  for (std::size_t i = 0, placed = 1; placed > 0; ++i) {
    placed = 0;
    for (std::size_t c = 0; c < counts.size(); ++c)
      if (i < counts[c]) labels.push_back(static_cast<double>(c)), ++placed;
  }
  return labels;
}
std::vector<std::size_t> class_counts_of(const std::vector<std::size_t>& rows,
                                         const std::vector<double>& labels) {
  std::vector<std::size_t> counts(class_counts(labels).size());
  for (const std::size_t row : rows) ++counts[static_cast<std::size_t>(labels[row])];
  return counts;
}
SequenceDataset dataset_of(const std::vector<double>& labels) {
  SequenceDataset data;
  for (std::size_t i = 0; i < labels.size(); ++i)
    data.add(Record{.id = std::to_string(i), .sequence = "ACGT"}, std::span<const double>(&labels[i], 1));
  return data;
}

const std::array<double, 3> usual = {0.8, 0.1, 0.1};

}  // namespace

TEST_CASE("the parts are all rows, each once, in ascending order") {
  for (const bool stratified : {false, true}) {
    const auto labels = labels_of({61, 42});
    const auto parts = split_indices(labels, labels.size(), usual, {.seed = 3, .stratified = stratified});
    std::vector<std::size_t> seen(labels.size());
    for (const auto& part : parts) {
      CHECK(std::is_sorted(part.begin(), part.end()));
      for (const std::size_t row : part) ++seen[row];
    }
    CHECK(seen == std::vector<std::size_t>(labels.size(), 1));
  }
}

TEST_CASE("stratified parts have their share of every class") {
  const auto labels = labels_of({839, 3000});
  const auto parts = split_indices(labels, labels.size(), usual, {.seed = 1, .stratified = true});
  CHECK(class_counts_of(parts[0], labels) == std::vector<std::size_t>{671, 2400});
  CHECK(class_counts_of(parts[1], labels) == std::vector<std::size_t>{84, 300});
  CHECK(class_counts_of(parts[2], labels) == std::vector<std::size_t>{84, 300});
}

TEST_CASE("many small classes leave no part short") {
  const auto labels = labels_of(std::vector<std::size_t>(20, 15));  // 12, 1.5 and 1.5 of each
  const auto parts = split_indices(labels, labels.size(), usual, {.stratified = true});
  CHECK(parts[0].size() == 240);
  CHECK(parts[1].size() == 30);
  CHECK(parts[2].size() == 30);
  for (const auto& part : parts)
    for (const std::size_t count : class_counts_of(part, labels)) CHECK(count >= 1);
}

TEST_CASE("a class with as many members as parts has one in each") {
  const auto labels = labels_of({3, 100});
  for (const auto& part : split_indices(labels, labels.size(), usual, {.stratified = true}))
    CHECK(class_counts_of(part, labels)[0] == 1);
}

TEST_CASE("a split follows its seed") {
  const auto labels = labels_of({50, 50});
  const auto first = split_indices(labels, 100, usual, {.seed = 1});
  CHECK(first == split_indices(labels, 100, usual, {.seed = 1}));
  CHECK(first != split_indices(labels, 100, usual, {.seed = 2}));
}

TEST_CASE("as many rows as parts give one row to each") {
  for (const auto& part : split_indices({}, 3, usual)) CHECK(part.size() == 1);
}

TEST_CASE("split gives data sets") {
  const auto data = dataset_of(labels_of({10, 10}));
  const auto [train, valid, test] = split(data, {0.8, 0.1, 0.1}, {.seed = 1, .stratified = true});
  CHECK(train.size() == 16);
  CHECK(valid.size() == 2);
  CHECK(test.size() == 2);
  CHECK(class_counts(test.labels) == std::vector<std::size_t>{1, 1});
  const auto [most, rest] = split(data, {0.9, 0.1});
  CHECK(most.size() == 18);
  CHECK(rest.size() == 2);
}

TEST_CASE("impossible splits say why") {
  const auto labels = labels_of({2, 50});
  CHECK(message_of<option_error>([&] { return split_indices(labels, 52, usual, {.stratified = true}); }) ==
        "split: class 0 has fewer records (2) than there are parts (3); drop or merge the class, or use "
        "stratified "
        "= false");
  const std::vector<double> ones(12, 1.0);
  CHECK(message_of<option_error>([&] { return split_indices(ones, 12, usual, {.stratified = true}); }) ==
        "split: all 12 records have label 1; a stratified split needs at least two classes");
  CHECK(message_of<option_error>([&] { return split_indices({}, 12, usual, {.stratified = true}); }) ==
        "split: stratified needs one class label per record, got 0 labels for 12 records");
  CHECK(message_of<option_error>([&] { return split_indices({}, 0, usual); }) ==
        "split: 0 records are too few for 3 parts");
  CHECK(message_of<option_error>([&] {
          return split_indices<2>({}, 9, {0.8, 0.1});
        }) == "split: the fractions sum to 0.900000, expected 1");
  CHECK(message_of<option_error>([&] {
          return split_indices<2>({}, 9, {1.0, 0.0});
        }) == "split: every fraction must be above 0, got 0.000000");
  CHECK_THROWS_AS(split_indices<2>({}, 9, {std::nan(""), 0.5}), option_error);
}

TEST_CASE("k folds test every row once, in parts of equal size and equal shares") {
  const auto labels = labels_of({13, 29});
  const auto folds = k_fold(labels, labels.size(), 5, {.seed = 2, .stratified = true});
  REQUIRE(folds.size() == 5);
  std::vector<std::size_t> tested(labels.size());
  for (const Partition& fold : folds) {
    CHECK(fold.train.size() + fold.test.size() == labels.size());
    CHECK((fold.test.size() == 8 || fold.test.size() == 9));
    const auto counts = class_counts_of(fold.test, labels);
    CHECK((counts[0] == 2 || counts[0] == 3));
    for (const std::size_t row : fold.test) {
      ++tested[row];
      CHECK_FALSE(std::binary_search(fold.train.begin(), fold.train.end(), row));
    }
  }
  CHECK(tested == std::vector<std::size_t>(labels.size(), 1));
  CHECK(message_of<option_error>([&] { return k_fold(labels, 42, 1); }) ==
        "k_fold: k is 1, expected 2 to 42, the number of records");
  CHECK_THROWS_AS(k_fold(labels, 42, 43), option_error);
  CHECK_THROWS_AS(k_fold(labels, 42, 14, {.stratified = true}), option_error);
}
