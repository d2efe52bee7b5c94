// Tests of bfloat16 products run on the matrix unit, where there is one, and on vectors.
#pragma once

#include <seqlstm/kernels/matrix_unit.hpp>

namespace testing {

/// body() with every unit this machine and build have; the one in use before is so again afterwards.
template <class Body> void for_each_matrix_unit(Body&& body) {
  const auto before = seqlstm::matrix_unit();
  for (const auto unit : {seqlstm::MatrixUnit::vectors, seqlstm::MatrixUnit::dot, seqlstm::MatrixUnit::amx}) {
    if (!seqlstm::kernels::detail::has_unit(static_cast<int>(unit))) continue;
    seqlstm::set_matrix_unit(unit);
    body();
  }
  seqlstm::set_matrix_unit(before);
}

}  // namespace testing
