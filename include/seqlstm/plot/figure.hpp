// Lines, points and bars over two axes: what every curve is drawn by.
#pragma once

#include <optional>
#include <seqlstm/core/error.hpp>
#include <seqlstm/plot/svg.hpp>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace plot {

/// How a series is drawn: joined by lines, as points, or as bars from 0 that stand beside those of other
/// series.
enum class Mark { line, points, bars };

/// Places (x[i], y[i]); those that are not finite are left out.
struct Series {
  std::string name;        ///< in the legend; empty: not there
  std::vector<double> x,   ///< places along the axis to the right
      y;                   ///< as many, along the axis upwards
  Mark mark = Mark::line;  ///< how it is drawn
};

/// What a figure shows beside its series.
struct FigureOptions {
  std::string x_title = {};                               ///< below the axis; empty: none
  std::string y_title = {};                               ///< beside the axis; empty: none
  std::optional<std::pair<double, double>> x_range = {};  ///< ends of the axis; without, those of the data
  std::optional<std::pair<double, double>> y_range = {};  ///< the same; of bars 0 is always in the data's
  bool diagonal = false;  ///< a thin line from corner to corner: what chance, or a perfect answer, gives
};

/// About `count` round numbers from low to high.
std::vector<double> ticks(double low, double high, std::size_t count = 5);

/// A picture of all series, in order, with a legend of their names. Throws shape_error for a series whose x
/// and y differ in number.
std::string figure_svg(const std::vector<Series>& series, const FigureOptions& options = {});

}  // namespace plot

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/plot/figure.ipp>
#endif
