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

SEQLSTM_INLINE std::size_t TokenDataset::max_length() const {
  std::size_t longest = 0;
  for (std::size_t i = 0; i < size(); ++i) longest = std::max(longest, length(i));
  return longest;
}

SEQLSTM_INLINE bool TokenDataset::same_length() const {
  for (std::size_t i = 1; i < size(); ++i)
    if (length(i) != length(0)) return false;
  return size() > 0;
}

SEQLSTM_INLINE std::size_t TokenDataset::classes() const {
  if (label_width != 1)
    throw option_error("classes: the data set has " + std::to_string(label_width) +
                       " labels per record, expected one class index");
  return std::max(class_counts(labels).size(), label_names.size());
}

SEQLSTM_INLINE void TokenDataset::add(const Record& record, std::span<const double> values) {
  if (size() == 0) label_width = values.size();
  check_label_width(values.size());
  tokenizer.encode(record, ids);
  offsets.push_back(ids.size());
  names.push_back(record.id);
  labels.insert(labels.end(), values.begin(), values.end());
}

SEQLSTM_INLINE TokenDataset TokenDataset::subset(std::span<const std::size_t> rows) const {
  TokenDataset part;
  part.tokenizer = tokenizer;
  part.label_width = label_width;
  part.label_names = label_names;
  for (const std::size_t row : rows) part.append_row(*this, row);
  return part;
}

SEQLSTM_INLINE void TokenDataset::append(const TokenDataset& other) {
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

SEQLSTM_INLINE void TokenDataset::check_label_width(std::size_t width) const {
  if (width != label_width)
    throw shape_error("data set: a record with " + std::to_string(width) + " labels behind records with " +
                      std::to_string(label_width) + "; expected the same number for all");
}

SEQLSTM_INLINE void TokenDataset::append_row(const TokenDataset& from, std::size_t row) {
  const std::size_t begin = from.offsets[row], count = from.length(row), label_begin = row * label_width;
  ids.resize(ids.size() + count);
  std::copy_n(from.ids.data() + begin, count, ids.data() + ids.size() - count);
  labels.resize(labels.size() + label_width);
  std::copy_n(from.labels.data() + label_begin, label_width, labels.data() + labels.size() - label_width);
  offsets.push_back(ids.size());
  names.push_back(std::string(from.names[row]));
}

SEQLSTM_INLINE TokenDataset encode(std::span<const Record> records, const Tokenizer& tokenizer) {
  TokenDataset data;
  data.tokenizer = tokenizer;
  for (const Record& record : records) data.add(record);
  return data;
}

SEQLSTM_INLINE TokenDataset encode(const LabelledRecords& labelled, const Tokenizer& tokenizer) {
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

SEQLSTM_INLINE void require_two_classes(const TokenDataset& data, const std::string& source) {
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
