// States of sequences between the caller's order and that of packed rows.
#pragma once

#include <algorithm>
#include <seqlstm/core/arena.hpp>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/core/view.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Rows from `first` on of stacked states, in packed row order and `stride` numbers apart, zeros behind;
/// zeros alone where `stacked` has no data. Memory is the arena's.
template <class T>
MatrixView<T> sorted_states(Arena& arena, const PackedLayout& layout, ConstMatrixView<T> stacked,
                            std::size_t first, std::size_t columns, std::size_t stride) {
  T* sorted = arena.template allocate_zero<T>(layout.sequences() * stride);
  if (stacked.data() != nullptr)
    for (std::size_t r = 0; r < layout.sequences(); ++r)
      std::copy_n(stacked.row_data(first + layout.order(r)), columns, sorted + r * stride);
  return {sorted, layout.sequences(), columns, stride};
}

/// The way back: adds sorted rows to the stacked ones.
template <class T>
void add_sorted_states(const PackedLayout& layout, ConstMatrixView<T> sorted, MatrixView<T> stacked,
                       std::size_t first) {
  for (std::size_t r = 0; r < layout.sequences(); ++r)
    for (std::size_t u = 0; u < sorted.cols(); ++u) stacked(first + layout.order(r), u) += sorted(r, u);
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
