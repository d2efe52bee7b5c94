#include <seqlstm/core/random.hpp>
#include <seqlstm/metrics/classification.hpp>
#include <seqlstm/metrics/curve.hpp>
#include <seqlstm/metrics/per_class.hpp>

#include <ctime>

#include <sstream>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

struct Case {
  std::vector<double> labels, probabilities;
  std::size_t classes;
  [[nodiscard]] ConstMatrixView<double> view() const {
    return {probabilities.data(), probabilities.size() / classes, classes};
  }
};
/// Random probabilities of `classes` classes; every row's own class is often the likeliest.
Case random_case(std::size_t rows, std::size_t classes) {
  Case made;
  made.classes = classes;
  RandomStream random(3);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < classes; ++c)
      made.probabilities.push_back(random.uniform() + (c == r % classes ? 0.5 : 0));
    made.labels.push_back(static_cast<double>(r % classes));
  }
  return made;
}

}  // namespace

TEST_CASE("per class: each class against the rest, as its parts say") {
  const auto made = random_case(60, 3);
  const auto results = per_class_metrics(made.labels, made.view(), {"a", "b"});
  REQUIRE(results.size() == 3);
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<int> truth, predicted;
    std::vector<double> scores;
    for (std::size_t r = 0; r < 60; ++r) {
      const double* row = &made.probabilities[3 * r];
      truth.push_back(r % 3 == c ? 1 : 0);
      scores.push_back(row[c]);
      predicted.push_back(std::max_element(row, row + 3) - row == static_cast<std::ptrdiff_t>(c) ? 1 : 0);
    }
    const auto [found_truth, found_scores] = one_against_rest(made.labels, made.view(), c);
    CHECK(found_truth == truth);
    CHECK(found_scores == scores);
    const ConfusionMatrix m(truth, predicted, 2);
    CHECK(results[c].name == (c == 0 ? "a" : c == 1 ? "b" : "2"));
    CHECK(results[c].members == 20);
    CHECK(results[c].precision == precision(m, 1));
    CHECK(results[c].recall == recall(m, 1));
    CHECK(results[c].f1 == f1(m, 1));
    CHECK(results[c].roc_auc == roc_auc(truth, scores));
  }
}

TEST_CASE("per class: of two classes class 1 alone, of labels every column by itself") {
  const std::vector<double> one_column = {0.2, 0.5, 0.9, 0.4};
  const auto two =
      per_class_metrics(std::vector<double>{0, 1, 1, 1}, {one_column.data(), 4, 1}, {"no", "yes"});
  REQUIRE(two.size() == 1);
  CHECK(two[0].name == "yes");
  CHECK(two[0].members == 3);
  CHECK(two[0].precision == 1);
  CHECK(two[0].recall == Approx(2 / 3.0));
  CHECK(two[0].roc_auc == 1);
  CHECK(one_against_rest(std::vector<double>{0, 1, 1, 1}, {one_column.data(), 4, 1}, 0).scores[2] ==
        Approx(0.1));
  CHECK(per_class_metrics(std::vector<double>{0, 1, 1, 1}, {one_column.data(), 4, 1}, {"", "a\tb"})[0].name ==
        "a\tb");
  const std::vector<double> two_columns = {0.9, 0.6, 0.8, 0.1}, labels = {1, 0, 1, 1};
  const auto several = per_class_metrics(labels, {two_columns.data(), 2, 2});
  REQUIRE(several.size() == 2);
  CHECK(several[0].members == 2);
  CHECK(several[0].recall == 1);
  CHECK(several[1].name == "1");
  CHECK(several[1].members == 1);
  CHECK(several[1].precision == 0);  // the row that has 0.6 is not of it
}

TEST_CASE("per class: labels that do not fit, classes that there are not") {
  const std::vector<double> numbers(6);
  const ConstMatrixView<double> three(numbers.data(), 2, 3);
  CHECK_THROWS_WITH(
      per_class_metrics(std::vector<double>(4), three),
      "per-class metrics: 4 labels, expected a class index for each of 2 rows, or a 0 or 1 for each of 3 "
      "columns too");
  CHECK_THROWS_AS(one_against_rest(std::vector<double>(2), three, 3), shape_error);
  CHECK_NOTHROW(one_against_rest(std::vector<double>(2), three, 2));
}

TEST_CASE("per class: a thousand classes take seconds") {
  const auto made = random_case(5000, 1000);
  const auto start = std::clock();
  CHECK(per_class_metrics(made.labels, made.view()).size() == 1000);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  INFO(seconds << " s");
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  CHECK(seconds < 2);
#endif
}

TEST_CASE("per class: a table whose names are shown without control characters") {
  const std::vector<std::string> names = {"a\x1B[31m", "d\ne"};
  const std::vector<double> labels = {0, 1, 1}, probabilities = {0.6, 0.4, 0.3, 0.7, 0.9, 0.1};
  std::ostringstream table;
  table << per_class_metrics(labels, {probabilities.data(), 3, 2}, names);
  CHECK(table.str() ==
        "class       members precision    recall        f1   roc_auc\n"
        "a\\x1B[31m         1    0.5000    1.0000    0.6667    0.5000\n"
        "d\\ne              2    1.0000    0.5000    0.6667    0.5000\n");
}
