#include <seqlstm/data/folds.hpp>

#include "support/catch.hpp"

using namespace seqlstm;
using Rows = std::vector<std::size_t>;

namespace {

const std::vector<std::string> groups = {"b", "a", "c", "b", "a", "d"};

}  // namespace

TEST_CASE("folds: every group is tested once, the next one validates, the others are learned from") {
  const auto folds = cross_validation_folds(groups);
  REQUIRE(folds.size() == 4);
  CHECK(folds[0].test == Rows{1, 4});
  CHECK(folds[0].valid == Rows{0, 3});
  CHECK(folds[0].train == Rows{2, 5});
  CHECK(folds[3].test == Rows{5});
  CHECK(folds[3].valid == Rows{1, 4});
  CHECK(folds[3].train == Rows{0, 3, 2});
  const std::vector<std::string> two = {"a", "b", "a"};
  CHECK_THROWS_WITH(cross_validation_folds(two),
                    "the folds have 2 values, expected at least three: one to test, one to validate, one to "
                    "learn from");
}

TEST_CASE("folds: some groups validate in turn, and no row is tested") {
  const auto folds = validation_folds(groups, 2);
  REQUIRE(folds.size() == 2);
  CHECK(folds[0].valid == Rows{1, 4});
  CHECK(folds[0].train == Rows{0, 3, 2, 5});
  CHECK(folds[1].valid == Rows{0, 3});
  CHECK(folds[1].test.empty());
  CHECK(validation_folds(groups, 4).size() == 4);
  CHECK_THROWS_WITH(validation_folds(groups, 5), ContainsSubstring("5 of 4 groups cannot validate in turn"));
  CHECK_THROWS_AS(validation_folds(groups, 0), option_error);
  CHECK_THROWS_AS(validation_folds(std::vector<std::string>{"a", "a"}, 1), option_error);
}
