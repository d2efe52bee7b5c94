// How good an alignment of a read with a window is, where the true one is known.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/data/mutated_reads.hpp>
#include <seqlstm/metrics/report.hpp>
#include <string>
#include <vector>

namespace examples {

/// A position in the window for each base of a read, -1 for an insertion. Those of an alignment rise.
using Positions = std::vector<std::int32_t>;

enum class ReadOperation { match, substitution, insertion };

/// What happened to base i of the read, if it comes from this position.
inline ReadOperation operation_at(const seqlstm::MutatedRead& read, std::size_t i, std::int32_t position) {
  if (position < 0) return ReadOperation::insertion;
  return read.window[static_cast<std::size_t>(position)] == read.read[i] ? ReadOperation::match
                                                                         : ReadOperation::substitution;
}

inline double share_of(std::size_t part, std::size_t all) {
  return all == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(all);
}

/// Sums over the bases of reads, of answers that need not rise.
struct PlacementCounts {
  std::size_t bases = 0, placed = 0,  ///< whose answer is where they come from, insertions among them
      operations = 0;                 ///< whose operation is right

  /// Appends one read.
  void add(const seqlstm::MutatedRead& read, const Positions& answer) {
    for (std::size_t i = 0; i < read.read.size(); ++i) {
      const std::int32_t position = answer[i], origin = read.origins[i];
      ++bases;
      placed += position == origin ? 1 : 0;
      operations += operation_at(read, i, position) == operation_at(read, i, origin) ? 1 : 0;
    }
  }
};

/// Sums over the columns of alignments: bases, and positions passed over between them.
struct IdentityCounts {
  std::size_t matches = 0, columns = 0;

  /// Appends one read. Throws option_error where positions do not rise, which is no alignment.
  void add(const seqlstm::MutatedRead& read, const Positions& answer) {
    std::int32_t before = -1;
    for (std::size_t i = 0; i < read.read.size(); ++i) {
      const std::int32_t position = answer[i];
      matches += operation_at(read, i, position) == ReadOperation::match ? 1 : 0;
      ++columns;
      if (position < 0) continue;
      if (position <= before)
        throw seqlstm::option_error("read alignment: base " + std::to_string(i) + " is at position " +
                                    std::to_string(position) + ", expected one after " +
                                    std::to_string(before));
      if (before >= 0) columns += static_cast<std::size_t>(position - before - 1);
      before = position;
    }
  }
};

/// Shares of the bases of all reads, placed and operations; answers[i] are those of read i and need not rise.
inline seqlstm::Report placement_report(const std::vector<seqlstm::MutatedRead>& reads,
                                        const std::vector<Positions>& answers) {
  PlacementCounts counts;
  for (std::size_t i = 0; i < reads.size(); ++i) counts.add(reads[i], answers[i]);
  seqlstm::Report report;
  report.metrics = {{"placed", share_of(counts.placed, counts.bases)},
                    {"operations", share_of(counts.operations, counts.bases)}};
  return report;
}

/// The same with the identity, matches among the columns, of alignments, whose positions rise.
inline seqlstm::Report alignment_report(const std::vector<seqlstm::MutatedRead>& reads,
                                        const std::vector<Positions>& alignments) {
  seqlstm::Report report = placement_report(reads, alignments);
  IdentityCounts counts;
  for (std::size_t i = 0; i < reads.size(); ++i) counts.add(reads[i], alignments[i]);
  report.metrics.emplace_back("identity", share_of(counts.matches, counts.columns));
  return report;
}

}  // namespace examples
