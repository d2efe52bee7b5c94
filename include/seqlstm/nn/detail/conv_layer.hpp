// A convolution over the steps of a packed batch as an operation on the tape, without a copy of the input.
//
//   forward    for each block of rows of y: y = b, then each tap k in order, each run of rows that it joins:
//                                                                           y rows += x rows W_k^T
//   backward   for each block of rows of x, each tap in order, each run:   dx rows += dy rows W_k
//              for each block of rows of y, each tap, each run:            dW_k += (dy rows)^T (x rows)
//
// A row's sum has one order whatever rows are computed beside it. Threads split the rows of y and of dx; of
// the sums over rows they split the outputs of all taps.
#pragma once

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/nn/detail/conv_lookup.hpp>
#include <seqlstm/nn/detail/tap_runs.hpp>
#include <seqlstm/nn/detail/tap_weights.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// The operation on dense rows and on tokens, for a weight [O, I, kernel] and a bias (may be empty) that
/// belong to somebody else, with copies of W_k in the order of the products P. Weight, bias and this object
/// must outlive the tape's step.
template <Scalar T, class P> class ConvBy {
 public:
  /// Packs the weight for forward products now.
  void prepare(const Parameter<T>& weight) const { forward_.of(weight); }
  /// y with the steps of `layout`, which must live until the tape's next reset().
  SeqVar<T> operator()(const SeqVar<T>& x, const PackedLayout& layout, const TapShape& shape,
                       const Parameter<T>& weight, const Parameter<T>& bias) const;
  /// The same from tokens, which are looked up: conv_lookup.hpp.
  SeqVar<T> operator()(Tape<T>& tape, const EmbeddedTokens<T>& tokens, const PackedLayout& layout,
                       const TapShape& shape, const Parameter<T>& weight, const Parameter<T>& bias) const;
  /// One step of y from the rows that each tap reads; rows_of(k) has no memory where tap k has none.
  template <class RowsOf>
  void one_step(const Parameter<T>& weight, const Parameter<T>& bias, RowsOf&& rows_of,
                MatrixView<T> y) const {
    const auto& factors = forward_.of(weight);
    begin_rows(bias, y);
    for (std::size_t k = 0; k < TapSizes(weight).taps; ++k)
      if (const ConstMatrixView<T> rows = rows_of(k); rows.data() != nullptr)
        factors[k].multiply(rows, y, true);
  }

 private:
  static void begin_rows(const Parameter<T>& bias, MatrixView<T> y);
  /// Fills y: the bias, then add(tap, run) for all runs, block by block; threads split the rows.
  template <class Add>
  static void fill(const PackedLayout& layout, const PackedLayout& input, const TapShape& shape,
                   const Parameter<T>& weight, const Parameter<T>& bias, MatrixView<T> y, Add&& add);
  void input_gradient(const SeqVar<T>& x, const PackedLayout& layout, const TapShape& shape,
                      const Parameter<T>& weight, ConstMatrixView<T> dy) const;
  static void weight_gradient(const SeqVar<T>& x, const SeqVar<T>& y, const TapShape& shape,
                              const Parameter<T>& weight, ConstMatrixView<T> dy);
  /// gradient += the sums over all rows of a batch, of the weight's shape.
  static void sum_taps(Arena& arena, const PackedLayout& layout, const PackedLayout& input,
                       const TapShape& shape, const Parameter<T>& weight, ConstMatrixView<T> dy,
                       ConstMatrixView<T> x, MatrixView<T> gradient);
  /// Those of a convolution of tokens.
  void token_gradients(const ConvLookup<T, P>& tokens, const SeqVar<T>& y, const PackedLayout& input,
                       const TapShape& shape, const Parameter<T>& weight, ConstMatrixView<T> dy) const;

  CachedTaps<T, WeightUse::forward, P> forward_;
  CachedTaps<T, WeightUse::backward, P> backward_;
};

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/conv_layer.ipp>
#endif
