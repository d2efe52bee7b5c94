// Sequences as people write them: an id and letters, before any tokenizer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <seqlstm/core/error.hpp>
#include <seqlstm/data/letters.hpp>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// One record of a FASTA, FASTQ or CSV file, or one made in memory: `Record{.id = "a", .sequence = "ACGT"}`.
struct Record {
  std::string id{};           ///< the first word of the header
  std::string description{};  ///< the rest of the header
  std::string sequence{};     ///< letters as read, in their case, without layout (white space, digits)
  std::string quality{};      ///< FASTQ: a character per letter; else empty
  std::string annotation{};   ///< three-line FASTA: a character per letter; else empty
  std::string file{};         ///< where it came from; empty for records made in memory
  std::size_t line = 0;       ///< line that the sequence begins on, from 1
  /// Places in `sequence` at which lines of the file begin; empty where the sequence is not made of lines.
  std::vector<std::size_t> line_starts{};
  LetterGaps gaps{};  ///< layout taken out of those lines

  /// "promoter.fa:17: ", or "record 'id': " for a record without a file: the beginning of an error message.
  [[nodiscard]] std::string prefix(std::size_t at = 0) const {
    if (file.empty()) return id.empty() ? "" : "record '" + id + "': ";
    return file + ":" + std::to_string(line_at(at)) + ": ";
  }
  /// The line of the file that holds the letter.
  [[nodiscard]] std::size_t line_at(std::size_t at) const {
    return line + (line_starts.empty() ? 0 : line_of(at));
  }
  /// "column 9" of that line as it stands in the file, or "position 9 of the sequence", counting letters.
  [[nodiscard]] std::string position(std::size_t at) const {
    if (line_starts.empty()) return "position " + std::to_string(at + 1) + " of the sequence";
    const std::size_t start = line_starts[line_of(at)];
    return "column " + std::to_string(at - start + 1 + gaps.before(start, at));
  }

 private:
  [[nodiscard]] std::size_t line_of(std::size_t at) const {
    const auto behind = std::upper_bound(line_starts.begin(), line_starts.end(), at);
    return behind == line_starts.begin() ? 0 : static_cast<std::size_t>(behind - line_starts.begin()) - 1;
  }
};

/// Records with a number each, a class index or the value of a regression; or with a 0 or 1 for each of
/// several labels.
struct LabelledRecords {
  std::vector<Record> records;
  std::vector<double> labels;            ///< [records x label_width]
  std::vector<std::string> label_names;  ///< of the classes, or of the label columns; may be empty
  std::size_t label_width = 1;
};

/// Gives all records one label.
inline LabelledRecords label(std::vector<Record> records, double value) {
  LabelledRecords labelled;
  labelled.labels.assign(records.size(), value);
  labelled.records = std::move(records);
  return labelled;
}

namespace detail {

// Numbers by value, other names by letter, numbers first.
inline bool label_name_less(const std::string& a, const std::string& b) {
  const auto left = parse_number(a), right = parse_number(b);
  if (left.has_value() != right.has_value()) return left.has_value();
  return left && *left != *right ? *left < *right : a < b;
}

}  // namespace detail

/// Labels by class name: the distinct names in order (by value where they are numbers, else by letter) are
/// classes 0, 1, ...; `names[i]` belongs to `records[i]`.
inline LabelledRecords label(std::vector<Record> records, const std::vector<std::string>& names) {
  if (records.size() != names.size())
    throw shape_error("label: " + std::to_string(records.size()) + " records with " +
                      std::to_string(names.size()) + " class names; expected one name per record");
  LabelledRecords labelled;
  labelled.records = std::move(records);
  auto& classes = labelled.label_names;
  classes = names;
  std::sort(classes.begin(), classes.end(), detail::label_name_less);
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  for (const std::string& name : names) {
    const auto place = std::lower_bound(classes.begin(), classes.end(), name, detail::label_name_less);
    labelled.labels.push_back(static_cast<double>(place - classes.begin()));
  }
  return labelled;
}

/// Any number of labels each: the names in `lists[i]`, `separator` between them, belong to `records[i]`;
/// spaces around a name do not count, and an empty list is none. A column of 0 and 1 for every distinct name,
/// in order.
inline LabelledRecords multi_label(std::vector<Record> records, const std::vector<std::string>& lists,
                                   char separator = ';') {
  if (records.size() != lists.size())
    throw shape_error("multi_label: " + std::to_string(records.size()) + " records with " +
                      std::to_string(lists.size()) + " lists of names; expected one list per record");
  std::vector<std::vector<std::string>> names(lists.size());
  LabelledRecords labelled;
  auto& all = labelled.label_names;
  for (std::size_t i = 0; i < lists.size(); ++i)
    for (std::size_t begin = 0; begin <= lists[i].size();) {
      const std::size_t end = std::min(lists[i].find(separator, begin), lists[i].size());
      const std::size_t first = lists[i].find_first_not_of(" \t", begin);
      if (first < end)
        names[i].push_back(lists[i].substr(first, lists[i].find_last_not_of(" \t", end - 1) + 1 - first));
      begin = end + 1;
    }
  for (const auto& of_one : names) all.insert(all.end(), of_one.begin(), of_one.end());
  std::sort(all.begin(), all.end(), detail::label_name_less);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  labelled.records = std::move(records);
  labelled.label_width = all.size();
  labelled.labels.resize(lists.size() * all.size());
  for (std::size_t i = 0; i < names.size(); ++i)
    for (const auto& name : names[i]) {
      const auto place = std::lower_bound(all.begin(), all.end(), name, detail::label_name_less);
      labelled.labels[i * all.size() + static_cast<std::size_t>(place - all.begin())] = 1;
    }
  return labelled;
}

/// One set after the other; option_error where both name their classes and differ, or have other numbers of
/// labels.
inline LabelledRecords operator+(LabelledRecords a, const LabelledRecords& b) {
  if (a.label_names.empty()) a.label_names = b.label_names;
  if (!b.label_names.empty() && a.label_names != b.label_names)
    throw option_error(
        "joining labelled records: the two sets name their classes differently; give both the "
        "same label_names");
  if (!a.records.empty() && !b.records.empty() && a.label_width != b.label_width)
    throw option_error("joining labelled records: one set has " + std::to_string(a.label_width) +
                       " labels per record, the other " + std::to_string(b.label_width));
  if (a.records.empty()) a.label_width = b.label_width;
  a.records.insert(a.records.end(), b.records.begin(), b.records.end());
  a.labels.insert(a.labels.end(), b.labels.begin(), b.labels.end());
  return a;
}

SEQLSTM_NAMESPACE_END
