#include <seqlstm/ranks/agreement.hpp>

#include <seqlstm/ranks/thread_ranks.hpp>

#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

std::string disagreement(std::size_t ranks,
                         const std::function<std::vector<SharedFact>(std::size_t)>& facts_of) {
  return message_of<option_error>([&] {
    run_as_ranks(ranks, [&](Communicator& communicator) {
      const auto facts = facts_of(communicator.rank());
      require_agreement(communicator, facts);
    });
  });
}

}  // namespace

TEST_CASE("agreement: ranks of one mind go on") {
  std::vector<int> went_on(4);
  run_as_ranks(4, [&](Communicator& communicator) {
    const std::vector<SharedFact> facts = {{"the data", "12", ""}, {"options", "", ""}};
    require_agreement(communicator, facts);
    went_on[communicator.rank()] = 1;
  });
  CHECK(went_on == std::vector<int>(4, 1));
}

TEST_CASE("agreement: the error names fact, rank and both values") {
  CHECK(disagreement(4,
                     [](std::size_t rank) {
                       return std::vector<SharedFact>{{"the version", "1", "start the same program"},
                                                      {"the training data", rank == 2 ? "77ab" : "3fa9",
                                                       "give all ranks the same files"}};
                     }) ==
        "the training data of rank 2 of 4 is '77ab', but '3fa9' at rank 0; give all ranks the same files");
  CHECK(disagreement(2, [](std::size_t rank) {
          return std::vector<SharedFact>(1 + rank, SharedFact{"seed", "1", ""});
        }) == "rank 1 of 2 was asked for other things than rank 0; run one program on all ranks");
}

TEST_CASE("agreement: every rank throws it") {
  std::vector<std::string> heard(3);
  run_as_ranks(3, [&](Communicator& communicator) {
    const SharedFact seed{"the seed", std::to_string(communicator.rank()), ""};
    heard[communicator.rank()] = message_of<option_error>([&] {
      require_agreement(communicator, {&seed, 1});
    });
  });
  for (const auto& sentence : heard) CHECK(sentence == "the seed of rank 1 of 3 is '1', but '0' at rank 0");
}

TEST_CASE("agreement: a fingerprint differs where a byte, its place or the length does") {
  const auto of = [](const std::string& text) { return fingerprint(std::as_bytes(std::span(text))); };
  CHECK(of("").size() == 16);
  CHECK(of("ACGT") == of("ACGT"));
  CHECK(of("ACGT") != of("ACGA"));
  CHECK(of("ACGTACGTACGT") != of("ACGTACGTACG"));
  CHECK(of(std::string(8, '\0')) != of(std::string(16, '\0')));
  CHECK(of("12345678abcdefgh") != of("abcdefgh12345678"));
}
