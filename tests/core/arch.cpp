#include <seqlstm/core/arch.hpp>

#include <algorithm>
#include <array>
#include <seqlstm/fwd.hpp>
#include <seqlstm/lstm.hpp>
#include <string>
#include <typeinfo>
#include <vector>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("arch: the name is what this translation unit was compiled for, and part of every symbol") {
  const std::string name(arch_name());
  CHECK_FALSE(name.empty());
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512CD__)
  CHECK(name.find("avx512") != std::string::npos);
#elif defined(__AVX2__)
  CHECK(name.find("avx2") != std::string::npos);
#endif
  // Version and instruction set are in the inline namespace, so in the name of every type.
  const std::string type = typeid(Lstm<float>).name();
  CHECK(type.find("v" + std::to_string(SEQLSTM_VERSION_MAJOR) + "_") != std::string::npos);
}

TEST_CASE("arch: constants are copied as they are written") {
  // GCC 12 fills them with their first number where AVX-512 may be used, but for the options that the
  // library's CMake target brings.
  const auto copied = [](std::vector<double> numbers, double* to) {
    std::copy(numbers.begin(), numbers.end(), to);
  };
  std::array<double, 12> four{}, eight{};
  copied({1, 1, 0, 0}, four.data());
  copied({1, 1, 1, 1, 0, 0, 0, 0}, eight.data());
  CHECK(four[1] == 1);
  CHECK(four[2] + four[3] == 0);
  CHECK(eight[3] == 1);
  CHECK(eight[4] + eight[7] == 0);
}

TEST_CASE("fwd: the forward declarations are those of the definitions") {
  // fwd.hpp and every definition stand in this translation unit: a class declared as a struct, or with other
  // parameters, does not compile under -Werror.
  const auto pass_on = [](const Lstm<float>* layer) { return layer == nullptr; };
  CHECK(pass_on(nullptr));
}
