// A program for any CPU that links an object compiled for newer ones, first of all. On a CPU that lacks what
// the object needs it does without.
#include <cmath>
#include <iostream>
#include <vector>

#include "score.hpp"

int main(int count, char**) {
  std::vector<unsigned long> sizes;
  sizes.resize(static_cast<unsigned long>(count) + 40);
  const std::vector<float> values(sizes.size(), 0.5F);
  const double result = __builtin_cpu_supports("avx2") ? score(values.data(), values.size()) : 0;
  std::cout << sizes.size() << ' ' << result << '\n';
  return std::isfinite(result) ? 0 : 1;
}
