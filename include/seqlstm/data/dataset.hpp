// Sequences in memory: one flat array of token ids, one of real numbers, offsets, labels and names.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/core/sequence_batch.hpp>
#include <seqlstm/data/tokenizer.hpp>
#include <span>

SEQLSTM_NAMESPACE_BEGIN

/// How many rows each class has: counts[c] of label c. Labels must be class indices (0, 1, 2, ...), else
/// option_error.
std::vector<std::size_t> class_counts(std::span<const double> labels);

/// What is to be learned of one record; each part is empty where there is none.
struct RecordLabels {
  std::span<const double> record = {};            ///< [label_width]
  std::span<const double> positions = {};         ///< [length]: classes or numbers; NaN: does not count
  std::span<const double> position_weights = {};  ///< [length]
  std::span<const Token> sequence = {};           ///< what the record spells, of any length: for CTC
};

/// Sequences of token ids, of rows of real numbers (channels), or of both side by side. Record i has
/// positions offsets[i] .. offsets[i + 1] of whatever there is. Labels belong to a record, to its positions,
/// or are a sequence of their own; all records have the same kinds of them.
struct SequenceDataset {
  Tokenizer tokenizer;               ///< what made the ids
  std::vector<Token> ids;            ///< [positions], of all rows one after the other; empty without tokens
  std::vector<float> channels = {};  ///< [positions x channel_count], likewise; empty without channels
  std::size_t channel_count = 0;     ///< F: real numbers at each position
  std::vector<std::size_t> offsets = {0};  ///< [records + 1]
  std::vector<double> labels;              ///< [records x label_width]: class indices, or numbers
  std::size_t label_width = 0;             ///< 0 without labels, 1 for a class or a real number
  std::vector<std::string> names;          ///< [records], the ids of the records
  std::vector<std::string> label_names;    ///< [classes], or of the label columns; may be empty
  std::vector<double> position_labels =
      {};  ///< [positions]: classes or numbers, NaN: does not count; or empty
  std::vector<double> position_weights = {};              ///< [positions]; empty: all count alike
  std::vector<std::string> position_label_names = {};     ///< [classes of positions]; may be empty
  std::vector<Token> label_sequences = {};                ///< of all records one after the other, for CTC
  std::vector<std::size_t> label_sequence_offsets = {0};  ///< [records + 1]; {0} without label sequences

  /// Number of rows.
  [[nodiscard]] std::size_t size() const { return offsets.size() - 1; }
  /// Positions of all rows.
  [[nodiscard]] std::size_t tokens() const { return offsets.back(); }
  /// Number of ids that the tokenizer can give: what an embedding needs rows for.
  [[nodiscard]] std::size_t vocabulary() const { return tokenizer.vocabulary(); }
  /// Positions of row i.
  [[nodiscard]] std::size_t length(std::size_t i) const { return offsets[i + 1] - offsets[i]; }
  /// Positions of the longest row; 0 without rows.
  [[nodiscard]] std::size_t max_length() const;
  /// Do all records have one length?
  [[nodiscard]] bool same_length() const;
  /// The tokens of row i; empty without tokens; valid until the data set changes.
  [[nodiscard]] std::span<const Token> sequence(std::size_t i) const {
    return ids.empty() ? std::span<const Token>()
                       : std::span<const Token>{ids.data() + offsets[i], length(i)};
  }
  /// The real numbers of all rows, [positions, channel_count]; valid until the data set changes.
  [[nodiscard]] ConstMatrixView<float> channel_rows() const {
    return {channels.data(), channel_count == 0 ? 0 : tokens(), channel_count};
  }
  /// The real numbers of row i, [length, channel_count]; valid until the data set changes.
  [[nodiscard]] ConstMatrixView<float> channel_rows(std::size_t i) const {
    return channel_rows().row_range(offsets[i], channel_count == 0 ? 0 : length(i));
  }
  /// The labels of row i, [label_width]; valid until the data set changes.
  [[nodiscard]] std::span<const double> label(std::size_t i) const {
    return {labels.data() + i * label_width, label_width};
  }
  /// Everything that is to be learned of row i; valid until the data set changes.
  [[nodiscard]] RecordLabels labels_of(std::size_t i) const;
  /// The same of all rows, in their order; valid until the data set changes.
  [[nodiscard]] BatchTargets targets() const {
    return {labels, position_labels, position_weights, label_sequences, label_sequence_offsets};
  }
  /// Number of classes of a data set with one class index per record: at least as many as have names.
  [[nodiscard]] std::size_t classes() const;
  /// The same of the classes of its positions.
  [[nodiscard]] std::size_t position_classes() const;

  /// Appends a record of tokens. Throws shape_error where it brings other kinds of labels than those before,
  /// or not one for each token; the set is then as it was.
  void add(const Record& record, const RecordLabels& labels);
  /// The same with labels of the record alone.
  void add(const Record& record, std::span<const double> values = {}) {
    add(record, RecordLabels{.record = values});
  }
  /// Appends a record of real numbers, rows [length, channels]. Throws shape_error likewise, and for another
  /// number of channels than those before; option_error, with the position, for a number that is not finite.
  void add(std::string name, ConstMatrixView<float> rows, const RecordLabels& labels = {});
  /// Appends a record with both. Throws shape_error likewise, and unless there is a row for each token.
  void add(const Record& record, ConstMatrixView<float> rows, const RecordLabels& labels);
  /// Gives every position further real numbers, rows [tokens(), F], behind those that it has. Throws
  /// shape_error for another number of rows, option_error, with record and position, for a number that is not
  /// finite; the set is then as it was.
  void add_channels(ConstMatrixView<float> rows);
  /// The given rows, in that order.
  [[nodiscard]] SequenceDataset subset(std::span<const std::size_t> rows) const;
  /// Throws shape_error where arrays of positions have other sizes than the offsets say, as after a change by
  /// hand.
  void check() const;
  /// Appends another set of the same tokenizer, channels, kinds of labels and class names. Throws as add()
  /// does, and option_error; the set is then as it was.
  void append(const SequenceDataset& other);

 private:
  [[nodiscard]] SequenceDataset without_rows() const;
  void check_row(const std::string& who, std::size_t length, bool has_tokens, std::size_t channels_of_row,
                 const RecordLabels& labels) const;
  void append_row(std::string name, std::span<const Token> tokens, ConstMatrixView<float> rows,
                  const RecordLabels& labels);
};

/// One data set behind the other.
inline SequenceDataset concat(SequenceDataset a, const SequenceDataset& b) {
  a.append(b);
  return a;
}

/// Tokenises records without labels.
SequenceDataset encode(std::span<const Record> records, const Tokenizer& tokenizer);
/// Tokenises labelled records.
SequenceDataset encode(const LabelledRecords& labelled, const Tokenizer& tokenizer);

/// The same by an alphabet: `encode(records, dna4, {.k = 3})`.
template <class Records>
SequenceDataset encode(const Records& records, const Alphabet& alphabet, const TokenizerOptions& options) {
  return encode(records, Tokenizer(alphabet, options));
}

/// option_error unless at least two classes have rows: a classifier learns nothing from one. `source` names
/// the data in the message ("promoter.csv", "train").
void require_two_classes(const SequenceDataset& data, const std::string& source);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/dataset.ipp>
#endif
