// Definitions of scatter.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <limits>
#include <seqlstm/core/error.hpp>
#include <seqlstm/plot/scatter.hpp>
#include <sstream>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::string plot::scatter_svg(const std::vector<double>& x, const std::vector<double>& y,
                                             const std::vector<double>& labels,
                                             const std::vector<std::string>& names,
                                             const std::string& x_title, const std::string& y_title) {
  if (x.size() != y.size() || x.size() != labels.size())
    throw shape_error("scatter: " + std::to_string(x.size()) + " x, " + std::to_string(y.size()) + " y and " +
                      std::to_string(labels.size()) + " labels");
  constexpr double left = 40, top = 20, side = 400;
  const auto range = [](const std::vector<double>& values) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const double value : values) {
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
    return low > high ? std::pair(0.0, 1.0) : std::pair(low, high > low ? high - low : 1.0);
  };
  const auto [x_low, x_range] = range(x);
  const auto [y_low, y_range] = range(y);
  const auto [label_low, label_range] = range(labels);
  std::ostringstream svg;
  svg << std::setprecision(5);
  begin_svg(svg, 620, std::max<std::size_t>(460, 40 + 16 * names.size()));
  svg << "<rect x=\"" << left << "\" y=\"" << top << "\" width=\"" << side << "\" height=\"" << side
      << "\" fill=\"none\" stroke=\"currentColor\"/>\n<text x=\"" << left + side / 2 << "\" y=\""
      << top + side + 20 << "\" text-anchor=\"middle\">" << escaped(x_title)
      << "</text>\n<text transform=\"translate(24," << top + side / 2
      << ") rotate(-90)\" text-anchor=\"middle\">" << escaped(y_title) << "</text>\n";
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i]) || !std::isfinite(y[i]) || !std::isfinite(labels[i])) continue;
    const auto red = static_cast<int>(std::lround(255 * (labels[i] - label_low) / label_range));
    svg << "<circle r=\"2\" fill-opacity=\"0.6\" cx=\"" << left + side * (x[i] - x_low) / x_range
        << "\" cy=\"" << top + side * (1 - (y[i] - y_low) / y_range) << "\" fill=\"";
    if (names.empty()) {
      svg << "rgb(" << red << ",60," << 255 - red << ")";
    } else {
      svg << colour(static_cast<std::size_t>(std::max(0.0, labels[i])), names.size());
    }
    svg << "\"/>\n";
  }
  for (std::size_t c = 0; c < names.size(); ++c)
    svg << "<text x=\"" << left + side + 15 << "\" y=\"" << top + 12 + 16 * static_cast<double>(c)
        << "\" fill=\"" << colour(c, names.size()) << "\">" << escaped(names[c]) << "</text>\n";
  end_svg(svg);
  return svg.str();
}

SEQLSTM_NAMESPACE_END
