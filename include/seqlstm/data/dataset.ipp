// Definitions of dataset.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/data/dataset.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::vector<std::size_t> class_counts(std::span<const double> labels) {
  std::vector<std::size_t> counts;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double value = labels[i];
    if (!(value >= 0 && value < 1e6) || value != std::floor(value))
      throw option_error("label " + std::to_string(value) + " of record " + std::to_string(i) +
                         " is not a class index (0, 1, 2, ...); name the classes, or use a regression loss");
    const auto c = static_cast<std::size_t>(value);
    if (c >= counts.size()) counts.resize(c + 1);
    ++counts[c];
  }
  return counts;
}

namespace detail {
/// Throws option_error for a number that is NaN or infinite.
SEQLSTM_INLINE void check_finite_rows(const std::string& who, ConstMatrixView<float> rows) {
  for (std::size_t t = 0; t < rows.rows(); ++t)
    for (std::size_t c = 0; c < rows.cols(); ++c)
      if (!std::isfinite(rows(t, c)))
        throw option_error(who + "channel " + std::to_string(c) + " is " + number_text(double{rows(t, c)}) +
                           " at position " + std::to_string(t + 1) +
                           ", expected a finite number; fill_missing() puts numbers in place of NaN");
}
}  // namespace detail

SEQLSTM_INLINE std::size_t SequenceDataset::max_length() const {
  std::size_t longest = 0;
  for (std::size_t i = 0; i < size(); ++i) longest = std::max(longest, length(i));
  return longest;
}

SEQLSTM_INLINE bool SequenceDataset::same_length() const {
  for (std::size_t i = 1; i < size(); ++i)
    if (length(i) != length(0)) return false;
  return size() > 0;
}

SEQLSTM_INLINE std::size_t SequenceDataset::classes() const {
  if (label_width != 1)
    throw option_error("classes: the data set has " + std::to_string(label_width) +
                       " labels per record, expected one class index");
  return std::max(class_counts(labels).size(), label_names.size());
}

SEQLSTM_INLINE std::size_t SequenceDataset::position_classes() const {
  double most = -1;
  for (const double label : position_labels) most = label > most ? label : most;  // NaN is not
  return std::max(static_cast<std::size_t>(most + 1), position_label_names.size());
}

SEQLSTM_INLINE RecordLabels SequenceDataset::labels_of(std::size_t i) const {
  const auto at_positions = [&](const std::vector<double>& all) {
    return all.empty() ? std::span<const double>() : std::span(all).subspan(offsets[i], length(i));
  };
  RecordLabels own{label(i), at_positions(position_labels), at_positions(position_weights), {}};
  if (label_sequence_offsets.size() > 1) {
    const std::size_t begin = label_sequence_offsets[i];
    own.sequence = std::span(label_sequences).subspan(begin, label_sequence_offsets[i + 1] - begin);
  }
  return own;
}

SEQLSTM_INLINE void SequenceDataset::add(const Record& record, const RecordLabels& with) {
  add(record, ConstMatrixView<float>(), with);
}

SEQLSTM_INLINE void SequenceDataset::add(std::string name, ConstMatrixView<float> rows,
                                         const RecordLabels& with) {
  const std::string who = "record '" + name + "': ";
  if (rows.cols() == 0) throw shape_error(who + "no channels, expected at least one");
  detail::check_finite_rows(who, rows);
  check_row(who, rows.rows(), false, rows.cols(), with);
  append_row(std::move(name), {}, rows, with);
}

SEQLSTM_INLINE void SequenceDataset::add(const Record& record, ConstMatrixView<float> rows,
                                         const RecordLabels& with) {
  std::vector<Token> tokens;
  tokenizer.encode(record, tokens);
  if (rows.cols() > 0 && rows.rows() != tokens.size())
    throw shape_error(record.prefix() + std::to_string(rows.rows()) + " rows of channels for " +
                      std::to_string(tokens.size()) + " tokens; expected one each");
  detail::check_finite_rows(record.prefix(), rows);
  check_row(record.prefix(), tokens.size(), true, rows.cols(), with);
  append_row(record.id, tokens, rows, with);
}

SEQLSTM_INLINE void SequenceDataset::add_channels(ConstMatrixView<float> rows) {
  if (rows.rows() != tokens())
    throw shape_error("data set: " + std::to_string(rows.rows()) + " rows of channels for " +
                      std::to_string(tokens()) + " positions; expected one each");
  for (std::size_t i = 0; i < size(); ++i)
    detail::check_finite_rows("record '" + names[i] + "': ", rows.row_range(offsets[i], length(i)));
  std::vector<float> wider;
  wider.reserve(channels.size() + rows.size());
  for (std::size_t t = 0; t < tokens(); ++t) {
    for (std::size_t c = 0; c < channel_count; ++c) wider.push_back(channels[t * channel_count + c]);
    for (std::size_t c = 0; c < rows.cols(); ++c) wider.push_back(rows(t, c));
  }
  channels = std::move(wider);
  channel_count += rows.cols();
}

SEQLSTM_INLINE SequenceDataset SequenceDataset::subset(std::span<const std::size_t> rows) const {
  SequenceDataset part = without_rows();
  for (const std::size_t row : rows)
    part.append_row(names[row], sequence(row), channel_rows(row), labels_of(row));
  return part;
}

SEQLSTM_INLINE void SequenceDataset::append(const SequenceDataset& other) {
  if (&other == this) return append(SequenceDataset(other));
  other.check();
  if (!(tokenizer == other.tokenizer))
    throw option_error("append: the data sets have different tokenizers; encode both with one");
  if (label_names != other.label_names || position_label_names != other.position_label_names)
    throw option_error(
        "append: the data sets name their classes differently; give both the same label_names");
  for (std::size_t row = 0; row < other.size(); ++row)
    check_row("append: record '" + other.names[row] + "': ", other.length(row), !other.sequence(row).empty(),
              other.channel_count, other.labels_of(row));
  for (std::size_t row = 0; row < other.size(); ++row)
    append_row(other.names[row], other.sequence(row), other.channel_rows(row), other.labels_of(row));
}

SEQLSTM_INLINE void SequenceDataset::check() const {
  const auto need = [](const char* what, std::size_t found, std::size_t expected) {
    if (found != 0 && found != expected)
      throw shape_error(std::string("data set: ") + std::to_string(found) + " " + what + ", expected " +
                        std::to_string(expected) + ", or none");
  };
  need("token ids", ids.size(), tokens());
  need("numbers of channels", channels.size(), tokens() * channel_count);
  need("labels of positions", position_labels.size(), tokens());
  need("weights of positions", position_weights.size(), tokens());
  if (label_sequence_offsets.size() != 1)
    need("offsets of label sequences", label_sequence_offsets.size(), size() + 1);
  if (ids.empty() && channels.empty() && tokens() > 0)
    throw shape_error("data set: neither tokens nor channels at its " + std::to_string(tokens()) +
                      " positions");
}

SEQLSTM_INLINE SequenceDataset SequenceDataset::without_rows() const {
  SequenceDataset empty;
  empty.tokenizer = tokenizer;
  empty.channel_count = channel_count;
  empty.label_width = label_width;
  empty.label_names = label_names;
  empty.position_label_names = position_label_names;
  return empty;
}

SEQLSTM_INLINE void SequenceDataset::check_row(const std::string& who, std::size_t length, bool has_tokens,
                                               std::size_t channels_of_row, const RecordLabels& with) const {
  const auto need_each = [&](std::span<const double> values, const char* what) {
    if (!values.empty() && values.size() != length)
      throw shape_error(who + std::to_string(values.size()) + " " + what + " for " + std::to_string(length) +
                        " positions; expected one each (a tokenizer of k = 1 gives a token for each letter)");
  };
  need_each(with.positions, "labels");
  need_each(with.position_weights, "weights");
  if (size() == 0) return;
  if (with.record.size() != label_width)
    throw shape_error("data set: a record with " + std::to_string(with.record.size()) +
                      " labels behind records with " + std::to_string(label_width) +
                      "; expected the same number for all");
  if (channels_of_row != channel_count)
    throw shape_error(who + std::to_string(channels_of_row) + " channels behind records with " +
                      std::to_string(channel_count) + "; expected the same number for all");
  if (length == 0 || tokens() == 0) return;
  const auto need_kind = [&](const char* what, bool has, bool others_have) {
    if (has != others_have)
      throw shape_error(who + (has ? "" : "no ") + what + " behind records that have " +
                        (others_have ? "them" : "none") + "; give them to all records or to none");
  };
  need_kind("tokens", has_tokens, !ids.empty());
  need_kind("labels by position", !with.positions.empty(), !position_labels.empty());
  need_kind("weights by position", !with.position_weights.empty(), !position_weights.empty());
}

SEQLSTM_INLINE void SequenceDataset::append_row(std::string name, std::span<const Token> tokens_of_row,
                                                ConstMatrixView<float> rows, const RecordLabels& with) {
  if (size() == 0) {
    label_width = with.record.size();
    channel_count = rows.cols();
  }
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  const std::size_t positions = channel_count > 0 ? rows.rows() : tokens_of_row.size();
  for (std::size_t t = 0; t < rows.rows(); ++t) append(channels, rows.row(t));
  append(ids, tokens_of_row);
  append(labels, with.record);
  append(position_labels, with.positions);
  append(position_weights, with.position_weights);
  append(label_sequences, with.sequence);
  if (!with.sequence.empty() || label_sequence_offsets.size() > 1) {
    label_sequence_offsets.resize(offsets.size(),
                                  label_sequence_offsets.back());  // those before spell nothing
    label_sequence_offsets.push_back(label_sequences.size());
  }
  offsets.push_back(offsets.back() + positions);
  names.push_back(std::move(name));
}

SEQLSTM_INLINE SequenceDataset encode(std::span<const Record> records, const Tokenizer& tokenizer) {
  SequenceDataset data;
  data.tokenizer = tokenizer;
  for (const Record& record : records) data.add(record);
  return data;
}

SEQLSTM_INLINE SequenceDataset encode(const LabelledRecords& labelled, const Tokenizer& tokenizer) {
  const std::size_t width = labelled.label_width;
  if (labelled.labels.size() != labelled.records.size() * width)
    throw shape_error("encode: " + std::to_string(labelled.records.size()) + " records with " +
                      std::to_string(labelled.labels.size()) + " labels; expected " +
                      (width == 1 ? "one label" : std::to_string(width) + " labels") + " per record");
  SequenceDataset data;
  data.tokenizer = tokenizer;
  data.label_width = width;
  data.label_names = labelled.label_names;
  data.position_label_names = labelled.position_label_names;
  labelled.check_positions();
  const auto offsets = labelled.letter_offsets();
  const auto of_letters = [&](const std::vector<double>& all, std::size_t i) {
    return all.empty() ? std::span<const double>()
                       : std::span(all).subspan(offsets[i], offsets[i + 1] - offsets[i]);
  };
  for (std::size_t i = 0; i < labelled.records.size(); ++i)
    data.add(labelled.records[i], RecordLabels{.record = labelled.label(i),
                                               .positions = of_letters(labelled.position_labels, i),
                                               .position_weights = of_letters(labelled.position_weights, i)});
  return data;
}

SEQLSTM_INLINE void require_two_classes(const SequenceDataset& data, const std::string& source) {
  if (data.size() == 0) throw option_error(source + ": no records; expected records of at least two classes");
  const auto counts = class_counts(data.labels);
  const auto with_rows = std::count_if(counts.begin(), counts.end(), [](std::size_t n) { return n > 0; });
  if (with_rows >= 2) return;
  const std::size_t only = counts.empty() ? 0 : counts.size() - 1;
  const std::string name = only < data.label_names.size() ? data.label_names[only] : std::to_string(only);
  throw option_error(source + ": all " + std::to_string(data.size()) + " records have label " + name +
                     "; a classifier needs records of at least two classes");
}

SEQLSTM_NAMESPACE_END
