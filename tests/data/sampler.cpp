#include <seqlstm/data/sampler.hpp>

#include <algorithm>
#include <array>
#include <seqlstm/data/batcher.hpp>
#include <seqlstm/data/features.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;
using support::message_of;

namespace {

/// The records of an epoch in their order.
std::vector<std::size_t> records_of(Batcher& batcher, std::size_t epoch) {
  std::vector<std::size_t> records;
  batcher.begin_epoch(epoch);
  for (SequenceBatch batch; batcher.next(batch);)
    records.insert(records.end(), batch.records.begin(), batch.records.end());
  return records;
}

}  // namespace

TEST_CASE("sampler: weighted draws come as often as their weights say, the same for an epoch") {
  const auto sampler = weighted_sampler(std::vector<double>{1, 0, 3}, 20000, 5);
  std::array<double, 3> share{};
  for (const std::size_t row : sampler(0)) share.at(row) += 1.0 / 20000;
  CHECK(share[1] == 0);
  CHECK(std::abs(share[0] - 0.25) < 0.01);
  CHECK(sampler(1) == sampler(1));
  CHECK(sampler(1) != sampler(0));
  CHECK(weighted_sampler(std::vector<double>{1, 0, 3}, 20000, 6)(0) != sampler(0));
  CHECK(balanced_weights(std::vector<double>{0, 1, 1}) == std::vector<double>{1, 0.5, 0.5});
  CHECK_THROWS_AS(weighted_sampler(std::vector<double>{-1, 2}, 1), option_error);
  CHECK_THROWS_AS(weighted_sampler(std::vector<double>{0, 0}, 1), option_error);
  CHECK_THROWS_AS(weighted_sampler(std::vector<double>{1}, 0), option_error);
}

TEST_CASE("sampler: a batcher reads the rows it names, in their order, again and again where it says so") {
  const auto data = tiny_data(10, 1);
  const std::vector<std::size_t> even = {8, 2, 2, 0, 6, 2}, odd = {1};
  const Sampler sampler = [&](std::size_t epoch) { return epoch % 2 == 0 ? even : odd; };
  Batcher batcher(data, {.batch_size = 4, .bucket_batches = 0, .sampler = sampler});
  CHECK(records_of(batcher, 2) == even);
  CHECK(batcher.batches() == 2);
  CHECK(records_of(batcher, 3) == odd);
  CHECK(batcher.tokens() == data.length(1));
  batcher.seek({2, 1});
  SequenceBatch batch;
  REQUIRE(batcher.next(batch));
  CHECK(batch.records == std::vector<std::uint64_t>{6, 2});
  CHECK(batch.labels == std::vector<double>{data.label(6)[0], data.label(2)[0]});
}

TEST_CASE("sampler: rows of similar length meet where a pool says so") {
  const auto data = tiny_data(40, 3);
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < 40; ++i) rows.push_back(39 - i);
  Batcher batcher(
      data, {.batch_size = 5, .bucket_batches = 8, .seed = 1, .sampler = [&](std::size_t) { return rows; }});
  batcher.begin_epoch(0);
  std::size_t seen = 0;
  for (SequenceBatch batch; batcher.next(batch); ++seen)
    for (std::size_t r = 1; r < batch.layout.sequences(); ++r)
      CHECK(data.length(batch.records[r]) <= data.length(batch.records[r - 1]));
  CHECK(seen == 8);
}

TEST_CASE("sampler: rows of numbers likewise") {
  FeatureDataset data{1, {0, 10, 20, 30}, {0, 1, 2, 3}, 1};
  FeatureBatcher batcher(data, {.batch_size = 3, .sampler = [](std::size_t epoch) {
                                  return std::vector<std::size_t>{3, epoch, 3, 3};
                                }});
  batcher.begin_epoch(1);
  FeatureBatch batch;
  REQUIRE(batcher.next(batch));
  CHECK(batch.values == std::vector<float>{30, 10, 30});
  REQUIRE(batcher.next(batch));
  CHECK(batch.labels == std::vector<double>{3});
  CHECK(batcher.tokens() == 4);
}

TEST_CASE("sampler: no rows, and rows that are not there, are refused") {
  const auto data = tiny_data(3, 1);
  const auto made = [&](std::vector<std::size_t> rows) {
    return message_of<option_error>([&] { Batcher(data, {.sampler = [&](std::size_t) { return rows; }}); });
  };
  CHECK(made({}) == "sampler: epoch 0 has no rows");
  CHECK(made({0, 3}) == "sampler: row 3 of epoch 0 does not exist; the data has rows 0 to 2");
}
