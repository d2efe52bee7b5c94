// Columns of several values side by side, of one row per sequence or of one row per token.
#pragma once

#include <array>
#include <seqlstm/autograd/tape.hpp>
#include <span>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// What the parts of a concatenation are together.
struct ConcatShape {
  std::size_t cols;          ///< of all parts
  bool needs_gradient;       ///< does one?
  std::size_t reverse_from;  ///< as Node's
};
/// Throws where the parts are not of one batch.
template <Scalar T> ConcatShape concat_shape(std::span<const Variable<T>> parts, bool by_token);
template <Scalar T> void copy_parts(std::span<const Variable<T>> parts, MatrixView<T> out);
template <Scalar T> void add_part_gradients(std::span<const Variable<T>> parts, ConstMatrixView<T> dy);

}  // namespace detail

/// Columns of several values side by side, [rows, sum of cols]: concat(last(y), max(y), mean(y)) of Vars, or
/// concat(dense_rows(tape, tokens), lstm(tokens)) of SeqVars; all are of one kind.
///
/// Columns of a reverse direction remain such, so that last() finds their final state, where they end up
/// behind all others: last() of two bidirectional outputs is concat(last(a), last(b)), not last(concat(a,
/// b)). Throws shape_error for parts with other numbers of rows or, as SeqVars, of other tokens, and
/// option_error for an undefined handle.
template <template <class> class V, Scalar T, class... More>
requires(std::derived_from<V<T>, Variable<T>> &&
         (std::same_as<More, V<T>> && ...)) V<T> concat(const V<T>& first, const More&... more) {
  using Parts = std::array<Variable<T>, 1 + sizeof...(More)>;
  const Parts parts = {first, more...};
  const auto shape = detail::concat_shape<T>(parts, std::same_as<V<T>, SeqVar<T>>);
  V<T> out = first.tape().make_like(first, shape.cols, shape.needs_gradient);
  out.node()->reverse_from = shape.reverse_from;
  detail::copy_parts<T>(parts, out.node()->value);
  first.tape().record(out, [parts](ConstMatrixView<T> dy) { detail::add_part_gradients<T>(parts, dy); });
  return out;
}

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/concat.ipp>
#endif
