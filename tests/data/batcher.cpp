#include <seqlstm/data/batcher.hpp>

#include <numeric>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

// Row i holds `lengths[i]` tokens whose values tell the rows apart, and has label i.
SequenceDataset dataset_of(const std::vector<std::size_t>& lengths) {
  SequenceDataset data;
  data.tokenizer = Tokenizer(aa27);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const double value = static_cast<double>(i);
    data.add(Record{.sequence = std::string(lengths[i], static_cast<char>('A' + i % 26))},
             std::span<const double>(&value, 1));
  }
  return data;
}
SequenceDataset mixed(std::size_t rows) {
  std::vector<std::size_t> lengths;
  for (std::size_t i = 0; i < rows; ++i) lengths.push_back(i * 7 % 23);
  return dataset_of(lengths);
}
std::vector<std::vector<std::uint64_t>> epoch_of(Batcher& batcher, std::size_t epoch) {
  std::vector<std::vector<std::uint64_t>> batches;
  batcher.begin_epoch(epoch);
  for (SequenceBatch batch; batcher.next(batch);) batches.push_back(batch.records);
  return batches;
}
std::vector<std::uint64_t> sorted_rows(const std::vector<std::vector<std::uint64_t>>& batches) {
  std::vector<std::uint64_t> rows;
  for (const auto& batch : batches) rows.insert(rows.end(), batch.begin(), batch.end());
  std::sort(rows.begin(), rows.end());
  return rows;
}
std::vector<std::uint64_t> all_rows(std::size_t count) {
  std::vector<std::uint64_t> rows(count);
  std::iota(rows.begin(), rows.end(), std::uint64_t{0});
  return rows;
}

}  // namespace

TEST_CASE("an epoch holds every row once, with its tokens and label") {
  const SequenceDataset data = mixed(50);
  Batcher batcher(data, {.batch_size = 8, .bucket_batches = 2, .seed = 1});
  CHECK(batcher.batches() == 7);
  CHECK(batcher.tokens() == data.tokens());
  CHECK(sorted_rows(epoch_of(batcher, 0)) == all_rows(50));
  batcher.begin_epoch(0);
  for (SequenceBatch batch; batcher.next(batch);) {
    REQUIRE(batch.label_width == 1);
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
      CHECK(batch.labels[i] == static_cast<double>(batch.records[i]));
      const std::size_t row = static_cast<std::size_t>(batch.records[i]), r = batch.layout.rank(i);
      REQUIRE(batch.layout.length(r) == data.length(row));
      for (std::size_t t = 0; t < data.length(row); ++t)
        CHECK(batch.ids[batch.layout.offset(t) + r] == data.sequence(row)[t]);
    }
  }
}

TEST_CASE("epochs differ, and follow the seed") {
  const SequenceDataset data = mixed(40);
  Batcher first(data, {.batch_size = 4, .seed = 1}), same(data, {.batch_size = 4, .seed = 1}),
      other(data, {.batch_size = 4, .seed = 2});
  const auto batches = epoch_of(first, 3);
  CHECK(epoch_of(first, 4) != batches);
  CHECK(epoch_of(first, 3) == batches);
  CHECK(epoch_of(same, 3) == batches);
  CHECK(epoch_of(other, 3) != batches);
}

TEST_CASE("rows of one length meet other rows in every epoch") {
  const SequenceDataset data = dataset_of(std::vector<std::size_t>(64, 5));
  Batcher batcher(data, {.batch_size = 8, .bucket_batches = 8});
  auto first = epoch_of(batcher, 0)[0];
  std::sort(first.begin(), first.end());
  CHECK(first.back() - first.front() > 7);  // not neighbours of the file
  bool again = false;
  for (auto batch : epoch_of(batcher, 1)) {
    std::sort(batch.begin(), batch.end());
    again = again || batch == first;
  }
  CHECK_FALSE(again);
}

TEST_CASE("pools put sequences of similar length together") {
  const auto steps = [](std::size_t pool) {
    const SequenceDataset data = mixed(200);
    Batcher batcher(data, {.batch_size = 10, .bucket_batches = pool});
    std::size_t sum = 0;
    for (SequenceBatch batch; batcher.next(batch);) sum += batch.layout.steps();
    return sum;
  };
  CHECK(steps(20) < steps(0) * 2 / 3);
  CHECK(steps(5) < steps(0));
}

TEST_CASE("batches of a pool come in random order, not longest first") {
  const SequenceDataset data = mixed(200);
  Batcher batcher(data, {.batch_size = 10, .bucket_batches = 20});
  std::vector<std::size_t> steps;
  for (SequenceBatch batch; batcher.next(batch);) steps.push_back(batch.layout.steps());
  CHECK_FALSE(std::is_sorted(steps.rbegin(), steps.rend()));
}

TEST_CASE("without shuffling the whole set is sorted, longest first, and unsorted without pool") {
  const SequenceDataset data = dataset_of({2, 9, 5, 9, 1});
  Batcher sorted(data, {.batch_size = 2, .shuffle = false});
  CHECK(epoch_of(sorted, 0) == std::vector<std::vector<std::uint64_t>>{{1, 3}, {2, 0}, {4}});
  CHECK(epoch_of(sorted, 1) == epoch_of(sorted, 0));
  Batcher plain(data, {.batch_size = 2, .bucket_batches = 0, .shuffle = false});
  CHECK(epoch_of(plain, 0) == std::vector<std::vector<std::uint64_t>>{{0, 1}, {2, 3}, {4}});
}

TEST_CASE("a token budget is kept, but for a sequence that is longer than it") {
  const SequenceDataset data = dataset_of({5, 5, 30, 0, 4, 6, 10, 1});
  Batcher batcher(data, {.max_tokens = 10, .shuffle = false});
  CHECK(epoch_of(batcher, 0) == std::vector<std::vector<std::uint64_t>>{{2}, {6}, {5}, {0, 1}, {4, 7, 3}});
  const SequenceDataset many = mixed(100);
  Batcher shuffled(many, {.max_tokens = 60, .seed = 5});
  std::size_t tokens = 0, batches = 0;
  for (SequenceBatch batch; shuffled.next(batch); ++batches) {
    CHECK(batch.layout.tokens() <= 60);
    tokens += batch.layout.tokens();
  }
  CHECK(tokens == many.tokens());
  CHECK(batches == shuffled.batches());
  CHECK(sorted_rows(epoch_of(shuffled, 1)) == all_rows(100));
}

TEST_CASE("drop_last leaves out the incomplete batch") {
  const SequenceDataset data = mixed(10);
  Batcher batcher(data, {.batch_size = 4, .drop_last = true});
  CHECK(batcher.batches() == 2);
  for (const auto& batch : epoch_of(batcher, 0)) CHECK(batch.size() == 4);
}

TEST_CASE("seek continues where position stood") {
  const SequenceDataset data = mixed(30);
  Batcher batcher(data, {.batch_size = 4, .seed = 9});
  const auto expected = epoch_of(batcher, 2);
  batcher.begin_epoch(2);
  SequenceBatch batch;
  for (int i = 0; i < 3; ++i) batcher.next(batch);
  const BatcherPosition position = batcher.position();
  CHECK(position == BatcherPosition{2, 3});
  Batcher resumed(data, {.batch_size = 4, .seed = 9});
  resumed.seek(position);
  REQUIRE(resumed.next(batch));
  CHECK(batch.records == expected[3]);
  CHECK(message_of<option_error>([&] {
          resumed.seek({0, 9});
        }) ==
        "batcher: batch 9 of epoch 0 does not exist, the epoch has 8; resume with the data and options of "
        "the saved "
        "run");
}

TEST_CASE("a batch is filled in the memory of the largest one before") {
  const SequenceDataset data = dataset_of({9, 9, 8, 8, 3, 2, 1, 0});
  Batcher batcher(data, {.batch_size = 2, .shuffle = false});
  SequenceBatch batch;
  REQUIRE(batcher.next(batch));
  const auto *ids = batch.ids.data(), *end = ids + batch.ids.capacity();
  const auto* labels = batch.labels.data();
  while (batcher.next(batch)) {
    CHECK(batch.ids.data() == ids);
    CHECK(batch.ids.data() + batch.ids.capacity() == end);
    CHECK(batch.labels.data() == labels);
  }
}

TEST_CASE("records without labels make batches without labels") {
  const SequenceDataset data = encode(std::vector<Record>{{.sequence = "ACGT"}, {.sequence = "A"}}, dna4);
  Batcher batcher(data, {});
  SequenceBatch batch;
  REQUIRE(batcher.next(batch));
  CHECK(batch.labels.empty());
  CHECK(batch.label_width == 0);
  CHECK(batch.layout.sequences() == 2);
  CHECK_FALSE(batcher.next(batch));
}

TEST_CASE("impossible batches are refused") {
  const SequenceDataset none, data = mixed(3);
  CHECK(message_of<option_error>([&] { return Batcher(none, {}); }) ==
        "batcher: the data set has no records");
  CHECK(message_of<option_error>([&] { return Batcher(data, {.batch_size = 0}); }) ==
        "batcher: batch_size must be at least 1, or max_tokens above 0");
  CHECK(message_of<option_error>([&] { return Batcher(data, {.max_tokens = 5, .drop_last = true}); }) ==
        "batcher: drop_last needs batches of a fixed size; use batch_size, not max_tokens");
  CHECK(message_of<option_error>([&] { return Batcher(data, {.batch_size = 4, .drop_last = true}); }) ==
        "batcher: drop_last leaves no batch: 3 records are fewer than batch_size 4");
}

TEST_CASE("sequences too few to stand alone join a neighbour") {
  const auto sizes = [](const SequenceDataset& data, const BatcherOptions& options) {
    Batcher batcher(data, options);
    batcher.begin_epoch(1);
    std::vector<std::size_t> found;
    for (SequenceBatch batch; batcher.next(batch);) found.push_back(batch.layout.sequences());
    CHECK(found.size() == batcher.batches());
    return found;
  };
  const auto total = [](const std::vector<std::size_t>& parts) {
    return std::accumulate(parts.begin(), parts.end(), std::size_t{0});
  };
  const SequenceDataset data = mixed(65);
  const auto joined = sizes(data, {.batch_size = 32, .min_batch_size = 2});
  CHECK(joined.size() == 2);
  CHECK(total(joined) == 65);
  CHECK(sizes(data, {.batch_size = 32}).size() == 3);
  for (const std::size_t size : sizes(data, {.max_tokens = 8, .min_batch_size = 2})) CHECK(size >= 2);
  CHECK(total(sizes(data, {.max_tokens = 8, .min_batch_size = 2})) == 65);
}

TEST_CASE("batcher: a batch with too many tokens is cut, the others stay as they are") {
  SequenceDataset data;
  for (const std::size_t length : {90, 50, 50, 20, 10, 10, 5, 5})
    data.add(Record{.id = "r", .sequence = std::string(length, 'A')});
  const auto sizes = [&](std::size_t most) {
    Batcher batcher(data, {.batch_size = 4, .shuffle = false, .cut_tokens = most});
    std::vector<std::size_t> found;
    for (SequenceBatch batch; batcher.next(batch);) found.push_back(batch.layout.sequences());
    CHECK(found.size() == batcher.batches());
    return found;
  };
  CHECK(sizes(0) == std::vector<std::size_t>{4, 4});
  CHECK(sizes(210) == std::vector<std::size_t>{4, 4});
  CHECK(sizes(100) == std::vector<std::size_t>{1, 2, 1, 4});
  CHECK(sizes(60) == std::vector<std::size_t>{1, 1, 1, 1, 4});
  CHECK(sizes(1) == std::vector<std::size_t>(8, 1));
}
