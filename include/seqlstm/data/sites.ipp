// Definitions of sites.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/sequence_batch.hpp>
#include <seqlstm/data/sites.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE void set_sites(LabelledRecords& records, std::span<const std::optional<std::size_t>> sites) {
  if (sites.size() != records.size())
    throw shape_error("set_sites: " + std::to_string(sites.size()) + " sites for " +
                      std::to_string(records.size()) + " records");
  std::vector<double> labels;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const Record& record = records.records[i];
    const std::size_t letters = record.sequence.size();
    if (sites[i] && *sites[i] >= letters)
      throw option_error(record.prefix() + "the site is at letter " + std::to_string(*sites[i] + 1) +
                         ", record '" + record.id + "' has " + std::to_string(letters));
    labels.insert(labels.end(), letters, sites[i] ? 0.0 : ignored_label);
    if (sites[i]) labels[labels.size() - letters + *sites[i]] = 1;
  }
  records.position_labels = std::move(labels);
}

SEQLSTM_INLINE std::vector<std::optional<std::size_t>> sites_of(const LabelledRecords& records) {
  std::vector<std::optional<std::size_t>> sites(records.size());
  if (records.position_labels.empty()) return sites;
  auto label = records.position_labels.begin();
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const auto end = label + static_cast<std::ptrdiff_t>(records.records[i].sequence.size());
    if (const auto site = std::find(label, end, 1.0); site != end)
      sites[i] = static_cast<std::size_t>(site - label);
    label = end;
  }
  return sites;
}

SEQLSTM_NAMESPACE_END
