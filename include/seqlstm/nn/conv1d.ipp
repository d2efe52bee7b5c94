// Definitions of conv1d.hpp.
#pragma once

#include <cmath>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/core/sizes.hpp>
#include <seqlstm/nn/conv1d.hpp>
#include <seqlstm/nn/init.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
Conv1dStream<T>::Conv1dStream(std::size_t streams, std::size_t places, std::size_t inputs,
                              std::size_t outputs)
    : streams_(streams),
      places_(places),
      inputs_(inputs),
      outputs_(outputs),
      past_(addressable_product("conv1d_stream", {places, streams, inputs}, sizeof(T))),
      y_(addressable_product("conv1d_stream", {streams, outputs}, sizeof(T))) {}

template <Scalar T>
Conv1d<T>::Conv1d(Conv1dOptions options)
    : options_(std::move(options)),
      name(options_.name),
      weight({options_.output, options_.input, options_.kernel}, title()),
      bias(options_.bias ? options_.output : 0) {
  const auto& o = options_;
  if (o.input == 0 || o.output == 0 || o.kernel == 0 || o.stride == 0 || o.dilation == 0)
    throw option_error(title() + ": input, output, kernel, stride and dilation must be at least 1, got " +
                       std::to_string(o.input) + ", " + std::to_string(o.output) + ", " +
                       std::to_string(o.kernel) + ", " + std::to_string(o.stride) + ", " +
                       std::to_string(o.dilation));
  addressable_product(title(), {o.dilation, o.kernel}, 1);
  set_precision(o.precision);
  initialize_constructed(*this);
}

template <Scalar T> void Conv1d<T>::set_precision(Precision precision) {
  detail::check_precision<T>(precision, title());
  if (precision == Precision::int8) detail::check_int8_terms(options_.input, title());
  options_.precision = precision;
}

template <Scalar T> void Conv1d<T>::initialize(RandomKey key) {
  const double bound = 1 / std::sqrt(static_cast<double>(weight.cols()));
  RandomStream random(key);
  init::uniform(weight.edit(), random, -bound, bound);
  init::uniform(bias.edit(), random, -bound, bound);
}

template <Scalar T> void Conv1d<T>::prepare() const {
  with_operation([&](const auto& operation) { operation.prepare(weight); });
}

template <Scalar T> std::size_t Conv1d<T>::output_length(std::size_t tokens) const {
  const std::size_t lost = options_.padding == Padding::valid ? reach() : 0;
  return tokens <= lost ? 0 : (tokens - lost - 1) / options_.stride + 1;
}

template <Scalar T> detail::TapShape Conv1d<T>::shape() const {
  const std::size_t left = options_.padding == Padding::same     ? reach() / 2
                           : options_.padding == Padding::causal ? reach()
                                                                 : 0;
  return {options_.kernel, options_.stride, options_.dilation, left};
}

template <Scalar T>
const PackedLayout& Conv1d<T>::output_layout(Tape<T>& tape, const PackedLayout& input) const {
  const bool valid = options_.padding == Padding::valid;
  if (options_.stride == 1 && (!valid || reach() == 0)) return input;
  for (std::size_t r = 0; valid && r < input.sequences() && input.length(r) > 0; ++r)
    if (input.length(r) <= reach())
      throw shape_error(title() + ": record " + std::to_string(input.record(r)) + " has " +
                        std::to_string(input.length(r)) + " tokens, a kernel of " +
                        std::to_string(options_.kernel) + " with dilation " +
                        std::to_string(options_.dilation) + " needs " + std::to_string(reach() + 1) +
                        "; leave shorter records out or choose the padding same or causal");
  PackedLayout& layout = tape.new_layout();
  layout.assign_shorter(input, [this](std::size_t tokens) { return output_length(tokens); });
  return layout;
}

template <Scalar T> SeqVar<T> Conv1d<T>::operator()(const SeqVar<T>& x) const {
  detail::check_columns("conv1d", name, x, "weight", input());
  const PackedLayout& layout = output_layout(x.tape(), *x.layout());
  return with_operation([&](const auto& operation) { return operation(x, layout, shape(), weight, bias); });
}

template <Scalar T> SeqVar<T> Conv1d<T>::operator()(Tape<T>& tape, const EmbeddedTokens<T>& tokens) const {
  detail::check_columns("conv1d", name, ConstMatrixView<T>(nullptr, 0, tokens.dim), "weight", input());
  const PackedLayout& layout = output_layout(tape, tokens.batch->layout);
  return with_operation(
      [&](const auto& operation) { return operation(tape, tokens, layout, shape(), weight, bias); });
}

template <Scalar T> Conv1dStream<T> Conv1d<T>::initial_state(std::size_t streams) const {
  if (options_.padding != Padding::causal || options_.stride != 1)
    throw option_error(title() +
                       ": streams are for causal padding and stride 1; other convolutions read tokens that "
                       "are not there yet");
  return {streams, reach() + 1, input(), output()};
}

template <Scalar T> ConstMatrixView<T> Conv1d<T>::step(ConstMatrixView<T> x, Conv1dStream<T>& streams) const {
  detail::check_columns("conv1d", name, x, "weight", input());
  if (streams.places_ != reach() + 1 || streams.inputs_ != input() || streams.outputs_ != output())
    throw shape_error(title() + ": the streams are of another layer; make them with initial_state");
  if (x.rows() != streams.streams())
    throw shape_error(title() + ": got " + std::to_string(x.rows()) + " tokens for " +
                      std::to_string(streams.streams()) + " streams, expected one each");
  const FlushDenormals flush;
  const MatrixView<T> here = streams.place(streams.read_);
  for (std::size_t b = 0; b < x.rows(); ++b) std::copy_n(x.row_data(b), x.cols(), here.row_data(b));
  const auto rows_of = [&](std::size_t tap) -> ConstMatrixView<T> {
    const std::size_t back = reach() - tap * options_.dilation;
    return back > streams.read_ ? ConstMatrixView<T>() : streams.place(streams.read_ - back);
  };
  with_operation([&](const auto& operation) { operation.one_step(weight, bias, rows_of, streams.result()); });
  ++streams.read_;
  return streams.result();
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)      \
  template class Conv1dStream<T>; \
  template class Conv1d<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
