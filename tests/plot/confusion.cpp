#include <seqlstm/plot/confusion.hpp>

#include "plot/markup.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("confusion: a cell for each pair of classes, named, shaded by its share of the row") {
  const ConfusionMatrix matrix(std::vector<int>{0, 0, 0, 1}, std::vector<int>{0, 0, 1, 1}, 2);
  const std::string svg = plot::confusion_svg(matrix, {"a<b", "c"});
  CHECK(markup_fault(svg) == "");
  CHECK(times(svg, "fill-opacity=\"0.666667\"") == 1);
  CHECK(times(svg, "fill-opacity=\"1\"") == 1);
  CHECK(times(svg, ">a&lt;b<") == 2);
  CHECK_THAT(plot::confusion_svg(matrix, {}), ContainsSubstring(">1</text>"));
}

TEST_CASE("confusion: of many classes only pairs that occur are drawn") {
  std::vector<int> truth, said;
  for (int c = 0; c < 150; ++c) {
    truth.push_back(c);
    said.push_back(c / 2);
  }
  const std::string svg = plot::confusion_svg(ConfusionMatrix(truth, said, 150), {});
  CHECK(times(svg, "fill-opacity") == 150);
}
