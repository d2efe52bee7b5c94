#include <seqlstm/data/batches.hpp>

#include <algorithm>

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Row i is (i, -i) with label 10 i.
FeatureDataset numbered_rows(std::size_t rows) {
  FeatureDataset data;
  data.width = 2;
  for (std::size_t i = 0; i < rows; ++i) {
    data.values.insert(data.values.end(), {static_cast<float>(i), -static_cast<float>(i)});
    data.labels.push_back(10.0 * static_cast<double>(i));
  }
  return data;
}

/// What training sees of an epoch: records in their order, rows and tokens of every batch.
struct Epoch {
  std::vector<std::uint64_t> records;
  std::vector<std::size_t> rows, tokens;
};

template <class Dataset>
Epoch epoch_of(const Dataset& data, const BatchOptions& options, std::size_t number = 0) {
  using Batches = detail::BatchesOf<Dataset>;
  auto batcher = Batches::make(data, options);
  batcher.begin_epoch(number);
  typename Batches::Batch batch;
  Epoch epoch;
  while (batcher.next(batch)) {
    epoch.records.insert(epoch.records.end(), batch.records.begin(), batch.records.end());
    epoch.rows.push_back(Batches::rows(batch));
    epoch.tokens.push_back(Batches::tokens(batch));
  }
  CHECK(epoch.rows.size() == batcher.batches());
  return epoch;
}

std::vector<std::uint64_t> sorted(std::vector<std::uint64_t> records) {
  std::sort(records.begin(), records.end());
  return records;
}

std::vector<std::uint64_t> first_numbers(std::size_t count) {
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t i = 0; i < count; ++i) numbers.push_back(i);
  return numbers;
}

template <class Dataset> void check_options(const Dataset& data) {
  const auto epoch = epoch_of(data, {.batch_size = 8, .seed = 3});
  REQUIRE(epoch.rows.size() == 4);
  CHECK(*std::max_element(epoch.rows.begin(), epoch.rows.end()) == 8);
  CHECK(std::count(epoch.rows.begin(), epoch.rows.end(), 6) == 1);
  CHECK(sorted(epoch.records) == first_numbers(30));
  CHECK(epoch_of(data, {.batch_size = 8, .seed = 3}).records == epoch.records);
  CHECK(epoch_of(data, {.batch_size = 8, .seed = 4}).records != epoch.records);
  CHECK(epoch_of(data, {.batch_size = 8, .seed = 3}, 1).records != epoch.records);
  const auto fixed = epoch_of(data, {.batch_size = 8, .shuffle = false, .seed = 3});
  CHECK(epoch_of(data, {.batch_size = 8, .shuffle = false, .seed = 4}, 2).records == fixed.records);
}

}  // namespace

TEST_CASE("batches: size, shuffling, seed and epoch reach the batcher of sequences") {
  check_options(tiny_data(30, 1));
}

TEST_CASE("batches: size, shuffling, seed and epoch reach the batcher of feature rows") {
  check_options(numbered_rows(30));
}

TEST_CASE("batches: sequences unshuffled go from the longest to the shortest, within the token budget") {
  const auto data = tiny_data(30, 1);
  const auto epoch = epoch_of(data, {.max_tokens = 40, .shuffle = false});
  for (std::size_t i = 1; i < epoch.records.size(); ++i)
    CHECK(data.length(epoch.records[i]) <= data.length(epoch.records[i - 1]));
  std::size_t rows = 0, tokens = 0;
  for (std::size_t i = 0; i < epoch.rows.size(); ++i) {
    CHECK(epoch.tokens[i] <= 40);
    rows += epoch.rows[i];
    tokens += epoch.tokens[i];
  }
  CHECK(rows == 30);
  CHECK(tokens == data.tokens());
  CHECK(sorted(epoch.records) == first_numbers(30));
}

TEST_CASE("batches: feature rows unshuffled keep the data set's order, and count as a token each") {
  const auto epoch = epoch_of(numbered_rows(11), {.batch_size = 4, .shuffle = false});
  CHECK(epoch.records == first_numbers(11));
  CHECK(epoch.rows == std::vector<std::size_t>{4, 4, 3});
  CHECK(epoch.tokens == epoch.rows);
}
