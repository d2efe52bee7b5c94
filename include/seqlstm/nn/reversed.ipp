// Definitions of reversed.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/nn/reversed.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T>
void reverse_rows(const PackedLayout& layout, ConstMatrixView<T> x, MatrixView<T> y, bool add) {
  const std::size_t cols = x.cols();
  for_parts(layout.steps(), 1, x.size(), [&](IndexRange steps) {
    for (std::size_t t = steps.begin; t < steps.end; ++t)
      for (std::size_t r = 0; r < layout.active(t); ++r) {
        const T* from = x.row_data(layout.offset(layout.length(r) - 1 - t) + r);
        T* to = y.row_data(layout.offset(t) + r);
        if (add) {
          for (std::size_t c = 0; c < cols; ++c) to[c] += from[c];
        } else {
          std::copy_n(from, cols, to);
        }
      }
  });
}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                                               \
  template void detail::reverse_rows<T>(const PackedLayout& layout, ConstMatrixView<T> x, MatrixView<T> y, \
                                        bool add);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
