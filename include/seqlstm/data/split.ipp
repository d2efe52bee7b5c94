// Definitions of split.hpp.
#pragma once

#include <cmath>
#include <numeric>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/split.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE std::vector<std::vector<std::size_t>> shuffled_groups(std::span<const double> labels,
                                                                     std::size_t rows,
                                                                     const SplitOptions& options,
                                                                     std::size_t parts) {
  std::vector<std::vector<std::size_t>> groups(1);
  if (options.stratified) {
    if (labels.size() != rows)
      throw option_error("split: stratified needs one class label per record, got " +
                         std::to_string(labels.size()) + " labels for " + std::to_string(rows) + " records");
    groups.resize(class_counts(labels).size());
    for (std::size_t i = 0; i < rows; ++i) groups[static_cast<std::size_t>(labels[i])].push_back(i);
    for (std::size_t c = 0; c < groups.size(); ++c) {
      if (groups[c].size() == rows)
        throw option_error("split: all " + std::to_string(rows) + " records have label " + std::to_string(c) +
                           "; a stratified split needs at least two classes");
      if (!groups[c].empty() && groups[c].size() < parts)
        throw option_error("split: class " + std::to_string(c) + " has fewer records (" +
                           std::to_string(groups[c].size()) + ") than there are parts (" +
                           std::to_string(parts) + "); drop or merge the class, or use stratified = false");
    }
  } else {
    groups[0].resize(rows);
    std::iota(groups[0].begin(), groups[0].end(), std::size_t{0});
  }
  for (std::size_t c = 0; c < groups.size(); ++c)
    RandomStream({options.seed, 0x53504C49U, static_cast<std::uint32_t>(c)}).shuffle(groups[c]);  // "SPLI"
  return groups;
}

SEQLSTM_INLINE std::vector<std::size_t> part_sizes(std::size_t total, std::span<const double> fractions,
                                                   std::vector<double>& owed) {
  std::vector<std::size_t> sizes(fractions.size());
  std::size_t left = total;
  for (std::size_t p = 0; p < sizes.size(); ++p) {
    const double share = static_cast<double>(total) * fractions[p];
    sizes[p] = std::min(left, static_cast<std::size_t>(share + 1e-9));
    left -= sizes[p];
    owed[p] += share - static_cast<double>(sizes[p]);
  }
  const auto give = [&](std::size_t p) {
    ++sizes[p];
    owed[p] -= 1;
  };
  for (; left > 0; --left)
    give(static_cast<std::size_t>(std::max_element(owed.begin(), owed.end()) - owed.begin()));
  for (std::size_t p = 0; p < sizes.size(); ++p) {
    const auto largest = std::max_element(sizes.begin(), sizes.end());
    if (sizes[p] > 0 || *largest < 2) continue;
    --*largest;
    owed[static_cast<std::size_t>(largest - sizes.begin())] += 1;
    give(p);
  }
  return sizes;
}

SEQLSTM_INLINE void check_fractions(std::span<const double> fractions, std::size_t rows) {
  double sum = 0;
  for (const double fraction : fractions) {
    if (!(fraction > 0))
      throw option_error("split: every fraction must be above 0, got " + std::to_string(fraction));
    sum += fraction;
  }
  if (!(std::abs(sum - 1) <= 1e-9))
    throw option_error("split: the fractions sum to " + std::to_string(sum) + ", expected 1");
  if (rows < fractions.size())
    throw option_error("split: " + std::to_string(rows) + " records are too few for " +
                       std::to_string(fractions.size()) + " parts");
}

}  // namespace detail

SEQLSTM_INLINE std::vector<Partition> k_fold(std::span<const double> labels, std::size_t rows, std::size_t k,
                                             const SplitOptions& options) {
  if (k < 2 || k > rows)
    throw option_error("k_fold: k is " + std::to_string(k) + ", expected 2 to " + std::to_string(rows) +
                       ", the number of records");
  std::vector<std::size_t> fold_of(rows);
  std::size_t next = 0;  // dealt like cards, and on from class to class, so that sizes differ by one at most
  for (const auto& group : detail::shuffled_groups(labels, rows, options, k))
    for (const std::size_t row : group) fold_of[row] = next++ % k;
  std::vector<Partition> folds(k);
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t f = 0; f < k; ++f) (fold_of[row] == f ? folds[f].test : folds[f].train).push_back(row);
  return folds;
}

SEQLSTM_NAMESPACE_END
