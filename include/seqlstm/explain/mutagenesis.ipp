// Definitions of mutagenesis.hpp.
#pragma once

#include <cmath>
#include <cstdint>
#include <iomanip>
#include <seqlstm/explain/mutagenesis.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <sstream>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE void Prefixes::begin(std::size_t before, std::size_t b, std::size_t streams,
                                    CarriedState<float>& carried) {
  std::size_t buffer = 0;
  carried.for_each_buffer([&](AlignedBuffer<float>& values) {
    auto& stream = memories_[before][buffer / 2];
    const auto row = buffer % 2 == 0 ? stream.h(0) : stream.c(0);
    std::copy_n(row.data(), row.cols(), values.data() + b * (values.size() / streams));
    ++buffer;
  });
}

}  // namespace detail

SEQLSTM_INLINE void write_table(std::ostream& out, const MutationMap& map, bool header) {
  if (header) out << "id\tposition\tletter\tmutant\toutput\tchange\n";
  for (std::size_t i = 0; i < map.sequence.size(); ++i)
    for (std::size_t letter = 0; letter < map.letters.size(); ++letter)
      if (map.letters[letter] != map.sequence[i])
        out << printable(map.id) << '\t' << i + 1 << '\t' << map.sequence[i] << '\t' << map.letters[letter]
            << '\t' << map.score(i, letter) << '\t' << map.change(i, letter) << '\n';
}

SEQLSTM_INLINE std::string heat_map_svg(const MutationMap& map) {
  constexpr std::size_t cell = 10, left = 20, top = 22;
  double largest = 1e-12;
  for (std::size_t i = 0; i < map.sequence.size(); ++i)
    for (std::size_t letter = 0; letter < map.letters.size(); ++letter)
      largest = std::max(largest, std::abs(map.change(i, letter)));
  const std::size_t rows = map.letters.size(), width = left + cell * map.sequence.size() + 10,
                    height = top + cell * (rows + 2) + 4;
  const auto escaped = [](char c) {
    return c == '<' ? std::string("&lt;") : c == '&' ? std::string("&amp;") : std::string(1, c);
  };
  std::ostringstream svg;
  svg << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << width << "\" height=\"" << height
      << "\" font-family=\"monospace\" font-size=\"9\">\n<rect width=\"100%\" height=\"100%\" "
         "fill=\"white\"/>\n<text x=\""
      << left << "\" y=\"14\">";
  for (const char c : map.id) svg << escaped(c);
  svg << " output " << std::setprecision(4) << map.reference << ", strongest change " << largest
      << "</text>\n";
  for (std::size_t letter = 0; letter < rows; ++letter)
    svg << "<text x=\"6\" y=\"" << top + cell * letter + 9 << "\">" << escaped(map.letters[letter])
        << "</text>\n";
  for (std::size_t i = 0; i < map.sequence.size(); ++i) {
    for (std::size_t letter = 0; letter < rows; ++letter) {
      const double share = map.change(i, letter) / largest;
      const auto fade = static_cast<int>(std::lround(255 * (1 - std::abs(share))));
      svg << "<rect x=\"" << left + cell * i << "\" y=\"" << top + cell * letter << "\" width=\"" << cell
          << "\" height=\"" << cell << "\" fill=\"rgb(" << (share < 0 ? fade : 255) << ',' << fade << ','
          << (share > 0 ? fade : 255) << ")\"/>\n";
    }
    svg << "<text x=\"" << left + cell * i + 2 << "\" y=\"" << top + cell * (rows + 1) << "\">"
        << escaped(map.sequence[i]) << "</text>\n";
  }
  svg << "</svg>\n";
  return svg.str();
}

SEQLSTM_NAMESPACE_END
