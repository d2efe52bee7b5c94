// Catch2 v2 and v3 under one name.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
using Catch::Matchers::Contains;
inline auto ContainsSubstring(const std::string& text) {
  return Contains(text);
}
#endif

#if __has_include(<catch2/catch_all.hpp>)
using Catch::Matchers::ContainsSubstring;
#endif

#include <iostream>
#include <string>

namespace support {

/// Of a test with the tag [optional], which returns next: the line printed here lets ctest count it as
/// skipped. Catch2 v2 has no SKIP.
inline void skip(const std::string& reason) {
  std::cout << "skipped: " << reason << std::endl;
  SUCCEED(reason);
}

}  // namespace support
