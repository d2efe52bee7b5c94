// Definitions of curves.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/text.hpp>
#include <seqlstm/plot/curves.hpp>
#include <sstream>

SEQLSTM_NAMESPACE_BEGIN

namespace plot {

namespace detail {

/// "name, area 0.931"
inline std::string with_number(const std::string& name, const char* what, double value) {
  std::ostringstream text;
  text.precision(3);
  text << name << (name.empty() ? "" : ", ") << what << ' ' << value;
  return text.str();
}

inline void check_bins(const char* what, std::size_t bins, double low, double high) {
  if (bins == 0) throw option_error(std::string(what) + ": bins is 0, expected at least 1");
  if (!(std::isfinite(low) && std::isfinite(high) && low < high))
    throw option_error(std::string(what) + ": the range is " + seqlstm::detail::number_text(low) + " to " +
                       seqlstm::detail::number_text(high) + ", expected finite numbers that rise");
}

}  // namespace detail

SEQLSTM_INLINE std::vector<RocPoint> corners(const std::vector<RocPoint>& curve) {
  std::vector<RocPoint> kept;
  const auto between = [](const RocPoint& a, const RocPoint& b, const RocPoint& c) {
    return (a.false_positive_rate == b.false_positive_rate &&
            b.false_positive_rate == c.false_positive_rate) ||
           (a.true_positive_rate == b.true_positive_rate && b.true_positive_rate == c.true_positive_rate);
  };
  for (std::size_t i = 0; i < curve.size(); ++i)
    if (i == 0 || i + 1 == curve.size() || !between(kept.back(), curve[i], curve[i + 1]))
      kept.push_back(curve[i]);
  return kept;
}

SEQLSTM_INLINE Series roc_series(const std::string& name, std::span<const int> truth,
                                 std::span<const double> scores) {
  Series series{detail::with_number(name, "area", roc_auc(truth, scores)), {}, {}};
  for (const RocPoint& point : corners(roc_curve(truth, scores))) {
    series.x.push_back(point.false_positive_rate);
    series.y.push_back(point.true_positive_rate);
  }
  return series;
}

SEQLSTM_INLINE Series precision_recall_series(const std::string& name, std::span<const int> truth,
                                              std::span<const double> scores) {
  Series series{detail::with_number(name, "average precision", pr_auc(truth, scores)), {}, {}};
  const auto all = static_cast<double>(std::count(truth.begin(), truth.end(), 1));
  double found = 0, called = 0;
  seqlstm::detail::for_each_threshold(truth, scores,
                                      [&](double, std::size_t positives, std::size_t negatives) {
                                        found += static_cast<double>(positives);
                                        called += static_cast<double>(positives + negatives);
                                        series.x.push_back(found / all);  // NaN without positives
                                        series.y.push_back(found / called);
                                      });
  return series;
}

SEQLSTM_INLINE Series calibration_series(const std::string& name, std::span<const int> truth,
                                         std::span<const double> probabilities, std::size_t bins) {
  if (truth.size() != probabilities.size())
    throw shape_error("calibration_series: " + std::to_string(truth.size()) + " labels and " +
                      std::to_string(probabilities.size()) + " probabilities");
  detail::check_bins("calibration_series", bins, 0, 1);
  std::vector<double> sum(bins), positives(bins), count(bins);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (!std::isfinite(probabilities[i])) continue;
    const double place = std::clamp(probabilities[i], 0.0, 1.0) * static_cast<double>(bins);
    const std::size_t bin = std::min(bins - 1, static_cast<std::size_t>(place));
    sum[bin] += probabilities[i];
    positives[bin] += truth[i];
    count[bin] += 1;
  }
  Series series{name, {}, {}, Mark::line};
  for (std::size_t b = 0; b < bins; ++b) {
    if (count[b] == 0) continue;
    series.x.push_back(sum[b] / count[b]);
    series.y.push_back(positives[b] / count[b]);
  }
  return series;
}

SEQLSTM_INLINE Series histogram_series(const std::string& name, std::span<const double> values, double low,
                                       double high, std::size_t bins) {
  detail::check_bins("histogram_series", bins, low, high);
  Series series{name, std::vector<double>(bins), std::vector<double>(bins), Mark::bars};
  const double width = (high - low) / static_cast<double>(bins);
  for (std::size_t b = 0; b < bins; ++b) series.x[b] = low + (static_cast<double>(b) + 0.5) * width;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    const double place = std::clamp((value - low) / width, 0.0, static_cast<double>(bins) - 1);
    series.y[static_cast<std::size_t>(place)] += 1;
  }
  return series;
}

SEQLSTM_INLINE std::string roc_svg(std::span<const double> labels, ConstMatrixView<double> probabilities,
                                   const std::vector<ClassMetrics>& classes) {
  std::vector<Series> curves;
  const std::size_t first = probabilities.cols() == 1 ? 1 : 0;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const auto one = one_against_rest(labels, probabilities, first + c);
    curves.push_back(roc_series(classes[c].name, one.truth, one.scores));
  }
  return figure_svg(curves, roc_axes());
}

SEQLSTM_INLINE FigureOptions roc_axes() {
  return {.x_title = "false positive rate",
          .y_title = "true positive rate",
          .x_range = std::pair(0.0, 1.0),
          .y_range = std::pair(0.0, 1.0),
          .diagonal = true};
}
SEQLSTM_INLINE FigureOptions precision_recall_axes() {
  return {.x_title = "recall",
          .y_title = "precision",
          .x_range = std::pair(0.0, 1.0),
          .y_range = std::pair(0.0, 1.0)};
}
SEQLSTM_INLINE FigureOptions calibration_axes() {
  return {.x_title = "predicted probability",
          .y_title = "share of positives",
          .x_range = std::pair(0.0, 1.0),
          .y_range = std::pair(0.0, 1.0),
          .diagonal = true};
}

}  // namespace plot

SEQLSTM_NAMESPACE_END
