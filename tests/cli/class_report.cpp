// Tables and pictures of what a classifier does with every class.
#include "support/class_report.hpp"

#include <sstream>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("class report: names are shown and drawn without control characters") {
  const std::vector<std::string> names = {"a\x1B[31m", "b<c>&", "d\ne"};
  std::vector<double> labels, probabilities;
  for (std::size_t r = 0; r < 9; ++r) {
    labels.push_back(static_cast<double>(r % 3));
    for (std::size_t c = 0; c < 3; ++c) probabilities.push_back(c == r % 3 ? 0.6 : 0.2);
  }
  const ConstMatrixView<double> view(probabilities.data(), 9, 3);
  const auto classes = per_class_metrics(labels, view, names);
  std::ostringstream table;
  examples::print_classes(table, classes);
  CHECK_THAT(table.str(), ContainsSubstring("a\\x1B[31m ") && ContainsSubstring("d\\ne "));
  const std::string svg = examples::roc_svg(labels, view, classes);
  CHECK_THAT(svg, ContainsSubstring("a\\x1B[31m") && ContainsSubstring("b&lt;c&gt;&amp;"));
  CHECK((table.str() + svg).find('\x1B') == std::string::npos);
}
