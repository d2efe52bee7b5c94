// Definitions of folds.hpp.
#pragma once

#include <map>
#include <seqlstm/core/error.hpp>
#include <seqlstm/data/folds.hpp>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// The rows of each group, in the order of their names.
SEQLSTM_INLINE std::vector<std::vector<std::size_t>> rows_by_group(std::span<const std::string> groups) {
  std::map<std::string, std::vector<std::size_t>> rows;
  for (std::size_t i = 0; i < groups.size(); ++i) rows[groups[i]].push_back(i);
  std::vector<std::vector<std::size_t>> parts;
  for (auto& [ignored, own] : rows) parts.push_back(std::move(own));
  return parts;
}

}  // namespace detail

SEQLSTM_INLINE std::vector<Partition> cross_validation_folds(std::span<const std::string> groups) {
  const auto parts = detail::rows_by_group(groups);
  if (parts.size() < 3)
    throw option_error("the folds have " + std::to_string(parts.size()) +
                       " values, expected at least three: one to test, one to validate, one to learn from");
  std::vector<Partition> folds(parts.size());
  for (std::size_t f = 0; f < parts.size(); ++f)
    for (std::size_t p = 0; p < parts.size(); ++p) {
      auto& to = p == f ? folds[f].test : (p == (f + 1) % parts.size() ? folds[f].valid : folds[f].train);
      to.insert(to.end(), parts[p].begin(), parts[p].end());
    }
  return folds;
}

SEQLSTM_INLINE std::vector<Partition> validation_folds(std::span<const std::string> groups,
                                                       std::size_t count) {
  const auto parts = detail::rows_by_group(groups);
  if (count == 0 || parts.size() < 2 || count > parts.size())
    throw option_error(std::to_string(count) + " of " + std::to_string(parts.size()) +
                       " groups cannot validate in turn; expected one at least, and another to learn from");
  std::vector<Partition> folds(count);
  for (std::size_t f = 0; f < count; ++f)
    for (std::size_t p = 0; p < parts.size(); ++p) {
      auto& to = p == f ? folds[f].valid : folds[f].train;
      to.insert(to.end(), parts[p].begin(), parts[p].end());
    }
  return folds;
}

SEQLSTM_NAMESPACE_END
