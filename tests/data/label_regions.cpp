#include <seqlstm/data/label_regions.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {
const std::vector<double> labels = {0, 0.1, 0.2, 0.3, 0.9, 1.0, 1.1, 1.6, 4};  // four regions of width 1
}

TEST_CASE("label regions: equal widths, counts, and which are sparse") {
  const auto regions = label_regions(labels, 4);
  REQUIRE(regions.size() == 4);
  CHECK(regions[0].low == 0);
  CHECK(regions[0].high == 1);
  CHECK(regions[3].high == 4);
  CHECK(regions[0].rows == 5);
  CHECK(regions[1].rows == 3);
  CHECK(regions[2].rows == 0);
  CHECK(regions[3].rows == 1);
  CHECK_FALSE(regions[1].sparse);
  CHECK(regions[2].sparse);
  CHECK(regions[3].sparse);
  CHECK(region_of(-5, regions) == 0);
  CHECK(region_of(1, regions) == 1);
  CHECK(region_of(9, regions) == 3);
  CHECK_THROWS_AS(label_regions(std::vector<double>{1, 1}), option_error);
  CHECK_THROWS_AS(label_regions(std::vector<double>{}), option_error);
  CHECK_THROWS_AS(label_regions(std::vector<double>{1, std::nan("")}), option_error);
  CHECK_THROWS_AS(label_regions(labels, 0), option_error);
}

TEST_CASE("label regions: rows of sparse regions are copied") {
  const auto regions = label_regions(labels, 4);
  const auto rows = over_sampled_regions(labels, regions, 300, 1);
  CHECK(rows.size() == 12);
  CHECK(std::count(rows.begin(), rows.end(), std::size_t{8}) == 4);
}

TEST_CASE("label regions: recall is the share of a region's rows that are predicted there") {
  const auto regions = label_regions(labels, 4);
  std::vector<double> predicted = labels;
  predicted[0] = 2;  // one of five
  predicted[8] = 3.5;
  const auto recall = region_recall(labels, predicted, regions);
  CHECK(recall[0] == 0.8);
  CHECK(recall[1] == 1);
  CHECK(std::isnan(recall[2]));
  CHECK(recall[3] == 1);
  CHECK_THROWS_AS(region_recall(labels, std::vector<double>{1}, regions), shape_error);
}
