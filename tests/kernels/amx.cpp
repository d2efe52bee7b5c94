#include <seqlstm/kernels/amx.hpp>
#include <seqlstm/kernels/vector_tiles.hpp>

#include "matrix_units.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("amx: a unit is chosen by name, and one that is not there is refused") {
  const auto before = matrix_unit();
  set_matrix_unit(MatrixUnit::vectors);
  CHECK(matrix_unit_name() == "vectors");
  if (kernels::detail::amx_is_granted()) {
    set_matrix_unit(MatrixUnit::amx);
    CHECK(matrix_unit_name() == "amx");
  } else {
    CHECK_THROWS_WITH(set_matrix_unit(MatrixUnit::amx),
                      "set_matrix_unit: this CPU, system or build has no AMX; take vectors");
    CHECK(matrix_unit_name() == "vectors");
  }
  set_matrix_unit(before);
}

TEST_CASE("amx: the environment's wish") {
  const char* set = std::getenv("SEQLSTM_MATRIX_UNIT");
  const std::string before = set == nullptr ? "" : set;
  setenv("SEQLSTM_MATRIX_UNIT", "vectors", 1);
  CHECK(kernels::detail::first_matrix_unit() == MatrixUnit::vectors);
  setenv("SEQLSTM_MATRIX_UNIT", "gpu", 1);
  CHECK_THROWS_WITH(kernels::detail::first_matrix_unit(),
                    "SEQLSTM_MATRIX_UNIT is 'gpu', expected amx or vectors");
  setenv("SEQLSTM_MATRIX_UNIT", "amx", 1);
  if (kernels::detail::amx_is_granted()) {
    CHECK(kernels::detail::first_matrix_unit() == MatrixUnit::amx);
  } else {
    CHECK_THROWS_AS(kernels::detail::first_matrix_unit(), option_error);
  }
  unsetenv("SEQLSTM_MATRIX_UNIT");
  CHECK((kernels::detail::first_matrix_unit() == MatrixUnit::amx) == kernels::detail::amx_is_granted());
  if (!before.empty()) setenv("SEQLSTM_MATRIX_UNIT", before.c_str(), 1);
}
