#include <seqlstm/data/memory_tasks.hpp>

#include <algorithm>
#include <cmath>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

/// Positions of a record whose labels count.
std::vector<std::size_t> answers(const SequenceDataset& data, std::size_t record) {
  std::vector<std::size_t> found;
  const auto labels = data.labels_of(record).positions;
  for (std::size_t t = 0; t < labels.size(); ++t)
    if (!std::isnan(labels[t])) found.push_back(t);
  return found;
}

/// Positions whose number in a channel is not 0.
std::vector<std::size_t> set_positions(ConstMatrixView<float> rows, std::size_t channel) {
  std::vector<std::size_t> found;
  for (std::size_t t = 0; t < rows.rows(); ++t)
    if (rows(t, channel) != 0) found.push_back(t);
  return found;
}

}  // namespace

TEST_CASE("memory tasks: copy asks for each symbol after exactly the lag, and shows nothing between") {
  const MemoryTaskOptions options{.lag = 12, .symbols = 5, .copied = 3};
  const auto data = simulated_memory_task(MemoryTask::copy, 200, options, {1, 2, 3});
  REQUIRE(data.size() == 200);
  CHECK(data.channel_count == memory_task_channels(MemoryTask::copy, options));
  std::vector<std::size_t> seen(5);
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto rows = data.channel_rows(i);
    REQUIRE(rows.rows() == 15);
    CHECK(answers(data, i) == std::vector<std::size_t>{12, 13, 14});
    CHECK(set_positions(rows, 5) == std::vector<std::size_t>{12, 13, 14});
    for (std::size_t t = 0; t < 12; ++t)
      CHECK(std::count_if(rows.row(t).begin(), rows.row(t).end(), [](float v) { return v != 0; }) ==
            (t < 3 ? 1 : 0));
    for (std::size_t k = 0; k < 3; ++k) {
      const auto symbol = static_cast<std::size_t>(data.labels_of(i).positions[12 + k]);
      REQUIRE(symbol < 5);
      CHECK(rows(k, symbol) == 1);
      ++seen[symbol];
    }
  }
  for (const std::size_t count : seen) CHECK(count == Approx(120).margin(40));
}

TEST_CASE("memory tasks: adding and parity mark one value in each half and answer at the end") {
  for (const MemoryTask task : {MemoryTask::adding, MemoryTask::parity}) {
    const auto data = simulated_memory_task(task, 2000, {.lag = 20}, {7, 0, 0});
    double mean = 0, squares = 0;
    for (std::size_t i = 0; i < data.size(); ++i) {
      const auto rows = data.channel_rows(i);
      REQUIRE(rows.rows() == 21);
      REQUIRE(answers(data, i) == std::vector<std::size_t>{20});
      const auto marks = set_positions(rows, 1);
      REQUIRE(marks.size() == 2);
      CHECK(marks[0] < 10);
      CHECK(marks[1] >= 10);
      const double a = double{rows(marks[0], 0)}, b = double{rows(marks[1], 0)},
                   label = data.labels_of(i).positions[20];
      CHECK(label == (task == MemoryTask::adding ? a + b : a == b ? 0.0 : 1.0));
      mean += label / 2000;
      squares += label * label / 2000;
    }
    CHECK(mean == Approx(task == MemoryTask::adding ? 1 : 0.5).margin(0.05));
    CHECK(squares - mean * mean == Approx(task == MemoryTask::adding ? 1.0 / 6 : 0.25).margin(0.02));
  }
}

TEST_CASE("memory tasks: lags are drawn between the shortest and the longest") {
  const auto data = simulated_memory_task(MemoryTask::copy, 500, {.lag = 9, .shortest_lag = 4}, {1, 0, 0});
  std::vector<std::size_t> lengths;
  for (std::size_t i = 0; i < data.size(); ++i) lengths.push_back(data.length(i));
  CHECK(*std::min_element(lengths.begin(), lengths.end()) == 5);
  CHECK(*std::max_element(lengths.begin(), lengths.end()) == 10);
}

TEST_CASE("memory tasks: a function of seed, stream and step, whatever the count") {
  const auto drawn = [](std::size_t count, const RandomKey& key) {
    return simulated_memory_task(MemoryTask::adding, count, {.lag = 5}, key);
  };
  const auto few = drawn(3, {1, 1, 1}), many = drawn(6, {1, 1, 1});
  CHECK(std::equal(few.channels.begin(), few.channels.end(), many.channels.begin()));
  CHECK(few.channels == drawn(3, {1, 1, 1}).channels);
  CHECK(few.channels != drawn(3, {2, 1, 1}).channels);
  CHECK(few.channels != drawn(3, {1, 2, 1}).channels);
  CHECK(few.channels != drawn(3, {1, 1, 2}).channels);
}

TEST_CASE("memory tasks: the shortest sequences there are, and what is refused") {
  for (const MemoryTask task : memory_tasks)
    CHECK(simulated_memory_task(task, 4, {.lag = 1}, {}).max_length() == 2);
  const auto draw = [](MemoryTask task, const MemoryTaskOptions& options) {
    return simulated_memory_task(task, 1, options, {});
  };
  CHECK_THROWS_WITH(draw(MemoryTask::adding, {.lag = 0}),
                    "the task adding: the lag is 0, expected at least 1");
  CHECK_THROWS_WITH(draw(MemoryTask::copy, {.lag = 2, .copied = 3}),
                    "the task copy: the lag is 2, expected at least 3");
  CHECK_THROWS_WITH(draw(MemoryTask::parity, {.lag = 5, .shortest_lag = 6}),
                    "the task parity: the shortest lag is 6, expected at most the lag, 5");
  CHECK_THROWS_WITH(draw(MemoryTask::copy, {.symbols = 1}),
                    "the task copy: 1 of 1 symbols are shown; expected at least one of two");
  CHECK_THROWS_AS(draw(MemoryTask::copy, {.copied = 0}), option_error);
}
