#include <seqlstm/kernels/gemm.hpp>

#include "support/reference.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;
using kernels::Op;
using reference::Matrix;

namespace {

/// A matrix with gaps between its rows and an address that no vector load likes; what is outside it shows
/// when it is written.
template <class T> class Ragged {
 public:
  Ragged(std::size_t rows, std::size_t cols, T fill = T(0)) : rows_(rows), cols_(cols) {
    storage_.assign(rows * (cols + gap) + 1, outside);
    for (std::size_t r = 0; r < rows; ++r)
      for (auto& v : view().row(r)) v = fill;
  }
  explicit Ragged(const Matrix& m) : Ragged(m.rows, m.cols) {
    for (std::size_t r = 0; r < rows_; ++r)
      for (std::size_t c = 0; c < cols_; ++c) view()(r, c) = static_cast<T>(m(r, c));
  }
  MatrixView<T> view() { return {storage_.data() + 1, rows_, cols_, cols_ + gap}; }
  [[nodiscard]] bool intact() const {
    if (storage_[0] != outside) return false;
    for (std::size_t r = 0; r < rows_; ++r)
      for (std::size_t c = cols_; c < cols_ + gap; ++c)
        if (storage_[1 + r * (cols_ + gap) + c] != outside) return false;
    return true;
  }

 private:
  static constexpr T outside = T(77);
  static constexpr std::size_t gap = 3;
  std::size_t rows_, cols_;
  std::vector<T> storage_;
};

template <class T>
void multiply(Op op_a, Op op_b, ConstMatrixView<T> a, ConstMatrixView<T> b, MatrixView<T> c,
              bool accumulate) {
  const std::size_t depth = op_a == Op::none ? a.cols() : a.rows();
  std::vector<T> scratch(kernels::packed_size<T>(depth, c.cols()));
  kernels::gemm<T>(op_a, op_b, a, b, c, accumulate, scratch.data());
}

template <class T>
void check_product(std::size_t m, std::size_t k, std::size_t n, Op op_a, Op op_b, bool accumulate) {
  const Matrix a = reference::random_matrix(m, k, 1), b = reference::random_matrix(k, n, 2);
  const Matrix expected = reference::product(a, b);
  Ragged<T> a_stored(op_a == Op::none ? a : reference::transposed(a));
  Ragged<T> b_stored(op_b == Op::none ? b : reference::transposed(b));
  Ragged<T> c(m, n, T(2));
  multiply<T>(op_a, op_b, a_stored.view(), b_stored.view(), c.view(), accumulate);
  INFO(m << "x" << k << " times " << k << "x" << n << ", a " << int(op_a) << ", b " << int(op_b));
  const double tolerance = (std::is_same_v<T, float> ? 1e-6 : 1e-15) * (4 + double(k));
  double worst = 0;
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j)
      worst = std::max(worst, std::abs(double{c.view()(i, j)} - expected(i, j) - (accumulate ? 2 : 0)));
  CHECK(worst <= tolerance);
  CHECK(c.intact());
}

constexpr std::size_t odd_sizes[] = {1, 2, 5, 15, 17, 33, 65};

}  // namespace

TEMPLATE_TEST_CASE("gemm: NN, NT and TN at odd sizes, with gaps between rows", "", float, double) {
  for (const std::size_t m : odd_sizes)
    for (const std::size_t n : odd_sizes)
      for (const std::size_t k : {std::size_t{1}, std::size_t{3}, std::size_t{16}, std::size_t{37}})
        for (const bool accumulate : {false, true}) {
          check_product<TestType>(m, k, n, Op::none, Op::none, accumulate);
          check_product<TestType>(m, k, n, Op::none, Op::transpose, accumulate);
          check_product<TestType>(m, k, n, Op::transpose, Op::none, accumulate);
        }
}

TEMPLATE_TEST_CASE("gemm: depths around a block, where sums are cut", "", float, double) {
  constexpr std::size_t block = kernels::gemm_depth;
  for (const std::size_t k : {block - 1, block, block + 1, 2 * block, 2 * block + 17})
    for (const bool accumulate : {false, true}) {
      check_product<TestType>(7, k, 19, Op::none, Op::none, accumulate);
      check_product<TestType>(7, k, 19, Op::transpose, Op::transpose, accumulate);
    }
}

TEMPLATE_TEST_CASE("gemm: rows around a block of rows", "", float, double) {
  constexpr std::size_t block = kernels::gemm_rows;
  for (const std::size_t m : {block - 1, block, block + 1, 2 * block + 7}) {
    check_product<TestType>(m, 5, 67, Op::none, Op::none, true);
    check_product<TestType>(m, kernels::gemm_depth + 3, 35, Op::transpose, Op::none, false);
  }
}

TEMPLATE_TEST_CASE(
    "gemm: without terms the result is cleared or left alone, and without rows nothing happens", "", float,
    double) {
  using T = TestType;
  for (const bool accumulate : {false, true}) {
    check_product<T>(3, 0, 5, Op::none, Op::none, accumulate);
    check_product<T>(3, 0, 5, Op::transpose, Op::transpose, accumulate);
    check_product<T>(0, 4, 5, Op::none, Op::none, accumulate);
    check_product<T>(3, 4, 0, Op::none, Op::none, accumulate);
  }
}

TEMPLATE_TEST_CASE("gemm: a row's bits depend neither on the rows beside it nor on the columns' number", "",
                   float, double) {
  using T = TestType;
  const std::size_t m = 23, k = 300, n = 50;
  Ragged<T> a(reference::random_matrix(m, k, 3)), b(reference::random_matrix(k, n, 4)), all(m, n);
  multiply<T>(Op::none, Op::none, a.view(), b.view(), all.view(), false);
  for (std::size_t first = 0; first < m; first += 5)
    for (std::size_t count = 1; first + count <= m; count += 3) {
      Ragged<T> some(count, n);
      multiply<T>(Op::none, Op::none, a.view().row_range(first, count), b.view(), some.view(), false);
      REQUIRE(same_bits(copy_of(some.view()), copy_of(all.view().row_range(first, count))));
    }
  for (std::size_t count = 1; count < n; count += 4) {
    Ragged<T> some(m, count);
    multiply<T>(Op::none, Op::none, a.view(), b.view().columns(0, count), some.view(), false);
    REQUIRE(same_bits(copy_of(some.view()), copy_of(all.view().columns(0, count))));
  }
}

TEMPLATE_TEST_CASE("gemm: NaN and infinity reach every sum they are part of, and no other", "", float,
                   double) {
  using T = TestType;
  for (const T bad : {std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::infinity()}) {
    Ragged<T> a(reference::random_matrix(9, 20, 5)), b(reference::random_matrix(20, 21, 6)), c(9, 21);
    a.view()(4, 7) = bad;
    multiply<T>(Op::none, Op::none, a.view(), b.view(), c.view(), false);
    for (std::size_t i = 0; i < 9; ++i)
      for (std::size_t j = 0; j < 21; ++j) REQUIRE(std::isfinite(c.view()(i, j)) == (i != 4));
  }
  // 0 times infinity is NaN: no shortcut for zeros.
  Ragged<T> zero(2, 3), b(3, 2, T(1)), c(2, 2);
  b.view()(1, 0) = std::numeric_limits<T>::infinity();
  multiply<T>(Op::none, Op::none, zero.view(), b.view(), c.view(), false);
  CHECK(std::isnan(c.view()(0, 0)));
  CHECK(c.view()(0, 1) == T(0));
}
