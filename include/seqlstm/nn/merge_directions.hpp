// The two directions of a bidirectional layer as one: their sum, mean or product, where they usually stand
// side by side. What Keras calls the merge mode of its Bidirectional.
#pragma once

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/error.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// How two directions become one.
enum class MergeMode {
  sum,     ///< forward + reverse (Keras: "sum")
  mean,    ///< half of the sum (Keras: "ave")
  product  ///< forward * reverse (Keras: "mul")
};

namespace detail {

/// Throws shape_error for an odd number.
void check_halves(std::size_t cols);
/// y(r, c) of x(r, c) and x(r, H + c), H the columns of y.
template <Scalar T> void merge_halves(MergeMode mode, ConstMatrixView<T> x, MatrixView<T> y);
/// Adds what dy makes of the two halves to dx.
template <Scalar T>
void add_half_gradients(MergeMode mode, ConstMatrixView<T> x, ConstMatrixView<T> dy, MatrixView<T> dx);

}  // namespace detail

/// y(r, c) = x(r, c) and x(r, H + c) merged, x [rows, 2 H], y [rows, H]; of a Var (a row per sequence, as
/// last() makes of a bidirectional layer) and of a SeqVar (a row per token). Its columns are of no direction:
/// last() of them is the last token. Throws shape_error for an odd number of columns.
template <template <class> class V, Scalar T>
requires(std::derived_from<V<T>, Variable<T>>) V<T> merge_directions(const V<T>& x, MergeMode mode) {
  detail::check_halves(x.cols());
  V<T> y = x.tape().make_like(x, x.cols() / 2, x.needs_gradient());
  detail::merge_halves<T>(mode, x.value(), y.node()->value);
  x.tape().record(y, [x, mode](ConstMatrixView<T> dy) {
    detail::add_half_gradients<T>(mode, x.value(), dy, x.tape().gradient(x));
  });
  return y;
}

/// merge_directions() as a layer. No parameters.
struct MergeDirections {
  MergeMode mode = MergeMode::sum;  ///< how
  /// merge_directions(x, mode).
  template <template <class> class V, Scalar T>
  requires(std::derived_from<V<T>, Variable<T>>) V<T>
  operator()(const V<T>& x) const { return merge_directions(x, mode); }
  template <class Visitor> void fields(Visitor&) {}
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/merge_directions.ipp>
#endif
