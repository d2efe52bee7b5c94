// Definitions of position_labels.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/core/sequence_batch.hpp>
#include <seqlstm/core/text.hpp>
#include <seqlstm/data/position_labels.hpp>

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
  for (const char letter : letters) names.emplace_back(1, letter);
  return names;
}

SEQLSTM_INLINE std::vector<double> LabelAlphabet::labels(const Record& record) const {
  check_position_labels(record);
  std::vector<double> classes;
  for (std::size_t i = 0; i < record.annotation.size(); ++i) {
    const char letter = record.annotation[i];
    const std::size_t place = letters.find(letter);
    if (place == std::string::npos && ignored.find(letter) == std::string::npos)
      throw parse_error(record.prefix(i) + "label '" + printable({&letter, 1}) + "' at position " +
                        std::to_string(i + 1) + " of '" + record.id + "' is none of '" + letters + "'" +
                        (ignored.empty() ? "" : ", and none of '" + ignored + "', which do not count"));
    const bool counts = record.mask.empty() || record.mask[i] == '1';
    classes.push_back(place == std::string::npos || !counts ? ignored_label : static_cast<double>(place));
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

SEQLSTM_INLINE LabelAlphabet label_alphabet(std::span<const Record> records, std::string ignored) {
  LabelAlphabet alphabet{{}, std::move(ignored)};
  for (const Record& record : records)
    for (const char letter : record.annotation)
      if (alphabet.letters.find(letter) == std::string::npos &&
          alphabet.ignored.find(letter) == std::string::npos)
        alphabet.letters += letter;
  std::sort(alphabet.letters.begin(), alphabet.letters.end());
  return alphabet;
}

SEQLSTM_INLINE LabelledRecords label_positions(std::vector<Record> records, const LabelAlphabet& alphabet) {
  LabelledRecords labelled;
  labelled.label_width = 0;
  labelled.position_label_names = alphabet.names();
  std::size_t count = 0;
  for (const Record& record : records) {
    for (const double label : alphabet.labels(record)) {
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

SEQLSTM_NAMESPACE_END
