#include <seqlstm/data/channel_features.hpp>

#include <cmath>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("channel features: mean and deviation of each channel, and the length") {
  SequenceDataset data;
  const std::vector<float> first = {1, 10, 3, 10}, second = {-2, 5};
  const double labels[] = {1, 0};
  data.add("a", {first.data(), 2, 2}, {.record = {labels, 1}});
  data.add("b", {second.data(), 1, 2}, {.record = {labels + 1, 1}});
  data.add("empty", {first.data(), 0, 2}, {.record = {labels + 1, 1}});
  const auto features = channel_features(data);
  CHECK(features.width == 5);
  REQUIRE(features.size() == 3);
  CHECK(features.labels == std::vector<double>{1, 0, 0});
  CHECK(features.label_width == 1);
  const std::vector<float> expected = {2, 1, 10, 0, std::log(3.0F), -2, 0, 5, 0, std::log(2.0F), 0,
                                       0, 0, 0,  0};
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(features.values[i] == Approx(expected[i]));
}
