#include <seqlstm/kernels/matrix_unit.hpp>

#include "matrix_units.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// SEQLSTM_MATRIX_UNIT while it lives.
class Wish {
 public:
  Wish() {
    if (const char* set = std::getenv(name)) before_ = set;
  }
  ~Wish() { before_.empty() ? unsetenv(name) : setenv(name, before_.c_str(), 1); }
  Wish(const Wish&) = delete;
  Wish& operator=(const Wish&) = delete;
  static void is(const char* wish) { setenv(name, wish, 1); }

 private:
  static constexpr const char* name = "SEQLSTM_MATRIX_UNIT";
  std::string before_;
};

}  // namespace

TEST_CASE("matrix_unit: one is chosen by name, and one that is not there is refused") {
  const auto before = matrix_unit();
  for (const auto& [unit, name] : kernels::detail::matrix_units) {
    if (kernels::detail::has_unit(static_cast<int>(unit))) {
      set_matrix_unit(unit);
      CHECK(matrix_unit_name() == name);
      set_matrix_unit(MatrixUnit::vectors);
      set_matrix_unit(name);
      CHECK(matrix_unit() == unit);
    } else {
      set_matrix_unit(MatrixUnit::vectors);
      CHECK_THROWS_WITH(set_matrix_unit(unit),
                        "set_matrix_unit is '" + std::string(name) +
                            "', but this CPU, system or build has none (built with -march=native on such a "
                            "CPU?); take vectors");
      CHECK(matrix_unit_name() == "vectors");
    }
  }
  CHECK_THROWS_WITH(set_matrix_unit("gpu"), "matrix_unit is 'gpu', expected amx, dot or vectors");
  set_matrix_unit(before);
}

TEST_CASE("matrix_unit: the environment's wish, and the fastest without one") {
  const Wish wish;
  Wish::is("vectors");
  CHECK(kernels::detail::first_matrix_unit() == MatrixUnit::vectors);
  Wish::is("gpu");
  CHECK_THROWS_WITH(kernels::detail::first_matrix_unit(),
                    "SEQLSTM_MATRIX_UNIT is 'gpu', expected amx, dot or vectors");
  for (const auto& [unit, name] : kernels::detail::matrix_units) {
    Wish::is(std::string(name).c_str());
    if (kernels::detail::has_unit(static_cast<int>(unit))) {
      CHECK(kernels::detail::first_matrix_unit() == unit);
    } else {
      CHECK_THROWS_AS(kernels::detail::first_matrix_unit(), option_error);
    }
  }
  Wish::is("");
  const MatrixUnit best = kernels::detail::first_matrix_unit();
  CHECK(kernels::detail::has_unit(static_cast<int>(best)));
  if (kernels::detail::has_unit(static_cast<int>(MatrixUnit::amx))) CHECK(best == MatrixUnit::amx);
  if (SEQLSTM_HAS_DOT != 0) CHECK(best != MatrixUnit::vectors);
}
