// Definitions of categorical_inputs.hpp.
#pragma once

#include <algorithm>
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

SEQLSTM_INLINE CategoricalInputs::CategoricalInputs(std::vector<std::string> names,
                                                    std::span<const Record> train)
    : columns(std::move(names)) {
  constexpr std::size_t most = 1000;
  for (const auto& column : columns) {
    auto& known = values.emplace_back();
    for (const auto& record : train) known.push_back(description_value(record.description, column));
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

SEQLSTM_INLINE SequenceDataset CategoricalInputs::encode(std::span<const Record> records,
                                                         const Tokenizer& tokenizer) const {
  SequenceDataset data;
  data.tokenizer = tokenizer;
  const std::size_t hidden = tokenizer.vocabulary() + vocabulary();
  for (const auto& record : records) {
    std::size_t first = tokenizer.vocabulary();
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto& known = values[c];
      const std::string value = description_value(record.description, columns[c]);
      const auto place = std::lower_bound(known.begin(), known.end(), value);
      const bool seen = place != known.end() && *place == value;
      const auto number = static_cast<std::size_t>(place - known.begin());
      data.ids.push_back(static_cast<Token>(seen ? first + number : hidden));
      first += known.size();
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
  return data;
}

SEQLSTM_NAMESPACE_END
