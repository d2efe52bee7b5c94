#include <seqlstm/kernels/norm.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Everything the kernels compute for `rows` x `cols` numbers, columns cut at `cut`.
template <class T> struct Normalized {
  std::vector<T> x, dy, weight, bias, mean, variance, inverse, y, sum_dy, sum_product, dx, dx_fixed;

  Normalized(std::size_t rows, std::size_t cols, std::size_t cut)
      : x(random_values<T>(rows * cols, 1)),
        dy(random_values<T>(rows * cols, 2)),
        weight(random_values<T>(cols, 3)),
        bias(random_values<T>(cols, 4)),
        mean(cols),
        variance(cols),
        inverse(cols),
        y(rows * cols),
        sum_dy(cols),
        sum_product(cols),
        dx(rows * cols, T(1)),
        dx_fixed(rows * cols, T(1)) {
    const auto view = [&](std::vector<T>& v) { return MatrixView<T>(v.data(), rows, cols); };
    const kernels::ColumnScale<T> scale{mean.data(), inverse.data(), weight.data()};
    for (const IndexRange columns : {IndexRange{0, cut}, IndexRange{cut, cols}}) {
      kernels::column_moments<T>(view(x), columns, mean.data(), variance.data());
      for (std::size_t c = columns.begin; c < columns.end; ++c)
        inverse[c] = T(1) / std::sqrt(variance[c] + T(1e-5));
      kernels::normalize_columns<T>(view(x), columns, scale, bias.data(), view(y));
      kernels::normalize_sums<T>(view(x), view(dy), columns, scale, sum_dy.data(), sum_product.data());
      kernels::normalize_backward<T>(view(x), view(dy), columns, scale, sum_dy.data(), sum_product.data(),
                                     view(dx));
      kernels::normalize_backward<T>(view(dy), columns, scale, view(dx_fixed));
    }
  }
};

template <class T> void compare_with_reference(std::size_t rows, std::size_t cols, double tolerance) {
  const Normalized<T> n(rows, cols, 0);
  const auto count = static_cast<double>(rows);
  for (std::size_t c = 0; c < cols; ++c) {
    const auto x = [&](std::size_t r) { return double{n.x[r * cols + c]}; };
    const auto dy = [&](std::size_t r) { return double{n.dy[r * cols + c]}; };
    double mean = 0, variance = 0, sum = 0, product = 0;
    for (std::size_t r = 0; r < rows; ++r) mean += x(r) / count;
    for (std::size_t r = 0; r < rows; ++r) variance += (x(r) - mean) * (x(r) - mean) / count;
    const double inverse = 1 / std::sqrt(variance + 1e-5);
    const double margin = tolerance * std::max(1.0, inverse * inverse);  // close numbers amplify rounding
    for (std::size_t r = 0; r < rows; ++r) {
      sum += dy(r);
      product += dy(r) * (x(r) - mean) * inverse;
    }
    REQUIRE(double{n.mean[c]} == Approx(mean).margin(tolerance));
    REQUIRE(double{n.variance[c]} == Approx(variance).margin(tolerance));
    REQUIRE(double{n.sum_dy[c]} == Approx(sum).margin(count * margin));
    REQUIRE(double{n.sum_product[c]} == Approx(product).margin(count * margin));
    for (std::size_t r = 0; r < rows; ++r) {
      const double normal = (x(r) - mean) * inverse, w = double{n.weight[c]};
      REQUIRE(double{n.y[r * cols + c]} == Approx(w * normal + double{n.bias[c]}).margin(20 * margin));
      const double dx = w * inverse * (dy(r) - sum / count - normal * product / count);
      REQUIRE(double{n.dx[r * cols + c]} == Approx(1 + dx).margin(50 * margin));
      REQUIRE(double{n.dx_fixed[r * cols + c]} == Approx(1 + w * inverse * dy(r)).margin(50 * margin));
    }
  }
}

/// Everything that rows of `rows` x `cols` numbers become; what is added to begins as 1.
template <class T> struct NormalizedRows {
  std::vector<T> x, dy, weight, bias, mean, inverse, y, dx, dweight;

  NormalizedRows(std::size_t rows, std::size_t cols, T offset = T(0))
      : x(random_values<T>(rows * cols, 1)),
        dy(random_values<T>(rows * cols, 2)),
        weight(random_values<T>(cols, 3)),
        bias(random_values<T>(cols, 4)),
        mean(rows),
        inverse(rows),
        y(rows * cols),
        dx(rows * cols, T(1)),
        dweight(cols, T(1)) {
    for (T& v : x) v += offset;
    compute(rows, cols, 0, rows);
  }
  void compute(std::size_t rows, std::size_t cols, std::size_t first, std::size_t count) {
    const auto view = [&](std::vector<T>& v) {
      return MatrixView<T>(v.data(), rows, cols).row_range(first, count);
    };
    kernels::normalize_rows<T>(view(x), T(1e-5), weight.data(), bias.data(), mean.data() + first,
                               inverse.data() + first, view(y));
    kernels::normalize_rows_backward<T>(view(x), view(dy), weight.data(), mean.data() + first,
                                        inverse.data() + first, view(dx));
    kernels::add_normal_products<T>(view(x), view(dy), {0, cols}, mean.data() + first, inverse.data() + first,
                                    dweight.data());
  }
};

template <class T> void compare_rows_with_reference(std::size_t rows, std::size_t cols, double tolerance) {
  INFO(rows << " rows, " << cols << " columns");
  const NormalizedRows<T> n(rows, cols);
  const auto count = static_cast<double>(cols);
  std::vector<double> dweight(cols, 1.0);
  double worst = tolerance;
  for (std::size_t r = 0; r < rows; ++r) {
    const auto at = [&](const std::vector<T>& v, std::size_t c) { return double{v[r * cols + c]}; };
    double mean = 0, variance = 0, sum = 0, product = 0;
    for (std::size_t c = 0; c < cols; ++c) mean += at(n.x, c) / count;
    for (std::size_t c = 0; c < cols; ++c) variance += (at(n.x, c) - mean) * (at(n.x, c) - mean) / count;
    const double inverse = 1 / std::sqrt(variance + 1e-5);
    const double margin = tolerance * std::max(1.0, inverse * inverse);  // close numbers amplify rounding
    worst = std::max(worst, margin);
    REQUIRE(double{n.mean[r]} == Approx(mean).margin(tolerance));
    REQUIRE(double{n.inverse[r]} == Approx(inverse).margin(10 * margin * inverse));
    for (std::size_t c = 0; c < cols; ++c) {
      const double normal = (at(n.x, c) - mean) * inverse, g = double{n.weight[c]} * at(n.dy, c);
      sum += g / count;
      product += g * normal / count;
      dweight[c] += at(n.dy, c) * normal;
      REQUIRE(at(n.y, c) == Approx(double{n.weight[c]} * normal + double{n.bias[c]}).margin(20 * margin));
    }
    for (std::size_t c = 0; c < cols; ++c) {
      const double normal = (at(n.x, c) - mean) * inverse, g = double{n.weight[c]} * at(n.dy, c);
      REQUIRE(at(n.dx, c) == Approx(1 + inverse * (g - sum - normal * product)).margin(50 * margin));
    }
  }
  for (std::size_t c = 0; c < cols; ++c)
    REQUIRE(double{n.dweight[c]} == Approx(dweight[c]).margin(20 * worst * static_cast<double>(rows)));
}

}  // namespace

TEST_CASE("norm: moments, result and gradients agree with plain double sums") {
  for (const std::size_t rows : {2U, 9U, 300U})
    for (const std::size_t cols : {1U, 6U, 16U, 37U}) {
      compare_with_reference<double>(rows, cols, 1e-13);
      compare_with_reference<float>(rows, cols, 2e-6);
    }
}

TEST_CASE("norm: the same bits however the columns are split") {
  const Normalized<float> whole(300, 37, 0);
  for (const std::size_t cut : {1U, 16U, 20U, 36U}) {
    const Normalized<float> split(300, 37, cut);
    CHECK(same_bits(split.y, whole.y));
    CHECK(same_bits(split.dx, whole.dx));
    CHECK(same_bits(split.dx_fixed, whole.dx_fixed));
    CHECK(same_bits(split.sum_product, whole.sum_product));
  }
}

TEST_CASE("norm: a large mean does not swallow the variance") {
  std::vector<float> x = {10000.0F, 10001.0F, 10002.0F, 10003.0F}, mean(1), variance(1);
  kernels::column_moments<float>({x.data(), 4, 1}, {0, 1}, mean.data(), variance.data());
  CHECK(mean[0] == 10001.5F);
  CHECK(variance[0] == 1.25F);
}

TEST_CASE("norm: a NaN poisons its own column and no other") {
  std::vector<float> x = random_values<float>(5 * 20, 1), mean(20), variance(20);
  x[2 * 20 + 7] = std::numeric_limits<float>::quiet_NaN();
  kernels::column_moments<float>({x.data(), 5, 20}, {0, 20}, mean.data(), variance.data());
  for (std::size_t c = 0; c < 20; ++c) CHECK((std::isnan(mean[c]) && std::isnan(variance[c])) == (c == 7));
}

TEST_CASE("norm: normalised rows and their gradients agree with plain double sums") {
  for (const std::size_t rows : {1U, 5U, 300U})
    for (const std::size_t cols : {2U, 6U, 16U, 37U, 130U}) {
      compare_rows_with_reference<double>(rows, cols, 1e-13);
      compare_rows_with_reference<float>(rows, cols, 2e-6);
    }
}

TEST_CASE("norm: a normalised row's bits do not depend on the rows beside it") {
  constexpr std::size_t rows = 9, cols = 37;
  const NormalizedRows<float> together(rows, cols);
  NormalizedRows<float> alone(rows, cols);
  for (auto* v : {&alone.y, &alone.mean, &alone.inverse}) std::fill(v->begin(), v->end(), 0.0F);
  std::fill(alone.dx.begin(), alone.dx.end(), 1.0F);
  for (std::size_t r = 0; r < rows; ++r) alone.compute(rows, cols, r, 1);
  CHECK(same_bits(alone.y, together.y));
  CHECK(same_bits(alone.dx, together.dx));
  CHECK(same_bits(alone.inverse, together.inverse));
}

TEST_CASE("norm: the weight gradient of normalised rows has the same bits however the columns are split") {
  constexpr std::size_t rows = 300, cols = 53;
  const NormalizedRows<float> n(rows, cols);
  std::vector<float> split(cols, 1.0F);
  for (const IndexRange part : {IndexRange{0, 16}, IndexRange{16, 17}, IndexRange{17, 53}})
    kernels::add_normal_products<float>({n.x.data(), rows, cols}, {n.dy.data(), rows, cols}, part,
                                        n.mean.data(), n.inverse.data(), split.data());
  CHECK(same_bits(split, n.dweight));
}

TEST_CASE("norm: a large mean does not swallow a row's variance") {
  // 20 columns: on every vector some lanes stand behind the row's end and must not count.
  std::vector<float> x(20), ones(20, 1.0F), zeros(20), y(20), mean(1), inverse(1);
  for (std::size_t c = 0; c < 20; ++c) x[c] = c % 2 == 0 ? 10000.0F : 10002.0F;
  kernels::normalize_rows<float>({x.data(), 1, 20}, 0.0F, ones.data(), zeros.data(), mean.data(),
                                 inverse.data(), {y.data(), 1, 20});
  CHECK(mean[0] == 10001.0F);
  CHECK(inverse[0] == 1.0F);
  for (std::size_t c = 0; c < 20; ++c) CHECK(y[c] == (c % 2 == 0 ? -1.0F : 1.0F));
}

TEST_CASE("norm: equal numbers become the bias, a NaN poisons its own row and no other") {
  constexpr std::size_t rows = 3, cols = 20;
  NormalizedRows<float> n(rows, cols);
  std::fill_n(n.x.begin(), cols, 0.1F);
  n.x[1 * cols + 7] = std::numeric_limits<float>::quiet_NaN();
  n.compute(rows, cols, 0, rows);
  for (std::size_t c = 0; c < cols; ++c) CHECK(n.y[c] == Approx(n.bias[c]).margin(1e-5));
  for (std::size_t i = 0; i < n.y.size(); ++i) {
    CHECK(std::isnan(n.y[i]) == (i / cols == 1));
    CHECK(std::isnan(n.dx[i]) == (i / cols == 1));
  }
  for (const float d : n.dweight) CHECK(std::isnan(d));
}
