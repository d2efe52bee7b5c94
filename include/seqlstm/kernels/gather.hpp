// Rows by index: the input product of a token is a row lookup, its gradient an addition into that row.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/core/view.hpp>
#include <seqlstm/kernels/simd.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// out row k (+)= table row ids[k].
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void gather_rows(ConstMatrixView<T> table, const std::int32_t* ids, std::size_t count,
                                  MatrixView<T> out, bool accumulate) {
  using V = Vec<T, Arch>;
  for (std::size_t k = 0; k < count; ++k) {
    const T* source = table.row_data(static_cast<std::size_t>(ids[k]));
    T* place = out.row_data(k);
    for (std::size_t i = 0; i < out.cols(); i += V::size) {
      const std::size_t used = out.cols() - i;
      const V v = load_partial<V>(source + i, used);
      store_partial(place + i, accumulate ? load_partial<V>(place + i, used) + v : v, used);
    }
  }
}

/// table row ids[k] += rows row k for the columns in `columns`, tokens in order: deterministic, and threads
/// that own different columns never meet.
template <class T, class Arch = DefaultArch>
[[gnu::flatten]] void scatter_add_rows(ConstMatrixView<T> rows, const std::int32_t* ids, MatrixView<T> table,
                                       IndexRange columns) {
  using V = Vec<T, Arch>;
  for (std::size_t k = 0; k < rows.rows(); ++k) {
    const T* source = rows.row_data(k);
    T* place = table.row_data(static_cast<std::size_t>(ids[k]));
    for (std::size_t i = columns.begin; i < columns.end; i += V::size) {
      const std::size_t used = columns.end - i;
      store_partial(place + i, load_partial<V>(place + i, used) + load_partial<V>(source + i, used), used);
    }
  }
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END
