#include <seqlstm/data/features.hpp>

#include <set>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

/// Row i is (i, i + 0.5) with label 10 i.
FeatureDataset numbered(std::size_t rows) {
  FeatureDataset data;
  data.width = 2;
  for (std::size_t i = 0; i < rows; ++i) {
    data.values.push_back(static_cast<float>(i));
    data.values.push_back(static_cast<float>(i) + 0.5F);
    data.labels.push_back(10.0 * static_cast<double>(i));
  }
  return data;
}

std::vector<std::uint64_t> order_of(FeatureBatcher& batcher, std::size_t epoch) {
  std::vector<std::uint64_t> order;
  FeatureBatch batch;
  batcher.begin_epoch(epoch);
  while (batcher.next(batch)) order.insert(order.end(), batch.records.begin(), batch.records.end());
  return order;
}

}  // namespace

TEST_CASE("features: every row comes once an epoch with its numbers and label") {
  const auto data = numbered(11);
  CHECK(data.size() == 11);
  FeatureBatcher batcher(data, {.batch_size = 4, .seed = 3});
  CHECK(batcher.batches() == 3);
  batcher.begin_epoch(1);
  FeatureBatch batch;
  std::set<std::uint64_t> seen;
  std::vector<std::size_t> sizes;
  while (batcher.next(batch)) {
    sizes.push_back(batch.rows);
    for (std::size_t r = 0; r < batch.rows; ++r) {
      const auto row = batch.records[r];
      CHECK(seen.insert(row).second);
      CHECK(batch.values[2 * r + 1] == static_cast<float>(row) + 0.5F);
      CHECK(batch.labels[r] == 10.0 * static_cast<double>(row));
    }
  }
  CHECK(seen.size() == 11);
  CHECK(sizes == std::vector<std::size_t>{4, 4, 3});
}

TEST_CASE("features: the order is a function of seed and epoch") {
  const auto data = numbered(50);
  FeatureBatcher a(data, {.batch_size = 7, .seed = 3}), b(data, {.batch_size = 9, .seed = 3}),
      other(data, {.batch_size = 7, .seed = 4}), sorted(data, {.batch_size = 7, .shuffle = false});
  CHECK(order_of(a, 1) == order_of(b, 1));
  CHECK(order_of(a, 1) != order_of(a, 2));
  CHECK(order_of(a, 1) != order_of(other, 1));
  const auto order = order_of(sorted, 5);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("features: chosen rows are a data set again") {
  const auto part = numbered(5).subset(std::vector<std::size_t>{4, 0, 4});
  CHECK(part.values == std::vector<float>{4, 4.5F, 0, 0.5F, 4, 4.5F});
  CHECK(part.labels == std::vector<double>{40, 0, 40});
}

TEST_CASE("features: nothing to cut and batches of nothing are refused") {
  const FeatureDataset empty;
  CHECK_THROWS_WITH(FeatureBatcher(empty, {}), "batcher: the data set has no rows");
  CHECK_THROWS_WITH(FeatureBatcher(numbered(2), {.batch_size = 0}), "batcher: batch_size must be at least 1");
}

TEST_CASE("features: rows without labels make batches without labels") {
  FeatureDataset data = numbered(5);
  data.labels.clear();
  FeatureBatcher batcher(data, {.batch_size = 2, .shuffle = false});
  batcher.begin_epoch(0);
  FeatureBatch batch;
  REQUIRE(batcher.next(batch));
  CHECK(batch.rows == 2);
  CHECK(batch.labels.empty());
}

TEST_CASE("features: a row left over joins the batch before it where asked") {
  const FeatureDataset data = numbered(9);
  FeatureBatcher batcher(data, {.batch_size = 4, .min_batch_size = 2});
  batcher.begin_epoch(0);
  CHECK(batcher.batches() == 2);
  std::vector<std::size_t> sizes;
  for (FeatureBatch batch; batcher.next(batch);) sizes.push_back(batch.rows);
  CHECK(sizes == std::vector<std::size_t>{4, 5});
}

TEST_CASE("features: values and labels that are no whole rows are refused") {
  FeatureDataset data = numbered(4);
  data.labels.pop_back();
  CHECK_THROWS_AS(FeatureBatcher(data, {}), shape_error);
}

TEST_CASE("features: some rows of a batch are a batch") {
  FeatureBatch all, part;
  all.rows = 3;
  all.width = 2;
  all.values = {0, 1, 2, 3, 4, 5};
  all.labels = {7, 8, 9};
  all.records = {20, 21, 22};
  part.assign_part(all, std::vector<std::size_t>{2, 0});
  CHECK(part.rows == 2);
  CHECK(part.width == 2);
  CHECK(part.values == std::vector<float>{4, 5, 0, 1});
  CHECK(part.labels == std::vector<double>{9, 7});
  CHECK(part.records == std::vector<std::uint64_t>{22, 20});
  all.labels.clear();
  part.assign_part(all, std::vector<std::size_t>{1});
  CHECK(part.values == std::vector<float>{2, 3});
  CHECK(part.labels.empty());
}
