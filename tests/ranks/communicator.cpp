#include <seqlstm/ranks/communicator.hpp>

#include <seqlstm/ranks/thread_ranks.hpp>

#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using support::message_of;

TEST_CASE("communicator: a broadcast reaches every rank from every root, in pieces too") {
  for (std::size_t ranks = 1; ranks <= 9; ++ranks)
    for (std::size_t root = 0; root < ranks; ++root) {
      const std::size_t count = root == ranks / 2 ? (std::size_t{9} << 20U) / sizeof(float) : 5;
      const auto expected = testing::random_values<float>(count, root + 1);
      std::vector<int> equal(ranks);
      run_as_ranks(ranks, [&](Communicator& communicator) {
        auto values = communicator.rank() == root ? expected : std::vector<float>(count);
        communicator.broadcast(std::as_writable_bytes(std::span(values)), root);
        equal[communicator.rank()] = testing::same_bits(values, expected) ? 1 : 0;
      });
      CHECK(equal == std::vector<int>(ranks, 1));
    }
}

TEST_CASE("communicator: every rank gets the messages of all, empty ones too") {
  for (std::size_t ranks = 1; ranks <= 9; ++ranks) {
    std::vector<std::vector<std::string>> found(ranks);
    run_as_ranks(ranks, [&](Communicator& communicator) {
      found[communicator.rank()] = communicator.gather(std::string(communicator.rank() * 3, 'x'));
      communicator.barrier();
    });
    for (const auto& messages : found) {
      REQUIRE(messages.size() == ranks);
      for (std::size_t rank = 0; rank < ranks; ++rank) CHECK(messages[rank] == std::string(rank * 3, 'x'));
    }
  }
}

TEST_CASE("communicator: least and greatest are the same at every rank") {
  std::vector<double> least(5), greatest(5);
  run_as_ranks(5, [&](Communicator& communicator) {
    const double own = communicator.rank() == 3 ? -2.5 : static_cast<double>(communicator.rank());
    least[communicator.rank()] = communicator.least(own);
    greatest[communicator.rank()] = communicator.greatest(own);
  });
  CHECK(least == std::vector<double>(5, -2.5));
  CHECK(greatest == std::vector<double>(5, 4));
}

TEST_CASE("communicator: a process alone needs no partner and has none") {
  Communicator& alone = single_process();
  CHECK(alone.rank() == 0);
  CHECK(alone.size() == 1);
  CHECK(alone.gather("word") == std::vector<std::string>{"word"});
  CHECK(alone.least(2) == 2);
  alone.barrier();
  std::byte byte{};
  CHECK(message_of<option_error>([&] {
          alone.send(1, 1, {&byte, 1});
        }) == "a message to or from rank 1, but this process is the only rank");
  CHECK(message_of<option_error>([&] {
          alone.broadcast({&byte, 1}, 1);
        }) == "broadcast from rank 1 of 1; ranks count from 0");
}
