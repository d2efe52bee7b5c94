// Definitions of haplotypes.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/data/haplotypes.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Haplotypes of region.alleles.
inline std::size_t haplotypes_of(const HaplotypeRegion& region) {
  return region.sites() == 0 ? 0 : region.alleles.size() / region.sites();
}

inline void check_haplotype(std::size_t haplotype, std::size_t haplotypes) {
  if (haplotype >= haplotypes)
    throw option_error("haplotype " + std::to_string(haplotype) + " of " + std::to_string(haplotypes) +
                       ", which are counted from 0");
}
/// Throws where `end` is beyond the region's bases.
inline void check_end(const HaplotypeRegion& region, std::size_t end) {
  if (end > region.length)
    throw option_error("base " + std::to_string(end) + " of the region '" + region.name + "', which has " +
                       std::to_string(region.length));
}

/// The columns that a site counts in, as 0 and 1.
inline std::array<float, window_count_columns> site_counts(bool derived, bool archaic, std::size_t others,
                                                           std::size_t outgroup) {
  constexpr std::size_t rare = 20;  // at most one of so many
  std::array<float, window_count_columns> counts{};
  const auto count = [&](WindowCount column, bool is) {
    counts[static_cast<std::size_t>(column)] = is ? 1.0F : 0.0F;
  };
  const bool seen = others > 0, is_rare = seen && others * rare <= outgroup;
  count(WindowCount::private_alleles, derived && !seen);
  count(WindowCount::matches, derived && archaic && !seen);
  count(WindowCount::misses, !derived && archaic && !seen);
  count(WindowCount::rare_matches, derived && archaic && is_rare);
  count(WindowCount::shared_matches, derived && archaic && seen && !is_rare);
  count(WindowCount::shared_alleles, derived && !archaic && seen);
  return counts;
}

}  // namespace detail

SEQLSTM_INLINE std::size_t window_number(const HaplotypeRegion& region, std::size_t window) {
  if (window == 0) throw option_error("windows of 0 bases; expected at least 1");
  return region.length / window + (region.length % window > 0 ? 1 : 0);
}

SEQLSTM_INLINE std::vector<float> window_counts(const HaplotypeRegion& region, std::size_t haplotype,
                                                std::size_t outgroup, std::size_t window) {
  std::vector<float> counts(window_number(region, window) * window_count_columns, 0.0F);
  const std::size_t haplotypes = detail::haplotypes_of(region);
  if (region.sites() > 0) {
    detail::check_haplotype(haplotype, haplotypes);
    detail::check_end(region, *std::max_element(region.positions.begin(), region.positions.end()) + 1);
  }
  for (std::size_t s = 0; s < region.sites(); ++s) {
    const auto site = detail::site_counts(region.alleles[s * haplotypes + haplotype] != 0,
                                          region.archaic[s] != 0, region.outgroup[s], outgroup);
    float* row = counts.data() + region.positions[s] / window * window_count_columns;
    for (std::size_t c = 0; c < window_count_columns; ++c) row[c] += site[c];
  }
  return counts;
}

SEQLSTM_INLINE std::vector<std::size_t> introgressed_bases(const HaplotypeRegion& region,
                                                           std::size_t haplotype, std::size_t window) {
  std::vector<std::size_t> bases(window_number(region, window), 0);
  detail::check_haplotype(haplotype, region.introgressed.size());
  for (const BaseRange& range : region.introgressed[haplotype]) detail::check_end(region, range.end);
  for (const BaseRange& range : region.introgressed[haplotype])
    for (std::size_t begin = range.begin; begin < range.end;) {
      const std::size_t w = begin / window, end = std::min(range.end, (w + 1) * window);
      bases[w] += end - begin;
      begin = end;
    }
  return bases;
}

SEQLSTM_INLINE double archaic_divergence(const HaplotypeRegion& region, std::size_t haplotype,
                                         const BaseRange& range) {
  if (range.length() == 0) return 0;
  const std::size_t haplotypes = detail::haplotypes_of(region);
  if (region.sites() > 0) detail::check_haplotype(haplotype, haplotypes);
  const auto first = std::lower_bound(region.positions.begin(), region.positions.end(), range.begin);
  std::size_t differences = 0;
  for (auto s = static_cast<std::size_t>(first - region.positions.begin());
       s < region.sites() && region.positions[s] < range.end; ++s)
    if ((region.alleles[s * haplotypes + haplotype] != 0) != (region.archaic[s] != 0)) ++differences;
  return static_cast<double>(differences) / static_cast<double>(range.length());
}

SEQLSTM_NAMESPACE_END
