// Proteins with a name at every rank of a classification, such as SCOP's, and parts that share no group.
#pragma once

#include <algorithm>
#include <map>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/record.hpp>
#include <seqlstm/data/related_pairs.hpp>
#include <set>
#include <string>
#include <vector>

namespace examples {

/// Where proteins and their ranks stand.
struct RelationTable {
  std::string data, id_column = "id", sequence_column = "sequence", split_column = "set";
  std::vector<std::string> ranks = {"label", "fold", "superfamily", "family"};  ///< from the widest
  std::string group = "superfamily";  ///< the rank that is searched for

  /// The place of the rank that is searched for.
  [[nodiscard]] std::size_t rank() const {
    const auto found = std::find(ranks.begin(), ranks.end(), group);
    if (found == ranks.end())
      throw seqlstm::option_error("--group is '" + group + "', expected one of --ranks");
    return static_cast<std::size_t>(found - ranks.begin());
  }
};

/// Proteins with a name at every rank.
struct RelatedProteins {
  std::vector<seqlstm::Record> records;
  std::vector<std::vector<std::string>> ranks;  // [ranks][records]

  [[nodiscard]] std::size_t size() const { return records.size(); }
  [[nodiscard]] std::vector<std::string> sequences() const {
    std::vector<std::string> letters;
    for (const auto& record : records) letters.push_back(record.sequence);
    return letters;
  }
  [[nodiscard]] seqlstm::RelationLevels relations() const { return seqlstm::RelationLevels(ranks); }
  [[nodiscard]] RelatedProteins subset(const std::vector<std::size_t>& rows) const {
    RelatedProteins some;
    some.ranks.resize(ranks.size());
    for (const std::size_t row : rows) {
      some.records.push_back(records[row]);
      for (std::size_t k = 0; k < ranks.size(); ++k) some.ranks[k].push_back(ranks[k][row]);
    }
    return some;
  }
};

struct RelatedParts {
  RelatedProteins train, valid, test;
};

/// Takes whole groups, drawn by `key`, out of `rows` until they hold that share of them; returns their rows.
inline std::vector<std::size_t> groups_cut_from(std::vector<std::size_t>& rows,
                                                const std::vector<std::string>& groups, double share,
                                                const seqlstm::RandomKey& key) {
  std::vector<std::string> names;
  for (const std::size_t row : rows) names.push_back(groups[row]);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  seqlstm::RandomStream random(key);
  random.shuffle(names);
  std::map<std::string, std::size_t> members;
  for (const std::size_t row : rows) ++members[groups[row]];
  std::set<std::string> chosen;
  std::size_t count = 0;
  for (const auto& name : names) {
    if (static_cast<double>(count) >= share * static_cast<double>(rows.size())) break;
    chosen.insert(name);
    count += members[name];
  }
  std::vector<std::size_t> cut, left;
  for (const std::size_t row : rows) (chosen.count(groups[row]) > 0 ? cut : left).push_back(row);
  rows = std::move(left);
  return cut;
}

}  // namespace examples
