// Pairs of records by how they are related, as SCOP says it of proteins: a network that compares two learns
// from pairs of all levels, not from the unrelated ones that nearly all pairs are.
#pragma once

#include <cstddef>
#include <seqlstm/core/random.hpp>
#include <span>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// How every two records are related: in how many of the ranks, from the widest (class) to the narrowest
/// (family), they are alike.
class RelationLevels {
 public:
  /// `ranks[k][record]` is what the record is called at rank k. Throws option_error without ranks or records,
  /// shape_error where a rank has another number of records than the first.
  explicit RelationLevels(std::span<const std::vector<std::string>> ranks);

  /// Of records a and b: 0 where the widest rank differs, levels() - 1 where all are equal. Records must
  /// exist.
  [[nodiscard]] std::size_t level(std::size_t a, std::size_t b) const {
    std::size_t k = 0;
    while (k < groups_.size() && groups_[k][a] == groups_[k][b]) ++k;
    return k;
  }
  /// Ranks and one more.
  [[nodiscard]] std::size_t levels() const { return groups_.size() + 1; }
  /// Number of records.
  [[nodiscard]] std::size_t size() const { return groups_.front().size(); }
  /// The group of each record in which level() is at least `level`, from 1: a number from 0 on. Throws
  /// option_error for a level that there is not.
  [[nodiscard]] const std::vector<std::size_t>& groups(std::size_t level) const;

 private:
  std::vector<std::vector<std::size_t>> groups_;  // [ranks][records]
};

/// Two of the records of a PairBatch.
struct RelatedPair {
  std::size_t a;      ///< place in PairBatch::records
  std::size_t b;      ///< place of the other one
  std::size_t level;  ///< as RelationLevels says
  double weight;      ///< how much it counts
};

/// Records, and all pairs of them.
struct PairBatch {
  std::vector<std::size_t> records;  ///< that differ
  std::vector<RelatedPair> pairs;    ///< each two, the earlier one first
};

/// Draws records that are related at all levels: `anchors` times a level above 0, all levels that the data
/// has alike, a record that has a relative of exactly that level, and such a relative. Records of large
/// groups are drawn less often than there are: in proportion to the root of the size of their group of the
/// second narrowest rank (superfamily), all of its members alike.
class RelatedPairs {
 public:
  /// `relations` must outlive it. Throws option_error for 0 anchors, and where no two records are related.
  RelatedPairs(const RelationLevels& relations, std::size_t anchors);

  /// A function of the key alone. The weights of the pairs of a level add up to 1, for each level among them.
  [[nodiscard]] PairBatch draw(const RandomKey& key) const;

 private:
  struct Level {
    std::size_t level = 0;
    std::vector<std::size_t> records = {};  // with a relative of exactly this level
    std::vector<double> cumulative = {};    // of their weights
  };
  [[nodiscard]] std::size_t relative(RandomStream& random, std::size_t record, std::size_t level) const;

  const RelationLevels* relations_;
  std::size_t anchors_;
  std::vector<std::vector<std::vector<std::size_t>>> members_;  // [ranks][groups]
  std::vector<Level> levels_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/related_pairs.ipp>
#endif
