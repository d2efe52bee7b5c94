#include <seqlstm/kernels/reduce.hpp>

#include <numeric>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

template <class T> double reference_log_sum_exp(std::span<const T> row) {
  const double largest = double{*std::max_element(row.begin(), row.end())};
  double sum = 0;
  for (const T v : row) sum += std::exp(double{v} - largest);
  return largest + std::log(sum);
}

template <class T> void check_softmax(double tolerance) {
  for (std::size_t cols = 1; cols <= 70; ++cols) {
    auto x = random_values<T>(3 * cols, cols);
    for (auto& v : x) v *= T(20);
    std::vector<T> y(x.size()), log_sum(3);
    kernels::softmax_rows<T>({x.data(), 3, cols}, {y.data(), 3, cols});
    kernels::log_sum_exp_rows<T>({x.data(), 3, cols}, log_sum.data());
    for (std::size_t r = 0; r < 3; ++r) {
      const double expected = reference_log_sum_exp<T>({&x[r * cols], cols});
      REQUIRE(double{log_sum[r]} == Approx(expected).epsilon(tolerance));
      for (std::size_t c = 0; c < cols; ++c)
        REQUIRE(double{y[r * cols + c]} ==
                Approx(std::exp(double{x[r * cols + c]} - expected)).epsilon(20 * tolerance));
    }
  }
}

}  // namespace

TEST_CASE("reduce: softmax and log-sum-exp agree with plain sums for every width") {
  check_softmax<float>(1e-6);
  check_softmax<double>(1e-14);
}

TEST_CASE("reduce: softmax in place, and of rows inside a wider matrix") {
  const auto x = random_values<float>(4 * 40, 3);
  std::vector<float> expected(4 * 21);
  kernels::softmax_rows<float>({x.data() + 5, 4, 21, 40}, {expected.data(), 4, 21});
  auto y = x;
  kernels::softmax_rows<float>({y.data() + 5, 4, 21, 40}, {y.data() + 5, 4, 21, 40});
  for (std::size_t r = 0; r < 4; ++r)
    for (std::size_t c = 0; c < 40; ++c) {
      const bool inside = c >= 5 && c < 26;
      REQUIRE(y[r * 40 + c] == (inside ? expected[r * 21 + c - 5] : x[r * 40 + c]));
    }
}

TEST_CASE("reduce: a row's softmax does not depend on the rows beside it") {
  const auto x = random_values<float>(7 * 37, 4);
  std::vector<float> all(x.size()), alone(37);
  kernels::softmax_rows<float>({x.data(), 7, 37}, {all.data(), 7, 37});
  for (std::size_t r = 0; r < 7; ++r) {
    kernels::softmax_rows<float>({x.data() + r * 37, 1, 37}, {alone.data(), 1, 37});
    CHECK(std::memcmp(alone.data(), all.data() + r * 37, 37 * sizeof(float)) == 0);
  }
}

TEST_CASE("reduce: huge numbers do not overflow, infinities and NaN are told apart") {
  const std::vector<double> x = {
      1000, 1000, -1000, /**/ -inf,         0, -inf, /**/ -inf, -inf,         -inf,
      inf,  0,    1,     /**/ not_a_number, 0, 1,    /**/ -inf, not_a_number, -inf};
  std::vector<double> y(18), log_sum(6);
  kernels::softmax_rows<double>({x.data(), 6, 3}, {y.data(), 6, 3});
  kernels::log_sum_exp_rows<double>({x.data(), 6, 3}, log_sum.data());
  CHECK(log_sum[0] == Approx(1000 + std::log(2.0)).epsilon(1e-15));
  CHECK(y[0] == 0.5);
  CHECK(y[2] == 0.0);
  CHECK(log_sum[1] == 0.0);
  CHECK(std::vector<double>(y.begin() + 3, y.begin() + 6) == std::vector<double>{0, 1, 0});
  CHECK(log_sum[2] == -inf);
  CHECK(log_sum[3] == inf);
  CHECK(std::isnan(log_sum[4]));
  CHECK(std::isnan(log_sum[5]));
  for (std::size_t i = 6; i < 18; ++i) CHECK(std::isnan(y[i]));
}

TEST_CASE("reduce: a NaN anywhere in a row is never lost") {
  for (std::size_t place = 0; place < 40; ++place) {
    auto x = random_values<float>(40, 5);
    x[place] = std::numeric_limits<float>::quiet_NaN();
    std::vector<float> y(40), log_sum(1);
    kernels::softmax_rows<float>({x.data(), 1, 40}, {y.data(), 1, 40});
    kernels::log_sum_exp_rows<float>({x.data(), 1, 40}, log_sum.data());
    REQUIRE(std::isnan(log_sum[0]));
    for (const float v : y) REQUIRE(std::isnan(v));
  }
}

TEST_CASE("reduce: the softmax gradient is y (dy - sum y dy), added") {
  for (const std::size_t cols : {1U, 5U, 33U}) {
    const auto y = random_values<double>(2 * cols, 1), dy = random_values<double>(2 * cols, 2);
    std::vector<double> dx(2 * cols, 3.0);
    kernels::softmax_backward_rows<double>({y.data(), 2, cols}, {dy.data(), 2, cols}, {dx.data(), 2, cols});
    for (std::size_t r = 0; r < 2; ++r) {
      double dot = 0;
      for (std::size_t c = 0; c < cols; ++c) dot += y[r * cols + c] * dy[r * cols + c];
      for (std::size_t c = 0; c < cols; ++c)
        REQUIRE(dx[r * cols + c] == Approx(3 + y[r * cols + c] * (dy[r * cols + c] - dot)).epsilon(1e-13));
    }
  }
}

TEST_CASE(
    "reduce: column sums are added to what is there, and have the same bits however the columns are split") {
  for (const std::size_t rows : {0U, 1U, 255U, 256U, 257U, 1000U}) {
    constexpr std::size_t cols = 53;
    const auto x = random_values<float>(rows * cols, rows);
    std::vector<float> whole(cols, 2.0F), split(cols, 2.0F);
    kernels::add_column_sums<float>({x.data(), rows, cols}, {0, cols}, whole.data());
    for (const IndexRange part : {IndexRange{0, 16}, IndexRange{16, 17}, IndexRange{17, 53}})
      kernels::add_column_sums<float>({x.data(), rows, cols}, part, split.data());
    CHECK(same_bits(whole, split));
    for (std::size_t c = 0; c < cols; ++c) {
      double sum = 2;
      for (std::size_t r = 0; r < rows; ++r) sum += double{x[r * cols + c]};
      REQUIRE(double{whole[c]} == Approx(sum).margin(1e-4));
    }
  }
}

TEST_CASE("reduce: blocks keep a long sum of floats accurate") {
  constexpr std::size_t rows = 1'000'000;
  const std::vector<float> x(rows, 0.1F);
  float plain = 0, blocked = 0;
  for (const float v : x) plain += v;
  kernels::add_column_sums<float>({x.data(), rows, 1}, {0, 1}, &blocked);
  CHECK(std::abs(double{plain} - 1e5) > 100);  // what one running sum would give
  CHECK(std::abs(double{blocked} - 1e5) < 5);
}
