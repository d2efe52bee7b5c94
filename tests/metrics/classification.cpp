#include <seqlstm/metrics/classification.hpp>

#include "metrics/reference.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using namespace metrics_reference;
using support::message_of;

namespace {

using Labels = std::vector<int>;

void check_average(const ConfusionMatrix& m, Average average, const std::vector<double>& expected) {
  REQUIRE(expected.size() == 3);
  check_same("precision", precision(m, average), expected[0]);
  check_same("recall", recall(m, average), expected[1]);
  check_same("f1", f1(m, average), expected[2]);
}

}  // namespace

TEST_CASE("classification: scikit-learn's accuracy, precision, recall, F1 and Matthews correlation") {
  for (const auto& c : classification_cases) {
    INFO(c.name);
    const ConfusionMatrix m(c.truth, c.predicted, c.classes);
    check_same("accuracy", accuracy(m), c.accuracy);
    check_same("mcc", matthews_correlation(m), c.mcc);
    if (c.classes == 2) check_average(m, Average::binary, c.binary);
    check_average(m, Average::macro, c.macro);
    check_average(m, Average::weighted, c.weighted);
    check_average(m, Average::micro, c.micro);
    for (std::size_t k = 0; k < c.classes; ++k) {
      check_same("precision of a class", precision(m, k), c.precision[k]);
      check_same("recall of a class", recall(m, k), c.recall[k]);
      check_same("f1 of a class", f1(m, k), c.f1[k]);
    }
  }
}

TEST_CASE("classification: Matthews correlation of a class against the rest, or against some classes") {
  for (const auto& c : classification_cases) {
    INFO(c.name);
    const ConfusionMatrix m(c.truth, c.predicted, c.classes);
    for (std::size_t k = 0; k < c.classes; ++k) {
      // The same rows as class k or not, and of those the ones whose class is k or 0.
      Labels truth, predicted, truth_of_two, predicted_of_two;
      for (std::size_t r = 0; r < c.truth.size(); ++r) {
        const auto class_k = static_cast<int>(k);
        truth.push_back(c.truth[r] == class_k ? 1 : 0);
        predicted.push_back(c.predicted[r] == class_k ? 1 : 0);
        if (c.truth[r] != class_k && c.truth[r] != 0) continue;
        truth_of_two.push_back(truth.back());
        predicted_of_two.push_back(predicted.back());
      }
      const std::vector<std::size_t> class_0 = {0};
      CHECK(matthews_correlation(m, k) == matthews_correlation(ConfusionMatrix(truth, predicted, 2)));
      CHECK(matthews_correlation(m, k, class_0) ==
            matthews_correlation(ConfusionMatrix(truth_of_two, predicted_of_two, 2)));
    }
  }
}

TEST_CASE("classification: Matthews correlation of a class, by hand") {
  // Class 1: 3 of 4 found, 1 of 3 of class 0 taken for it, 2 of 2 of class 2 too.
  const ConfusionMatrix m(Labels{1, 1, 1, 1, 0, 0, 0, 2, 2}, Labels{1, 1, 1, 2, 0, 2, 1, 1, 1}, 3);
  const std::vector<std::size_t> class_0 = {0}, others = {0, 2}, again = {2, 0, 2, 1};
  CHECK(matthews_correlation(m, 1, class_0) ==
        Approx((3 * 2 - 1 * 1) / std::sqrt(4.0 * 4 * 3 * 3)).epsilon(1e-15));
  CHECK(matthews_correlation(m, 1) == Approx((3 * 2 - 3 * 1) / std::sqrt(6.0 * 4 * 3 * 5)).epsilon(1e-15));
  CHECK(matthews_correlation(m, 1, others) == matthews_correlation(m, 1));
  CHECK(matthews_correlation(m, 1, again) == matthews_correlation(m, 1));
  CHECK(matthews_correlation(m, 1, {}) == 0);  // nothing to be told from
  CHECK(message_of<option_error>([&] { (void)matthews_correlation(m, 3); }) ==
        "matthews correlation: class 3 of a confusion matrix of 3 classes, expected less than that");
  const std::vector<std::size_t> four = {0, 4};
  CHECK_THROWS_AS(matthews_correlation(m, 1, four), option_error);
}

TEST_CASE("classification: a confusion matrix counts true classes by row and predicted ones by column") {
  const ConfusionMatrix m(Labels{0, 0, 1, 2, 2, 2}, Labels{0, 1, 1, 0, 0, 2}, 4);
  CHECK(m.classes() == 4);
  CHECK(m(0, 0) == 1);
  CHECK(m(0, 1) == 1);
  CHECK(m(1, 0) == 0);
  CHECK(m(2, 0) == 2);
  CHECK(m(0, 2) == 0);
  CHECK(m.support(2) == 3);
  CHECK(m.predicted(2) == 1);
  CHECK(m.support(3) == 0);
  CHECK(m.correct() == 3);
  CHECK(m.total() == 6);
}

TEST_CASE("classification: without rows every metric is 0") {
  const ConfusionMatrix m(Labels{}, Labels{}, 2);
  CHECK(m.total() == 0);
  CHECK(accuracy(m) == 0);
  CHECK(precision(m, Average::macro) == 0);
  CHECK(recall(m, Average::weighted) == 0);
  CHECK(f1(m, Average::binary) == 0);
  CHECK(matthews_correlation(m) == 0);
  CHECK(ConfusionMatrix().classes() == 0);
}

TEST_CASE("classification: what does not fit is named") {
  CHECK(message_of<shape_error>([] {
          ConfusionMatrix(Labels{0, 1}, Labels{0}, 2);
        }) == "confusion matrix: 2 true and 1 predicted classes, expected as many of each");
  CHECK(message_of<option_error>([] {
          ConfusionMatrix(Labels{0, 2}, Labels{0, 1}, 2);
        }) == "confusion matrix: the true class of row 1 is 2, expected 0 or more and less than 2");
  CHECK(message_of<option_error>([] {
          ConfusionMatrix(Labels{0, 1}, Labels{-1, 1}, 2);
        }) == "confusion matrix: the predicted class of row 0 is -1, expected 0 or more and less than 2");
  CHECK(message_of<option_error>([] {
          (void)f1(ConfusionMatrix(Labels{0}, Labels{0}, 3), Average::binary);
        }) == "metric: average binary needs two classes, got 3; use macro, weighted or micro");
}

TEST_CASE("confusion: many classes count as few do") {
  std::vector<int> truth, predicted;
  for (int i = 0; i < 300; ++i) {
    truth.push_back(i * 7 % 60);
    predicted.push_back(i * i % 60);
  }
  const ConfusionMatrix few(truth, predicted, 60), many(truth, predicted, 100000);
  for (std::size_t t = 0; t < 60; ++t) {
    CHECK((many.support(t) == few.support(t) && many.predicted(t) == few.predicted(t)));
    for (std::size_t p = 0; p < 60; ++p) CHECK(many(t, p) == few(t, p));
  }
  CHECK(many(99999, 0) == 0);
  CHECK(many.correct() == few.correct());
  CHECK(matthews_correlation(many) == matthews_correlation(few));
  CHECK(f1(many, Average::macro) == f1(few, Average::macro));
  std::vector<std::size_t> seen[2];
  few.for_each_pair(
      [&](std::size_t t, std::size_t p, std::size_t n) { seen[0].push_back(t * 60 + p + 3600 * n); });
  many.for_each_pair(
      [&](std::size_t t, std::size_t p, std::size_t n) { seen[1].push_back(t * 60 + p + 3600 * n); });
  CHECK(seen[0] == seen[1]);
}
