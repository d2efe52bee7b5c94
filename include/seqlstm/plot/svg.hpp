// What all pictures are made of: SVG that stands alone as a file and takes a page's colours inside one.
#pragma once

#include <ostream>
#include <seqlstm/core/text.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace plot {

/// Text as XML has it: of control characters, which XML cannot have, what printable() makes of them; of bytes
/// that are no UTF-8, `\xNN`.
std::string escaped(const std::string& text);

/// The colour of number `i` of `count`, as far from the others as may be.
std::string colour(std::size_t i, std::size_t count);

/// Opens a picture: white paper, black text. A page's style sheet may set other colours for `svg.plot` and
/// its `.paper`; inside it, fill="currentColor" follows the page.
void begin_svg(std::ostream& svg, std::size_t width, std::size_t height);
/// Ends the picture that begin_svg() opened.
inline void end_svg(std::ostream& svg) {
  svg << "</svg>\n";
}

}  // namespace plot

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/plot/svg.ipp>
#endif
