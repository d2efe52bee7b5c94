// Windows of haplotypes as networks and hidden Markov models read them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/data/haplotypes.hpp>
#include <string>
#include <vector>

namespace examples {

using namespace seqlstm;

/// One haplotype of one region: a record of AncestryWindows::data.
struct HaplotypeRecord {
  std::size_t region, haplotype;
};

/// All haplotypes of all regions in windows, region by region.
struct AncestryWindows {
  SequenceDataset data;                  ///< channels as window_counts(), class 1: at least half introgressed
  std::vector<HaplotypeRecord> records;  ///< [records]
  std::vector<double> introgressed, rest;  ///< [positions] bases that came by the pulse, and the others

  /// Rows whose region has the wanted part.
  [[nodiscard]] std::vector<std::size_t> rows_of(const std::vector<std::size_t>& part_of_region,
                                                 std::size_t part) const {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < records.size(); ++i)
      if (part_of_region[records[i].region] == part) rows.push_back(i);
    return rows;
  }
};

inline AncestryWindows windows_of(const HaplotypePanel& panel, std::size_t window) {
  AncestryWindows made;
  for (std::size_t r = 0; r < panel.regions.size(); ++r) {
    const HaplotypeRegion& region = panel.regions[r];
    for (std::size_t h = 0; h < panel.haplotypes; ++h) {
      const auto counts = window_counts(region, h, panel.outgroup, window);
      const auto bases = introgressed_bases(region, h, window);
      std::vector<double> labels;
      for (std::size_t w = 0; w < bases.size(); ++w) {
        const std::size_t length = std::min(window, region.length - w * window);
        made.introgressed.push_back(static_cast<double>(bases[w]));
        made.rest.push_back(static_cast<double>(length - bases[w]));
        labels.push_back(2 * bases[w] >= length ? 1 : 0);
      }
      made.data.add(region.name + ":" + std::to_string(h),
                    ConstMatrixView<float>(counts.data(), bases.size(), window_count_columns),
                    {.positions = labels});
      made.records.push_back({r, h});
    }
  }
  made.data.position_label_names = {"modern", "archaic"};
  return made;
}

/// The same records with other channels: columns[c](row of counts) is channel c.
template <class Column>
SequenceDataset with_channels(const SequenceDataset& data, const std::vector<Column>& columns) {
  SequenceDataset made = data;
  made.channel_count = columns.size();
  made.channels.clear();
  for (std::size_t t = 0; t < data.tokens(); ++t)
    for (const Column& column : columns) made.channels.push_back(column(data.channel_rows().row(t)));
  return made;
}

/// Each region's fold, 0 .. folds - 1, as evenly as can be, by seed.
inline std::vector<std::size_t> folds_of_regions(std::size_t regions, std::size_t folds, std::uint64_t seed) {
  std::vector<std::size_t> order(regions), fold(regions);
  for (std::size_t r = 0; r < regions; ++r) order[r] = r;
  RandomStream random(seed);
  for (std::size_t r = regions; r > 1; --r) std::swap(order[r - 1], order[random.below(r)]);
  for (std::size_t i = 0; i < regions; ++i) fold[order[i]] = i % folds;
  return fold;
}

/// Data for a first run, without any ancestors: stretches and sites are drawn by themselves, archaic
/// stretches have more private alleles, most of which the archaic genome has.
inline HaplotypePanel drawn_haplotypes(std::uint64_t seed) {
  constexpr std::size_t regions = 10, length = 400000, step = 250;
  HaplotypePanel panel{.haplotypes = 6, .outgroup = 50, .regions = {}};
  RandomStream random(seed);
  for (std::size_t r = 0; r < regions; ++r) {
    HaplotypeRegion region;
    region.name = "drawn" + std::to_string(r + 1);
    region.length = length;
    region.introgressed.resize(panel.haplotypes);
    for (auto& ranges : region.introgressed)
      for (std::size_t begin = random.below(200000); begin < length; begin += 40000 + random.below(200000)) {
        ranges.push_back({begin, std::min(length, begin + 10000 + random.below(60000))});
        begin = ranges.back().end;
      }
    std::vector<std::size_t> next(panel.haplotypes, 0);
    for (std::size_t position = 0; position < length; position += step) {
      const bool archaic = random.uniform() < 0.1;
      const auto others = static_cast<std::uint32_t>(random.uniform() < 0.7 ? 1 + random.below(50) : 0);
      region.positions.push_back(position);
      region.archaic.push_back(archaic ? 1 : 0);
      region.outgroup.push_back(archaic ? 0 : others);
      for (std::size_t h = 0; h < panel.haplotypes; ++h) {
        const auto& ranges = region.introgressed[h];
        while (next[h] < ranges.size() && ranges[next[h]].end <= position) ++next[h];
        const bool inside = next[h] < ranges.size() && ranges[next[h]].begin <= position;
        const double derived = archaic ? (inside ? 0.8 : 0.01) : (others > 0 ? 0.3 : inside ? 0.1 : 0.03);
        region.alleles.push_back(random.uniform() < derived ? 1 : 0);
      }
    }
    panel.regions.push_back(std::move(region));
  }
  return panel;
}

}  // namespace examples
