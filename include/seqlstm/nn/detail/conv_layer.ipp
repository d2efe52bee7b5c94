// Definitions of conv_layer.hpp.
#pragma once

#include <seqlstm/nn/detail/conv_layer.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T, class P> void ConvBy<T, P>::begin_rows(const Parameter<T>& bias, MatrixView<T> y) {
  for (std::size_t r = 0; r < y.rows(); ++r) {
    if (bias.size() > 0) {
      std::copy_n(bias.data(), y.cols(), y.row_data(r));
    } else {
      std::fill_n(y.row_data(r), y.cols(), T(0));
    }
  }
}

template <Scalar T, class P>
template <class Add>
void ConvBy<T, P>::fill(const PackedLayout& layout, const PackedLayout& input, const TapShape& shape,
                        const Parameter<T>& weight, const Parameter<T>& bias, MatrixView<T> y, Add&& add) {
  for_parts(y.rows(), P::grain(), product_operations(y.rows() * weight.size()), [&](IndexRange own) {
    shape.for_each_block(
        layout, input, TapRows::Side::output, own,
        [&](IndexRange rows) { begin_rows(bias, y.row_range(rows.begin, rows.end - rows.begin)); }, add);
  });
}

template <Scalar T, class P>
SeqVar<T> ConvBy<T, P>::operator()(const SeqVar<T>& x, const PackedLayout& layout, const TapShape& shape,
                                   const Parameter<T>& weight, const Parameter<T>& bias) const {
  x.tape().require_whole_batch("conv1d");
  const bool needs = x.needs_gradient() || weight.trainable || (bias.size() > 0 && bias.trainable);
  SeqVar<T> y = x.tape().make_sequence(layout, weight.rows(), needs);
  const MatrixView<T> value = y.node()->value;
  const auto& factors = forward_.of(weight);
  fill(layout, *x.layout(), shape, weight, bias, value, [&](std::size_t k, const TapRun& run) {
    factors[k].multiply(run.rows_of_input(x.value()), run.rows_of_output(value), true);
  });
  x.tape().record(
      y, [this, x, y, layout_ = &layout, shape, weight_ = &weight, bias_ = &bias](ConstMatrixView<T> dy) {
        if (weight_->trainable) weight_gradient(x, *layout_, shape, *weight_, dy);
        if (bias_->size() > 0) add_bias_gradient<T>(y, dy, *bias_);
        if (x.needs_gradient()) input_gradient(x, *layout_, shape, *weight_, dy);
      });
  return y;
}

template <Scalar T, class P>
SeqVar<T> ConvBy<T, P>::operator()(Tape<T>& tape, const EmbeddedTokens<T>& tokens, const PackedLayout& layout,
                                   const TapShape& shape, const Parameter<T>& weight,
                                   const Parameter<T>& bias) const {
  tape.require_whole_batch("conv1d");
  const auto* lookup = tape.arena().emplace(ConvLookup<T, P>(tape, tokens, weight, forward_.of(weight)));
  const bool needs = lookup->trains_rows() || weight.trainable || (bias.size() > 0 && bias.trainable);
  SeqVar<T> y = tape.make_sequence(layout, weight.rows(), needs);
  const MatrixView<T> value = y.node()->value;
  const PackedLayout* input = &tokens.batch->layout;
  fill(layout, *input, shape, weight, bias, value,
       [&](std::size_t k, const TapRun& run) { lookup->add_rows(k, run, value); });
  tape.record(y, [this, y, lookup, input, layout_ = &layout, shape, weight_ = &weight,
                  bias_ = &bias](ConstMatrixView<T> dy) {
    if (bias_->size() > 0) add_bias_gradient<T>(y, dy, *bias_);
    lookup->backward(
        dy,
        [&](IndexRange taps, auto&& body) {
          shape.for_each_run(*layout_, *input, TapRows::Side::output, {0, dy.rows()}, taps, body);
        },
        [&]() -> const auto& { return backward_.of(*weight_); });
  });
  return y;
}

template <Scalar T, class P>
void ConvBy<T, P>::input_gradient(const SeqVar<T>& x, const PackedLayout& layout, const TapShape& shape,
                                  const Parameter<T>& weight, ConstMatrixView<T> dy) const {
  const auto dx = x.tape().gradient_destination(x);
  const auto& factors = backward_.of(weight);
  for_parts(x.rows(), P::grain(), product_operations(dy.rows() * weight.size()), [&](IndexRange own) {
    shape.for_each_block(
        layout, *x.layout(), TapRows::Side::input, own,
        [&](IndexRange rows) {
          if (!dx.accumulate)
            std::fill_n(dx.gradient.row_data(rows.begin), (rows.end - rows.begin) * x.cols(), T(0));
        },
        [&](std::size_t k, const TapRun& run) {
          factors[k].multiply(run.rows_of_output(dy), run.rows_of_input(dx.gradient), true);
        });
  });
}

/// Rows that all taps' sums take in before the next rows are begun: a constant, so that sums have one order.
inline constexpr std::size_t rows_of_sums = 2048;

template <Scalar T, class P>
void ConvBy<T, P>::weight_gradient(const SeqVar<T>& x, const PackedLayout& layout, const TapShape& shape,
                                   const Parameter<T>& weight, ConstMatrixView<T> dy) {
  auto& arena = x.tape().arena();
  const TapSums<T> sums(arena, weight);
  sums.template for_each_part<P>(arena, dy.rows(), [&](const TapPart& part, auto* scratch) {
    for (std::size_t first = 0; first < dy.rows(); first += rows_of_sums) {
      const IndexRange rows{first, std::min(dy.rows(), first + rows_of_sums)};
      shape.for_each_run(layout, *x.layout(), TapRows::Side::output, rows, part.taps(),
                         [&](std::size_t k, const TapRun& run) {
                           P::add_outer(run.rows_of_output(dy), run.rows_of_input(x.value()), part.outputs(k),
                                        sums.of(k), scratch);
                         });
    }
  });
  sums.add_to(weight);
}

#if !SEQLSTM_HEADER_ONLY
template class ConvBy<float, RoundedKernels>;
template class ConvBy<float, Kernels<float>>;
template class ConvBy<double, Kernels<double>>;
#endif

}  // namespace detail

SEQLSTM_NAMESPACE_END
