// How good an alignment of a read with a window is, where the true one is known.
#pragma once

#include <seqlstm/data/mutated_reads.hpp>
#include <seqlstm/metrics/report.hpp>
#include <string>
#include <vector>

namespace examples {

/// A position in the window for each base of a read, -1 for an insertion; they rise.
using Positions = std::vector<std::int32_t>;

enum class ReadOperation { match, substitution, insertion };

/// What happened to base i of the read, if it comes from this position.
inline ReadOperation operation_at(const seqlstm::MutatedRead& read, std::size_t i, std::int32_t position) {
  if (position < 0) return ReadOperation::insertion;
  return read.window[static_cast<std::size_t>(position)] == read.read[i] ? ReadOperation::match
                                                                         : ReadOperation::substitution;
}

/// Sums over the bases of reads.
struct PlacementCounts {
  std::size_t bases = 0, placed = 0,  ///< that come from where they are said to, insertions among them
      operations = 0,                 ///< whose operation is right
      matches = 0, columns = 0;       ///< of the alignments: bases, and positions passed over between them

  /// Appends one read.
  void add(const seqlstm::MutatedRead& read, const Positions& answer) {
    std::int32_t before = -1;
    for (std::size_t i = 0; i < read.read.size(); ++i) {
      const std::int32_t position = answer[i], origin = read.origins[i];
      const ReadOperation operation = operation_at(read, i, position);
      ++bases;
      placed += position == origin ? 1 : 0;
      operations += operation == operation_at(read, i, origin) ? 1 : 0;
      matches += operation == ReadOperation::match ? 1 : 0;
      ++columns;
      if (position < 0) continue;
      if (before >= 0) columns += static_cast<std::size_t>(position - before - 1);
      before = position;
    }
  }
  [[nodiscard]] seqlstm::Report report() const {
    const auto share = [](std::size_t part, std::size_t all) {
      return all == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(all);
    };
    seqlstm::Report report;
    report.metrics = {{"placed", share(placed, bases)},
                      {"operations", share(operations, bases)},
                      {"identity", share(matches, columns)}};
    return report;
  }
};

/// Of all reads; answers[i] are those of read i.
inline seqlstm::Report placement_report(const std::vector<seqlstm::MutatedRead>& reads,
                                        const std::vector<Positions>& answers) {
  PlacementCounts counts;
  for (std::size_t i = 0; i < reads.size(); ++i) counts.add(reads[i], answers[i]);
  return counts.report();
}

}  // namespace examples
