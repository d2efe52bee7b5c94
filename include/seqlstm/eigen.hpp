// Views as Eigen maps and back, without copying: for linear algebra beside the library's own.
#pragma once

#pragma push_macro("Success")  // of X11, and a name of Eigen's
#undef Success
#include <Eigen/Core>
#pragma pop_macro("Success")
#include <seqlstm/core/view.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// A row-major Eigen matrix with the view's rows after one another, `stride` numbers apart.
template <class T>
using EigenMap =
    Eigen::Map<std::conditional_t<std::is_const_v<T>,
                                  const Eigen::Matrix<std::remove_const_t<T>, Eigen::Dynamic, Eigen::Dynamic,
                                                      Eigen::RowMajor>,
                                  Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>,
               Eigen::Unaligned, Eigen::OuterStride<>>;

/// `as_eigen(layer.weight.view()) * x`: reads, and writes where the view may, the view's own memory.
template <class T> EigenMap<T> as_eigen(const MatrixView<T>& view) {
  return {view.data(), static_cast<Eigen::Index>(view.rows()), static_cast<Eigen::Index>(view.cols()),
          Eigen::OuterStride<>(static_cast<Eigen::Index>(view.stride()))};
}

/// The numbers of a row-major Eigen matrix as a view; the matrix must outlive it.
template <class T, int Rows, int Cols, int Options>
MatrixView<T> as_view(Eigen::Matrix<T, Rows, Cols, Options>& matrix) {
  static_assert((Options & Eigen::RowMajor) != 0 || Cols == 1,
                "seqlstm: views are row-major; use Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, "
                "Eigen::RowMajor>");
  return {matrix.data(), static_cast<std::size_t>(matrix.rows()), static_cast<std::size_t>(matrix.cols())};
}

SEQLSTM_NAMESPACE_END
