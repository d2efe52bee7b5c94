// Penalties on a recurrent network's states, to be added to a loss (Merity, McCann and Socher 2017,
// "Revisiting activation regularization for language RNNs", section 2).
//
//     loss = cross_entropy(logits, targets) + alpha * activation_penalty(dropped) + beta *
//     temporal_penalty(y)
#pragma once

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/row_sums.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// A 1x1 mean of `count` squares: sum(r) is the share of sequence row r, backward(r, factor) adds its
/// derivative times factor. Shares are summed in double, in order of the rows; threads split the rows.
template <Scalar T, class Sum, class Backward>
Var<T> mean_of_squares(const SeqVar<T>& x, std::size_t count, Sum sum, Backward backward) {
  const PackedLayout& layout = *x.layout();
  double* sums = x.tape().arena().template allocate<double>(layout.sequences());
  for_parts(layout.sequences(), 1, x.value().size(), [&](IndexRange rows) {
    for (std::size_t r = rows.begin; r < rows.end; ++r) sums[r] = sum(r);
  });
  RowTotal<T> total(x);
  for (std::size_t r = 0; r < layout.active(0); ++r) total.of(r) += sums[r];  // empty ones have none
  const double all = count_on_ranks(x.tape(), count), share = all == 0 ? 0 : 1 / all;
  Var<T> mean = x.tape().make(1, 1, x.needs_gradient());
  mean.node()->value(0, 0) = static_cast<T>(total.sum() * share);
  x.tape().record(mean, [x, share, backward](ConstMatrixView<T> d) {
    const MatrixView<T> dx = x.tape().gradient(x);
    const T factor = static_cast<T>(2 * share * double{d(0, 0)});
    for_parts(x.layout()->sequences(), 1, dx.size(), [&](IndexRange rows) {
      for (std::size_t r = rows.begin; r < rows.end; ++r) backward(r, factor, dx);
    });
  });
  return mean;
}

}  // namespace detail

/// AR: the mean of x^2 over all tokens and columns; 0 for a batch without tokens.
template <Scalar T> Var<T> activation_penalty(const SeqVar<T>& x);

/// TAR: the mean of (x_t - x_t-1)^2 over all tokens that have one before them, and columns; 0 where none has.
template <Scalar T> Var<T> temporal_penalty(const SeqVar<T>& x);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/regularization.ipp>
#endif
