// Definitions of figure.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <limits>
#include <seqlstm/plot/figure.hpp>
#include <sstream>

SEQLSTM_NAMESPACE_BEGIN

namespace plot {

namespace detail {

/// The ends of finite numbers, widened where they are one; 0 to 1 where there are none.
class Extent {
 public:
  void add(double value) {
    if (!std::isfinite(value)) return;
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }
  [[nodiscard]] std::pair<double, double> range() const {
    if (low_ > high_) return {0, 1};
    if (low_ == high_) return {low_ - 0.5, high_ + 0.5};
    return {low_, high_};
  }

 private:
  double low_ = std::numeric_limits<double>::infinity(), high_ = -low_;
};

/// Where numbers stand on paper.
struct Frame {
  static constexpr double left = 56, top = 16, width = 320, height = 300;
  std::pair<double, double> x_range, y_range;

  [[nodiscard]] double x(double value) const {
    return left + width * (value - x_range.first) / (x_range.second - x_range.first);
  }
  [[nodiscard]] double y(double value) const {
    return top + height * (1 - (value - y_range.first) / (y_range.second - y_range.first));
  }
};

inline void draw_axes(std::ostream& svg, const Frame& frame, const FigureOptions& options) {
  svg << "<rect x=\"" << Frame::left << "\" y=\"" << Frame::top << "\" width=\"" << Frame::width
      << "\" height=\"" << Frame::height << "\" fill=\"none\" stroke=\"currentColor\"/>\n";
  if (options.diagonal)
    svg << "<line x1=\"" << Frame::left << "\" y1=\"" << Frame::top + Frame::height << "\" x2=\""
        << Frame::left + Frame::width << "\" y2=\"" << Frame::top
        << "\" stroke=\"currentColor\" stroke-opacity=\"0.3\"/>\n";
  for (const double tick : ticks(frame.x_range.first, frame.x_range.second))
    svg << "<text x=\"" << frame.x(tick) << "\" y=\"" << Frame::top + Frame::height + 15
        << "\" text-anchor=\"middle\">" << tick << "</text>\n";
  for (const double tick : ticks(frame.y_range.first, frame.y_range.second))
    svg << "<text x=\"" << Frame::left - 5 << "\" y=\"" << frame.y(tick) + 4 << "\" text-anchor=\"end\">"
        << tick << "</text>\n";
  svg << "<text x=\"" << Frame::left + Frame::width / 2 << "\" y=\"" << Frame::top + Frame::height + 32
      << "\" text-anchor=\"middle\">" << escaped(options.x_title)
      << "</text>\n<text transform=\"translate(12," << Frame::top + Frame::height / 2
      << ") rotate(-90)\" text-anchor=\"middle\">" << escaped(options.y_title) << "</text>\n";
}

inline void draw_line(std::ostream& svg, const Frame& frame, const Series& series,
                      const std::string& colour) {
  svg << "<polyline fill=\"none\" stroke-width=\"1.5\" stroke=\"" << colour << "\" points=\"";
  for (std::size_t i = 0; i < series.x.size(); ++i)
    if (std::isfinite(series.x[i]) && std::isfinite(series.y[i]))
      svg << frame.x(series.x[i]) << ',' << frame.y(series.y[i]) << ' ';
  svg << "\"/>\n";
}

inline void draw_points(std::ostream& svg, const Frame& frame, const Series& series,
                        const std::string& colour) {
  for (std::size_t i = 0; i < series.x.size(); ++i)
    if (std::isfinite(series.x[i]) && std::isfinite(series.y[i]))
      svg << "<circle r=\"2.5\" fill-opacity=\"0.6\" cx=\"" << frame.x(series.x[i]) << "\" cy=\""
          << frame.y(series.y[i]) << "\" fill=\"" << colour << "\"/>\n";
}

/// Bar number `own` of `count` beside one another at each place.
inline void draw_bars(std::ostream& svg, const Frame& frame, const Series& series, const std::string& colour,
                      std::size_t own, std::size_t count) {
  double step = frame.x_range.second - frame.x_range.first;
  for (std::size_t i = 1; i < series.x.size(); ++i)
    if (series.x[i] > series.x[i - 1]) step = std::min(step, series.x[i] - series.x[i - 1]);
  const double width = 0.9 * step / static_cast<double>(count);
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    if (!std::isfinite(series.x[i]) || !std::isfinite(series.y[i])) continue;
    const double begin = series.x[i] + width * (static_cast<double>(own) - static_cast<double>(count) / 2);
    const double ground = frame.y(std::max(0.0, frame.y_range.first)), height = frame.y(series.y[i]);
    svg << "<rect x=\"" << frame.x(begin) << "\" y=\"" << std::min(ground, height) << "\" width=\""
        << frame.x(begin + width) - frame.x(begin) << "\" height=\"" << std::abs(ground - height)
        << "\" fill-opacity=\"0.7\" fill=\"" << colour << "\"/>\n";
  }
}

}  // namespace detail

SEQLSTM_INLINE std::vector<double> ticks(double low, double high, std::size_t count) {
  // Ends that are one to the eye have one tick; so have those between which no step can be counted.
  if (!(high - low > 1e-12 * std::max(std::abs(low), std::abs(high))) || count == 0) return {low};
  const double rough = (high - low) / static_cast<double>(count);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0})
    if (factor * power >= rough) step = factor * power;
  std::vector<double> places;
  for (double i = std::ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i)
    places.push_back(i == 0 ? 0 : i * step);
  return places;
}

SEQLSTM_INLINE std::string figure_svg(const std::vector<Series>& series, const FigureOptions& options) {
  detail::Extent x, y;
  std::size_t names = 0, longest = 0, bars = 0;
  for (const Series& s : series) {
    if (s.x.size() != s.y.size())
      throw shape_error("figure: series '" + printable(s.name) + "' has " + std::to_string(s.x.size()) +
                        " x and " + std::to_string(s.y.size()) + " y");
    for (const double value : s.x) x.add(value);
    for (const double value : s.y) y.add(value);
    if (s.mark == Mark::bars) {
      ++bars;
      y.add(0);
    }
    if (s.name.empty()) continue;
    ++names;
    longest = std::max(longest, s.name.size());
  }
  const detail::Frame frame{options.x_range.value_or(x.range()), options.y_range.value_or(y.range())};
  std::ostringstream svg;
  svg << std::setprecision(5);
  const std::size_t legend = names == 0 ? 10 : 30 + 7 * std::min<std::size_t>(longest, 60);
  begin_svg(svg, 376 + legend, std::max<std::size_t>(360, 40 + 16 * names));
  detail::draw_axes(svg, frame, options);
  std::size_t named = 0, bar = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const Series& s = series[i];
    const std::string own = colour(i, series.size());
    if (s.mark == Mark::line) detail::draw_line(svg, frame, s, own);
    if (s.mark == Mark::points) detail::draw_points(svg, frame, s, own);
    if (s.mark == Mark::bars) detail::draw_bars(svg, frame, s, own, bar++, bars);
    if (!s.name.empty())
      svg << "<text x=\"" << detail::Frame::left + detail::Frame::width + 15 << "\" y=\""
          << detail::Frame::top + 12 + 16 * static_cast<double>(named++) << "\" fill=\"" << own << "\">"
          << escaped(s.name) << "</text>\n";
  }
  end_svg(svg);
  return svg.str();
}

}  // namespace plot

SEQLSTM_NAMESPACE_END
