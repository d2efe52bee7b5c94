// Tables and pictures of what a classifier does with every class.
#include "../../examples/programs/support/class_report.hpp"

#include <ctime>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

struct Case {
  examples::TaskPlan plan;
  Predictions predictions;
  LabelledRecords test;
};
/// Random probabilities of `classes` classes; every row's own class is often the likeliest.
Case random_case(std::size_t rows, std::size_t classes) {
  Case made;
  made.plan.task = Task::multi_class;
  made.plan.classes = classes;
  RandomStream random(3);
  made.predictions.rows = rows;
  made.predictions.cols = classes;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < classes; ++c)
      made.predictions.values.push_back(random.uniform() + (c == r % classes ? 0.5 : 0));
    made.test.labels.push_back(static_cast<double>(r % classes));
  }
  for (std::size_t c = 0; c < classes; ++c) made.test.label_names.push_back("class " + std::to_string(c));
  return made;
}

}  // namespace

TEST_CASE("class report: each class against the rest, as its parts say") {
  const auto made = random_case(60, 3);
  const auto results = examples::class_results(made.plan, made.predictions, made.test);
  REQUIRE(results.size() == 3);
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<int> truth;
    std::vector<double> scores;
    for (std::size_t r = 0; r < 60; ++r) {
      truth.push_back(r % 3 == c ? 1 : 0);
      scores.push_back(made.predictions.values[3 * r + c]);
    }
    CHECK(results[c].name == "class " + std::to_string(c));
    CHECK(results[c].members == 20);
    CHECK(results[c].roc_auc == roc_auc(truth, scores));
    const auto whole = roc_curve(truth, scores);
    const auto& corners = results[c].curve;
    CHECK(corners.size() < whole.size());
    CHECK(corners.front().threshold == whole.front().threshold);
    CHECK(corners.back().threshold == whole.back().threshold);
    for (const auto& point : whole) {  // every point lies between two neighbouring corners
      const auto after = std::find_if(corners.begin() + 1, corners.end(), [&](const RocPoint& corner) {
        return corner.threshold <= point.threshold;
      });
      const auto before = after - 1;
      CHECK((after->false_positive_rate >= point.false_positive_rate &&
             before->false_positive_rate <= point.false_positive_rate));
      CHECK((after->true_positive_rate >= point.true_positive_rate &&
             before->true_positive_rate <= point.true_positive_rate));
      CHECK((before->false_positive_rate == after->false_positive_rate ||
             before->true_positive_rate == after->true_positive_rate));
    }
  }
}

TEST_CASE("class report: a thousand classes take seconds and little room") {
  const auto made = random_case(5000, 1000);
  const auto start = std::clock();
  const auto results = examples::class_results(made.plan, made.predictions, made.test);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  INFO(seconds << " s");
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  CHECK(seconds < 2);
#endif
  std::size_t points = 0;
  for (const auto& result : results) points += result.curve.size();
  CHECK(points <= 1000 * 12);  // five members each
}

TEST_CASE("class report: names are shown and drawn without control characters") {
  auto made = random_case(9, 3);
  made.test.label_names = {"a\x1B[31m", "b<c>&", "d\ne"};
  const auto results = examples::class_results(made.plan, made.predictions, made.test);
  std::ostringstream table;
  examples::print_classes(table, results);
  CHECK_THAT(table.str(), ContainsSubstring("a\\x1B[31m ") && ContainsSubstring("d\\ne "));
  const std::string svg = examples::roc_svg(results);
  CHECK_THAT(svg, ContainsSubstring("a\\x1B[31m") && ContainsSubstring("b&lt;c&gt;&amp;"));
  CHECK((table.str() + svg).find('\x1B') == std::string::npos);
}
