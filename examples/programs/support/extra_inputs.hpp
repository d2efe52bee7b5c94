// Categorical inputs beside the letters (the organism, the plate): each is a token that stands before the
// sequence, with an id behind those of the letters. They are read from `column=value` in a record's
// description, which is where a table's extra columns are kept and where FASTA headers have them
// (">P1 organism=plant", ">sp|P1 OS=Homo sapiens OX=9606"). Of a table each stands between tabs, so that any
// text will do.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/io/json_values.hpp>
#include <string>
#include <vector>

#include "support/unknown_letters.hpp"

namespace examples {

/// The value of `key=value` in a description; it goes on to the next word with '=' in it. Empty without one.
inline std::string described(const std::string& description, const std::string& key) {
  if (const std::size_t tab = description.find("\t" + key + "="); tab != std::string::npos) {
    const std::size_t begin = tab + key.size() + 2;
    return description.substr(begin, description.find('\t', begin) - begin);
  }
  for (std::size_t at = description.find(key + "="); at != std::string::npos;
       at = description.find(key + "=", at + 1)) {
    if (at > 0 && description[at - 1] != ' ') continue;
    const std::size_t begin = at + key.size() + 1, next = description.find('=', begin);
    if (next == std::string::npos) return description.substr(begin);
    const std::size_t space = description.rfind(' ', next);
    return space == std::string::npos || space < begin ? "" : description.substr(begin, space - begin);
  }
  return {};
}

class ExtraInputs {
 public:
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> values;  ///< [columns]: those of the training part, in order
  friend void to_json(nlohmann::json& j, const ExtraInputs& extra) {
    j = {{"columns", extra.columns}, {"values", extra.values}};
  }
  friend void from_json(const nlohmann::json& j, ExtraInputs& extra) {
    extra.columns = seqlstm::io::texts_from(j, "columns");
    extra.values = j.at("values").get<std::vector<std::vector<std::string>>>();
    if (extra.values.size() != extra.columns.size())
      throw seqlstm::format_error("'values' are those of " + std::to_string(extra.values.size()) +
                                  " columns, expected " + std::to_string(extra.columns.size()) +
                                  "; train the model again");
  }

  ExtraInputs() = default;
  /// Throws option_error for a column that says nothing about the training part, or far too much.
  ExtraInputs(std::vector<std::string> names, const std::vector<seqlstm::Record>& train)
      : columns(std::move(names)) {
    constexpr std::size_t most = 1000;
    for (const auto& column : columns) {
      auto& known = values.emplace_back();
      for (const auto& record : train) known.push_back(described(record.description, column));
      std::sort(known.begin(), known.end());
      known.erase(std::unique(known.begin(), known.end()), known.end());
      for (const std::string& value : known)
        if (!seqlstm::io::is_utf8(value))
          throw seqlstm::option_error("--extra-column " + column + " has '" + seqlstm::io::utf8_text(value) +
                                      "', which is not UTF-8 text; save the table as UTF-8");
      if (known.size() < 2 || known.size() > most)
        throw seqlstm::option_error("--extra-column " + column + " has " + std::to_string(known.size()) +
                                    " different values in the training part, expected 2 to " +
                                    std::to_string(most) + " categories");
    }
  }

  /// Ids they need behind the letters': one for each value. A value not seen in training gets the id behind
  /// all of them, which stands for hidden tokens.
  [[nodiscard]] std::size_t vocabulary() const {
    std::size_t count = 0;
    for (const auto& known : values) count += known.size();
    return count;
  }
  /// Records as tokens, without labels. Throws option_error for a record without one.
  [[nodiscard]] seqlstm::TokenDataset encode(const std::vector<seqlstm::Record>& records,
                                             const seqlstm::Tokenizer& tokenizer) const {
    seqlstm::TokenDataset data;
    data.tokenizer = tokenizer;
    const std::size_t hidden = tokenizer.vocabulary() + vocabulary();
    for (const auto& record : records) {
      std::size_t first = tokenizer.vocabulary();
      for (std::size_t c = 0; c < columns.size(); ++c) {
        const auto& known = values[c];
        const std::string value = described(record.description, columns[c]);
        const auto place = std::lower_bound(known.begin(), known.end(), value);
        const bool seen = place != known.end() && *place == value;
        const auto number = static_cast<std::size_t>(place - known.begin());
        data.ids.push_back(static_cast<seqlstm::Token>(seen ? first + number : hidden));
        first += known.size();
      }
      const std::size_t letters = data.ids.size();
      tokenizer.encode(record, data.ids);
      if (data.ids.size() == letters) throw no_token(record, tokenizer);
      data.offsets.push_back(data.ids.size());
      data.names.push_back(record.id);
    }
    return data;
  }
  /// The same with labels.
  [[nodiscard]] seqlstm::TokenDataset encode(const seqlstm::LabelledRecords& labelled,
                                             const seqlstm::Tokenizer& tokenizer) const {
    auto data = encode(labelled.records, tokenizer);
    data.labels = labelled.labels;
    data.label_width = labelled.label_width;
    data.label_names = labelled.label_names;
    return data;
  }
};

}  // namespace examples
