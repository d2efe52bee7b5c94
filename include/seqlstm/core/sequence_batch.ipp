// Definitions of sequence_batch.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/sequence_batch.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE void SequenceBatch::lay_out(std::span<const std::size_t> lengths,
                                           std::span<const std::uint64_t> record_numbers) {
  layout.assign(lengths, record_numbers);
  records.resize(lengths.size());
  for (std::size_t r = 0; r < layout.sequences(); ++r) records[layout.order(r)] = layout.record(r);
  // What was in use gets room for twice as much where this batch is larger, so that batches of slightly
  // different sizes soon allocate nothing.
  const auto empty = [&](auto& values, std::size_t width) {
    values.clear();
    const std::size_t size = layout.tokens() * width;
    if (values.capacity() > 0 && size > values.capacity()) values.reserve(2 * size);
  };
  empty(ids, 1);
  empty(channels, channel_count);
  empty(position_labels, 1);
  empty(position_weights, 1);
  channel_count = 0;
  labels.clear();
  label_width = 0;
  label_sequences.clear();
  label_sequence_offsets.clear();
}

SEQLSTM_INLINE void SequenceBatch::assign(std::span<const std::span<const Token>> sequences,
                                          std::span<const std::uint64_t> record_numbers) {
  lengths_.resize(sequences.size());
  for (std::size_t i = 0; i < sequences.size(); ++i) lengths_[i] = sequences[i].size();
  lay_out(lengths_, record_numbers);
  ids.resize(layout.tokens());
  for (std::size_t r = 0; r < layout.sequences(); ++r) {
    const auto sequence = sequences[layout.order(r)];
    for (std::size_t t = 0; t < sequence.size(); ++t) ids[layout.offset(t) + r] = sequence[t];
  }
}

SEQLSTM_INLINE void SequenceBatch::assign(std::span<const ConstMatrixView<float>> rows,
                                          std::span<const std::uint64_t> record_numbers) {
  lengths_.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) lengths_[i] = rows[i].rows();
  lay_out(lengths_, record_numbers);
  set_channels(rows);
}

SEQLSTM_INLINE void SequenceBatch::set_channels(std::span<const ConstMatrixView<float>> rows) {
  if (rows.size() != layout.sequences())
    throw shape_error("batch: channels of " + std::to_string(rows.size()) + " records for " +
                      std::to_string(layout.sequences()) + " sequences");
  channel_count = rows.empty() ? 0 : rows[0].cols();
  channels.resize(layout.tokens() * channel_count);
  for (std::size_t r = 0; r < layout.sequences(); ++r) {
    const auto& own = rows[layout.order(r)];
    if (own.rows() != layout.length(r) || own.cols() != channel_count)
      throw shape_error("batch: record " + std::to_string(layout.record(r)) + " has channels " +
                        shape_text(own) + ", expected " + shape_text(layout.length(r), channel_count) +
                        " (positions x channels)");
    for (std::size_t t = 0; t < own.rows(); ++t)
      std::copy_n(own.row_data(t), channel_count, channels.data() + (layout.offset(t) + r) * channel_count);
  }
}

SEQLSTM_INLINE void SequenceBatch::assign_part(const SequenceBatch& from,
                                               std::span<const std::size_t> indices) {
  lengths_.clear();
  numbers_.clear();
  for (const std::size_t index : indices) {
    lengths_.push_back(from.layout.length(from.layout.rank(index)));
    numbers_.push_back(from.layout.record(from.layout.rank(index)));
  }
  lay_out(lengths_, numbers_);
  channel_count = from.channel_count;
  label_width = from.label_width;
  const auto copy_positions = [&](const auto& all, std::size_t width, auto& own) {
    if (all.empty()) return;
    own.resize(layout.tokens() * width);
    for (std::size_t t = 0; t < layout.steps(); ++t)
      for (std::size_t r = 0; r < layout.active(t); ++r) {
        const std::size_t source = from.layout.offset(t) + from.layout.rank(indices[layout.order(r)]);
        std::copy_n(all.data() + source * width, width, own.data() + (layout.offset(t) + r) * width);
      }
  };
  copy_positions(from.ids, 1, ids);
  copy_positions(from.channels, channel_count, channels);
  copy_positions(from.position_labels, 1, position_labels);
  copy_positions(from.position_weights, 1, position_weights);
  if (!from.label_sequence_offsets.empty()) label_sequence_offsets.push_back(0);
  for (const std::size_t index : indices) {
    const double* label = from.labels.data() + index * label_width;
    if (!from.labels.empty()) labels.insert(labels.end(), label, label + label_width);
    if (from.label_sequence_offsets.empty()) continue;
    const Token* all = from.label_sequences.data();
    label_sequences.insert(label_sequences.end(), all + from.label_sequence_offsets[index],
                           all + from.label_sequence_offsets[index + 1]);
    label_sequence_offsets.push_back(label_sequences.size());
  }
}

SEQLSTM_NAMESPACE_END
