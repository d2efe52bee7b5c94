// Definitions of related_pairs.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <seqlstm/core/error.hpp>
#include <seqlstm/data/related_pairs.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE RelationLevels::RelationLevels(std::span<const std::vector<std::string>> ranks) {
  if (ranks.empty() || ranks.front().empty())
    throw option_error("relation levels: no ranks or no records, expected at least one of each");
  for (const auto& names : ranks) {
    if (names.size() != ranks.front().size())
      throw shape_error("relation levels: a rank has " + std::to_string(names.size()) +
                        " records, the first one " + std::to_string(ranks.front().size()));
    // Equal names under other wider groups are other groups.
    std::map<std::pair<std::size_t, std::string>, std::size_t> numbers;
    std::vector<std::size_t> own(names.size());
    for (std::size_t r = 0; r < names.size(); ++r) {
      const std::size_t wider = groups_.empty() ? 0 : groups_.back()[r];
      own[r] = numbers.emplace(std::pair(wider, names[r]), numbers.size()).first->second;
    }
    groups_.push_back(std::move(own));
  }
}

SEQLSTM_INLINE const std::vector<std::size_t>& RelationLevels::groups(std::size_t level) const {
  if (level == 0 || level > groups_.size())
    throw option_error("relation levels: there are no groups of level " + std::to_string(level) +
                       ", expected 1 to " + std::to_string(groups_.size()));
  return groups_[level - 1];
}

SEQLSTM_INLINE RelatedPairs::RelatedPairs(const RelationLevels& relations, std::size_t anchors)
    : relations_(&relations), anchors_(anchors) {
  if (anchors == 0) throw option_error("related pairs: anchors is 0, expected at least 1");
  const std::size_t ranks = relations.levels() - 1, count = relations.size();
  for (std::size_t level = 1; level <= ranks; ++level) {
    const auto& groups = relations.groups(level);
    auto& members = members_.emplace_back(*std::max_element(groups.begin(), groups.end()) + 1);
    for (std::size_t r = 0; r < count; ++r) members[groups[r]].push_back(r);
  }
  const auto group_size = [&](std::size_t level, std::size_t record) {
    return members_[level - 1][relations.groups(level)[record]].size();
  };
  for (std::size_t level = 1; level <= ranks; ++level) {
    Level own{.level = level};
    double sum = 0;
    for (std::size_t r = 0; r < count; ++r) {
      const std::size_t closer = level < ranks ? group_size(level + 1, r) : 1;
      if (group_size(level, r) == closer) continue;
      sum += 1 / std::sqrt(static_cast<double>(group_size(std::max<std::size_t>(ranks, 2) - 1, r)));
      own.records.push_back(r);
      own.cumulative.push_back(sum);
    }
    if (!own.records.empty()) levels_.push_back(std::move(own));
  }
  if (levels_.empty())
    throw option_error("related pairs: no two of " + std::to_string(count) +
                       " records are related; nothing can be learned from them");
}

SEQLSTM_INLINE std::size_t RelatedPairs::relative(RandomStream& random, std::size_t record,
                                                  std::size_t level) const {
  const auto& candidates = members_[level - 1][relations_->groups(level)[record]];
  const auto fits = [&](std::size_t other) {
    return other != record && relations_->level(record, other) == level;
  };
  for (int attempt = 0; attempt < 16; ++attempt)
    if (const std::size_t other = candidates[random.below(candidates.size())]; fits(other)) return other;
  std::vector<std::size_t> all;  // the few of a group that is nearly all closer relatives
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(all), fits);
  return all[random.below(all.size())];
}

SEQLSTM_INLINE PairBatch RelatedPairs::draw(const RandomKey& key) const {
  RandomStream random(key);
  PairBatch batch;
  const auto add = [&](std::size_t record) {
    if (std::find(batch.records.begin(), batch.records.end(), record) == batch.records.end())
      batch.records.push_back(record);
  };
  for (std::size_t k = 0; k < anchors_; ++k) {
    const Level& level = levels_[random.below(levels_.size())];
    const double at = random.uniform(0, level.cumulative.back());
    const auto found = std::upper_bound(level.cumulative.begin(), level.cumulative.end() - 1, at);
    const std::size_t anchor = level.records[static_cast<std::size_t>(found - level.cumulative.begin())];
    add(anchor);
    add(relative(random, anchor, level.level));
  }
  std::vector<std::size_t> counts(relations_->levels());
  for (std::size_t a = 0; a < batch.records.size(); ++a)
    for (std::size_t b = a + 1; b < batch.records.size(); ++b) {
      const std::size_t level = relations_->level(batch.records[a], batch.records[b]);
      ++counts[level];
      batch.pairs.push_back({a, b, level, 0});
    }
  for (RelatedPair& pair : batch.pairs) pair.weight = 1 / static_cast<double>(counts[pair.level]);
  return batch;
}

SEQLSTM_NAMESPACE_END
