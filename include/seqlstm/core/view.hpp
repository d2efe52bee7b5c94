// Row-major matrix views: the library's common currency for memory it does not own.
#pragma once

#include <cstddef>
#include <seqlstm/core/abi.hpp>
#include <span>
#include <string>
#include <type_traits>

SEQLSTM_PLAIN_NAMESPACE_BEGIN

/// A row-major window of `rows` x `cols` elements, `stride` elements from one row to the next. Owns nothing.
template <class T> class MatrixView {
 public:
  [[gnu::always_inline]] MatrixView() {}  // NOLINT(modernize-use-equals-default)
  /// Rows of `cols` elements without gaps: stride() is cols.
  [[gnu::always_inline]] MatrixView(T* data, std::size_t rows, std::size_t cols)
      : MatrixView(data, rows, cols, cols) {}
  /// The same with `stride` elements, at least `cols`, from one row's begin to the next one's.
  [[gnu::always_inline]] MatrixView(T* data, std::size_t rows, std::size_t cols, std::size_t stride)
      : data_(data), rows_(rows), cols_(cols), stride_(stride) {}

  /// A mutable view converts to a constant one.
  template <class U>
  requires(std::is_const_v<T>&& std::is_same_v<const U, T>)
      [[gnu::always_inline]] MatrixView(const MatrixView<U>& other)  // NOLINT(google-explicit-constructor)
      : MatrixView(other.data(), other.rows(), other.cols(), other.stride()) {}

  /// First element of row 0; null for a view of nothing.
  [[nodiscard, gnu::always_inline]] T* data() const { return data_; }
  [[nodiscard, gnu::always_inline]] std::size_t rows() const { return rows_; }  ///< rows of the view
  [[nodiscard, gnu::always_inline]] std::size_t cols() const { return cols_; }  ///< elements of a row
  /// Elements from one row's begin to the next one's.
  [[nodiscard, gnu::always_inline]] std::size_t stride() const { return stride_; }
  /// Elements of all rows, without what lies between them.
  [[nodiscard, gnu::always_inline]] std::size_t size() const { return rows_ * cols_; }
  /// No element, or no memory.
  [[nodiscard, gnu::always_inline]] bool empty() const { return data_ == nullptr || size() == 0; }

  /// First element of row r; not checked against rows().
  [[nodiscard, gnu::always_inline]] T* row_data(std::size_t r) const { return data_ + r * stride_; }
  /// The cols() elements of row r.
  [[nodiscard, gnu::always_inline]] std::span<T> row(std::size_t r) const { return {row_data(r), cols_}; }
  /// Element c of row r; not checked against rows() and cols().
  [[gnu::always_inline]] T& operator()(std::size_t r, std::size_t c) const { return data_[r * stride_ + c]; }

  /// Columns [first, first + count) of every row.
  [[nodiscard, gnu::always_inline]] MatrixView columns(std::size_t first, std::size_t count) const {
    return {data_ + first, rows_, count, stride_};
  }
  /// Rows [first, first + count).
  [[nodiscard, gnu::always_inline]] MatrixView row_range(std::size_t first, std::size_t count) const {
    return {row_data(first), count, cols_, stride_};
  }

 private:
  T* data_ = nullptr;
  std::size_t rows_ = 0;
  std::size_t cols_ = 0;
  std::size_t stride_ = 0;
};

/// A view to read from.
template <class T> using ConstMatrixView = MatrixView<const T>;

SEQLSTM_PLAIN_NAMESPACE_END

SEQLSTM_NAMESPACE_BEGIN

using SEQLSTM_PLAIN::ConstMatrixView;
using SEQLSTM_PLAIN::MatrixView;

/// "3x5", for error messages.
inline std::string shape_text(std::size_t rows, std::size_t cols) {
  return std::to_string(rows) + "x" + std::to_string(cols);
}
/// The same of a view.
template <class T> std::string shape_text(const MatrixView<T>& view) {
  return shape_text(view.rows(), view.cols());
}

SEQLSTM_NAMESPACE_END
