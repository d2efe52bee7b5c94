// Haplotypes of modern genomes beside an outgroup and an archaic genome, and what a window of one says of
// where it came from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <seqlstm/core/error.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Bases begin .. end - 1 of a region.
struct BaseRange {
  std::size_t begin = 0;  ///< from 0
  std::size_t end = 0;    ///< the base after the last one

  /// Number of bases.
  [[nodiscard]] std::size_t length() const { return end - begin; }
  /// The same bases.
  bool operator==(const BaseRange&) const = default;
};

/// A stretch of a genome: the sites at which haplotypes differ, and what is known to be archaic.
struct HaplotypeRegion {
  std::string name;                     ///< of a chromosome, or of a simulation
  std::size_t length = 0;               ///< bases
  std::vector<std::size_t> positions;   ///< [sites] from 0, rising
  std::vector<std::uint32_t> outgroup;  ///< [sites] outgroup haplotypes that have the derived allele
  std::vector<std::uint8_t> archaic;    ///< [sites] 1: the archaic genome has the derived allele
  std::vector<std::uint8_t> alleles;    ///< [sites x haplotypes] 1: derived
  std::vector<std::vector<BaseRange>> introgressed;  ///< [haplotypes] rising, none touches another

  /// Number of sites.
  [[nodiscard]] std::size_t sites() const { return positions.size(); }
};

/// Regions of the same haplotypes.
struct HaplotypePanel {
  std::size_t haplotypes = 0;            ///< modern haplotypes
  std::size_t outgroup = 0;              ///< haplotypes of the outgroup
  std::vector<HaplotypeRegion> regions;  ///< in the order of their file
};

/// Columns of window_counts().
enum class WindowCount : std::size_t {
  private_alleles,  ///< derived here and at no haplotype of the outgroup: what Skov et al. 2018 count
  matches,          ///< of these, where the archaic genome is derived, too
  misses,           ///< ancestral here, archaic derived, outgroup never
  rare_matches,     ///< derived here and archaic, of at most 5 % of the outgroup
  shared_matches,   ///< derived here and archaic, of more of the outgroup
  shared_alleles    ///< derived here and in the outgroup, archaic ancestral
};
/// Number of them.
inline constexpr std::size_t window_count_columns = 6;

/// How many windows a region has; the last one has what is left. Throws option_error for a window of 0.
std::size_t window_number(const HaplotypeRegion& region, std::size_t window);

/// Sites of each kind in windows of `window` bases of a haplotype, [windows x window_count_columns], row by
/// row. `outgroup` is the number of its haplotypes. Throws option_error for a window of 0, a haplotype that
/// is not there, and positions or ranges beyond the region.
std::vector<float> window_counts(const HaplotypeRegion& region, std::size_t haplotype, std::size_t outgroup,
                                 std::size_t window);

/// Introgressed bases in each window of a haplotype, [windows]. Throws likewise.
std::vector<std::size_t> introgressed_bases(const HaplotypeRegion& region, std::size_t haplotype,
                                            std::size_t window);

/// Share of the bases in a range at which a haplotype and the archaic genome differ; 0 for an empty range.
/// Throws option_error for a haplotype that is not there.
double archaic_divergence(const HaplotypeRegion& region, std::size_t haplotype, const BaseRange& range);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/haplotypes.ipp>
#endif
