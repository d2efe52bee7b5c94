// Definitions of missing_values.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/core/text.hpp>
#include <seqlstm/data/missing_values.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE MissingValues MissingValues::listed(std::string_view list) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    const std::string_view word = detail::trimmed(list.substr(begin, end - begin));
    if (!word.empty()) words.emplace_back(word);
    begin = end + 1;
  }
  return MissingValues(std::move(words));
}

SEQLSTM_INLINE bool MissingValues::operator()(std::string_view cell) const {
  cell = detail::trimmed(cell);
  return cell.empty() || std::find(words_.begin(), words_.end(), cell) != words_.end();
}

SEQLSTM_NAMESPACE_END
