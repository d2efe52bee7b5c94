// Sequences as people write them: an id and letters, before any tokenizer.
#pragma once

#include <cstddef>
#include <iterator>
#include <seqlstm/core/error.hpp>
#include <seqlstm/data/letters.hpp>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// One record of a FASTA, FASTQ or CSV file, or one made in memory: `Record{.id = "a", .sequence = "ACGT"}`.
struct Record {
  std::string id{};           ///< the first word of the header
  std::string description{};  ///< the rest of the header
  std::string sequence{};     ///< letters as read, in their case, without layout (white space, digits)
  std::string quality{};      ///< FASTQ: a character per letter; else empty
  std::string annotation{};   ///< a label for each letter, one character each: three-line FASTA; else empty
  std::string mask{};    ///< a character per letter, '0' where its label does not count; empty: all count
  std::string file{};    ///< where it came from; empty for records made in memory
  std::size_t line = 0;  ///< line that the sequence begins on, from 1
  /// Places in `sequence` at which lines of the file begin; empty where the sequence is not made of lines.
  std::vector<std::size_t> line_starts{};
  LetterGaps gaps{};  ///< layout taken out of those lines

  /// "promoter.fa:17: ", or "record 'id': " for a record without a file: the beginning of an error message.
  [[nodiscard]] std::string prefix(std::size_t at = 0) const;
  /// The line of the file that holds the letter.
  [[nodiscard]] std::size_t line_at(std::size_t at) const {
    return line + (line_starts.empty() ? 0 : line_of(at));
  }
  /// "column 9" of that line as it stands in the file, or "position 9 of the sequence", counting letters.
  [[nodiscard]] std::string position(std::size_t at) const;

 private:
  [[nodiscard]] std::size_t line_of(std::size_t at) const;
};

/// Records with a number each, a class index or the value of a regression; or with a 0 or 1 for each of
/// several labels; or with a class or a number at every letter (position_labels.hpp).
struct LabelledRecords {
  std::vector<Record> records;               ///< in the order of the labels
  std::vector<double> labels;                ///< [records x label_width]
  std::vector<std::string> label_names;      ///< of the classes, or of the label columns; may be empty
  std::size_t label_width = 1;               ///< 1 for a class or a real number, C for multi-label; 0 without
  std::vector<double> position_labels = {};  ///< [letters of all records]; NaN: does not count; may be empty
  std::vector<double> position_weights = {};           ///< [letters of all records]; empty: all count alike
  std::vector<std::string> position_label_names = {};  ///< of the classes of positions; may be empty

  /// Number of records.
  [[nodiscard]] std::size_t size() const { return records.size(); }
  /// The labels of one record.
  [[nodiscard]] std::span<const double> label(std::size_t i) const {
    return {labels.data() + i * label_width, label_width};
  }
  /// Where each record's letters begin among those of all, and where the last one's end: [records + 1].
  [[nodiscard]] std::vector<std::size_t> letter_offsets() const;
  /// Throws shape_error unless there are labels and weights by position for every letter, or none.
  void check_positions() const;
  /// The given rows, in that order.
  [[nodiscard]] LabelledRecords subset(std::span<const std::size_t> rows) const;
};

/// Gives all records one label.
LabelledRecords label(std::vector<Record> records, double value);

namespace detail {

/// The classes' names, and of every spelling its class.
struct ClassIndex {
  std::vector<std::string> names;
  std::unordered_map<std::string, std::size_t> of;

  explicit ClassIndex(std::span<const std::string> spellings, bool positive_last);
};

/// The names in a list, without the spaces around them; what is empty is no name.
std::vector<std::string> listed(std::string_view list, char separator);

}  // namespace detail

/// Labels by class name: the classes of label_classes(names) are 0, 1, ... in its order, but of two the one
/// that positive_label() names is 1; `names[i]` belongs to `records[i]`. Throws shape_error unless there is a
/// name for each record.
LabelledRecords label(std::vector<Record> records, const std::vector<std::string>& names);

/// Any number of labels each: the names in `lists[i]`, `separator` between them, belong to `records[i]`.
/// Spaces around a name do not count, nor do separators without a name; a list without a name is a row
/// without any label. A column of 0 and 1 for every class of label_classes(), in its order.
LabelledRecords multi_label(std::vector<Record> records, const std::vector<std::string>& lists,
                            char separator = ';');

/// One set after the other; option_error where both name their classes and differ, or have other numbers of
/// labels.
LabelledRecords operator+(LabelledRecords a, const LabelledRecords& b);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/record.ipp>
#endif
