#include <seqlstm/metrics/sites.hpp>
#include <vector>

#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

using Sites = std::vector<std::optional<std::size_t>>;
using Labels = std::vector<std::int32_t>;

constexpr auto none = std::nullopt;

}  // namespace

TEST_CASE("sites: a predicted site is right within the tolerance of its record's") {
  // Exact, 1 behind, 3 before, missed, invented, and none on both sides.
  const Sites observed = {20, 25, 30, 18, none, none}, predicted = {20, 26, 27, none, 22, none};
  CHECK(site_score(observed, predicted) == DetectionScore{.observed = 4, .predicted = 4, .right = 1});
  CHECK(site_score(observed, predicted, 1).right == 2);
  CHECK(site_score(observed, predicted, 2).right == 2);
  const auto score = site_score(observed, predicted, 3);
  CHECK(score == DetectionScore{.observed = 4, .predicted = 4, .right = 3});
  CHECK(score.precision() == 0.75);
  CHECK(score.recall() == 0.75);
  CHECK(site_score(Sites{0}, Sites{0}).right == 1);
  CHECK(site_score(Sites{0}, Sites{2}, 1).right == 0);
  CHECK(site_score(Sites{2}, Sites{0}, 1).right == 0);
}

TEST_CASE("sites: precision asks what was predicted, recall what there is") {
  const auto cautious = site_score(Sites{5, 6, 7, 8}, Sites{5, none, none, none});
  CHECK((cautious.precision() == 1 && cautious.recall() == 0.25 && cautious.f1() == 0.4));
  const auto eager = site_score(Sites{5, none, none, none}, Sites{5, 6, 7, 8});
  CHECK((eager.precision() == 0.25 && eager.recall() == 1 && eager.f1() == 0.4));
  CHECK(site_score(Sites{}, Sites{}) == DetectionScore{});
}

TEST_CASE("sites: another number of records is refused") {
  CHECK(message_of<shape_error>([] {
          (void)site_score(Sites{1, 2}, Sites{1});
        }) ==
        "site_score: 2 observed and 1 predicted sites, expected one of each a record, std::nullopt where it "
        "has none");
}

TEST_CASE("sites: the last position of the first stretch of some classes") {
  // Regions n, h and c of a signal peptide are 1, 2 and 3.
  const Labels regions = {1, 2, 3};
  CHECK(last_position_of(Labels{1, 1, 2, 2, 3, 0, 0}, regions) == 4U);
  CHECK(last_position_of(Labels{0, 0, 2, 0, 2, 2}, regions) == 2U);
  CHECK(last_position_of(Labels{0, 3, 3}, regions) == 2U);
  CHECK(last_position_of(Labels{2}, regions) == 0U);
  CHECK(last_position_of(Labels{2, -1, 2}, regions) == 0U);
  CHECK(last_position_of(Labels{1, 2, 3}, Labels{2}) == 1U);
  CHECK_FALSE(last_position_of(Labels{0, 0, -1}, regions).has_value());
  CHECK_FALSE(last_position_of(Labels{}, regions).has_value());
}

TEST_CASE("sites: classes that are none are refused") {
  CHECK(message_of<option_error>([] { (void)last_position_of(Labels{1}, Labels{}); }) ==
        "last_position_of: 0 classes, expected at least one, and none below 0");
  CHECK_THROWS_AS(last_position_of(Labels{1}, Labels{1, -1}), option_error);
}

TEST_CASE("sites: one under another class than its record's is wrong there, and missed here") {
  const Sites observed = {4, 5, none, 7}, predicted = {4, 5, 2, none};
  const std::vector<std::size_t> classes = {0, 1, 2, 1}, said = {0, 0, 1, 1};
  const auto scores = site_scores(observed, classes, predicted, said, 3);
  CHECK(scores[0] == DetectionScore{.observed = 1, .predicted = 2, .right = 1});
  CHECK(scores[1] == DetectionScore{.observed = 2, .predicted = 1, .right = 0});
  CHECK(scores[2] == DetectionScore{});
  CHECK_THROWS_AS(site_scores(observed, classes, predicted, said, 2), option_error);
  CHECK_THROWS_AS(site_scores(observed, classes, Sites{1}, said, 3), shape_error);
}
