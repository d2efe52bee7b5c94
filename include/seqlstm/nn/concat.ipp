// Definitions of concat.hpp.
#pragma once

#include <algorithm>
#include <limits>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/concat.hpp>
#include <seqlstm/nn/detail/same_tokens.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Where columns of a reverse direction begin in the whole; nowhere where forward ones follow them.
template <Scalar T> std::size_t parts_reverse_from(std::span<const Variable<T>> parts) {
  constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();
  std::size_t from = nowhere, begin = 0;
  for (const auto& part : parts) {
    const std::size_t own = std::min(part.node()->reverse_from, part.cols());
    if (from != nowhere && own > 0) return nowhere;
    if (from == nowhere && own < part.cols()) from = begin + own;
    begin += part.cols();
  }
  return from;
}

template <Scalar T> ConcatShape concat_shape(std::span<const Variable<T>> parts, bool by_token) {
  for (std::size_t k = 0; k < parts.size(); ++k)
    if (!parts[k].defined())
      throw option_error("concat: part " + std::to_string(k + 1) + " of " + std::to_string(parts.size()) +
                         " is an undefined handle, expected a value on a tape");
  const auto& first = parts.front();
  ConcatShape shape{0, false, parts_reverse_from(parts)};
  for (const auto& part : parts) {
    if (by_token) require_same_tokens("concat", "the first part", *first.layout(), "another", *part.layout());
    if (part.rows() != first.rows())
      throw shape_error("concat: parts have " + std::to_string(first.rows()) + " and " +
                        std::to_string(part.rows()) +
                        " rows, expected one row per sequence of the same batch");
    shape.cols += part.cols();
    shape.needs_gradient = shape.needs_gradient || part.needs_gradient();
  }
  return shape;
}

template <Scalar T> void copy_parts(std::span<const Variable<T>> parts, MatrixView<T> out) {
  for_parts(out.rows(), 1, out.size(), [&](IndexRange rows) {
    for (std::size_t r = rows.begin; r < rows.end; ++r) {
      T* place = out.row_data(r);
      for (const auto& part : parts) place = std::copy_n(part.value().row_data(r), part.cols(), place);
    }
  });
}

template <Scalar T> void add_part_gradients(std::span<const Variable<T>> parts, ConstMatrixView<T> dy) {
  std::size_t from = 0;
  for (const auto& part : parts) {
    if (part.needs_gradient()) {
      const MatrixView<T> d = part.tape().gradient(part);
      const auto own = dy.columns(from, part.cols());
      for_parts(d.rows(), 1, d.size(), [&](IndexRange rows) {
        const std::size_t count = rows.end - rows.begin;
        const auto place = d.row_range(rows.begin, count);
        Kernels<T>::add(place, own.row_range(rows.begin, count), place);
      });
    }
    from += part.cols();
  }
}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                                            \
  template detail::ConcatShape detail::concat_shape(std::span<const Variable<T>> parts, bool by_token); \
  template void detail::copy_parts(std::span<const Variable<T>> parts, MatrixView<T> out);              \
  template void detail::add_part_gradients(std::span<const Variable<T>> parts, ConstMatrixView<T> dy);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
