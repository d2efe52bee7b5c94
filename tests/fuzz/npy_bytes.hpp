// Bytes of .npy files whose magic and length fit.
#pragma once

#include "harness.hpp"

namespace fuzz {

/// A header, a line end and data, in a version of the format.
inline std::string npy(std::string_view bytes, unsigned version) {
  const std::size_t end = std::min(bytes.find('\n'), bytes.size());
  std::string file = "\x93NUMPY";
  file += static_cast<char>(version);
  file += '\0';
  for (std::size_t i = 0, length = end; i < (version == 1 ? 2U : 4U); ++i, length /= 256)
    file += static_cast<char>(length % 256);
  file += bytes.substr(0, end);
  if (end < bytes.size()) file += bytes.substr(end + 1);
  return file;
}

}  // namespace fuzz
