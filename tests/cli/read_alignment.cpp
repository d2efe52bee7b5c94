// How good alignments of reads are: read_alignment.hpp.
#include "read_alignment.hpp"

#include "support/catch.hpp"

using namespace examples;

namespace {

/// Window CAGTTCA, read AGATT: AG from 1 and 2, A inserted, TT from 3 and 4.
const seqlstm::MutatedRead inserted = {{1, 0, 2, 3, 3, 1, 0}, {0, 2, 0, 3, 3}, {1, 2, -1, 3, 4}};

}  // namespace

TEST_CASE("read alignment: the true one") {
  const auto report = alignment_report({inserted}, {inserted.origins});
  CHECK(report["placed"] == 1);
  CHECK(report["operations"] == 1);
  CHECK(report["identity"] == 4 / 5.0);
}

TEST_CASE("read alignment: bases at wrong places, which may have the right operation") {
  // The inserted A is at the T at 3, the first T at the one at 4, and the last T is inserted.
  const auto report = alignment_report({inserted}, {{1, 2, 3, 4, -1}});
  CHECK(report["placed"] == 2 / 5.0);
  CHECK(report["operations"] == 3 / 5.0);
  CHECK(report["identity"] == 3 / 5.0);
}

TEST_CASE("read alignment: positions that are passed over are columns, reads are counted together") {
  const Positions gap = {1, 2, -1, 3, 6};  // T at the A after two bases
  const auto one = alignment_report({inserted}, {gap});
  CHECK(one["placed"] == 4 / 5.0);
  CHECK(one["identity"] == 3 / 7.0);
  const auto both = alignment_report({inserted, inserted}, {gap, inserted.origins});
  CHECK(both["placed"] == 9 / 10.0);
  CHECK(both["identity"] == 7 / 12.0);
  CHECK(alignment_report({}, {})["placed"] == 0);
}

TEST_CASE("read alignment: positions that fall are counted by place, and have no identity") {
  const Positions falling = {2, 1, -1, 3, 3};
  const auto report = placement_report({inserted}, {falling});
  CHECK(report["placed"] == 2 / 5.0);
  CHECK(report["operations"] == 3 / 5.0);
  CHECK(report.metrics.size() == 2);
  CHECK_THROWS_WITH(alignment_report({inserted}, {falling}),
                    "read alignment: base 1 is at position 1, expected one after 2");
  CHECK_THROWS_WITH(alignment_report({inserted}, {{1, 2, -1, 3, 3}}),
                    "read alignment: base 4 is at position 3, expected one after 3");
}
