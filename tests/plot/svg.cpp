#include <seqlstm/plot/svg.hpp>

#include <set>
#include <sstream>

#include "plot/markup.hpp"

using namespace seqlstm;

TEST_CASE("svg: text is what XML can have") {
  CHECK(plot::escaped("a<b>&\"c\"") == "a&lt;b&gt;&amp;&quot;c&quot;");
  CHECK(plot::escaped("a\x1B[31m\n") == "a\\x1B[31m\\n");
  CHECK(plot::escaped("gr\xC3\xB6\xC3\x9F"
                      "e \xE2\x82\xAC \xF0\x9F\xA7\xAC") ==
        "gr\xC3\xB6\xC3\x9F"
        "e \xE2\x82\xAC \xF0\x9F\xA7\xAC");
  CHECK(plot::escaped("gr\xF6\xDF"
                      "er") == "gr\\xF6\\xDFer");  // Latin-1
  for (const char* broken : {"\xC3", "\xE2\x82", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\x80"})
    CHECK(plot::escaped(broken).substr(0, 2) == "\\x");
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
