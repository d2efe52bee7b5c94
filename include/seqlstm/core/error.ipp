// Definitions of error.hpp.
#pragma once

#include <seqlstm/core/error.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE std::string one_line(const std::string& message) {
  constexpr std::size_t longest = 2000, end = 500;
  std::string line = printable(message);
  if (line.size() > longest) line.replace(longest - end, line.size() - longest, " [...] ");
  return line;
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
