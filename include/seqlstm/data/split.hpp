// Parts for training, validation and test, by seed.
#pragma once

#include <array>
#include <cmath>
#include <numeric>
#include <seqlstm/data/dataset.hpp>

SEQLSTM_NAMESPACE_BEGIN

struct SplitOptions {
  std::uint64_t seed = 0;
  bool stratified = false;  ///< every part gets its share of every class
};

namespace detail {

/// Row numbers grouped by class (one group when not stratified), each group shuffled.
inline std::vector<std::vector<std::size_t>> shuffled_groups(std::span<const double> labels, std::size_t rows,
                                                             const SplitOptions& options, std::size_t parts) {
  std::vector<std::vector<std::size_t>> groups(1);
  if (options.stratified) {
    if (labels.size() != rows)
      throw option_error("split: stratified needs one class label per record, got " +
                         std::to_string(labels.size()) + " labels for " + std::to_string(rows) + " records");
    groups.resize(class_counts(labels).size());
    for (std::size_t i = 0; i < rows; ++i) groups[static_cast<std::size_t>(labels[i])].push_back(i);
    for (std::size_t c = 0; c < groups.size(); ++c)
      if (!groups[c].empty() && groups[c].size() < parts)
        throw option_error("split: class " + std::to_string(c) + " has " + std::to_string(groups[c].size()) +
                           " records, fewer than the " + std::to_string(parts) +
                           " parts; drop the class, merge it, or split without stratified");
  } else {
    groups[0].resize(rows);
    std::iota(groups[0].begin(), groups[0].end(), std::size_t{0});
  }
  for (std::size_t c = 0; c < groups.size(); ++c)
    RandomStream({options.seed, 0x53504C49U, static_cast<std::uint32_t>(c)}).shuffle(groups[c]);
  return groups;
}

}  // namespace detail

/// Row numbers of N parts of the given fractions, each in ascending order. Rounding goes to the nearest row,
/// class by class when stratified; no part of a class stays empty. Throws option_error for fractions that do
/// not sum to 1, no rows, or a class smaller than the number of parts.
template <std::size_t N>
std::array<std::vector<std::size_t>, N> split_indices(std::span<const double> labels, std::size_t rows,
                                                      const std::array<double, N>& fractions,
                                                      const SplitOptions& options = {}) {
  double sum = 0;
  for (const double f : fractions) {
    if (!(f > 0)) throw option_error("split: every fraction must be above 0, got " + std::to_string(f));
    sum += f;
  }
  if (std::abs(sum - 1) > 1e-9)
    throw option_error("split: the fractions sum to " + std::to_string(sum) + ", expected 1");
  if (rows < N)
    throw option_error("split: " + std::to_string(rows) + " records cannot be split into " +
                       std::to_string(N) + " parts");
  std::array<std::vector<std::size_t>, N> parts;
  for (const auto& group : detail::shuffled_groups(labels, rows, options, N)) {
    if (group.empty()) continue;
    double passed = 0;
    std::size_t begin = 0;
    for (std::size_t p = 0; p < N; ++p) {
      passed += fractions[p];
      auto end = p + 1 == N
                     ? group.size()
                     : static_cast<std::size_t>(std::lround(passed * static_cast<double>(group.size())));
      end = std::clamp(end, begin + 1, group.size() - (N - 1 - p));
      parts[p].insert(parts[p].end(), group.begin() + static_cast<std::ptrdiff_t>(begin),
                      group.begin() + static_cast<std::ptrdiff_t>(end));
      begin = end;
    }
  }
  for (auto& part : parts) std::sort(part.begin(), part.end());
  return parts;
}

/// `auto [train, valid, test] = split(data, {0.8, 0.1, 0.1}, {.seed = 1, .stratified = true});`
inline std::array<TokenDataset, 3> split(const TokenDataset& data, const std::array<double, 3>& fractions,
                                         const SplitOptions& options = {}) {
  const auto parts = split_indices(std::span<const double>(data.labels), data.size(), fractions, options);
  return {data.subset(parts[0]), data.subset(parts[1]), data.subset(parts[2])};
}

/// Row numbers of k test parts of nearly equal size that together are all rows, each once; fold i trains on
/// the rest.
inline std::vector<std::vector<std::size_t>> k_fold(std::span<const double> labels, std::size_t rows,
                                                    std::size_t k, const SplitOptions& options = {}) {
  if (k < 2 || k > rows)
    throw option_error("k_fold: k is " + std::to_string(k) + ", expected 2 to " + std::to_string(rows) +
                       ", the number of records");
  std::vector<std::vector<std::size_t>> folds(k);
  std::size_t next = 0;
  for (const auto& group : detail::shuffled_groups(labels, rows, options, k))
    for (const std::size_t row : group) folds[next++ % k].push_back(row);
  for (auto& fold : folds) std::sort(fold.begin(), fold.end());
  return folds;
}

SEQLSTM_NAMESPACE_END
