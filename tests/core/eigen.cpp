#include <seqlstm/eigen.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("eigen: a map reads and writes the view's memory, rows apart as they are") {
  auto values = random_values<double>(4 * 7, 1);
  const MatrixView<double> view(values.data(), 4, 5, 7);
  auto map = as_eigen(view);
  REQUIRE(map.rows() == 4);
  REQUIRE(map.cols() == 5);
  for (std::size_t r = 0; r < 4; ++r)
    for (std::size_t c = 0; c < 5; ++c)
      CHECK(map(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)) == view(r, c));
  const double behind = values[5];
  map *= 2;
  CHECK(values[5] == behind);
  CHECK(view(3, 4) == map(3, 4));
  CHECK(as_eigen(ConstMatrixView<double>(view)).sum() == Approx(map.sum()));
}

TEST_CASE("eigen: a row-major matrix is a view") {
  Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> matrix(2, 3);
  matrix << 1, 2, 3, 4, 5, 6;
  const auto view = as_view(matrix);
  CHECK(copy_of(view) == std::vector<float>{1, 2, 3, 4, 5, 6});
  view(1, 2) = 9;
  CHECK(matrix(1, 2) == 9);
}
