// Results of models that say something about every position: reports over the positions whose label is known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/view.hpp>
#include <seqlstm/metrics/per_class.hpp>
#include <seqlstm/metrics/report.hpp>
#include <seqlstm/metrics/segments.hpp>
#include <span>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Class labels at every position of some records, one record after the other, and what a model says of
/// them. Owns nothing.
struct PositionResults {
  std::span<const double> labels;         ///< [positions] class index; NaN where the position does not count
  ConstMatrixView<double> probabilities;  ///< [positions, classes], or [positions, 1] for that of class 1
  /// [records + 1] where each record begins, and where the last one ends; empty: all is one record. Only
  /// segments ask for it.
  std::span<const std::size_t> offsets = {};
  /// [positions] the class of each position by another rule than the largest probability, as the best path
  /// of a CRF; what it has where the label is NaN is not read. Empty: the class of the largest probability,
  /// the first of equals; for one column class 1 from 0.5 on.
  std::span<const std::int32_t> decoded = {};
};

/// Options of position_report().
struct PositionReportOptions {
  bool sov = false;    ///< adds "sov", the segment_overlap() of all classes
  bool curves = true;  ///< "roc_auc" and "pr_auc", which take most of the time of many positions
};

/// classification_report() of the positions that count: "accuracy", "precision", "recall", "f1" and "mcc"
/// are of the decoded classes, "roc_auc" and "pr_auc" of the probabilities. `confusion` has the counts of
/// every class, as recall(confusion, c) needs them. For two classes "f1" is that of class 1;
/// f1(confusion, Average::macro) is the mean.
///
/// Copies labels, and probabilities where some position does not count. Throws shape_error for sizes that do
/// not fit and where no position counts, option_error for labels and decoded classes that are no class,
/// numeric_error for a probability that is NaN.
Report position_report(const PositionResults& results, std::vector<std::string> label_names = {},
                       const PositionReportOptions& options = {});

/// per_class_metrics() of the positions that count, of the decoded classes; errors as for position_report().
std::vector<ClassMetrics> position_class_metrics(const PositionResults& results,
                                                 const std::vector<std::string>& label_names = {});

/// segment_overlap() of labels and decoded classes; errors as for position_report().
SegmentOverlap position_overlap(const PositionResults& results);

/// segment_f1() of labels and decoded classes; errors as for position_report().
SegmentScores position_segment_f1(const PositionResults& results, const SegmentF1Options& options = {});

/// regression_report() of the elements whose label is not NaN; of several numbers a position, labels and
/// predictions are all of them in order. Throws shape_error for different numbers of both, and where every
/// label is NaN.
Report position_regression_report(std::span<const double> labels, std::span<const double> predicted);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/metrics/positions.ipp>
#endif
