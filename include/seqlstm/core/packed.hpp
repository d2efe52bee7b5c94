// Ragged batches without padding: time-major, longest sequence first, only the steps that exist.
#pragma once

#include <cstddef>
#include <cstdint>
#include <seqlstm/core/abi.hpp>
#include <span>
#include <vector>

SEQLSTM_PLAIN_NAMESPACE_BEGIN

/// What kernels are told of a PackedLayout, in its words.
struct LayoutView {
  const std::size_t *running,  ///< active(t), [steps]
      *offsets,                ///< offset(t), [steps + 1]
      *lengths;                ///< length(r), [sequences]
  std::size_t step_count,      ///< steps()
      sequence_count,          ///< sequences()
      token_count;             ///< tokens()

  /// Number of sequences, empty ones included.
  [[nodiscard, gnu::always_inline]] std::size_t sequences() const { return sequence_count; }
  /// Tokens of the longest sequence.
  [[nodiscard, gnu::always_inline]] std::size_t steps() const { return step_count; }
  /// Tokens of all sequences together: rows of a packed matrix.
  [[nodiscard, gnu::always_inline]] std::size_t tokens() const { return token_count; }
  /// Number of sequences longer than t; 0 from steps() on.
  [[nodiscard, gnu::always_inline]] std::size_t active(std::size_t t) const {
    return t < step_count ? running[t] : 0;
  }
  /// Packed row of step t of row 0; offset(steps()) is tokens().
  [[nodiscard, gnu::always_inline]] std::size_t offset(std::size_t t) const { return offsets[t]; }
  /// Length of row r, in tokens.
  [[nodiscard, gnu::always_inline]] std::size_t length(std::size_t r) const { return lengths[r]; }
};

SEQLSTM_PLAIN_NAMESPACE_END

SEQLSTM_NAMESPACE_BEGIN

using SEQLSTM_PLAIN::LayoutView;

/// A token's id: its row in the embedding, its column in a one-hot matrix.
using Token = std::int32_t;

/// Where each token of a ragged batch is stored.
///
/// Sequences are sorted by length, longest first and stable, so that the sequences still running at step t
/// are the rows r < active(t); token t of row r is packed row offset(t) + r. There is no padding: sum of
/// lengths rows in all. "Row" is a sequence's place after sorting, "index" its place in the caller's batch:
/// order(row) -> index. Lengths of zero are legal. Memory is reused by assign(), which allocates only to
/// grow.
class PackedLayout {
 public:
  PackedLayout() = default;
  /// The layout of sequences of these lengths: assign() without records.
  explicit PackedLayout(std::span<const std::size_t> lengths) { assign(lengths); }

  /// Lays out sequences of the given lengths (in tokens). `records` are the keys of the random streams
  /// (dropout masks follow the record, not its place in a batch); without them a sequence's index is its
  /// record.
  void assign(std::span<const std::size_t> lengths, std::span<const std::uint64_t> records = {});
  /// Lays out the sequences of `from` with other lengths, each still in its row: row r of both is one
  /// sequence, with one index and one record. length_of(length) is the new length of a sequence, no longer
  /// than the old one. Throws shape_error where it is longer, and where a row would be longer than the one
  /// before it: length_of must not fall where the length rises; the layout is then to be assigned anew.
  /// `from` may be this layout itself. Memory is reused as by assign().
  template <class LengthOf> void assign_shorter(const PackedLayout& from, LengthOf&& length_of) {
    copy_rows(from);
    for (std::size_t r = 0; r < sequences(); ++r) shorten(r, length_of(from.length(r)));
    lay_out_steps();
  }

  /// Number of sequences, empty ones included.
  [[nodiscard]] std::size_t sequences() const { return lengths_.size(); }
  /// Tokens of the longest sequence; 0 where all are empty.
  [[nodiscard]] std::size_t steps() const { return active_.size(); }
  /// Tokens of all sequences together: rows of a packed matrix.
  [[nodiscard]] std::size_t tokens() const { return offset_.empty() ? 0 : offset_.back(); }

  /// Number of sequences longer than t; 0 from steps() on.
  [[nodiscard]] std::size_t active(std::size_t t) const { return t < active_.size() ? active_[t] : 0; }
  /// Packed row of step t of row 0; offset(steps()) is tokens().
  [[nodiscard]] std::size_t offset(std::size_t t) const { return offset_[t]; }
  /// Length of row r, in tokens.
  [[nodiscard]] std::size_t length(std::size_t r) const { return lengths_[r]; }
  /// The caller's index of row r.
  [[nodiscard]] std::size_t order(std::size_t r) const { return order_[r]; }
  /// The row of the caller's index.
  [[nodiscard]] std::size_t rank(std::size_t index) const { return rank_[index]; }
  /// Key of row r's random streams.
  [[nodiscard]] std::uint64_t record(std::size_t r) const { return records_[r]; }

  /// For kernels; valid until the next assign().
  [[nodiscard]] LayoutView view() const {
    return {active_.data(), offset_.data(), lengths_.data(), steps(), sequences(), tokens()};
  }

 private:
  // Stable and without scratch memory: ties are broken by index.
  void sort_rows(std::span<const std::size_t> lengths);
  // active() and offset() of the lengths of all rows.
  void lay_out_steps();
  // Takes over which sequence each row is, and its length.
  void copy_rows(const PackedLayout& from);
  // Gives a row its new length; those before it have theirs.
  void shorten(std::size_t row, std::size_t length);

  std::vector<std::size_t> lengths_, order_, rank_, active_;
  std::vector<std::size_t> offset_ = {0};
  std::vector<std::uint64_t> records_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/core/packed.ipp>
#endif
