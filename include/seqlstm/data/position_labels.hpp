// Labels at every position, as label strings write them: a letter for each letter of the sequence.
//
//     auto records = io::read_position_labels("proteins.3line");       // fills Record::annotation
//     const LabelAlphabet letters = label_alphabet(records);
//     auto data = label_positions(std::move(records), letters);
#pragma once

#include <seqlstm/core/packed.hpp>
#include <seqlstm/data/record.hpp>
#include <span>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {
/// Throws parse_error unless a record's mask has a 0 or 1 for each letter; `where` it comes from.
void check_mask(const Record& record, const std::string& where);
}  // namespace detail

/// Throws parse_error unless the record has a label for each letter and, where it has a mask, a 0 or 1 for
/// each. The sentence names file and line (or the record), both lengths, and `where` the labels come from.
void check_position_labels(const Record& record, const std::string& where = "");

/// The letters of label strings.
struct LabelAlphabet {
  std::string letters;       ///< letter c is class c; each once
  std::string ignored = {};  ///< letters of positions that do not count

  /// Number of classes.
  [[nodiscard]] std::size_t classes() const { return letters.size(); }
  /// Each class's letter.
  [[nodiscard]] std::vector<std::string> names() const;
  /// The labels of one record: a class for each letter of its annotation, ignored_label where that is
  /// `ignored` or the record's mask is '0'. Throws as check_position_labels() does, and parse_error that
  /// names file and line for a letter that is no label.
  [[nodiscard]] std::vector<double> labels(const Record& record) const;
  /// The letters of such labels; `hidden` where a label does not count.
  [[nodiscard]] std::string text(std::span<const double> labels, char hidden = '.') const;
  /// The letters of classes, as Predictions::classes() gives them. Throws std::out_of_range for one that is
  /// not there.
  [[nodiscard]] std::string text(std::span<const Token> classes) const;
};

/// The letters that the annotations hold, in order of letters, without those in `ignored`.
LabelAlphabet label_alphabet(std::span<const Record> records, std::string ignored = {});

/// Records with a class at every letter, from their annotations. Throws as LabelAlphabet::labels does, and
/// option_error where no letter of any record counts.
LabelledRecords label_positions(std::vector<Record> records, const LabelAlphabet& alphabet);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/position_labels.ipp>
#endif
