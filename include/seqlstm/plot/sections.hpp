// The sections of a page about a result: its metrics, its training, and of classes how they are ranked,
// confused and how probable they are said to be.
#pragma once

#include <cstddef>
#include <seqlstm/core/view.hpp>
#include <seqlstm/metrics/per_class.hpp>
#include <seqlstm/metrics/report.hpp>
#include <seqlstm/plot/page.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace plot {

/// A table of the test part's metrics, with a column for each of some other models, by name; which class they
/// are of, and what was undefined. Throws option_error for a metric that another model lacks.
void add_metrics(Page& page, const Report& report,
                 const std::vector<std::pair<std::string, Report>>& baselines = {});

/// The losses of epochs `first_epoch`, `first_epoch` + 1, ...; `best_epoch` is the one whose weights were
/// kept, 0: not known. Nothing without an epoch.
void add_losses(Page& page, std::span<const double> train, std::span<const double> valid,
                std::size_t best_epoch = 0, std::size_t first_epoch = 1);

/// ROC curves, precision and recall, the confusion matrix (of at most 60 classes), histograms and calibration
/// of probabilities; of many classes the 12 largest are drawn. Then `classes` as a table. `labels` and
/// `probabilities` as per_class_metrics() has them. Throws shape_error for metrics of other classes.
void add_classes(Page& page, std::span<const double> labels, ConstMatrixView<double> probabilities,
                 const Report& report, const std::vector<ClassMetrics>& classes);

/// Predicted against true numbers.
void add_numbers(Page& page, std::span<const double> truth, std::span<const double> predicted);

}  // namespace plot

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/plot/sections.ipp>
#endif
