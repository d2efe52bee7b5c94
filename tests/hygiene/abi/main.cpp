// Objects built with different -march flags link into one program, and each calls its own copy of the
// library.
#include <array>
#include <iostream>

#include "levels.hpp"

int main() {
  const std::array<ArchReport, 8> reports = {abi::x86_64(),     abi::x86_64_v2(),     abi::x86_64_v3(),
                                             abi::alderlake(),  abi::x86_64_v4(),     abi::cascadelake(),
                                             abi::cooperlake(), abi::icelake_server()};
  const std::array<std::string_view, 8> expected = {"sse2",   "sse4_2", "avx2_fma", "avx2_fma",
                                                    "avx512", "avx512", "avx512",   "avx512"};
  int failures = 0;
  int swapped = 0;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const auto& [compiled_for, library, untagged, tag] = reports[i];
    std::cout << "compiled for " << compiled_for << ", library says " << library << ", control says "
              << untagged << '\n';
    if (compiled_for != expected[i]) {
      std::cout << "FAILED: expected an object compiled for " << expected[i] << '\n';
      ++failures;
    }
    if (library != compiled_for) {
      std::cout << "FAILED: the object calls another object's code\n";
      ++failures;
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (reports[j].tag != tag) continue;
      std::cout << "FAILED: two objects with different flags share the tag " << tag << '\n';
      ++failures;
    }
    swapped += untagged != compiled_for ? 1 : 0;
  }
  if (swapped == 0) {
    std::cout << "FAILED: the control shows no mix-up, so this test could not see one\n";
    ++failures;
  }
  return failures == 0 ? 0 : 1;
}
