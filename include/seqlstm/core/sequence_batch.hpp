// A packed batch: what its sequences hold at every position, and what a model is to say of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/core/view.hpp>
#include <span>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// The label of a position that does not count, neither in training nor in evaluation: NaN.
inline constexpr double ignored_label = std::numeric_limits<double>::quiet_NaN();

/// What a batch's outputs are compared with. Each is empty where the data has none.
struct BatchTargets {
  std::span<const double> labels = {};            ///< [sequences x label_width], the caller's order
  std::span<const double> position_labels = {};   ///< [tokens], packed; NaN: does not count
  std::span<const double> position_weights = {};  ///< [tokens], packed; empty: all count alike
  std::span<const Token> label_sequences = {};    ///< of all records one after the other, for CTC
  /// [sequences + 1], the caller's order: record i has label_sequences[offsets[i] .. offsets[i + 1]).
  std::span<const std::size_t> label_sequence_offsets = {};
};

/// A packed batch of sequences of tokens, of rows of real numbers (channels), or of both side by side; with
/// labels and record numbers in the caller's order.
struct SequenceBatch {
  PackedLayout layout;            ///< where the positions of each sequence are
  std::vector<Token> ids;         ///< [tokens], packed: ids[layout.offset(t) + r]; empty without tokens
  std::vector<float> channels;    ///< [tokens x channel_count], packed alike; empty without
  std::size_t channel_count = 0;  ///< F: real numbers at each position
  std::vector<std::uint64_t>
      records;                  ///< [sequences], the caller's order: number of each record in its data set
  std::vector<double> labels;   ///< [sequences x label_width], the caller's order; empty without
  std::size_t label_width = 0;  ///< 1 for a class or a real number, C for multi-label
  std::vector<double> position_labels;   ///< [tokens], packed: a class or a real number, NaN: does not count
  std::vector<double> position_weights;  ///< [tokens], packed; empty: all count alike
  std::vector<Token> label_sequences;    ///< of all records one after the other, for CTC
  std::vector<std::size_t> label_sequence_offsets;  ///< [sequences + 1], the caller's order; empty without

  /// Packs `sequences[i]`; `record_numbers[i]` (without them i) names sequence i in errors and keys its
  /// random streams. Channels and labels are dropped, memory is reused.
  void assign(std::span<const std::span<const Token>> sequences,
              std::span<const std::uint64_t> record_numbers = {});
  /// The same for rows of real numbers, [length, channels] each. Throws shape_error where records have
  /// different numbers of channels.
  void assign(std::span<const ConstMatrixView<float>> rows,
              std::span<const std::uint64_t> record_numbers = {});
  /// Lays out sequences of so many positions that hold nothing yet; labels are dropped, memory is reused.
  void lay_out(std::span<const std::size_t> lengths, std::span<const std::uint64_t> record_numbers = {});
  /// Gives the sequences of the layout rows of real numbers, in the caller's order, beside their tokens.
  /// Throws shape_error where a record has another length or number of channels.
  void set_channels(std::span<const ConstMatrixView<float>> rows);

  /// Becomes some sequences of another batch, those of its caller's order `indices`, in that order, with all
  /// that stands in it for them; memory is reused. Indices are not checked, and `from` is another batch.
  void assign_part(const SequenceBatch& from, std::span<const std::size_t> indices);

  /// The real numbers as a matrix [tokens, channel_count]; valid as long as they are.
  [[nodiscard]] ConstMatrixView<float> channel_rows() const {
    return {channels.data(), channel_count == 0 ? 0 : channels.size() / channel_count, channel_count};
  }
  /// All that outputs are compared with; valid as long as the batch.
  [[nodiscard]] BatchTargets targets() const {
    return {labels, position_labels, position_weights, label_sequences, label_sequence_offsets};
  }

 private:
  std::vector<std::size_t> lengths_;
  std::vector<std::uint64_t> numbers_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/core/sequence_batch.ipp>
#endif
