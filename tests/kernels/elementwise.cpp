#include <seqlstm/kernels/elementwise.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// y and dx of an activation, for numbers from -6 to 6 as a dense matrix and as one with gaps between its
/// rows.
template <class F, class T>
void check_activation(double (*function)(double), double (*derivative)(double), double tolerance) {
  for (const std::size_t stride : {13U, 20U}) {
    constexpr std::size_t rows = 5, cols = 13;
    std::vector<T> x(rows * stride), y(x.size(), T(7)), dy(x.size(), T(2)), dx(x.size(), T(1));
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<T>(12.0 * double(i) / double(x.size()) - 6.01);
    const auto view = [&](std::vector<T>& v) { return MatrixView<T>(v.data(), rows, cols, stride); };
    kernels::activate<F, T>(view(x), view(y));
    kernels::activate_backward<F, T>(view(y), view(dy), view(dx));
    for (std::size_t i = 0; i < x.size(); ++i) {
      const bool inside = i % stride < cols;
      REQUIRE(double{y[i]} == Approx(inside ? function(double{x[i]}) : 7.0).margin(tolerance));
      REQUIRE(double{dx[i]} == Approx(inside ? 1 + 2 * derivative(double{x[i]}) : 1.0).margin(4 * tolerance));
    }
  }
}

double textbook_sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}
double textbook_tanh(double x) {
  return std::tanh(x);
}
double textbook_relu(double x) {
  return x > 0 ? x : 0;
}

}  // namespace

TEST_CASE(
    "elementwise: activations and their derivatives are the textbook's, gaps between rows are left alone") {
  const auto sigmoid_slope = [](double x) { return textbook_sigmoid(x) * (1 - textbook_sigmoid(x)); };
  const auto tanh_slope = [](double x) { return 1 - std::tanh(x) * std::tanh(x); };
  const auto relu_slope = [](double x) { return x > 0 ? 1.0 : 0.0; };
  check_activation<kernels::SigmoidFunction, double>(textbook_sigmoid, sigmoid_slope, 1e-14);
  check_activation<kernels::SigmoidFunction, float>(textbook_sigmoid, sigmoid_slope, 1e-6);
  check_activation<kernels::TanhFunction, double>(textbook_tanh, tanh_slope, 1e-14);
  check_activation<kernels::TanhFunction, float>(textbook_tanh, tanh_slope, 1e-6);
  check_activation<kernels::ReluFunction, double>(textbook_relu, relu_slope, 1e-14);
  check_activation<kernels::ReluFunction, float>(textbook_relu, relu_slope, 1e-6);
}

TEST_CASE("elementwise: exponentials of a dense matrix and of one with gaps, also in place") {
  for (const std::size_t stride : {13U, 20U}) {
    std::vector<double> x = random_values<double>(5 * stride, 1);
    for (auto& v : x) v *= 30;
    x[1] = -std::numeric_limits<double>::infinity();
    x[2] = std::numeric_limits<double>::quiet_NaN();
    auto y = x;
    kernels::exponential<double>({y.data(), 5, 13, stride}, {y.data(), 5, 13, stride});
    CHECK(y[1] == 0);
    CHECK(std::isnan(y[2]));
    for (std::size_t i = 3; i < x.size(); ++i)
      REQUIRE(y[i] == Approx(i % stride < 13 ? std::exp(x[i]) : x[i]).epsilon(1e-15));
  }
}

TEST_CASE("elementwise: relu keeps NaN and infinity, and is flat at zero") {
  constexpr float inf = std::numeric_limits<float>::infinity();
  std::vector<float> x = {0.0F, -0.0F, inf, -inf, std::numeric_limits<float>::quiet_NaN()}, y(5), dx(5);
  const std::vector<float> dy(5, 1.0F);
  kernels::activate<kernels::ReluFunction, float>({x.data(), 1, 5}, {y.data(), 1, 5});
  kernels::activate_backward<kernels::ReluFunction, float>({y.data(), 1, 5}, {dy.data(), 1, 5},
                                                           {dx.data(), 1, 5});
  CHECK(std::vector<float>(y.begin(), y.begin() + 4) == std::vector<float>{0, 0, inf, 0});
  CHECK(std::isnan(y[4]));
  CHECK(dx == std::vector<float>{0, 0, 1, 0, 1});
}

TEST_CASE("elementwise: add and add_scaled") {
  std::vector<double> x = {1, 2, 3, 4, 5, 6}, out(6, 1.0);
  kernels::add<double>({x.data(), 2, 3}, {out.data(), 2, 3});
  CHECK(out == std::vector<double>{2, 3, 4, 5, 6, 7});
  kernels::add_scaled<double>(-2.0, {x.data(), 2, 2, 3}, {out.data(), 2, 2, 3});
  CHECK(out == std::vector<double>{0, -1, 4, -3, -4, 7});
}
