// A program for any CPU that links an object compiled for newer ones, first of all.
#include <cmath>
#include <iostream>
#include <vector>

#include "score.hpp"

int main(int argc, char**) {
  std::vector<unsigned long> sizes;
  sizes.resize(static_cast<unsigned long>(argc) + 40);
  const std::vector<float> values(sizes.size(), 0.5F);
  const double result = argc > 1 ? 0 : score(values.data(), values.size());
  std::cout << sizes.size() << ' ' << result << '\n';
  return std::isfinite(result) ? 0 : 1;
}
