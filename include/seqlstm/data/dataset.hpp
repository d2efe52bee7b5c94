// Tokenised sequences in memory: one flat array of ids, offsets, labels and names.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/data/tokenizer.hpp>
#include <span>

SEQLSTM_NAMESPACE_BEGIN

/// How many rows each class has: counts[c] of label c. Labels must be class indices (0, 1, 2, ...), else
/// option_error.
inline std::vector<std::size_t> class_counts(std::span<const double> labels) {
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

/// Records as token ids. Row i is ids[offsets[i] .. offsets[i + 1]).
struct TokenDataset {
  Tokenizer tokenizer;
  std::vector<Token> ids;
  std::vector<std::size_t> offsets = {0};  ///< [records + 1]
  std::vector<double> labels;              ///< [records x label_width]: class indices, or numbers
  std::size_t label_width = 0;             ///< 0 without labels, 1 for a class or a real number
  std::vector<std::string> names;          ///< [records], the ids of the records
  std::vector<std::string> label_names;    ///< [classes], or of the label columns; may be empty

  [[nodiscard]] std::size_t size() const { return offsets.size() - 1; }
  [[nodiscard]] std::size_t tokens() const { return ids.size(); }
  [[nodiscard]] std::size_t vocabulary() const { return tokenizer.vocabulary(); }
  [[nodiscard]] std::size_t length(std::size_t i) const { return offsets[i + 1] - offsets[i]; }
  [[nodiscard]] std::size_t max_length() const {
    std::size_t longest = 0;
    for (std::size_t i = 0; i < size(); ++i) longest = std::max(longest, length(i));
    return longest;
  }
  /// Do all records have one length?
  [[nodiscard]] bool same_length() const {
    for (std::size_t i = 1; i < size(); ++i)
      if (length(i) != length(0)) return false;
    return size() > 0;
  }
  [[nodiscard]] std::span<const Token> sequence(std::size_t i) const {
    return {ids.data() + offsets[i], length(i)};
  }
  [[nodiscard]] std::span<const double> label(std::size_t i) const {
    return {labels.data() + i * label_width, label_width};
  }
  /// Number of classes of a data set with one class index per record: at least as many as have names.
  [[nodiscard]] std::size_t classes() const {
    if (label_width != 1)
      throw option_error("classes: the data set has " + std::to_string(label_width) +
                         " labels per record, expected one class index");
    return std::max(class_counts(labels).size(), label_names.size());
  }

  /// Appends a record; all have as many labels as the first.
  void add(const Record& record, std::span<const double> values = {}) {
    if (size() == 0) label_width = values.size();
    check_label_width(values.size());
    tokenizer.encode(record, ids);
    offsets.push_back(ids.size());
    names.push_back(record.id);
    labels.insert(labels.end(), values.begin(), values.end());
  }
  /// The given rows, in that order.
  [[nodiscard]] TokenDataset subset(std::span<const std::size_t> rows) const {
    TokenDataset part;
    part.tokenizer = tokenizer;
    part.label_width = label_width;
    part.label_names = label_names;
    for (const std::size_t row : rows) part.append_row(*this, row);
    return part;
  }
  /// Appends another set of the same tokenizer, label width and class names.
  void append(const TokenDataset& other) {
    if (!(tokenizer == other.tokenizer))
      throw option_error("append: the data sets have different tokenizers; encode both with one");
    if (label_names != other.label_names)
      throw option_error(
          "append: the data sets name their classes differently; give both the same label_names");
    if (size() == 0) label_width = other.label_width;
    check_label_width(other.label_width);
    const std::size_t rows = other.size();  // other may be this one
    for (std::size_t row = 0; row < rows; ++row) append_row(other, row);
  }

 private:
  void check_label_width(std::size_t width) const {
    if (width != label_width)
      throw shape_error("data set: a record with " + std::to_string(width) + " labels behind records with " +
                        std::to_string(label_width) + "; expected the same number for all");
  }
  void append_row(const TokenDataset& from, std::size_t row) {
    const std::size_t begin = from.offsets[row], count = from.length(row), label_begin = row * label_width;
    ids.resize(ids.size() + count);
    std::copy_n(from.ids.data() + begin, count, ids.data() + ids.size() - count);
    labels.resize(labels.size() + label_width);
    std::copy_n(from.labels.data() + label_begin, label_width, labels.data() + labels.size() - label_width);
    offsets.push_back(ids.size());
    names.push_back(std::string(from.names[row]));
  }
};

/// One data set behind the other.
inline TokenDataset concat(TokenDataset a, const TokenDataset& b) {
  a.append(b);
  return a;
}

/// Tokenises records without labels.
inline TokenDataset encode(std::span<const Record> records, const Tokenizer& tokenizer) {
  TokenDataset data;
  data.tokenizer = tokenizer;
  for (const Record& record : records) data.add(record);
  return data;
}
/// Tokenises labelled records.
inline TokenDataset encode(const LabelledRecords& labelled, const Tokenizer& tokenizer) {
  const std::size_t width = labelled.label_width;
  if (labelled.labels.size() != labelled.records.size() * width)
    throw shape_error("encode: " + std::to_string(labelled.records.size()) + " records with " +
                      std::to_string(labelled.labels.size()) + " labels; expected " +
                      (width == 1 ? "one label" : std::to_string(width) + " labels") + " per record");
  TokenDataset data;
  data.tokenizer = tokenizer;
  data.label_width = width;
  data.label_names = labelled.label_names;
  for (std::size_t i = 0; i < labelled.records.size(); ++i)
    data.add(labelled.records[i], std::span(labelled.labels).subspan(i * width, width));
  return data;
}

/// option_error unless at least two classes have rows: a classifier learns nothing from one. `source` names
/// the data in the message ("promoter.csv", "train").
inline void require_two_classes(const TokenDataset& data, const std::string& source) {
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
