// From one row per token to one row per sequence, in the caller's order: last, mean, max, and several side by
// side. A sequence without tokens gives zeros and takes no gradient.
#pragma once

#include <array>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/concat.hpp>
#include <tuple>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// One row of a view, as a 1 x cols view.
template <class T> MatrixView<T> one_row(const MatrixView<T>& view, std::size_t row) {
  return view.row_range(row, 1);
}

/// Calls body(caller's index, packed row's place r, length) for every sequence; threads split the sequences.
template <class Body> void for_each_sequence(const PackedLayout& layout, std::size_t cols, Body&& body) {
  for_parts(layout.sequences(), 1, layout.tokens() * cols, [&](IndexRange rows) {
    for (std::size_t r = rows.begin; r < rows.end; ++r) body(layout.order(r), r, layout.length(r));
  });
}

/// A pooled result: rows = sequences, `widths` times as wide as x, zero at first.
template <Scalar T> Var<T> pooled(const SeqVar<T>& x, std::size_t widths = 1);

}  // namespace detail

/// The final states: each column's value where its recurrence ended, at the last token, or at token 0 for the
/// columns of a reverse direction (from x.reverse_from() on).
template <Scalar T> Var<T> last(const SeqVar<T>& x);
/// Another name for last(): the final states of both directions side by side.
template <Scalar T> Var<T> final_states(const SeqVar<T>& x) {
  return last(x);
}

/// The means over so many bins of a sequence's tokens, side by side, each summed from its first token to
/// its last: bin k of n goes from token floor(k L / n) to before ceil((k + 1) L / n), so that those of a
/// short sequence overlap. PyTorch's adaptive_avg_pool1d. Throws option_error for no bins.
template <Scalar T> Var<T> adaptive_mean(const SeqVar<T>& x, std::size_t bins);
/// The mean over a sequence's tokens.
template <Scalar T> Var<T> mean(const SeqVar<T>& x) {
  return adaptive_mean(x, 1);
}

/// The largest value of each column over a sequence's tokens. The gradient goes to the first token that has
/// it; a NaN counts as the largest.
template <Scalar T> Var<T> max(const SeqVar<T>& x);

/// last() as a layer.
struct Last {
  static constexpr std::size_t widths = 1;  ///< columns of the result for each of x
  /// last(x), [sequences, cols].
  template <Scalar T> Var<T> operator()(const SeqVar<T>& x) const { return last(x); }
  template <class Visitor> void fields(Visitor&) {}
};
/// mean() as a layer.
struct Mean {
  static constexpr std::size_t widths = 1;  ///< columns of the result for each of x
  /// mean(x), [sequences, cols].
  template <Scalar T> Var<T> operator()(const SeqVar<T>& x) const { return mean(x); }
  template <class Visitor> void fields(Visitor&) {}
};
/// max() as a layer.
struct Max {
  static constexpr std::size_t widths = 1;  ///< columns of the result for each of x
  /// max(x), [sequences, cols].
  template <Scalar T> Var<T> operator()(const SeqVar<T>& x) const { return max(x); }
  template <class Visitor> void fields(Visitor&) {}
};
/// Several poolings of the same steps side by side.
template <class... Poolings> struct Concat {
  static constexpr std::size_t widths = (Poolings::widths + ...);  ///< columns of the result for each of x
  std::tuple<Poolings...> poolings;                                ///< from left to right
  /// concat() of all of them, [sequences, widths * cols]. They run from left to right.
  template <Scalar T> Var<T> operator()(const SeqVar<T>& x) const {
    const auto pooled = std::apply(
        [&](const auto&... pooling) {
          return std::array<Var<T>, sizeof...(Poolings)>{pooling(x)...};  // unlike arguments, in this order
        },
        poolings);
    return std::apply([](const auto&... parts) { return concat(parts...); }, pooled);
  }
  template <class Visitor> void fields(Visitor&) {}
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/pooling.ipp>
#endif
