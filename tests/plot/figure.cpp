#include <seqlstm/plot/figure.hpp>

#include <cmath>
#include <limits>

#include "plot/markup.hpp"

using namespace seqlstm;
using namespace testing;
using plot::Series;

TEST_CASE("figure: ticks are round and within the range") {
  CHECK(plot::ticks(0, 1) == std::vector<double>{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1});
  CHECK(plot::ticks(0, 100) == std::vector<double>{0, 20, 40, 60, 80, 100});
  CHECK(plot::ticks(-3, 12) == std::vector<double>{0, 5, 10});
  CHECK(plot::ticks(2, 2) == std::vector<double>{2});
  for (const double low : {1.0, 1e16, -3e300})  // ends that are one to the eye
    CHECK(plot::ticks(low, std::nextafter(low, 1e308)) == std::vector<double>{low});
  for (const double size : {1e-9, 0.37, 1.0, 42.0, 1e12}) {
    const auto places = plot::ticks(-size, 2 * size);
    CHECK(places.size() >= 2);
    CHECK(places.size() <= 7);
    CHECK(places.front() >= -size);
    CHECK(places.back() <= 2 * size * (1 + 1e-9));
  }
}

TEST_CASE("figure: lines, points and bars stand where their numbers say") {
  const std::string svg = plot::figure_svg(
      {{"a & b", {0, 1}, {0, 1}}, {"points", {0.5}, {0.25}, plot::Mark::points}},
      {.x_title = "x", .y_title = "y", .x_range = std::pair(0.0, 1.0), .y_range = std::pair(0.0, 1.0)});
  CHECK(markup_fault(svg) == "");
  CHECK_THAT(svg, ContainsSubstring("points=\"56,316 376,16 \""));
  CHECK_THAT(svg, ContainsSubstring("cx=\"216\" cy=\"241\""));
  CHECK_THAT(svg, ContainsSubstring(">a &amp; b<"));
  const std::string bars = plot::figure_svg({{"", {1, 2, 3}, {1, 4, 2}, plot::Mark::bars}});
  CHECK(markup_fault(bars) == "");
  CHECK(times(bars, "fill-opacity=\"0.7\"") == 3);
  CHECK_THAT(bars, ContainsSubstring("height=\"300\" fill-opacity"));  // 4 of 0 to 4
}

TEST_CASE("figure: what is no number is left out, and nothing at all is an empty frame") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const std::string svg =
      plot::figure_svg({{"s", {0, nan, 2, 3}, {1, 2, inf, 4}}, {"p", {nan}, {0}, plot::Mark::points}});
  CHECK(markup_fault(svg) == "");
  CHECK(svg.find("nan") == std::string::npos);
  CHECK(svg.find("inf") == std::string::npos);
  CHECK(markup_fault(plot::figure_svg({})) == "");
  CHECK(markup_fault(plot::figure_svg({{"one", {7}, {7}}})) == "");
  CHECK_THROWS_AS(plot::figure_svg({{"s", {1, 2}, {1}}}), shape_error);
}

TEST_CASE("figure: control characters of names do not reach the picture") {
  const std::string svg = plot::figure_svg({{"a\x1B[31m<b>", {0}, {0}}}, {.x_title = "\n"});
  CHECK(svg.find('\x1B') == std::string::npos);
  CHECK(markup_fault(svg) == "");
}
