// The curves by which classifiers are judged, each as a series for figure_svg.
#pragma once

#include <seqlstm/core/view.hpp>
#include <seqlstm/metrics/curve.hpp>
#include <seqlstm/metrics/per_class.hpp>
#include <seqlstm/plot/figure.hpp>
#include <span>

SEQLSTM_NAMESPACE_BEGIN

namespace plot {

/// Without the points between two others on a horizontal or vertical line: of a class with few members few
/// are left.
std::vector<RocPoint> corners(const std::vector<RocPoint>& curve);

/// False against true positive rate; the legend has the area. Labels are 0 and 1.
Series roc_series(const std::string& name, std::span<const int> truth, std::span<const double> scores);
/// Recall against precision; the legend has the average precision.
Series precision_recall_series(const std::string& name, std::span<const int> truth,
                               std::span<const double> scores);
/// Mean probability against the share of positives, of `bins` equal ranges of probability; empty ones are
/// left out, as are probabilities that are not finite. Perfectly calibrated ones lie on the diagonal. Throws
/// shape_error unless there are as many of both, option_error for no bins.
Series calibration_series(const std::string& name, std::span<const int> truth,
                          std::span<const double> probabilities, std::size_t bins = 10);
/// How many of the numbers are in each of `bins` equal ranges of [low, high], as bars; those outside count in
/// the first and the last. Throws option_error for no bins, or a range that is none.
Series histogram_series(const std::string& name, std::span<const double> values, double low, double high,
                        std::size_t bins = 20);

/// ROC curves, one colour a class; of two classes that of class 1. Labels and probabilities as
/// per_class_metrics() has them, which made `classes`.
std::string roc_svg(std::span<const double> labels, ConstMatrixView<double> probabilities,
                    const std::vector<ClassMetrics>& classes);

/// The axes that a ROC curve is drawn on: both from 0 to 1, with the diagonal of chance.
FigureOptions roc_axes();
/// The same of a precision-recall curve, without a diagonal.
FigureOptions precision_recall_axes();
/// The same of a calibration curve, with the diagonal of perfect answers.
FigureOptions calibration_axes();

}  // namespace plot

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/plot/curves.ipp>
#endif
