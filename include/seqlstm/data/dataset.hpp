// Tokenised sequences in memory: one flat array of ids, offsets, labels and names.
#pragma once

#include <algorithm>
#include <map>
#include <seqlstm/data/tokenizer.hpp>
#include <span>

SEQLSTM_NAMESPACE_BEGIN

/// Records as token ids. Row i is ids[offsets[i] .. offsets[i + 1]).
struct TokenDataset {
  Tokenizer tokenizer;
  std::vector<Token> ids;
  std::vector<std::size_t> offsets = {0};
  std::vector<double> labels;            ///< [records x label_width]: class indices, or numbers
  std::size_t label_width = 0;           ///< 0 without labels
  std::vector<std::string> names;        ///< [records]
  std::vector<std::string> label_names;  ///< [classes], may be empty

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

  /// Appends a record; `label` may be empty.
  void add(const Record& record, std::span<const double> label) {
    tokenizer.encode(record, ids);
    offsets.push_back(ids.size());
    names.push_back(record.id);
    if (size() == 1) label_width = label.size();
    labels.insert(labels.end(), label.begin(), label.end());
  }
  /// The given records, in that order.
  [[nodiscard]] TokenDataset subset(std::span<const std::size_t> rows) const {
    TokenDataset part;
    part.tokenizer = tokenizer;
    part.label_width = label_width;
    part.label_names = label_names;
    for (const std::size_t i : rows) {
      const auto tokens = sequence(i);
      part.ids.insert(part.ids.end(), tokens.begin(), tokens.end());
      part.offsets.push_back(part.ids.size());
      part.names.push_back(names[i]);
      const auto value = label(i);
      part.labels.insert(part.labels.end(), value.begin(), value.end());
    }
    return part;
  }
};

/// Tokenises records without labels.
inline TokenDataset encode(std::span<const Record> records, const Tokenizer& tokenizer) {
  TokenDataset data;
  data.tokenizer = tokenizer;
  for (const Record& record : records) data.add(record, {});
  return data;
}
/// Tokenises labelled records.
inline TokenDataset encode(const LabelledRecords& labelled, const Tokenizer& tokenizer) {
  if (labelled.labels.size() != labelled.records.size())
    throw shape_error("encode: " + std::to_string(labelled.records.size()) + " records with " +
                      std::to_string(labelled.labels.size()) + " labels");
  TokenDataset data;
  data.tokenizer = tokenizer;
  data.label_names = labelled.label_names;
  for (std::size_t i = 0; i < labelled.records.size(); ++i)
    data.add(labelled.records[i], std::span<const double>(&labelled.labels[i], 1));
  return data;
}

/// How many records each class has; labels must be class indices.
inline std::vector<std::size_t> class_counts(std::span<const double> labels) {
  std::vector<std::size_t> counts;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double value = labels[i];
    if (!(value >= 0 && value < 1e6) || value != std::floor(value))
      throw option_error("label " + std::to_string(value) + " of record " + std::to_string(i) +
                         " is not a class index (0, 1, 2, ...)");
    const auto c = static_cast<std::size_t>(value);
    if (c >= counts.size()) counts.resize(c + 1);
    ++counts[c];
  }
  return counts;
}

SEQLSTM_NAMESPACE_END
