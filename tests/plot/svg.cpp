#include <seqlstm/plot/svg.hpp>

#include <set>
#include <sstream>

#include "plot/markup.hpp"

using namespace seqlstm;

TEST_CASE("svg: text is what XML can have") {
  CHECK(plot::escaped("a<b>&\"c\"") == "a&lt;b&gt;&amp;&quot;c&quot;");
  CHECK(plot::escaped("a\x1B[31m\n") == "a\\x1B[31m\\n");
}

TEST_CASE("svg: colours of up to twenty classes differ") {
  std::set<std::string> colours;
  for (std::size_t i = 0; i < 20; ++i) colours.insert(plot::colour(i, 20));
  CHECK(colours.size() == 20);
  CHECK_FALSE(plot::colour(0, 0).empty());
}

TEST_CASE("svg: a picture is a whole document") {
  std::ostringstream svg;
  plot::begin_svg(svg, 10, 20);
  plot::end_svg(svg);
  CHECK(testing::markup_fault(svg.str()).empty());
  CHECK_THAT(svg.str(), ContainsSubstring("width=\"10\" height=\"20\" viewBox=\"0 0 10 20\""));
}
