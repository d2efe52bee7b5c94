// Definitions of positions.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/metrics/positions.hpp>
#include <seqlstm/metrics/regression.hpp>
#include <sstream>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

inline std::size_t classes_at_positions(const PositionResults& results) {
  return std::max<std::size_t>(2, results.probabilities.cols());
}

inline void check_position(const PositionResults& results, std::size_t i) {
  const std::size_t classes = classes_at_positions(results);
  const double label = results.labels[i];
  const bool known = label >= 0 && label < static_cast<double>(classes) && std::trunc(label) == label;
  const bool decoded = results.decoded.empty() ||
                       (results.decoded[i] >= 0 && static_cast<std::size_t>(results.decoded[i]) < classes);
  if (known && decoded) return;
  std::ostringstream what;
  what << "position report: the " << (known ? "decoded class" : "label") << " of position " << i << " is ";
  if (known)
    what << results.decoded[i];
  else
    what << label;
  what << ", expected a whole number from 0 to " << classes - 1
       << (known ? "" : ", or NaN where the position does not count");
  throw option_error(what.str());
}

inline void check_position_shapes(const PositionResults& results) {
  const std::size_t positions = results.labels.size(), decoded = results.decoded.size();
  const bool rows =
      positions == results.probabilities.rows() && (positions == 0 || !results.probabilities.empty());
  if (!rows || (decoded != 0 && decoded != positions))
    throw shape_error("position report: " + std::to_string(positions) + " labels, probabilities " +
                      shape_text(results.probabilities) + " and " + std::to_string(decoded) +
                      " decoded classes, expected a row for each label, and as many decoded classes or none");
  check_offsets("position report", results.offsets, positions);
}

inline std::string none_counts(std::size_t labels) {
  return "position report: none of " + std::to_string(labels) +
         " labels counts, expected at least one that is not NaN";
}

/// Class indices of all positions, both -1 where the label is not known. At least one is.
struct PositionClasses {
  std::vector<std::int32_t> observed, predicted;
};

inline PositionClasses position_classes(const PositionResults& results) {
  check_position_shapes(results);
  PositionClasses classes{std::vector<std::int32_t>(results.labels.size(), -1), {}};
  bool any = false;
  for (std::size_t i = 0; i < results.labels.size(); ++i) {
    if (std::isnan(results.labels[i])) continue;
    check_position(results, i);
    classes.observed[i] = static_cast<std::int32_t>(results.labels[i]);
    any = true;
  }
  if (!any) throw shape_error(none_counts(results.labels.size()));
  if (results.decoded.empty()) {
    const auto likeliest = predicted_classes(results.probabilities);
    classes.predicted.assign(likeliest.begin(), likeliest.end());
  } else {
    classes.predicted.assign(results.decoded.begin(), results.decoded.end());
  }
  for (std::size_t i = 0; i < classes.observed.size(); ++i)
    if (classes.observed[i] < 0) classes.predicted[i] = -1;
  return classes;
}

/// The positions that count alone.
struct CountedPositions {
  std::vector<int> truth, predicted;
  std::vector<double> kept;  // rows of probabilities, where some position does not count
  [[nodiscard]] ConstMatrixView<double> probabilities(ConstMatrixView<double> all) const {
    return truth.size() == all.rows() ? all : ConstMatrixView<double>(kept.data(), truth.size(), all.cols());
  }
};

inline CountedPositions counted_positions(const PositionResults& results, const PositionClasses& classes) {
  CountedPositions counted;
  const bool some = has_nan(results.labels);
  for (std::size_t i = 0; i < results.labels.size(); ++i) {
    if (classes.observed[i] < 0) continue;
    counted.truth.push_back(classes.observed[i]);
    counted.predicted.push_back(classes.predicted[i]);
    if (!some) continue;
    const auto row = results.probabilities.row(i);
    counted.kept.insert(counted.kept.end(), row.begin(), row.end());
  }
  return counted;
}

}  // namespace detail

SEQLSTM_INLINE Report position_report(const PositionResults& results, std::vector<std::string> label_names,
                                      const PositionReportOptions& options) {
  const auto classes = detail::position_classes(results);
  const auto counted = detail::counted_positions(results, classes);
  Report report = detail::report_of_classes(counted.truth, counted.predicted,
                                            counted.probabilities(results.probabilities),
                                            std::move(label_names), options.curves);
  if (options.sov)
    report.metrics.emplace_back("sov", segment_overlap(classes.observed, classes.predicted,
                                                       detail::classes_at_positions(results), results.offsets)
                                           .all);
  return report;
}

SEQLSTM_INLINE std::vector<ClassMetrics> position_class_metrics(const PositionResults& results,
                                                                const std::vector<std::string>& label_names) {
  const auto counted = detail::counted_positions(results, detail::position_classes(results));
  return detail::metrics_of_classes(std::vector<double>(counted.truth.begin(), counted.truth.end()),
                                    counted.probabilities(results.probabilities), counted.predicted,
                                    label_names);
}

SEQLSTM_INLINE SegmentOverlap position_overlap(const PositionResults& results) {
  const auto classes = detail::position_classes(results);
  return segment_overlap(classes.observed, classes.predicted, detail::classes_at_positions(results),
                         results.offsets);
}

SEQLSTM_INLINE SegmentScores position_segment_f1(const PositionResults& results,
                                                 const SegmentF1Options& options) {
  const auto classes = detail::position_classes(results);
  return segment_f1(classes.observed, classes.predicted, detail::classes_at_positions(results),
                    results.offsets, options);
}

SEQLSTM_INLINE Report position_regression_report(std::span<const double> labels,
                                                 std::span<const double> predicted) {
  if (labels.size() != predicted.size())
    throw shape_error("position report: " + std::to_string(labels.size()) + " labels and " +
                      std::to_string(predicted.size()) + " predictions, expected as many of each");
  std::vector<double> known, said;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (std::isnan(labels[i])) continue;
    known.push_back(labels[i]);
    said.push_back(predicted[i]);
  }
  if (known.empty()) throw shape_error(detail::none_counts(labels.size()));
  return regression_report(known, said);
}

SEQLSTM_NAMESPACE_END
