// Tokenised sequences in memory: one flat array of ids, offsets, labels and names.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/data/tokenizer.hpp>
#include <span>

SEQLSTM_NAMESPACE_BEGIN

/// How many rows each class has: counts[c] of label c. Labels must be class indices (0, 1, 2, ...), else
/// option_error.
std::vector<std::size_t> class_counts(std::span<const double> labels);

/// Records as token ids. Row i is ids[offsets[i] .. offsets[i + 1]).
struct TokenDataset {
  Tokenizer tokenizer;                     ///< what made the ids
  std::vector<Token> ids;                  ///< [tokens], of all rows one after the other
  std::vector<std::size_t> offsets = {0};  ///< [records + 1]
  std::vector<double> labels;              ///< [records x label_width]: class indices, or numbers
  std::size_t label_width = 0;             ///< 0 without labels, 1 for a class or a real number
  std::vector<std::string> names;          ///< [records], the ids of the records
  std::vector<std::string> label_names;    ///< [classes], or of the label columns; may be empty

  /// Number of rows.
  [[nodiscard]] std::size_t size() const { return offsets.size() - 1; }
  /// Tokens of all rows.
  [[nodiscard]] std::size_t tokens() const { return ids.size(); }
  /// Number of ids that the tokenizer can give: what an embedding needs rows for.
  [[nodiscard]] std::size_t vocabulary() const { return tokenizer.vocabulary(); }
  /// Tokens of row i.
  [[nodiscard]] std::size_t length(std::size_t i) const { return offsets[i + 1] - offsets[i]; }
  /// Tokens of the longest row; 0 without rows.
  [[nodiscard]] std::size_t max_length() const;
  /// Do all records have one length?
  [[nodiscard]] bool same_length() const;
  /// The tokens of row i; valid until the data set changes.
  [[nodiscard]] std::span<const Token> sequence(std::size_t i) const {
    return {ids.data() + offsets[i], length(i)};
  }
  /// The labels of row i, [label_width]; valid until the data set changes.
  [[nodiscard]] std::span<const double> label(std::size_t i) const {
    return {labels.data() + i * label_width, label_width};
  }
  /// Number of classes of a data set with one class index per record: at least as many as have names.
  [[nodiscard]] std::size_t classes() const;

  /// Appends a record; all have as many labels as the first.
  void add(const Record& record, std::span<const double> values = {});
  /// The given rows, in that order.
  [[nodiscard]] TokenDataset subset(std::span<const std::size_t> rows) const;
  /// Appends another set of the same tokenizer, label width and class names.
  void append(const TokenDataset& other);

 private:
  void check_label_width(std::size_t width) const;
  void append_row(const TokenDataset& from, std::size_t row);
};

/// One data set behind the other.
inline TokenDataset concat(TokenDataset a, const TokenDataset& b) {
  a.append(b);
  return a;
}

/// Tokenises records without labels.
TokenDataset encode(std::span<const Record> records, const Tokenizer& tokenizer);
/// Tokenises labelled records.
TokenDataset encode(const LabelledRecords& labelled, const Tokenizer& tokenizer);

/// The same by an alphabet: `encode(records, dna4, {.k = 3})`.
template <class Records>
TokenDataset encode(const Records& records, const Alphabet& alphabet, const TokenizerOptions& options) {
  return encode(records, Tokenizer(alphabet, options));
}

/// option_error unless at least two classes have rows: a classifier learns nothing from one. `source` names
/// the data in the message ("promoter.csv", "train").
void require_two_classes(const TokenDataset& data, const std::string& source);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/dataset.ipp>
#endif
