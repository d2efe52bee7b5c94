#include <seqlstm/ranks/thread_ranks.hpp>

#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

TEST_CASE("thread_ranks: messages of one tag arrive in their order, whichever wait comes first") {
  std::string found(2, ' ');
  run_as_ranks(2, [&](Communicator& communicator) {
    const auto byte_of = [](char& letter) { return std::as_writable_bytes(std::span(&letter, 1)); };
    if (communicator.rank() == 0) {
      char first = 'a', second = 'b', other = 'c';
      communicator.send(1, 7, byte_of(first));
      communicator.send(1, 7, byte_of(second));
      communicator.send(1, 8, byte_of(other));
    } else {
      char other = ' ';
      communicator.receive(0, 8, byte_of(other));
      const auto first = communicator.start_receive(0, 7, byte_of(found[0]));
      const auto second = communicator.start_receive(0, 7, byte_of(found[1]));
      communicator.wait(second);
      communicator.wait(first);
    }
  });
  CHECK(found == "ab");
}

TEST_CASE("thread_ranks: a rank that throws ends the waits of the others, and its error is the caller's") {
  std::vector<std::string> heard(3);
  CHECK(message_of<io_error>([&] {
          run_as_ranks(3, [&](Communicator& communicator) {
            if (communicator.rank() == 1) throw io_error("no space left");
            try {
              communicator.barrier();
            } catch (const rank_error& error) {
              heard[communicator.rank()] = error.what();
            }
          });
        }) == "no space left");
  CHECK(heard[0] == "rank 1 of 3: no space left");
  CHECK(heard[2] == "rank 1 of 3: no space left");
}

TEST_CASE("thread_ranks: who waits for a rank that has ended is told, and so is who gets another size") {
  const auto byte = [](Communicator& communicator, std::size_t rank, std::size_t count) {
    std::vector<std::byte> bytes(count);
    if (communicator.rank() == rank)
      communicator.receive(1 - rank, 1, bytes);
    else if (count == 2)
      communicator.send(rank, 1, std::span(bytes).first(1));
  };
  CHECK(message_of<rank_error>([&] { run_as_ranks(2, [&](auto& c) { byte(c, 0, 1); }); }) ==
        "rank 1 has ended, but rank 0 waits for a message from it");
  CHECK(message_of<rank_error>([&] { run_as_ranks(2, [&](auto& c) { byte(c, 1, 2); }); }) ==
        "rank 0 sent 1 bytes, but rank 1 expects 2; all ranks must make the same calls");
}

TEST_CASE("thread_ranks: no ranks, and partners that do not exist, are refused") {
  CHECK(message_of<option_error>([] { run_as_ranks(0, [](Communicator&) {}); }) ==
        "run_as_ranks: 0 ranks, expected at least 1");
  std::byte one{};
  CHECK(message_of<option_error>([&] {
          run_as_ranks(1, [&](auto& c) { c.send(0, 1, {&one, 1}); });
        }) == "rank 0 and rank 0 of 1 cannot be partners");
}
