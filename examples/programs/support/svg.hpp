// What all pictures begin with.
#pragma once

#include <algorithm>
#include <ostream>
#include <seqlstm/core/text.hpp>
#include <string>

namespace examples {

inline void begin_svg(std::ostream& svg, std::size_t width, std::size_t height) {
  svg << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << width << "\" height=\"" << height
      << "\" font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" "
         "fill=\"white\"/>\n";
}

/// Text as XML has it: of control characters, which XML cannot have, what printable() makes of them.
inline std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : seqlstm::printable(text)) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

/// Colours as far apart as `count` allows.
inline std::string class_colour(std::size_t number, std::size_t count) {
  return "hsl(" + std::to_string(360 * number / std::max<std::size_t>(1, count)) + ",70%,40%)";
}

}  // namespace examples
