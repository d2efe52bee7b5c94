#include <seqlstm/metrics/detection.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("detection: precision, recall and F1 of counts") {
  const DetectionScore score{.observed = 8, .predicted = 5, .right = 4};
  CHECK(score.precision() == 0.8);
  CHECK(score.recall() == 0.5);
  CHECK(score.f1() == Approx(2 * 0.8 * 0.5 / (0.8 + 0.5)).epsilon(1e-15));
}

TEST_CASE("detection: what has no denominator is 0") {
  CHECK(DetectionScore{}.precision() == 0);
  CHECK(DetectionScore{}.recall() == 0);
  CHECK(DetectionScore{}.f1() == 0);
  const DetectionScore missed{.observed = 3}, invented{.predicted = 2};
  CHECK((missed.precision() == 0 && missed.recall() == 0 && missed.f1() == 0));
  CHECK((invented.precision() == 0 && invented.recall() == 0 && invented.f1() == 0));
}

TEST_CASE("detection: counts add up") {
  DetectionScore sum{.observed = 1, .predicted = 2, .right = 1};
  sum += {.observed = 10, .predicted = 20, .right = 5};
  CHECK(sum == DetectionScore{.observed = 11, .predicted = 22, .right = 6});
  CHECK_FALSE(sum == DetectionScore{.observed = 11, .predicted = 22, .right = 5});
}
