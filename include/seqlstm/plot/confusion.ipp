// Definitions of confusion.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/plot/confusion.hpp>
#include <sstream>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::string plot::confusion_svg(const ConfusionMatrix& matrix,
                                               const std::vector<std::string>& names) {
  constexpr std::size_t readable = 100;
  const std::size_t classes = matrix.classes();
  const bool all = classes <= readable;
  const auto name = [&](std::size_t c) { return c < names.size() ? printable(names[c]) : std::to_string(c); };
  std::size_t longest = 4;
  for (std::size_t c = 0; c < classes; ++c) longest = std::max(longest, name(c).size());
  const std::size_t cell = 44, left = 30 + 7 * longest, top = 30 + 7 * longest;
  std::ostringstream svg;
  begin_svg(svg, left + cell * classes + 20, top + cell * classes + 20);
  svg << "<text x=\"8\" y=\"16\">row: true, column: predicted</text>\n";
  for (std::size_t r = 0; r < classes; ++r) {
    const std::size_t y = top + cell * r, middle = left + cell * r + cell / 2;
    svg << "<text x=\"" << left - 6 << "\" y=\"" << y + cell / 2 + 4 << "\" text-anchor=\"end\">"
        << escaped(name(r)) << "</text>\n<text transform=\"translate(" << middle + 4 << ',' << top - 6
        << ") rotate(-90)\">" << escaped(name(r)) << "</text>\n";
    for (std::size_t c = 0; c < classes; ++c) {
      if (!all && matrix(r, c) == 0) continue;
      const double share = matrix.support(r) == 0
                               ? 0
                               : static_cast<double>(matrix(r, c)) / static_cast<double>(matrix.support(r));
      svg << "<rect x=\"" << left + cell * c << "\" y=\"" << y << "\" width=\"" << cell << "\" height=\""
          << cell << "\" stroke=\"currentColor\" stroke-opacity=\"0.15\" fill=\"hsl(240,90%,50%)\" "
          << "fill-opacity=\"" << share << "\"/>\n<text x=\"" << left + cell * c + cell / 2 << "\" y=\""
          << y + cell / 2 + 4 << "\" text-anchor=\"middle\"" << (share > 0.6 ? " fill=\"white\"" : "") << '>'
          << matrix(r, c) << "</text>\n";
    }
  }
  end_svg(svg);
  return svg.str();
}

SEQLSTM_NAMESPACE_END
