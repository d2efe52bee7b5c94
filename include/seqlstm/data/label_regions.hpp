// The distribution of a continuous label: which of its regions have few rows, more rows there, and how many
// of them a model finds.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/data/resample.hpp>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Labels from `low` (included) to `high` (excluded, but in the last region).
struct LabelRegion {
  double low = 0;        ///< smallest label of the region
  double high = 0;       ///< where the next region begins; of the last one, its largest label
  std::size_t rows = 0;  ///< labels in the region
  bool sparse = false;   ///< it has few rows: less than label_regions() asks for
};

/// The region of a value; what is below or above all is of the first or last.
std::size_t region_of(double value, std::span<const LabelRegion> regions);

/// `count` regions of equal width from the smallest to the largest label; sparse are those with less than
/// `share` of what they had if all had as many. Throws option_error for labels that are not finite or all the
/// same, and for no regions.
std::vector<LabelRegion> label_regions(std::span<const double> labels, std::size_t count = 10,
                                       double share = 0.5);

/// All rows in order, then `percent` % more of those of sparse regions, as over_sampled_rows.
std::vector<std::size_t> over_sampled_regions(std::span<const double> labels,
                                              std::span<const LabelRegion> regions, double percent,
                                              std::uint64_t seed);

/// Of the rows whose label is in a region, the share whose prediction is in it too; NaN for a region without
/// rows. A prediction that is not finite is in none.
std::vector<double> region_recall(std::span<const double> labels, std::span<const double> predictions,
                                  std::span<const LabelRegion> regions);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/label_regions.ipp>
#endif
