#include <seqlstm/plot/page.hpp>

#include <seqlstm/plot/figure.hpp>

#include "plot/markup.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("page: one file without network and script, whatever its text") {
  plot::Page page("Promoters <1>");
  page.heading("Test & more")
      .paragraph("a < b")
      .code("seqlstm --data \"x y\"\n  --seed 1")
      .table({"metric", "value"}, {{"accuracy", "0.97"}, {"class <x>", "a\nb"}, {"short"}})
      .figure(plot::figure_svg({{"s", {0, 1}, {0, 1}}}), "a figure");
  const std::string html = page.html();
  CHECK(markup_fault(html, {"meta"}) == "");
  for (const char* outside : {"http:", "https:", "<script", "<link", "url(", "@import"})
    CHECK(times(html, outside) == (std::string(outside) == "http:" ? 1U : 0U));  // the name space of SVG
  CHECK_THAT(html, ContainsSubstring("<title>Promoters &lt;1&gt;</title>"));
  CHECK_THAT(html, ContainsSubstring("<td>accuracy</td><td class=\"number\">0.97</td>"));
  CHECK_THAT(html, ContainsSubstring("<pre>seqlstm --data &quot;x y&quot;\n  --seed 1</pre>"));
  CHECK_THAT(html, ContainsSubstring("prefers-color-scheme: dark") && ContainsSubstring("@media print"));
}
