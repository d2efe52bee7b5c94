// Definitions of categorical_inputs.hpp.
#pragma once

#include <algorithm>
#include <charconv>
#include <seqlstm/core/sequence_batch.hpp>
#include <seqlstm/core/text.hpp>
#include <seqlstm/data/categorical_inputs.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::string description_value(std::string_view description, std::string_view key) {
  constexpr std::size_t none = std::string_view::npos;
  const std::string name = std::string(key) + "=";
  if (const std::size_t tab = description.find("\t" + name); tab != none) {
    const std::size_t begin = tab + 1 + name.size();
    return std::string(description.substr(begin, description.find('\t', begin) - begin));
  }
  for (std::size_t at = description.find(name); at != none; at = description.find(name, at + 1)) {
    if (at > 0 && description[at - 1] != ' ') continue;
    const std::size_t begin = at + name.size(), next = description.find('=', begin);
    if (next == none) return std::string(description.substr(begin));
    const std::size_t space = description.rfind(' ', next);
    return std::string(space == none || space < begin ? "" : description.substr(begin, space - begin));
  }
  return {};
}

SEQLSTM_INLINE std::string header_value(const Record& record, std::string_view key) {
  if (std::string value = description_value(record.description, key); !value.empty()) return value;
  std::size_t number = 0;
  const auto read = std::from_chars(key.data(), key.data() + key.size(), number);
  if (read.ec != std::errc() || read.ptr != key.data() + key.size()) return {};
  std::string_view rest = record.id;
  for (; number > 1; --number) {
    const std::size_t bar = rest.find('|');
    if (bar == std::string_view::npos) return {};
    rest.remove_prefix(bar + 1);
  }
  return number == 0 ? std::string() : std::string(rest.substr(0, rest.find('|')));
}

SEQLSTM_INLINE CategoricalInputs::CategoricalInputs(std::vector<std::string> names,
                                                    std::span<const Record> train)
    : columns(std::move(names)) {
  constexpr std::size_t most = 1000;
  for (const auto& column : columns) {
    auto& known = values.emplace_back();
    for (const auto& record : train) known.push_back(header_value(record, column));
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    if (known.size() < 2 || known.size() > most)
      throw option_error("categorical input " + printable(column) + " has " + std::to_string(known.size()) +
                         " different values in the training part, expected 2 to " + std::to_string(most) +
                         " categories");
  }
}

SEQLSTM_INLINE std::size_t CategoricalInputs::vocabulary() const {
  std::size_t count = 0;
  for (const auto& known : values) count += known.size();
  return count;
}

SEQLSTM_INLINE std::size_t CategoricalInputs::number_of(const Record& record, std::size_t column) const {
  const auto& known = values[column];
  const std::string value = header_value(record, columns[column]);
  const auto place = std::lower_bound(known.begin(), known.end(), value);
  return place != known.end() && *place == value ? static_cast<std::size_t>(place - known.begin())
                                                 : known.size();
}

SEQLSTM_INLINE SequenceDataset CategoricalInputs::encode(std::span<const Record> records,
                                                         const Tokenizer& tokenizer) const {
  SequenceDataset data;
  data.tokenizer = tokenizer;
  const std::size_t hidden = tokenizer.vocabulary() + vocabulary();
  for (const auto& record : records) {
    std::size_t first = tokenizer.vocabulary();
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::size_t number = number_of(record, c);
      data.ids.push_back(static_cast<Token>(number < values[c].size() ? first + number : hidden));
      first += values[c].size();
    }
    const std::size_t before = data.ids.size();
    tokenizer.encode(record, data.ids);
    if (data.ids.size() == before)
      throw option_error(record.prefix() + "record '" + record.id + "' has " +
                         std::to_string(record.sequence.size()) + " letters and not one token of " +
                         std::to_string(tokenizer.options().k) + " known ones; leave it out");
    data.offsets.push_back(data.ids.size());
    data.names.push_back(record.id);
  }
  return data;
}

SEQLSTM_INLINE SequenceDataset CategoricalInputs::encode(const LabelledRecords& labelled,
                                                         const Tokenizer& tokenizer) const {
  auto data = encode(std::span(labelled.records), tokenizer);
  data.labels = labelled.labels;
  data.label_width = labelled.label_width;
  data.label_names = labelled.label_names;
  if (labelled.position_labels.empty()) return data;
  const auto letters = labelled.letter_offsets();
  for (std::size_t i = 0; i < labelled.size(); ++i) {
    const Record& record = labelled.records[i];
    if (data.length(i) != columns.size() + letters[i + 1] - letters[i])
      throw option_error(record.prefix() + "record '" + record.id + "' has " +
                         std::to_string(letters[i + 1] - letters[i]) + " letters and " +
                         std::to_string(data.length(i) - columns.size()) +
                         " tokens; labels by position need a token for each letter, k = 1");
    data.position_labels.insert(data.position_labels.end(), columns.size(), ignored_label);
    data.position_labels.insert(
        data.position_labels.end(),
        labelled.position_labels.begin() + static_cast<std::ptrdiff_t>(letters[i]),
        labelled.position_labels.begin() + static_cast<std::ptrdiff_t>(letters[i + 1]));
  }
  return data;
}

SEQLSTM_INLINE std::vector<float> CategoricalInputs::channels(std::span<const Record> records) const {
  const std::size_t width = vocabulary();
  std::vector<float> rows;
  for (const Record& record : records) {
    std::vector<float> row(width, 0.0F);
    std::size_t first = 0;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::size_t number = number_of(record, c);
      if (number < values[c].size()) row[first + number] = 1;
      first += values[c].size();
    }
    for (std::size_t letter = 0; letter < record.sequence.size(); ++letter)
      rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

SEQLSTM_NAMESPACE_END
