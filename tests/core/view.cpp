#include <seqlstm/core/view.hpp>

#include <numeric>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("view: rows, columns and ranges look at the same numbers") {
  std::vector<int> numbers(24);
  std::iota(numbers.begin(), numbers.end(), 0);
  const MatrixView<int> all(numbers.data(), 4, 6);
  CHECK(all(2, 3) == 15);
  CHECK(all.row(1)[5] == 11);
  CHECK(all.size() == 24);

  const auto middle = all.columns(2, 3).row_range(1, 2);
  CHECK(middle.rows() == 2);
  CHECK(middle.cols() == 3);
  CHECK(middle.stride() == 6);
  CHECK(copy_of(middle) == std::vector<int>{8, 9, 10, 14, 15, 16});
  middle(1, 0) = -1;
  CHECK(numbers[14] == -1);
  CHECK(middle.row_data(1) == numbers.data() + 14);
}

TEST_CASE("view: a mutable view becomes a constant one, never the other way") {
  STATIC_REQUIRE(std::is_convertible_v<MatrixView<float>, ConstMatrixView<float>>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<ConstMatrixView<float>, MatrixView<float>>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<MatrixView<float>, ConstMatrixView<double>>);
  double number = 3;
  const ConstMatrixView<double> view = MatrixView<double>(&number, 1, 1, 9);
  CHECK(view(0, 0) == 3);
  CHECK(view.stride() == 9);
}

TEST_CASE("view: empty ones, and shapes in messages") {
  int number = 0;
  CHECK(MatrixView<int>().empty());
  CHECK(MatrixView<int>(&number, 0, 5).empty());
  CHECK(MatrixView<int>(&number, 5, 0).empty());
  CHECK_FALSE(MatrixView<int>(&number, 1, 1).empty());
  CHECK(shape_text(MatrixView<int>(&number, 3, 5)) == "3x5");
  CHECK(shape_text(0, 12) == "0x12");
}
