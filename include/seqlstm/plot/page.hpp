// A report as one web page: no network, no script, readable in light and dark and on paper.
//
//     Page page("Promoters, seed 1");
//     page.heading("Test part").table({"metric", "value"}, {{"accuracy", "0.97"}});
//     page.figure(figure_svg({roc_series("promoter", truth, scores)}, roc_axes()), "ROC curve");
//     io::write_file_atomically("report.html", page.html());
#pragma once

#include <seqlstm/plot/svg.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace plot {

/// Text is shown as it is: what HTML would read otherwise is escaped. Pictures are SVG of this chapter.
class Page {
 public:
  /// A page with its title as the only heading so far.
  explicit Page(const std::string& title);

  /// Appends a heading of a section. This and the others return the page, to go on with.
  Page& heading(const std::string& text);
  /// Appends running text, one paragraph whatever line breaks it has.
  Page& paragraph(const std::string& text);
  /// Text in which spaces and line breaks stay: a command, a configuration.
  Page& code(const std::string& text);
  /// Cells that are numbers are set right. Rows may be shorter than the header.
  Page& table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);
  /// Appends a picture and the text below it. The SVG stands in the page as it is, not escaped.
  Page& figure(const std::string& svg, const std::string& caption);

  /// The whole page.
  [[nodiscard]] std::string html() const;

 private:
  std::string head_, body_;
};

}  // namespace plot

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/plot/page.ipp>
#endif
