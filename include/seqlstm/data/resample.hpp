// Training parts with more (or fewer) rows of some classes: copies, rows left out, and rows made up between
// neighbours. For the training part alone: a made-up row in validation or test would be judged by its
// parents.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/data/features.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// N % of n rows: n N / 100, halves rounded up. 200 % of 7 rows are 14 more rows.
std::size_t extra_rows(std::size_t rows, double percent);

namespace detail {

/// The rows of every class.
std::vector<std::vector<std::size_t>> rows_by_class(std::span<const double> labels,
                                                    std::span<const double> percent);

/// `count` of the rows, each as often as any other or once more.
std::vector<std::size_t> dealt(std::vector<std::size_t> rows, std::size_t count, RandomStream& random);

/// The k rows of `among` that are nearest to `row` by Euclidean distance, nearest first, itself left out.
std::vector<std::size_t> nearest(const FeatureDataset& data, std::size_t row,
                                 std::span<const std::size_t> among, std::size_t k);

void check_neighbours(const char* method, std::size_t label, std::size_t rows, std::size_t k);

/// Appends a + u (b - a) with the label of a, u uniform in [0, 1).
void add_between(FeatureDataset& data, std::size_t a, std::size_t b, RandomStream& random);

/// `count[i]` rows between rows[i] and one of its k nearest of the same class.
void add_synthetic(FeatureDataset& data, std::span<const std::size_t> rows,
                   std::span<const std::size_t> count, std::size_t k, RandomStream& random);

void check_features(const char* method, const FeatureDataset& data);

[[noreturn]] inline void refuse_tokens(const char* method) {
  throw option_error(
      std::string(method) +
      ": token ids are names, not quantities, and nothing lies between two of them; use it on rows of "
      "numbers (mean-pooled embeddings), or copy sequences with over_sampled_rows");
}

}  // namespace detail

/// All rows in order, then `percent[c]` % more of class c, drawn again: every row as often as any other of
/// its class, or once more. For data.subset(). `labels` are class indices.
std::vector<std::size_t> over_sampled_rows(std::span<const double> labels, std::span<const double> percent,
                                           std::uint64_t seed);

/// At most `most` rows of every class, drawn without replacement, in ascending order.
std::vector<std::size_t> under_sampled_rows(std::span<const double> labels, std::size_t most,
                                            std::uint64_t seed);

/// How smote() and adasyn() make rows up.
struct SyntheticOptions {
  std::size_t k = 5;       ///< nearest neighbours that are looked at, at least 1
  std::uint64_t seed = 0;  ///< of neighbours and places between them
};

/// SMOTE (Chawla, Bowyer, Hall and Kegelmeyer 2002): the data and, behind it, `percent[c]` % more rows of
/// class c, each on the segment between a row and one of its k nearest of the same class. 100 % is one for
/// every row; what is left over is dealt to rows drawn at random. Throws option_error for a class to be grown
/// with no more rows than k.
FeatureDataset smote(FeatureDataset data, std::span<const double> percent, SyntheticOptions options = {});
/// Refuses tokens: always throws option_error, with what to do instead.
[[noreturn]] inline FeatureDataset smote(const SequenceDataset&, std::span<const double>,
                                         SyntheticOptions = {}) {
  detail::refuse_tokens("smote");
}

/// ADASYN (He, Bai, Garcia and Li 2008): as smote, but a row gets the more synthetic ones the more of its k
/// nearest rows of all are of other classes: r_i = others / k, g_i = r_i / sum(r) times the class's
/// `percent[c]` %, rounded to the nearest (halves to even), so that the number of new rows may differ from
/// that by half of the class's rows. Throws option_error also where no row of a class has a neighbour of
/// another, and where every share rounds to 0 (as imbalanced-learn).
FeatureDataset adasyn(FeatureDataset data, std::span<const double> percent, SyntheticOptions options = {});
/// Refuses tokens: always throws option_error, with what to do instead.
[[noreturn]] inline FeatureDataset adasyn(const SequenceDataset&, std::span<const double>,
                                          SyntheticOptions = {}) {
  detail::refuse_tokens("adasyn");
}

/// `percent` for every class with less than `share` of the largest class's rows, 0 for the others.
std::vector<double> percent_of_rare(std::span<const double> labels, double percent, double share = 0.5);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/resample.ipp>
#endif
