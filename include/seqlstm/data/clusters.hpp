// Splits that keep relatives together: rows belong to clusters (of similar or overlapping sequences, of one
// organism), and a part gets whole clusters, or none of one.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/data/alphabet.hpp>
#include <seqlstm/data/split.hpp>
#include <string>
#include <string_view>

SEQLSTM_NAMESPACE_BEGIN

/// The cluster of every row, as numbers from 0 in the order of their first rows.
struct Clusters {
  std::vector<std::size_t> of_row;  ///< [rows]
  std::vector<std::size_t> sizes;   ///< [clusters]
  std::vector<std::size_t>
      representatives;  ///< [clusters] a row of each: the first, unless a file names another

  Clusters() = default;
  /// Rows with the same name are one cluster.
  explicit Clusters(std::span<const std::string> names);
  /// Number of clusters.
  [[nodiscard]] std::size_t size() const { return sizes.size(); }
  /// Is the row alone in its cluster?
  [[nodiscard]] bool singleton(std::size_t row) const { return sizes[of_row[row]] == 1; }
};

/// Clusters of sequences that have a stretch of k letters in common, directly or through others: windows that
/// overlap in a genome, copies, what was cut from one sequence. With `both_strands` stretches of nucleotides
/// count where they are on the other strand, too. Letters are compared as they are, stretches with a letter
/// of `any` are not compared; equal sequences are together though shorter than k. Memory: one entry per
/// stretch. Throws option_error for k of 0.
Clusters clusters_by_shared_words(std::span<const std::string> sequences, std::size_t k,
                                  bool both_strands = false, std::string_view any = "");

/// Validation and test from rows that are alone in their cluster, `valid` and `test` of them drawn by seed;
/// all other rows are for training. Stratified: both parts have the classes in the proportions of all rows,
/// as far as a class has singletons. Throws option_error where there are too few singletons, or none is left
/// for training.
Partition split_by_singletons(const Clusters& clusters, std::span<const double> labels, std::size_t valid,
                              std::size_t test, const SplitOptions& options = {});

/// k folds of whole clusters: the largest cluster first, each into the fold with the fewest rows (with
/// stratified, the fewest of the cluster's classes), ties by seed. Throws option_error for k below 2 or above
/// the number of clusters.
std::vector<Partition> grouped_k_fold(const Clusters& clusters, std::span<const double> labels, std::size_t k,
                                      const SplitOptions& options = {});

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/clusters.ipp>
#endif
