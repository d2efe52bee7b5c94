// Definitions of label_regions.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/data/label_regions.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::size_t region_of(double value, std::span<const LabelRegion> regions) {
  std::size_t r = 0;
  while (r + 1 < regions.size() && value >= regions[r].high) ++r;
  return r;
}

SEQLSTM_INLINE std::vector<LabelRegion> label_regions(std::span<const double> labels, std::size_t count,
                                                      double share) {
  if (count == 0) throw option_error("label regions: got 0 regions, expected at least 1");
  for (const double label : labels)
    if (!std::isfinite(label)) throw option_error("label regions: a label is not finite");
  const auto [low, high] = std::minmax_element(labels.begin(), labels.end());
  if (labels.empty() || *low == *high)
    throw option_error("label regions: all labels are the same; there is no distribution to look at");
  std::vector<LabelRegion> regions(count);
  const double width = (*high - *low) / static_cast<double>(count);
  for (std::size_t r = 0; r < count; ++r) {
    regions[r].low = std::fma(width, static_cast<double>(r), *low);
    regions[r].high = r + 1 == count ? *high : std::fma(width, static_cast<double>(r + 1), *low);
  }
  for (const double label : labels) ++regions[region_of(label, regions)].rows;
  for (auto& region : regions)
    region.sparse = static_cast<double>(region.rows) <
                    share * static_cast<double>(labels.size()) / static_cast<double>(count);
  return regions;
}

SEQLSTM_INLINE std::vector<std::size_t> over_sampled_regions(std::span<const double> labels,
                                                             std::span<const LabelRegion> regions,
                                                             double percent, std::uint64_t seed) {
  std::vector<double> classes, extra;
  for (const double label : labels) classes.push_back(static_cast<double>(region_of(label, regions)));
  const std::size_t used = classes.empty() ? 0 : class_counts(classes).size();
  for (std::size_t r = 0; r < used; ++r) extra.push_back(regions[r].sparse ? percent : 0);
  return over_sampled_rows(classes, extra, seed);
}

SEQLSTM_INLINE std::vector<double> region_recall(std::span<const double> labels,
                                                 std::span<const double> predictions,
                                                 std::span<const LabelRegion> regions) {
  if (regions.empty()) throw option_error("region recall: no regions; make them with label_regions");
  if (labels.size() != predictions.size())
    throw shape_error("region recall: " + std::to_string(labels.size()) + " labels, " +
                      std::to_string(predictions.size()) + " predictions; expected as many");
  std::vector<double> found(regions.size()), all(regions.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::size_t r = region_of(labels[i], regions);
    all[r] += 1;
    found[r] += std::isfinite(predictions[i]) && region_of(predictions[i], regions) == r ? 1 : 0;
  }
  for (std::size_t r = 0; r < regions.size(); ++r) found[r] = all[r] > 0 ? found[r] / all[r] : std::nan("");
  return found;
}

SEQLSTM_NAMESPACE_END
