// Definitions of record.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <seqlstm/core/error.hpp>
#include <seqlstm/data/label_names.hpp>
#include <seqlstm/data/record.hpp>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::string Record::prefix(std::size_t at) const {
  if (file.empty()) return id.empty() ? "" : "record '" + id + "': ";
  return file + ":" + std::to_string(line_at(at)) + ": ";
}

SEQLSTM_INLINE std::string Record::position(std::size_t at) const {
  if (line_starts.empty()) return "position " + std::to_string(at + 1) + " of the sequence";
  const std::size_t start = line_starts[line_of(at)];
  return "column " + std::to_string(at - start + 1 + gaps.before(start, at));
}

SEQLSTM_INLINE std::size_t Record::line_of(std::size_t at) const {
  const auto behind = std::upper_bound(line_starts.begin(), line_starts.end(), at);
  return behind == line_starts.begin() ? 0 : static_cast<std::size_t>(behind - line_starts.begin()) - 1;
}

SEQLSTM_INLINE LabelledRecords label(std::vector<Record> records, double value) {
  LabelledRecords labelled;
  labelled.labels.assign(records.size(), value);
  labelled.records = std::move(records);
  return labelled;
}

namespace detail {

SEQLSTM_INLINE ClassIndex::ClassIndex(std::span<const std::string> spellings, bool positive_last) {
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

SEQLSTM_INLINE std::vector<std::string> listed(std::string_view list, char separator) {
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

SEQLSTM_INLINE std::vector<std::size_t> LabelledRecords::letter_offsets() const {
  std::vector<std::size_t> offsets = {0};
  offsets.reserve(records.size() + 1);
  for (const Record& record : records) offsets.push_back(offsets.back() + record.sequence.size());
  return offsets;
}

SEQLSTM_INLINE void LabelledRecords::check_positions() const {
  const std::size_t letters = letter_offsets().back();
  for (const auto& [what, found] :
       {std::pair("labels", position_labels.size()), {"weights", position_weights.size()}})
    if (found != 0 && found != letters)
      throw shape_error("labelled records: " + std::to_string(found) + " " + what + " by position for " +
                        std::to_string(letters) + " letters; expected one each, or none");
}

SEQLSTM_INLINE LabelledRecords LabelledRecords::subset(std::span<const std::size_t> rows) const {
  LabelledRecords part;
  part.label_names = label_names;
  part.label_width = label_width;
  part.position_label_names = position_label_names;
  part.records.reserve(rows.size());
  const auto append = [](std::vector<double>& to, std::span<const double> from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  check_positions();
  const auto offsets = letter_offsets();
  const auto append_letters = [&](std::vector<double>& to, const std::vector<double>& from, std::size_t i) {
    if (!from.empty()) append(to, std::span(from).subspan(offsets[i], offsets[i + 1] - offsets[i]));
  };
  for (const std::size_t i : rows) {
    part.records.push_back(records[i]);
    append(part.labels, label(i));
    append_letters(part.position_labels, position_labels, i);
    append_letters(part.position_weights, position_weights, i);
  }
  return part;
}

SEQLSTM_INLINE LabelledRecords label(std::vector<Record> records, const std::vector<std::string>& names) {
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

SEQLSTM_INLINE LabelledRecords multi_label(std::vector<Record> records, const std::vector<std::string>& lists,
                                           char separator) {
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

SEQLSTM_INLINE LabelledRecords operator+(LabelledRecords a, const LabelledRecords& b) {
  if (a.label_names.empty()) a.label_names = b.label_names;
  if (!b.label_names.empty() && a.label_names != b.label_names)
    throw option_error(
        "joining labelled records: the two sets name their classes differently; give both the "
        "same label_names");
  if (!a.records.empty() && !b.records.empty() && a.label_width != b.label_width)
    throw option_error("joining labelled records: one set has " + std::to_string(a.label_width) +
                       " labels per record, the other " + std::to_string(b.label_width));
  if (!a.records.empty() && !b.records.empty() &&
      (a.position_label_names != b.position_label_names ||
       a.position_labels.empty() != b.position_labels.empty() ||
       a.position_weights.empty() != b.position_weights.empty()))
    throw option_error(
        "joining labelled records: the two sets have different labels by position; give both the same "
        "classes, and weights to both or to none");
  if (a.records.empty()) {
    a.label_width = b.label_width;
    a.position_label_names = b.position_label_names;
  }
  a.records.insert(a.records.end(), b.records.begin(), b.records.end());
  const auto append = [](std::vector<double>& to, const std::vector<double>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(a.labels, b.labels);
  append(a.position_labels, b.position_labels);
  append(a.position_weights, b.position_weights);
  return a;
}

SEQLSTM_NAMESPACE_END
