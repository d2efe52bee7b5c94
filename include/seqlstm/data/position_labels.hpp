// Labels at every position, as label strings write them: a letter for each letter of the sequence.
//
//     auto records = io::read_position_labels("proteins.3line");       // fills Record::annotation
//     const LabelAlphabet letters = label_alphabet(records);
//     auto data = label_positions(std::move(records), letters);
#pragma once

#include <seqlstm/core/packed.hpp>
#include <seqlstm/core/view.hpp>
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

/// The classes of label strings.
///
/// Records may be of several types, as proteins with and without a signal peptide are. Then a class is a
/// letter in records of one type: all labels of a record say its type.
struct LabelAlphabet {
  std::string letters;                    ///< letter c is that of class c; each once, or once in each type
  std::string ignored = {};               ///< letters of positions that do not count
  std::vector<std::string> types = {};    ///< [classes] type of the records with class c; empty: any record
  std::vector<std::string> meaning = {};  ///< [classes] what a letter stands for; empty: itself

  /// Number of classes.
  [[nodiscard]] std::size_t classes() const { return letters.size(); }
  /// Each class's name: what it stands for, or its letter; behind its type and a colon, where there are
  /// types.
  [[nodiscard]] std::vector<std::string> names() const;
  /// The types, each once, in the order of the classes.
  [[nodiscard]] std::vector<std::string> type_names() const;
  /// [classes] the number of each class's type among type_names(); empty without types.
  [[nodiscard]] std::vector<std::size_t> type_numbers() const;
  /// The labels of one record (of this type): a class for each letter of its annotation, ignored_label where
  /// that is `ignored` or the record's mask is '0'. Throws as check_position_labels() does, and parse_error
  /// that names file and line for a letter that is no label.
  [[nodiscard]] std::vector<double> labels(const Record& record, const std::string& type = {}) const;
  /// The letters of such labels; `hidden` where a label does not count.
  [[nodiscard]] std::string text(std::span<const double> labels, char hidden = '.') const;
  /// The letters of classes, as Predictions::classes() gives them. Throws std::out_of_range for one that is
  /// not there.
  [[nodiscard]] std::string text(std::span<const Token> classes) const;
};

/// The letters that the annotations hold, in order of letters, without those in `ignored`; with a type for
/// each record those of each type, in order of types. Throws shape_error for another number of types.
LabelAlphabet label_alphabet(std::span<const Record> records, std::string ignored = {},
                             std::span<const std::string> types = {});

/// Records with a class at every letter, from their annotations and types. Throws as LabelAlphabet::labels
/// does, shape_error for another number of types than records, and option_error where no letter of any record
/// counts.
LabelledRecords label_positions(std::vector<Record> records, const LabelAlphabet& alphabet,
                                std::span<const std::string> types = {});

/// How probable each type is for a record whose positions have these probabilities, rows [length, classes]:
/// those of its classes, added up, in the mean over the positions. Of a conditional random field whose labels
/// are all of one type (SequenceLabellerOptions::groups) this is the probability of the type. Equal shares
/// for a record without positions. Throws shape_error for another number of columns, option_error without
/// types.
std::vector<double> type_probabilities(const LabelAlphabet& alphabet, ConstMatrixView<double> rows);

/// The likeliest class of each position among those of the record's likeliest type; of equals the first.
/// Throws as type_probabilities() does.
std::vector<Token> likeliest_of_type(const LabelAlphabet& alphabet, ConstMatrixView<double> rows);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/position_labels.ipp>
#endif
