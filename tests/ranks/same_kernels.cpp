#include <seqlstm/ranks/same_kernels.hpp>

#include <seqlstm/ranks/thread_ranks.hpp>

#include "support/paths.hpp"

using namespace seqlstm;

TEST_CASE("same_kernels: ranks of one process agree, whatever is to happen where they do not") {
  const std::string before(cpu_tier());
  for (const RankTiers tiers : {RankTiers::refuse, RankTiers::common}) {
    std::vector<int> went_on(3);
    run_as_ranks(3, [&](Communicator& communicator) {
      require_same_kernels(communicator, tiers);
      went_on[communicator.rank()] = 1;
    });
    CHECK(went_on == std::vector<int>(3, 1));
    CHECK(cpu_tier() == before);
  }
}

TEST_CASE("same_kernels: the common tier is the highest that all have, below what any was told to use") {
  using detail::highest_common;
  const std::string old = "v3\nbaseline\nv3\n", current = "avx512\nbaseline\nv3\navx512\n";
  CHECK(highest_common({current, current}) == "avx512");
  CHECK(highest_common({current, old}) == "v3");
  CHECK(highest_common({old, current, current}) == "v3");
  CHECK(highest_common({current, "baseline\nbaseline\nv3\navx512\n"}) == "baseline");
  CHECK(highest_common({current, "neon\nneon\n"}).empty());
}
