#include <seqlstm/nn/parameter.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("parameter: shapes are PyTorch's, values and gradients begin at zero") {
  Parameter<float> matrix(3, 2), vector(5);
  CHECK(matrix.shape() == std::vector<std::size_t>{3, 2});
  CHECK(vector.shape() == std::vector<std::size_t>{5});
  CHECK(vector.rows() == 1);
  CHECK(vector.cols() == 5);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(matrix.data()[i] == 0);
    CHECK(matrix.gradient().data()[i] == 0);
  }
}

TEST_CASE("parameter: edit changes the version, reading does not, and no two edits share one") {
  Parameter<float> a(2, 2), b(2, 2);
  CHECK(a.version() != b.version());
  const auto before = a.version();
  static_cast<void>(a.view());
  static_cast<void>(a.gradient());
  CHECK(a.version() == before);
  a.edit()(1, 1) = 4;
  CHECK(a.version() != before);
  CHECK(a.version() != b.version());
  CHECK(a.view()(1, 1) == 4);
}

TEST_CASE("parameter: a copy is deep and of the same version until one is edited") {
  Parameter<double> a(2, 2);
  a.edit()(0, 1) = 1;
  Parameter<double> copy = a;
  CHECK(copy.version() == a.version());
  copy.edit()(0, 1) = 2;
  CHECK(a.view()(0, 1) == 1);
  CHECK(copy.version() != a.version());
}

TEST_CASE("buffer: a vector has a shape, a scalar has none") {
  Buffer<float> vector(3, 0.5F);
  CHECK(vector.shape() == std::vector<std::size_t>{3});
  CHECK(vector.values()[2] == 0.5F);
  const auto scalar = Buffer<std::int64_t>::scalar(7);
  CHECK(scalar.shape().empty());
  CHECK(scalar.values().size() == 1);
  CHECK(scalar.values()[0] == 7);
}

TEST_CASE("parameter: copies of the library count from places of their own") {
  const int here = 0, there = 0;  // stand for the counters of two shared libraries
  const std::uint64_t a = detail::first_version(&here), b = detail::first_version(&there);
  const std::uint64_t apart = a > b ? a - b : b - a;
  CHECK(apart > (std::uint64_t{1} << 32U));
}
