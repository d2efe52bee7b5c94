// Definitions of svg.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/plot/svg.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::string plot::escaped(const std::string& text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
  return out;
}

SEQLSTM_INLINE std::string plot::colour(std::size_t i, std::size_t count) {
  return "hsl(" + std::to_string((210 + 360 * i / std::max<std::size_t>(1, count)) % 360) + ",65%,45%)";
}

SEQLSTM_INLINE void plot::begin_svg(std::ostream& svg, std::size_t width, std::size_t height) {
  svg << "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" width=\"" << width << "\" height=\""
      << height << "\" viewBox=\"0 0 " << width << ' ' << height
      << "\" color=\"black\" fill=\"currentColor\" font-family=\"sans-serif\" font-size=\"11\">\n"
         "<rect class=\"paper\" width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
}

SEQLSTM_NAMESPACE_END
