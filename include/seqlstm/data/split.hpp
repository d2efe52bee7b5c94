// Parts for training, validation and test, and cross-validation folds, by seed.
#pragma once

#include <algorithm>
#include <array>
#include <seqlstm/core/error.hpp>
#include <seqlstm/data/dataset.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// How rows are divided into parts or folds.
struct SplitOptions {
  std::uint64_t seed = 0;   ///< of the draw: the same seed gives the same parts
  bool stratified = false;  ///< every part gets its share of every class
};

/// Which rows are for training, validation and test: row numbers in ascending order. A fold of a
/// cross-validation has no validation rows.
struct Partition {
  std::vector<std::size_t> train,  ///< rows that weights are learned from
      valid,                       ///< rows that choose the best epoch
      test;                        ///< rows that judge the result
};

namespace detail {

/// Row numbers grouped by class (one group when not stratified), each group shuffled.
std::vector<std::vector<std::size_t>> shuffled_groups(std::span<const double> labels, std::size_t rows,
                                                      const SplitOptions& options, std::size_t parts);

/// Sizes of the parts of a group: its share rounded down, then one more for the parts that are owed most,
/// counted over all groups so far; no part stays empty while another has two.
std::vector<std::size_t> part_sizes(std::size_t total, std::span<const double> fractions,
                                    std::vector<double>& owed);

void check_fractions(std::span<const double> fractions, std::size_t rows);

}  // namespace detail

/// Row numbers of N parts of the given fractions, each in ascending order; together all rows, each once.
/// `labels` are read only when stratified. Throws option_error for fractions that are not above 0 or do not
/// sum to 1, fewer rows than parts, and, stratified, for one class only or a class smaller than the number of
/// parts.
template <std::size_t N>
std::array<std::vector<std::size_t>, N> split_indices(std::span<const double> labels, std::size_t rows,
                                                      const std::array<double, N>& fractions,
                                                      const SplitOptions& options = {}) {
  detail::check_fractions(fractions, rows);
  std::array<std::vector<std::size_t>, N> parts;
  std::vector<double> owed(N);
  for (const auto& group : detail::shuffled_groups(labels, rows, options, N)) {
    const auto sizes = detail::part_sizes(group.size(), fractions, owed);
    auto begin = group.begin();
    for (std::size_t p = 0; p < N; ++p) {
      const auto end = begin + static_cast<std::ptrdiff_t>(sizes[p]);
      parts[p].insert(parts[p].end(), begin, end);
      begin = end;
    }
  }
  for (auto& part : parts) std::sort(part.begin(), part.end());
  return parts;
}

/// `auto [train, valid, test] = split(data, {0.8, 0.1, 0.1}, {.seed = 1, .stratified = true});`
/// Parts of any data set that has size(), labels and subset().
template <class Dataset, std::size_t N>
std::array<Dataset, N> split(const Dataset& data, const double (&fractions)[N],
                             const SplitOptions& options = {}) {
  const auto rows =
      split_indices(std::span<const double>(data.labels), data.size(), std::to_array(fractions), options);
  std::array<Dataset, N> parts;
  for (std::size_t p = 0; p < N; ++p) parts[p] = data.subset(rows[p]);
  return parts;
}

/// k folds whose test parts have nearly equal size and together are all rows, each once; stratified by class
/// where asked. Throws option_error as split_indices does, and for k below 2 or above the number of rows.
std::vector<Partition> k_fold(std::span<const double> labels, std::size_t rows, std::size_t k,
                              const SplitOptions& options = {});

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/split.ipp>
#endif
