// How alignments of reads are judged: read_alignment.hpp.
#include "read_alignment.hpp"

#include "support/catch.hpp"

using namespace examples;

namespace {

/// Window CAGTTCA, read AGATT: AG from 1 and 2, A inserted, TT from 3 and 4.
const seqlstm::MutatedRead inserted = {{1, 0, 2, 3, 3, 1, 0}, {0, 2, 0, 3, 3}, {1, 2, -1, 3, 4}};

}  // namespace

TEST_CASE("read alignment: the true one") {
  const auto report = placement_report({inserted}, {inserted.origins});
  CHECK(report["placed"] == 1);
  CHECK(report["operations"] == 1);
  CHECK(report["identity"] == 4 / 5.0);
}

TEST_CASE("read alignment: bases at wrong places, which may have the right operation") {
  // The inserted A is said to come from the T at 3, the first T from the one at 4, the last T to be inserted.
  const auto report = placement_report({inserted}, {{1, 2, 3, 4, -1}});
  CHECK(report["placed"] == 2 / 5.0);
  CHECK(report["operations"] == 3 / 5.0);
  CHECK(report["identity"] == 3 / 5.0);
}

TEST_CASE("read alignment: positions that are passed over are columns; reads are counted together") {
  const Positions gap = {1, 2, -1, 3, 6};  // T at the A behind two bases
  const auto one = placement_report({inserted}, {gap});
  CHECK(one["placed"] == 4 / 5.0);
  CHECK(one["identity"] == 3 / 7.0);
  const auto both = placement_report({inserted, inserted}, {gap, inserted.origins});
  CHECK(both["placed"] == 9 / 10.0);
  CHECK(both["identity"] == 7 / 12.0);
  CHECK(placement_report({}, {})["placed"] == 0);
}
