// Definitions of missing_values.hpp.
#pragma once

#include <algorithm>
#include <cmath>
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

SEQLSTM_INLINE void fill_missing(MatrixView<float> rows) {
  for (std::size_t c = 0; c < rows.cols(); ++c) {
    std::size_t known = 0;
    while (known < rows.rows() && std::isnan(rows(known, c))) ++known;
    float last = known < rows.rows() ? rows(known, c) : 0;
    for (std::size_t t = 0; t < rows.rows(); ++t) {
      if (std::isnan(rows(t, c))) rows(t, c) = last;
      last = rows(t, c);
    }
  }
}

SEQLSTM_NAMESPACE_END
