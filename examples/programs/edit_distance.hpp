// How far two sequences are from each other, and what share of their alignment agrees, by edlib: Myers' bit
// vectors in a band that is widened until it holds the distance (Sosic & Sikic 2017).
#pragma once

#include <edlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <seqlstm/core/error.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

/// Columns of an alignment of a read with all of its reference, both from end to end.
struct AlignmentCounts {
  std::size_t matches = 0;     ///< the same letter
  std::size_t mismatches = 0;  ///< different letters
  std::size_t insertions = 0;  ///< a letter of the read that the reference lacks
  std::size_t deletions = 0;   ///< a letter of the reference that the read lacks

  /// Number of columns.
  [[nodiscard]] std::size_t length() const { return matches + mismatches + insertions + deletions; }
  /// Columns that do not agree: the edit distance.
  [[nodiscard]] std::size_t errors() const { return mismatches + insertions + deletions; }
  /// Share of columns that agree, as base callers report it; 1 for two empty sequences.
  [[nodiscard]] double identity() const {
    return length() == 0 ? 1.0 : static_cast<double>(matches) / static_cast<double>(length());
  }
};

namespace detail {

/// What edlib makes of two sequences, neither of them empty.
class EdlibAlignment {
 public:
  EdlibAlignment(std::string_view read, std::string_view reference, EdlibAlignTask task,
                 EdlibAlignMode mode = EDLIB_MODE_NW) {
    constexpr auto most = static_cast<std::size_t>(std::numeric_limits<int>::max());
    if (read.size() > most || reference.size() > most - read.size())
      throw seqlstm::option_error("edit distance: sequences of " + std::to_string(read.size()) + " and " +
                                  std::to_string(reference.size()) +
                                  " letters, expected 2^31 - 1 together or less; align parts of them");
    result_ = edlibAlign(read.data(), static_cast<int>(read.size()), reference.data(),
                         static_cast<int>(reference.size()), edlibNewAlignConfig(-1, mode, task, nullptr, 0));
    if (result_.status != EDLIB_STATUS_OK) {
      edlibFreeAlignResult(result_);
      throw seqlstm::Error("edit distance: edlib failed; is there memory for two sequences of " +
                           std::to_string(read.size()) + " and " + std::to_string(reference.size()) +
                           " letters?");
    }
  }
  EdlibAlignment(const EdlibAlignment&) = delete;
  EdlibAlignment& operator=(const EdlibAlignment&) = delete;
  ~EdlibAlignment() { edlibFreeAlignResult(result_); }

  [[nodiscard]] std::size_t distance() const { return static_cast<std::size_t>(result_.editDistance); }
  [[nodiscard]] std::size_t count(unsigned char operation) const {
    return static_cast<std::size_t>(std::count(operations().begin(), operations().end(), operation));
  }
  [[nodiscard]] std::span<const unsigned char> operations() const {
    return {result_.alignment, static_cast<std::size_t>(result_.alignmentLength)};
  }
  /// The first letter of the reference that is aligned.
  [[nodiscard]] std::int32_t begin() const { return result_.startLocations[0]; }

 private:
  EdlibAlignResult result_ = {};
};

}  // namespace detail

/// Fewest letters to exchange, insert and remove that make one sequence of the other (Levenshtein 1966).
/// Bytes are compared: upper and lower case differ. Time grows with length x distance / 64, memory with
/// length. Throws option_error for more than 2^31 - 1 letters together.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return std::max(a.size(), b.size());
  return detail::EdlibAlignment(a, b, EDLIB_TASK_DISTANCE).distance();
}

/// The columns of an alignment with the fewest errors. Of several such alignments one is taken, always the
/// same; they agree in the number of errors, but may differ in the number of matches. Takes a few times as
/// long as edit_distance(); memory grows with length (Hirschberg 1975). Errors as there.
inline AlignmentCounts alignment_counts(std::string_view read, std::string_view reference) {
  if (read.empty() || reference.empty()) return {.insertions = read.size(), .deletions = reference.size()};
  const detail::EdlibAlignment found(read, reference, EDLIB_TASK_PATH);
  return {.matches = found.count(EDLIB_EDOP_MATCH),
          .mismatches = found.count(EDLIB_EDOP_MISMATCH),
          .insertions = found.count(EDLIB_EDOP_INSERT),
          .deletions = found.count(EDLIB_EDOP_DELETE)};
}

/// Where in the reference each letter of a read comes from, -1 for an insertion, in an alignment with the
/// fewest errors of all of the read with any part of the reference. Of several such alignments one is taken,
/// always the same. Errors as there.
inline std::vector<std::int32_t> placed_letters(std::string_view read, std::string_view reference) {
  std::vector<std::int32_t> positions;
  if (read.empty() || reference.empty()) return std::vector<std::int32_t>(read.size(), -1);
  const detail::EdlibAlignment found(read, reference, EDLIB_TASK_PATH, EDLIB_MODE_HW);
  std::int32_t at = found.begin();
  for (const unsigned char operation : found.operations()) {
    if (operation == EDLIB_EDOP_INSERT)
      positions.push_back(-1);
    else if (operation == EDLIB_EDOP_DELETE)
      ++at;
    else
      positions.push_back(at++);
  }
  return positions;
}

/// matches / (matches + mismatches + insertions + deletions) of alignment_counts().
inline double alignment_identity(std::string_view read, std::string_view reference) {
  return alignment_counts(read, reference).identity();
}

}  // namespace examples
