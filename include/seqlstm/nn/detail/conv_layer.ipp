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
  const bool needs = x.needs_gradient() || weight.trainable || (bias.size() > 0 && bias.trainable);
  if (!trains<P> && needs && x.tape().training()) throw int8_trains("conv1d");
  SeqVar<T> y = x.tape().make_sequence(layout, weight.rows(), needs);
  const MatrixView<T> value = y.node()->value;
  const auto& factors = forward_.of(weight);
  fill(layout, *x.layout(), shape, weight, bias, value, [&](std::size_t k, const TapRun& run) {
    factors[k].multiply(run.rows_of_input(x.value()), run.rows_of_output(value), true);
  });
  if constexpr (trains<P>)
    x.tape().record(
        y, [this, x, y, layout_ = &layout, shape, weight_ = &weight, bias_ = &bias](ConstMatrixView<T> dy) {
          if (weight_->trainable) weight_gradient(x, y, shape, *weight_, dy);
          if (bias_->size() > 0) add_bias_gradient<T>(y, dy, *bias_);
          if (x.needs_gradient()) input_gradient(x, *layout_, shape, *weight_, dy);
        });
  return y;
}

template <Scalar T, class P>
SeqVar<T> ConvBy<T, P>::operator()(Tape<T>& tape, const EmbeddedTokens<T>& tokens, const PackedLayout& layout,
                                   const TapShape& shape, const Parameter<T>& weight,
                                   const Parameter<T>& bias) const {
  const auto* lookup = tape.arena().emplace(ConvLookup<T, P>(tape, tokens, weight, forward_.of(weight)));
  const bool needs = lookup->trains_rows() || weight.trainable || (bias.size() > 0 && bias.trainable);
  if (!trains<P> && needs && tape.training()) throw int8_trains("conv1d");
  SeqVar<T> y = tape.make_sequence(layout, weight.rows(), needs);
  const MatrixView<T> value = y.node()->value;
  const PackedLayout* input = &tokens.batch->layout;
  fill(layout, *input, shape, weight, bias, value,
       [&](std::size_t k, const TapRun& run) { lookup->add_rows(k, run, value); });
  if constexpr (trains<P>)
    tape.record(y, [this, y, lookup, input, shape, weight_ = &weight, bias_ = &bias](ConstMatrixView<T> dy) {
      if (bias_->size() > 0) add_bias_gradient<T>(y, dy, *bias_);
      token_gradients(*lookup, y, *input, shape, *weight_, dy);
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
void ConvBy<T, P>::weight_gradient(const SeqVar<T>& x, const SeqVar<T>& y, const TapShape& shape,
                                   const Parameter<T>& weight, ConstMatrixView<T> dy) {
  Tape<T>& tape = x.tape();
  if (tape.shards() == nullptr)
    return sum_taps(tape.arena(), *y.layout(), *x.layout(), shape, weight, dy, x.value(), weight.gradient());
  GatheredRows<T> outputs(tape, tape.shard_rows(y)), inputs(tape, tape.shard_rows(x));
  T* const sums = sum_shards(tape, weight.size(), [&](std::size_t shard, T* to) {
    outputs.begin(shard);
    inputs.begin(shard);
    sum_taps(tape.arena(), shard_layout(tape, *y.layout(), shard), shard_layout(tape, *x.layout(), shard),
             shape, weight, outputs(dy), inputs(x.value()), {to, weight.rows(), weight.cols()});
  });
  tape.shards()->send(weight.gradient(), sums);
}

template <Scalar T, class P>
void ConvBy<T, P>::sum_taps(Arena& arena, const PackedLayout& layout, const PackedLayout& input,
                            const TapShape& shape, const Parameter<T>& weight, ConstMatrixView<T> dy,
                            ConstMatrixView<T> x, MatrixView<T> gradient) {
  const TapSums<T> sums(arena, weight);
  if constexpr (trains<P>)
    sums.template for_each_part<P>(arena, dy.rows(), [&](const TapPart& part, auto* scratch) {
      for (std::size_t first = 0; first < dy.rows(); first += rows_of_sums) {
        const IndexRange rows{first, std::min(dy.rows(), first + rows_of_sums)};
        shape.for_each_run(layout, input, TapRows::Side::output, rows, part.taps(),
                           [&](std::size_t k, const TapRun& run) {
                             P::add_outer(run.rows_of_output(dy), run.rows_of_input(x), part.outputs(k),
                                          sums.of(k), scratch);
                           });
      }
    });
  sums.add_to(gradient);
}

template <Scalar T, class P>
void ConvBy<T, P>::token_gradients(const ConvLookup<T, P>& tokens, const SeqVar<T>& y,
                                   const PackedLayout& input, const TapShape& shape,
                                   const Parameter<T>& weight, ConstMatrixView<T> dy) const {
  Tape<T>& tape = y.tape();
  const auto add = [&](const ConvLookup<T, P>& of, const ConvGradients<T>& to, const PackedLayout& outputs,
                       const PackedLayout& inputs, ConstMatrixView<T> own_dy) {
    of.backward(
        own_dy, to,
        [&](IndexRange taps, auto&& body) {
          shape.for_each_run(outputs, inputs, TapRows::Side::output, {0, own_dy.rows()}, taps, body);
        },
        [&]() -> const auto& { return backward_.of(weight); });
  };
  if (tape.shards() == nullptr) return add(tokens, tokens.gradients(), *y.layout(), input, dy);
  std::size_t size = 0;
  const auto places_in = [&](T* sums) {
    size = 0;
    return tokens.gradients_at([&](const Parameter<T>& of) {
      T* const place = sums == nullptr ? nullptr : sums + size;
      size += of.size();
      return MatrixView<T>(place, of.rows(), of.cols());
    });
  };
  places_in(nullptr);
  GatheredRows<T> outputs(tape, tape.shard_rows(y)), inputs(tape, tape.shard_rows(input));
  T* const sums = sum_shards(tape, std::size_t{size}, [&](std::size_t shard, T* to) {
    outputs.begin(shard);
    inputs.begin(shard);
    add(tokens.part(inputs), places_in(to), shard_layout(tape, *y.layout(), shard),
        shard_layout(tape, input, shard), outputs(dy));
  });
  T* next = sums;
  tokens.gradients_at([&](const Parameter<T>& of) {
    tape.shards()->send(of.gradient(), std::exchange(next, next + of.size()));
    return MatrixView<T>();
  });
}

#if !SEQLSTM_HEADER_ONLY
template class ConvBy<float, QuantizedKernels>;
template class ConvBy<float, RoundedKernels>;
template class ConvBy<float, Kernels<float>>;
template class ConvBy<double, Kernels<double>>;
#endif

}  // namespace detail

SEQLSTM_NAMESPACE_END
