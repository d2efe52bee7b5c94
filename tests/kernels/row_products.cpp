#include <seqlstm/kernels/row_products.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Random numbers of `rows` rows that stand `gap` numbers apart, at an unaligned address.
template <class T> struct Rows {
  std::size_t rows, cols, gap;
  std::vector<T> numbers;
  Rows(std::size_t row_count, std::size_t col_count, std::size_t space, std::uint64_t seed)
      : rows(row_count),
        cols(col_count),
        gap(space),
        numbers(random_values<T>(1 + row_count * (col_count + space), seed)) {}
  MatrixView<T> view() { return {numbers.data() + 1, rows, cols, cols + gap}; }
  double operator()(std::size_t r, std::size_t c) const { return double{numbers[1 + r * (cols + gap) + c]}; }
};

/// Whether `now` is `before` between the rows and in front of them.
template <class T> bool same_outside(const Rows<T>& now, const Rows<T>& before) {
  for (std::size_t i = 0; i < now.numbers.size(); ++i) {
    const bool inside = i > 0 && (i - 1) % (now.cols + now.gap) < now.cols;
    if (!inside && now.numbers[i] != before.numbers[i]) return false;
  }
  return true;
}

/// Every function against the textbook's sum.
template <class T>
void check_products(std::size_t rows, std::size_t heads, std::size_t cols, double tolerance) {
  INFO(rows << " rows, " << heads << " heads, " << cols << " columns");
  const Rows<T> w(rows, heads, 2, 1), x(rows, cols, 3, 2), s(rows, heads * cols, 1, 3);
  auto outer = s, mixed = x, set = x, left = s, right = x, factors = w;
  auto dots = w;
  kernels::add_outer_rows<T>(factors.view(), right.view(), outer.view());
  kernels::add_dot_rows<T>(left.view(), right.view(), dots.view());
  kernels::mix_rows<T>(factors.view(), left.view(), mixed.view(), true);
  kernels::mix_rows<T>(factors.view(), left.view(), set.view(), false);
  REQUIRE(same_outside(outer, s));
  REQUIRE(same_outside(dots, w));
  REQUIRE(same_outside(mixed, x));
  REQUIRE(same_outside(set, x));
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t k = 0; k < heads; ++k) {
      double dot = w(r, k);
      for (std::size_t c = 0; c < cols; ++c) {
        dot += s(r, k * cols + c) * x(r, c);
        const double expected = s(r, k * cols + c) + w(r, k) * x(r, c);
        REQUIRE(outer(r, k * cols + c) == Approx(expected).margin(tolerance));
      }
      REQUIRE(dots(r, k) == Approx(dot).margin(tolerance * std::sqrt(static_cast<double>(cols))));
    }
    for (std::size_t c = 0; c < cols; ++c) {
      double mix = 0;
      for (std::size_t k = 0; k < heads; ++k) mix += w(r, k) * s(r, k * cols + c);
      REQUIRE(set(r, c) == Approx(mix).margin(tolerance));
      REQUIRE(mixed(r, c) == Approx(x(r, c) + mix).margin(tolerance));
    }
  }
}

}  // namespace

TEST_CASE("row_products: outer products, dot products and mixtures of a row are the textbook's") {
  for (const std::size_t rows : {0U, 1U, 5U})
    for (const std::size_t heads : {1U, 2U, 5U})
      for (const std::size_t cols : {1U, 7U, 16U, 33U, 130U}) {
        check_products<double>(rows, heads, cols, 2e-15);
        check_products<float>(rows, heads, cols, 1e-6);
      }
}

TEST_CASE("row_products: a row's bits do not depend on the rows beside it") {
  constexpr std::size_t rows = 6, heads = 3, cols = 37;
  const Rows<float> w(rows, heads, 0, 1), x(rows, cols, 0, 2), s(rows, heads * cols, 0, 3);
  auto factors = w, right = x, left = s;
  const auto compute = [&](std::size_t first, std::size_t count) {
    auto outer = s, mixed = x, dots = w;
    kernels::add_outer_rows<float>(factors.view().row_range(first, count),
                                   right.view().row_range(first, count),
                                   outer.view().row_range(first, count));
    kernels::add_dot_rows<float>(left.view().row_range(first, count), right.view().row_range(first, count),
                                 dots.view().row_range(first, count));
    kernels::mix_rows<float>(factors.view().row_range(first, count), left.view().row_range(first, count),
                             mixed.view().row_range(first, count), true);
    std::vector<float> result;
    for (std::size_t r = first; r < first + count; ++r)
      for (const auto& part : {copy_of(outer.view().row_range(r, 1)), copy_of(dots.view().row_range(r, 1)),
                               copy_of(mixed.view().row_range(r, 1))})
        result.insert(result.end(), part.begin(), part.end());
    return result;
  };
  std::vector<float> alone;
  for (std::size_t r = 0; r < rows; ++r) {
    const auto row = compute(r, 1);
    alone.insert(alone.end(), row.begin(), row.end());
  }
  CHECK(same_bits(compute(0, rows), alone));
}

TEST_CASE("row_products: a NaN reaches its own row and no other, also where its factor is 0") {
  constexpr std::size_t rows = 3, cols = 5;
  Rows<float> w(rows, 1, 0, 1), x(rows, cols, 0, 2), s(rows, cols, 0, 3);
  w.view()(1, 0) = 0;
  x.view()(1, 2) = std::numeric_limits<float>::quiet_NaN();
  auto outer = s, dots = w;
  kernels::add_outer_rows<float>(w.view(), x.view(), outer.view());
  kernels::add_dot_rows<float>(s.view(), x.view(), dots.view());
  for (std::size_t r = 0; r < rows; ++r) {
    CHECK(std::isnan(dots(r, 0)) == (r == 1));
    for (std::size_t c = 0; c < cols; ++c) CHECK(std::isnan(outer(r, c)) == (r == 1 && c == 2));
  }
  auto mixed = x;
  w.view()(2, 0) = std::numeric_limits<float>::quiet_NaN();
  kernels::mix_rows<float>(w.view(), s.view(), mixed.view(), false);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < cols; ++c) CHECK(std::isnan(mixed(r, c)) == (r == 2));
}
