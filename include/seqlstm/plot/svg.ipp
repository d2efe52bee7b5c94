// Definitions of svg.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/plot/svg.hpp>
#include <string_view>

SEQLSTM_NAMESPACE_BEGIN

namespace plot::detail {

/// Bytes of the UTF-8 character that begins here; 0 where none does.
inline std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(0);
  const std::size_t length = first < 0x80U   ? 1
                             : first < 0xC2U ? 0
                             : first < 0xE0U ? 2
                             : first < 0xF0U ? 3
                                             : 4;
  if (first > 0xF4U) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  const unsigned second = byte(1);  // no longer form than needed, no surrogate, nothing beyond U+10FFFF
  if ((first == 0xE0U && second < 0xA0U) || (first == 0xEDU && second > 0x9FU) ||
      (first == 0xF0U && second < 0x90U) || (first == 0xF4U && second > 0x8FU))
    return 0;
  return length;
}

}  // namespace plot::detail

SEQLSTM_INLINE std::string plot::escaped(const std::string& text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const std::string shown = printable(text);
  std::string out;
  for (std::size_t i = 0; i < shown.size();) {
    const std::size_t length = detail::utf8_length(std::string_view(shown).substr(i));
    if (length != 1) {
      const auto byte = static_cast<unsigned char>(shown[i]);
      out += length == 0 ? std::string("\\x") + digits[byte / 16U] + digits[byte % 16U]
                         : shown.substr(i, length);
      i += std::max<std::size_t>(1, length);
      continue;
    }
    const char c = shown[i++];
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
