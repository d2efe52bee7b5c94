// Definitions of page.hpp.
#pragma once

#include <seqlstm/core/text.hpp>
#include <seqlstm/plot/page.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace plot {

namespace detail {

/// One column of text, as wide as one likes to read; pictures and tables may be wider and then scroll.
inline constexpr const char* page_style = R"(
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --line: #ccc; --shade: #f4f4f4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e4e4; --paper: #16181b; --line: #444; --shade: #22252a; } }
@media print { :root { --ink: #000; --paper: #fff; --line: #999; --shade: #fff; } main { max-width: none; }
  figure, table { break-inside: avoid; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); text-align: left; }
td.number { text-align: right; }
pre { background: var(--shade); padding: .6rem .8rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
figure { margin: 1rem 0; max-width: 100%; overflow-x: auto; } figcaption { font-size: .9rem; }
svg.plot { color: var(--ink); max-width: 100%; height: auto; } svg.plot .paper { fill: transparent; }
)";

inline bool is_number(const std::string& cell) {
  return parse_number(cell).has_value();
}

}  // namespace detail

SEQLSTM_INLINE Page::Page(const std::string& title)
    : head_(
          "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
          "content=\"width=device-width, initial-scale=1\">\n<title>" +
          escaped(title) + "</title>\n<style>" + detail::page_style +
          "</style>\n</head>\n<body>\n<main>\n<h1>" + escaped(title) + "</h1>\n") {}

SEQLSTM_INLINE Page& Page::heading(const std::string& text) {
  body_ += "<h2>" + escaped(text) + "</h2>\n";
  return *this;
}

SEQLSTM_INLINE Page& Page::paragraph(const std::string& text) {
  body_ += "<p>" + escaped(text) + "</p>\n";
  return *this;
}

SEQLSTM_INLINE Page& Page::code(const std::string& text) {
  std::string shown;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    shown += (begin > 0 ? "\n" : "") + escaped(text.substr(begin, end - begin));
    begin = end + 1;
  }
  body_ += "<pre>" + shown + "</pre>\n";
  return *this;
}

SEQLSTM_INLINE Page& Page::table(const std::vector<std::string>& header,
                                 const std::vector<std::vector<std::string>>& rows) {
  body_ += "<div class=\"wide\"><table>\n<tr>";
  for (const auto& cell : header) body_ += "<th>" + escaped(cell) + "</th>";
  body_ += "</tr>\n";
  for (const auto& row : rows) {
    body_ += "<tr>";
    for (const auto& cell : row)
      body_ += (detail::is_number(cell) ? "<td class=\"number\">" : "<td>") + escaped(cell) + "</td>";
    body_ += "</tr>\n";
  }
  body_ += "</table></div>\n";
  return *this;
}

SEQLSTM_INLINE Page& Page::figure(const std::string& svg, const std::string& caption) {
  body_ += "<figure>\n" + svg + "<figcaption>" + escaped(caption) + "</figcaption>\n</figure>\n";
  return *this;
}

SEQLSTM_INLINE std::string Page::html() const {
  return head_ + body_ + "</main>\n</body>\n</html>\n";
}

}  // namespace plot

SEQLSTM_NAMESPACE_END
