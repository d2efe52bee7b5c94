#include <seqlstm/plot/scatter.hpp>

#include <limits>
#include <seqlstm/core/error.hpp>

#include "plot/markup.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("scatter: a point for each row, coloured by class or by number") {
  const std::string classes = plot::scatter_svg({0, 1}, {0, 2}, {0, 1}, {"one", "two"}, "x", "y");
  CHECK(markup_fault(classes) == "");
  CHECK(times(classes, "<circle") == 2);
  CHECK(times(classes, plot::colour(1, 2)) == 2);  // a point and the legend
  const std::string numbers = plot::scatter_svg({0, 1}, {0, 2}, {3, 7}, {}, "x", "y");
  CHECK_THAT(numbers, ContainsSubstring("rgb(0,60,255)") && ContainsSubstring("rgb(255,60,0)"));
  CHECK(markup_fault(plot::scatter_svg({}, {}, {}, {}, "", "")) == "");
  CHECK_THROWS_AS(plot::scatter_svg({1}, {}, {}, {}, "", ""), shape_error);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::string some = plot::scatter_svg({0, nan, 2}, {0, 1, 2}, {nan, 1, 2}, {}, "", "");
  CHECK(times(some, "<circle") == 1);
  CHECK(some.find("nan") == std::string::npos);
}
