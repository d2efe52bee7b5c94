// What all pictures begin with.
#pragma once

#include <ostream>
#include <string>

namespace examples {

inline void begin_svg(std::ostream& svg, std::size_t width, std::size_t height) {
  svg << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << width << "\" height=\"" << height
      << "\" font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" "
         "fill=\"white\"/>\n";
}

inline std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text)
    out += c == '<' ? std::string("&lt;") : c == '&' ? std::string("&amp;") : std::string(1, c);
  return out;
}

/// Colours as far apart as `count` allows.
inline std::string class_colour(std::size_t number, std::size_t count) {
  return "hsl(" + std::to_string(360 * number / std::max<std::size_t>(1, count)) + ",70%,40%)";
}

}  // namespace examples
