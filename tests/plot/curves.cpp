#include <seqlstm/plot/curves.hpp>

#include <cmath>

#include "plot/markup.hpp"

using namespace seqlstm;
using namespace testing;

namespace {
const std::vector<int> truth = {1, 0, 1, 1, 0, 0};
const std::vector<double> scores = {0.9, 0.8, 0.7, 0.4, 0.3, 0.1};
}  // namespace

TEST_CASE("curves: ROC has its corners, and its area in the legend") {
  const auto series = plot::roc_series("class 1", truth, scores);
  CHECK(series.x == std::vector<double>{0, 0, 1.0 / 3, 1.0 / 3, 1});
  CHECK(series.y == std::vector<double>{0, 1.0 / 3, 1.0 / 3, 1, 1});
  CHECK(series.name == "class 1, area 0.778");
  CHECK(plot::corners(roc_curve(truth, scores)).size() == 5);
  CHECK(markup_fault(plot::figure_svg({series}, plot::roc_axes())).empty());
}

TEST_CASE("curves: precision and recall at every threshold") {
  const auto series = plot::precision_recall_series("", truth, scores);
  CHECK(series.x == std::vector<double>{1.0 / 3, 1.0 / 3, 2.0 / 3, 1, 1, 1});
  CHECK(series.y == std::vector<double>{1, 0.5, 2.0 / 3, 0.75, 0.6, 0.5});
  CHECK(series.name == "average precision " + std::string("0.806"));
  const auto none = plot::precision_recall_series("", std::vector<int>{0, 0}, std::vector<double>{1, 2});
  CHECK(std::isnan(none.x[0]));
  CHECK(markup_fault(plot::figure_svg({none}, plot::precision_recall_axes())).empty());
}

TEST_CASE("curves: calibration is the mean probability and the share of positives of each range") {
  const auto series = plot::calibration_series("", truth, scores, 2);
  CHECK(series.x.size() == 2);
  CHECK(series.x[0] == Approx((0.4 + 0.3 + 0.1) / 3));
  CHECK(series.y[0] == Approx(1.0 / 3));
  CHECK(series.x[1] == Approx(0.8));
  CHECK(series.y[1] == Approx(2.0 / 3));
  const auto sparse = plot::calibration_series("", std::vector<int>{1}, std::vector<double>{1.0}, 10);
  CHECK(sparse.x == std::vector<double>{1});
  CHECK(plot::calibration_axes().diagonal);
}

TEST_CASE("curves: histograms count, those outside at the ends") {
  const auto series =
      plot::histogram_series("s", std::vector<double>{-1, 0.1, 0.3, 0.6, 2, std::nan("")}, 0, 1, 2);
  CHECK(series.x == std::vector<double>{0.25, 0.75});
  CHECK(series.y == std::vector<double>{3, 2});
}

TEST_CASE("curves: no bins, no range and unequal numbers are refused, what is not finite is left out") {
  const std::vector<double> values = {0.5};
  CHECK_THROWS_AS(plot::histogram_series("", values, 0, 1, 0), option_error);
  CHECK_THROWS_AS(plot::histogram_series("", values, 1, 1), option_error);
  CHECK_THROWS_AS(plot::histogram_series("", values, 0, std::nan("")), option_error);
  CHECK_THROWS_AS(plot::calibration_series("", std::vector<int>{1}, values, 0), option_error);
  CHECK_THROWS_AS(plot::calibration_series("", std::vector<int>{1, 0}, values), shape_error);
  const auto some =
      plot::calibration_series("", std::vector<int>{1, 0}, std::vector<double>{0.5, std::nan("")});
  CHECK(some.x == std::vector<double>{0.5});
}

TEST_CASE("curves: a ROC figure has a curve for each class, its name escaped") {
  const std::vector<std::string> names = {"a\x1B[31m", "b<c>&", "d\ne"};
  std::vector<double> labels, probabilities;
  for (std::size_t r = 0; r < 9; ++r) {
    labels.push_back(static_cast<double>(r % 3));
    for (std::size_t c = 0; c < 3; ++c) probabilities.push_back(c == r % 3 ? 0.6 : 0.2);
  }
  const ConstMatrixView<double> view(probabilities.data(), 9, 3);
  const std::string svg = plot::roc_svg(labels, view, per_class_metrics(labels, view, names));
  CHECK_THAT(svg, ContainsSubstring("a\\x1B[31m") && ContainsSubstring("b&lt;c&gt;&amp;"));
  CHECK(svg.find('\x1B') == std::string::npos);
}
