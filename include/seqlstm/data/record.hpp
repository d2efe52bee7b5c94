// Sequences as people write them: an id and letters, before any tokenizer.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <seqlstm/core/error.hpp>
#include <seqlstm/data/label_names.hpp>
#include <seqlstm/data/letters.hpp>
#include <span>
#include <string>
#include <unordered_map>
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

/// The classes' names, and of every spelling its class.
struct ClassIndex {
  std::vector<std::string> names;
  std::unordered_map<std::string, std::size_t> of;

  explicit ClassIndex(std::span<const std::string> spellings, bool positive_last) {
    auto classes = label_classes(spellings);
    if (positive_last && classes.size() == 2) {
      const std::array<std::string, 2> two = {classes[0].name, classes[1].name};
      if (positive_label(two) == std::size_t{0}) std::swap(classes[0], classes[1]);
    }
    for (auto& one : classes) {
      for (auto& spelling : one.spellings) of.emplace(std::move(spelling), names.size());
      names.push_back(std::move(one.name));
    }
  }
};

/// The names in a list, without the spaces around them; what is empty is no name.
inline std::vector<std::string> listed(std::string_view list, char separator) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(separator, begin), list.size());
    const std::string_view name = trimmed(list.substr(begin, end - begin));
    if (!name.empty()) names.emplace_back(name);
    begin = end + 1;
  }
  return names;
}

}  // namespace detail

/// Labels by class name: the classes of label_classes(names) are 0, 1, ... in its order, but of two the one
/// that positive_label() names is 1; `names[i]` belongs to `records[i]`. Throws shape_error unless there is a
/// name for each record.
inline LabelledRecords label(std::vector<Record> records, const std::vector<std::string>& names) {
  if (records.size() != names.size())
    throw shape_error("label: " + std::to_string(records.size()) + " records with " +
                      std::to_string(names.size()) + " class names; expected one name per record");
  detail::ClassIndex classes(names, true);
  LabelledRecords labelled;
  labelled.records = std::move(records);
  for (const std::string& name : names) labelled.labels.push_back(static_cast<double>(classes.of.at(name)));
  labelled.label_names = std::move(classes.names);
  return labelled;
}

/// Any number of labels each: the names in `lists[i]`, `separator` between them, belong to `records[i]`.
/// Spaces around a name do not count, nor do separators without a name; a list without a name is a row
/// without any label. A column of 0 and 1 for every class of label_classes(), in its order.
inline LabelledRecords multi_label(std::vector<Record> records, const std::vector<std::string>& lists,
                                   char separator = ';') {
  if (records.size() != lists.size())
    throw shape_error("multi_label: " + std::to_string(records.size()) + " records with " +
                      std::to_string(lists.size()) + " lists of names; expected one list per record");
  std::vector<std::string> all;
  for (const auto& list : lists) {
    auto names = detail::listed(list, separator);
    all.insert(all.end(), std::make_move_iterator(names.begin()), std::make_move_iterator(names.end()));
  }
  detail::ClassIndex classes(all, false);
  LabelledRecords labelled;
  labelled.records = std::move(records);
  labelled.label_width = classes.names.size();
  labelled.labels.resize(lists.size() * labelled.label_width);
  for (std::size_t i = 0; i < lists.size(); ++i)
    for (const auto& name : detail::listed(lists[i], separator))
      labelled.labels[i * labelled.label_width + classes.of.at(name)] = 1;
  labelled.label_names = std::move(classes.names);
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
