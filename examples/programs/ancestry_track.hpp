// A genome track: along a region what is true of some haplotypes, and what methods say.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/plot/figure.hpp>
#include <seqlstm/plot/svg.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "ancestry_scores.hpp"

namespace examples {

namespace detail {

inline constexpr double track_left = 150, track_width = 800, track_row = 10, track_gap = 8, track_top = 14;

/// A bar from begin to end, shares of the region; as dark as `strength`.
inline void draw_stretch(std::ostream& svg, double begin, double end, double y, double strength,
                         const std::string& colour) {
  svg << "<rect x=\"" << track_left + track_width * begin << "\" y=\"" << y << "\" width=\""
      << track_width * (end - begin) << "\" height=\"" << track_row - 2 << "\" fill=\"" << colour
      << "\" fill-opacity=\"" << strength << "\"/>\n";
}

inline void draw_label(std::ostream& svg, double y, const std::string& text) {
  svg << "<text x=\"" << track_left - 5 << "\" y=\"" << y + track_row - 2 << "\" text-anchor=\"end\">"
      << plot::escaped(text) << "</text>\n";
}

/// Windows of about the same probability (in quarters) are one bar.
inline void draw_probabilities(std::ostream& svg, const double* probabilities, std::size_t windows, double y,
                               const std::string& colour) {
  const auto shade = [&](std::size_t w) { return std::floor(4 * probabilities[w] + 0.5) / 4; };
  for (std::size_t w = 0; w < windows;) {
    const std::size_t begin = w;
    while (w < windows && shade(w) == shade(begin)) ++w;
    if (shade(begin) > 0)
      draw_stretch(svg, static_cast<double>(begin) / static_cast<double>(windows),
                   static_cast<double>(w) / static_cast<double>(windows), y, shade(begin), colour);
  }
}

}  // namespace detail

/// The haplotypes of a region with the most archaic bases, at most `most`, in their order.
inline std::vector<std::size_t> shown_records(const AncestryWindows& windows, std::size_t region,
                                              std::size_t most) {
  std::vector<std::pair<double, std::size_t>> archaic;
  for (std::size_t i = 0; i < windows.records.size(); ++i) {
    if (windows.records[i].region != region) continue;
    double bases = 0;
    for (std::size_t t = windows.data.offsets[i]; t < windows.data.offsets[i + 1]; ++t)
      bases += windows.introgressed[t];
    archaic.emplace_back(-bases, i);
  }
  std::sort(archaic.begin(), archaic.end());
  archaic.resize(std::min(most, archaic.size()));
  std::vector<std::size_t> rows;
  for (const auto& one : archaic) rows.push_back(one.second);
  std::sort(rows.begin(), rows.end());
  return rows;
}

/// For each of the records a row of the truth and one of each method, as dark as it is sure.
inline std::string track_svg(const HaplotypePanel& panel, const AncestryWindows& windows,
                             const std::vector<std::size_t>& records,
                             const std::vector<AncestryMethod>& methods) {
  using namespace detail;
  const HaplotypeRegion& region = panel.regions[windows.records[records.front()].region];
  const auto length = static_cast<double>(region.length);
  const double group = track_row * static_cast<double>(methods.size() + 1) + track_gap;
  const double bottom = track_top + group * static_cast<double>(records.size());
  std::ostringstream svg;
  svg.precision(6);
  plot::begin_svg(svg, static_cast<std::size_t>(track_left + track_width + 20),
                  static_cast<std::size_t>(bottom + 40));
  double y = track_top;
  for (const std::size_t i : records) {
    const std::size_t haplotype = windows.records[i].haplotype, offset = windows.data.offsets[i];
    draw_label(svg, y, "haplotype " + std::to_string(haplotype) + ", truth");
    for (const BaseRange& range : region.introgressed[haplotype])
      draw_stretch(svg, static_cast<double>(range.begin) / length, static_cast<double>(range.end) / length, y,
                   1, "currentColor");
    y += track_row;
    for (std::size_t m = 0; m < methods.size(); ++m, y += track_row) {
      draw_label(svg, y, methods[m].title);
      draw_probabilities(svg, methods[m].probabilities.data() + offset, windows.data.length(i), y,
                         plot::colour(m, methods.size()));
    }
    y += track_gap;
  }
  for (const double tick : plot::ticks(0, length / 1e6))
    svg << "<text x=\"" << track_left + track_width * tick * 1e6 / length << "\" y=\"" << bottom + 12
        << "\" text-anchor=\"middle\">" << tick << "</text>\n";
  svg << "<text x=\"" << track_left + track_width / 2 << "\" y=\"" << bottom + 28
      << "\" text-anchor=\"middle\">Mb of " << plot::escaped(region.name) << "</text>\n";
  plot::end_svg(svg);
  return svg.str();
}

}  // namespace examples
