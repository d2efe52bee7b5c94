// Definitions of position_labels.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <seqlstm/core/sequence_batch.hpp>
#include <seqlstm/core/text.hpp>
#include <seqlstm/data/position_labels.hpp>
#include <set>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// "x.csv:3: record 'a'", or "record 'a'" of one made in memory.
SEQLSTM_INLINE std::string record_text(const Record& record) {
  return (record.file.empty() ? "" : record.prefix()) + "record '" + record.id + "'";
}

/// Throws parse_error unless a record has as many `things` as letters.
SEQLSTM_INLINE void check_beside(const Record& record, std::size_t count, const char* things,
                                 const std::string& where) {
  if (count == record.sequence.size()) return;
  throw parse_error(record_text(record) + " has " + std::to_string(record.sequence.size()) +
                    " letters, but " + std::to_string(count) + " " + things +
                    (where.empty() ? "" : " (" + where + ")") +
                    "; expected one for each letter, where white space does not count");
}

SEQLSTM_INLINE void check_mask(const Record& record, const std::string& where) {
  check_beside(record, record.mask.size(), "characters of its mask", where);
  const std::size_t other = record.mask.find_first_not_of("01");
  if (other != std::string::npos)
    throw parse_error(record_text(record) + " has '" + printable(record.mask.substr(other, 1)) +
                      "' at position " + std::to_string(other + 1) + " of its mask" +
                      (where.empty() ? "" : " (" + where + ")") +
                      ", expected 0 where a label does not count and 1 where it does");
}

}  // namespace detail

SEQLSTM_INLINE void check_position_labels(const Record& record, const std::string& where) {
  detail::check_beside(record, record.annotation.size(), "labels", where);
  if (!record.mask.empty()) detail::check_mask(record, where);
}

SEQLSTM_INLINE std::vector<std::string> LabelAlphabet::names() const {
  std::vector<std::string> names;
  for (std::size_t c = 0; c < letters.size(); ++c) {
    const std::string own = meaning.empty() ? std::string(1, letters[c]) : meaning[c];
    names.push_back(types.empty() ? own : types[c] + ":" + own);
  }
  return names;
}

SEQLSTM_INLINE std::vector<std::string> LabelAlphabet::type_names() const {
  std::vector<std::string> names;
  for (const std::string& type : types)
    if (std::find(names.begin(), names.end(), type) == names.end()) names.push_back(type);
  return names;
}

SEQLSTM_INLINE std::vector<std::size_t> LabelAlphabet::type_numbers() const {
  const auto names = type_names();
  std::vector<std::size_t> numbers;
  for (const std::string& type : types)
    numbers.push_back(static_cast<std::size_t>(std::find(names.begin(), names.end(), type) - names.begin()));
  return numbers;
}

namespace detail {

/// The class of a label letter in records of a type; classes() for a letter that is none.
SEQLSTM_INLINE std::size_t class_of_letter(const LabelAlphabet& alphabet, char letter,
                                           const std::string& type) {
  std::size_t c = 0;
  while (c < alphabet.classes() &&
         (alphabet.letters[c] != letter || (!alphabet.types.empty() && alphabet.types[c] != type)))
    ++c;
  return c;
}

SEQLSTM_INLINE parse_error unknown_label(const LabelAlphabet& alphabet, const Record& record, std::size_t at,
                                         const std::string& type) {
  std::string known;
  for (std::size_t c = 0; c < alphabet.classes(); ++c)
    if (alphabet.types.empty() || alphabet.types[c] == type) known += alphabet.letters[c];
  return parse_error(
      record.prefix(at) + "label '" + printable(record.annotation.substr(at, 1)) + "' at position " +
      std::to_string(at + 1) + " of '" + record.id + "' is none of '" + known + "'" +
      (alphabet.types.empty() ? "" : " of the type '" + printable(type) + "'") +
      (alphabet.ignored.empty() ? "" : ", and none of '" + alphabet.ignored + "', which do not count"));
}

/// The type of record i of `count`.
SEQLSTM_INLINE const std::string& type_at(std::span<const std::string> types, std::size_t i,
                                          std::size_t count) {
  static const std::string none;
  if (types.empty()) return none;
  if (types.size() != count)
    throw shape_error("labels by position: " + std::to_string(types.size()) + " types of " +
                      std::to_string(count) + " records; expected one for each");
  return types[i];
}

}  // namespace detail

SEQLSTM_INLINE std::vector<double> LabelAlphabet::labels(const Record& record,
                                                         const std::string& type) const {
  check_position_labels(record);
  std::vector<double> classes;
  for (std::size_t i = 0; i < record.annotation.size(); ++i) {
    const std::size_t place = detail::class_of_letter(*this, record.annotation[i], type);
    const bool known = place < letters.size();
    if (!known && ignored.find(record.annotation[i]) == std::string::npos)
      throw detail::unknown_label(*this, record, i, type);
    const bool counts = record.mask.empty() || record.mask[i] == '1';
    classes.push_back(known && counts ? static_cast<double>(place) : ignored_label);
  }
  return classes;
}

SEQLSTM_INLINE std::string LabelAlphabet::text(std::span<const double> labels, char hidden) const {
  std::string text;
  for (const double label : labels)
    text += std::isnan(label) ? hidden : letters.at(static_cast<std::size_t>(label));
  return text;
}

SEQLSTM_INLINE std::string LabelAlphabet::text(std::span<const Token> classes) const {
  std::string text;
  for (const Token label : classes) text += letters.at(static_cast<std::size_t>(label));
  return text;
}

SEQLSTM_INLINE LabelAlphabet label_alphabet(std::span<const Record> records, std::string ignored,
                                            std::span<const std::string> types) {
  std::map<std::string, std::set<char>> letters;  // of each type, in order
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::string& annotation = records[i].annotation;
    letters[detail::type_at(types, i, records.size())].insert(annotation.begin(), annotation.end());
  }
  LabelAlphabet alphabet{{}, std::move(ignored), {}, {}};
  for (const auto& [type, own] : letters)
    for (const char letter : own) {
      if (alphabet.ignored.find(letter) != std::string::npos) continue;
      alphabet.letters += letter;
      if (!types.empty()) alphabet.types.push_back(type);
    }
  return alphabet;
}

SEQLSTM_INLINE LabelledRecords label_positions(std::vector<Record> records, const LabelAlphabet& alphabet,
                                               std::span<const std::string> types) {
  LabelledRecords labelled;
  labelled.label_width = 0;
  labelled.position_label_names = alphabet.names();
  std::size_t count = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    for (const double label : alphabet.labels(records[i], detail::type_at(types, i, records.size()))) {
      labelled.position_labels.push_back(label);
      count += std::isnan(label) ? 0 : 1;
    }
  }
  if (count == 0)
    throw option_error(
        "no letter of " + std::to_string(records.size()) +
        " records has a label that counts; look at the mask and at the letters that are ignored");
  labelled.records = std::move(records);
  return labelled;
}

SEQLSTM_INLINE std::vector<double> type_probabilities(const LabelAlphabet& alphabet,
                                                      ConstMatrixView<double> rows) {
  if (alphabet.types.empty())
    throw option_error("type_probabilities: the label alphabet has no types of records");
  if (rows.rows() > 0 && rows.cols() != alphabet.classes())
    throw shape_error("type_probabilities: " + std::to_string(rows.cols()) + " columns for " +
                      std::to_string(alphabet.classes()) + " classes");
  const auto numbers = alphabet.type_numbers();
  const std::size_t count = alphabet.type_names().size();
  if (rows.rows() == 0) return std::vector<double>(count, 1.0 / static_cast<double>(count));
  std::vector<double> probabilities(count, 0.0);
  for (std::size_t t = 0; t < rows.rows(); ++t)
    for (std::size_t c = 0; c < numbers.size(); ++c) probabilities[numbers[c]] += rows(t, c);
  for (double& p : probabilities) p /= static_cast<double>(rows.rows());
  return probabilities;
}

SEQLSTM_INLINE std::vector<Token> likeliest_of_type(const LabelAlphabet& alphabet,
                                                    ConstMatrixView<double> rows) {
  const auto probabilities = type_probabilities(alphabet, rows);
  const auto type = static_cast<std::size_t>(std::max_element(probabilities.begin(), probabilities.end()) -
                                             probabilities.begin());
  const auto numbers = alphabet.type_numbers();
  std::vector<Token> classes;
  for (std::size_t t = 0; t < rows.rows(); ++t) {
    std::size_t best =
        static_cast<std::size_t>(std::find(numbers.begin(), numbers.end(), type) - numbers.begin());
    for (std::size_t c = best + 1; c < numbers.size(); ++c)
      if (numbers[c] == type && rows(t, c) > rows(t, best)) best = c;
    classes.push_back(static_cast<Token>(best));
  }
  return classes;
}

SEQLSTM_NAMESPACE_END
