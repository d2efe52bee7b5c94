#include <seqlstm/ranks/shared_parts.hpp>

#include <seqlstm/ranks/thread_ranks.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("shared parts: every part is computed at one rank, and known at all") {
  for (const std::size_t ranks : {1U, 2U, 3U, 8U}) {
    std::vector<std::vector<double>> heard(ranks);
    std::vector<int> computed(7);
    std::vector<std::vector<std::size_t>> parts_of(ranks);
    run_as_ranks(ranks, [&](Communicator& communicator) {
      const SharedParts parts(communicator);
      std::vector<double> values(7, -1);
      for (std::size_t part = 0; part < values.size(); ++part)
        if (parts.here(part)) {
          values[part] = static_cast<double>(part * part);
          parts_of[communicator.rank()].push_back(part);
        }
      parts.share(std::span(values));
      heard[communicator.rank()] = values;
    });
    for (const auto& own : parts_of)
      for (const std::size_t part : own) ++computed[part];
    CHECK(computed == std::vector<int>(7, 1));
    for (const auto& values : heard) CHECK(values == std::vector<double>{0, 1, 4, 9, 16, 25, 36});
  }
}

TEST_CASE("shared parts: items of any length, also of none, come together") {
  std::vector<std::vector<std::vector<int>>> heard(3);
  run_as_ranks(3, [&](Communicator& communicator) {
    const SharedParts parts(communicator);
    std::vector<std::vector<int>> items(5);
    for (std::size_t i = 0; i < items.size(); ++i)
      if (parts.here(i)) items[i].assign(i, static_cast<int>(10 + i));
    parts.share(items);
    heard[communicator.rank()] = items;
  });
  const std::vector<std::vector<int>> all = {{}, {11}, {12, 12}, {13, 13, 13}, {14, 14, 14, 14}};
  for (const auto& items : heard) CHECK(items == all);
}

TEST_CASE("shared parts: no parts, and the largest of all ranks") {
  std::vector<std::size_t> largest(2);
  run_as_ranks(2, [&](Communicator& communicator) {
    const SharedParts parts(communicator);
    std::vector<float> none;
    parts.share(std::span(none));
    std::vector<std::vector<float>> no_items;
    parts.share(no_items);
    largest[communicator.rank()] = parts.largest(communicator.rank() == 1 ? 9 : 4);
  });
  CHECK(largest == std::vector<std::size_t>{9, 9});
}

TEST_CASE("shared parts: without ranks everything is here") {
  const SharedParts alone;
  CHECK_FALSE(alone.shared());
  CHECK(alone.here(0));
  CHECK(alone.here(17));
  std::vector<double> values = {1, 2};
  alone.share(std::span(values));
  CHECK(values == std::vector<double>{1, 2});
  CHECK(alone.largest(3) == 3);
}
