// Definitions of lstm.hpp.
#pragma once

#include <seqlstm/nn/detail/linear.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/lstm.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE double expected_parameters(const LstmOptions& o) {
  const double directions = o.bidirectional ? 2 : 1, hidden = static_cast<double>(o.hidden),
               input = static_cast<double>(o.input), further = static_cast<double>(o.layers) - 1;
  const auto layer = [&](double width) { return directions * 4 * hidden * (width + hidden + 2); };
  return layer(input) + further * layer(directions * hidden);
}

template <Scalar T>
Lstm<T>::Lstm(LstmOptions options)
    : name(options.name),
      options_(std::move(options)),
      stack_("lstm", name,
             {options_.input, options_.hidden, options_.layers, options_.bidirectional, options_.dropout}),
      dropout_({.p = options_.dropout, .name = options_.name}) {
  set_weight_drop(options_.weight_drop);
  set_precision(options_.precision);
  initialize_constructed(*this);
}

template <Scalar T>
LstmResult<T> Lstm<T>::run(Tape<T>& tape, const EmbeddedTokens<T>& tokens,
                           const LstmState<T>& initial) const {
  check_width(tokens.dim);
  detail::LstmInput<T> input{{}, tokens, {}};
  for (std::size_t s = 0; s < 2; ++s)
    if (tokens.sources[s].index != RowSource<T>::Index::none)
      input.distinct[s] = detail::distinct_rows(tape, tokens.sources[s], *tokens.batch);
  return run(tape, tokens.batch->layout, input, initial);
}

template <Scalar T> LstmResult<T> Lstm<T>::run(const SeqVar<T>& x, const LstmState<T>& initial) const {
  check_width(x.cols());
  return run(x.tape(), *x.layout(), {x, {}, {}}, initial);
}

template <Scalar T> LstmStream<T> Lstm<T>::initial_state(std::size_t streams) const {
  if (options_.bidirectional)
    throw option_error(title() + ": streams are read forward; a bidirectional network needs whole sequences");
  return {streams, options_.layers, options_.hidden, stream_columns()};
}

template <Scalar T> ConstMatrixView<T> Lstm<T>::step(ConstMatrixView<T> x, LstmStream<T>& streams) const {
  const FlushDenormals flush;
  check_step(x.cols(), x.rows(), streams);
  return with_kernels([&](auto kernels) {
    typename decltype(kernels)::Forward run{};
    run.x = x.data();
    run.ldx = x.stride();
    return advance<decltype(kernels)>(run, streams);
  });
}

template <Scalar T>
ConstMatrixView<T> Lstm<T>::step(const EmbeddedStep<T>& tokens, LstmStream<T>& streams) const {
  const FlushDenormals flush;
  check_step(tokens.dim, tokens.ids.size(), streams);
  for (std::size_t b = 0; b < tokens.ids.size(); ++b)
    detail::check_token(tokens.source, tokens.ids[b], [&] { return "stream " + std::to_string(b); });
  return with_kernels([&](auto kernels) {
    using K = decltype(kernels);
    typename K::Forward run{};
    run.lookups[0] = {step_table_.template of<K>(stack_.weights(0, 0), tokens.source), tokens.ids.data()};
    return advance<K>(run, streams);
  });
}

template <Scalar T> void Lstm<T>::initialize(RandomKey key) {
  stack_.initialize(key);
  if (!options_.forget_bias) return;
  for (auto& direction : stack_.all()) set_forget_bias(direction, *options_.forget_bias);
}

template <Scalar T> void Lstm<T>::set_weight_drop(double p) {
  if (!(p >= 0 && p <= 1))
    throw option_error(title() + ": weight_drop is " + detail::number_text(p) +
                       ", expected a probability from 0 to 1");
  options_.weight_drop = p;
}

template <Scalar T> void Lstm<T>::prepare() const {
  with_kernels([&](auto kernels) {
    for (const auto& direction : stack_.all()) direction.template packed_forward<decltype(kernels)>();
  });
}

template <Scalar T> void Lstm<T>::set_precision(Precision precision) {
  detail::check_precision<T>(precision, title());
  options_.precision = precision;
}

template <Scalar T>
LstmResult<T> Lstm<T>::run(Tape<T>& tape, const PackedLayout& layout, detail::LstmInput<T> input,
                           const LstmState<T>& initial) const {
  const std::size_t per_layer = directions() * layout.sequences(), rows = options_.layers * per_layer;
  check_state(initial.h, rows, "h");
  check_state(initial.c, rows, "c");
  detail::LstmStates<T> states{initial.h, initial.c, tape.make(rows, options_.hidden, false),
                               tape.make(rows, options_.hidden, false), 0};
  SeqVar<T> y;
  for (std::size_t layer = 0; layer < options_.layers; ++layer) {
    if (layer > 0) input = {training ? dropout_(y) : y, {}, {}};
    states.first = layer * per_layer;
    y = with_kernels([&](auto kernels) {
      return detail::lstm_layer<decltype(kernels)>(tape, layout, stack_.layer(layer), directions(), input,
                                                   states, training ? options_.weight_drop : 0);
    });
  }
  return {y, {states.h_n, states.c_n}};
}

template <Scalar T>
void Lstm<T>::check_step(std::size_t width, std::size_t rows, const LstmStream<T>& streams) const {
  check_width(width);
  if (options_.bidirectional || streams.layers() != options_.layers || streams.hidden_ != options_.hidden ||
      streams.padded_ != stream_columns())
    throw shape_error(title() + ": the streams are of another network; make them with initial_state");
  if (rows != streams.streams())
    throw shape_error(title() + ": got " + std::to_string(rows) + " tokens for " +
                      std::to_string(streams.streams()) + " streams, expected one each");
}

template <Scalar T> std::size_t Lstm<T>::stream_columns() const {
  return with_kernels([&](auto kernels) {
    return detail::gate_shape<decltype(kernels)>(0, options_.hidden).padded_hidden();
  });
}

template <Scalar T> void Lstm<T>::check_width(std::size_t columns) const {
  if (columns != options_.input)
    throw shape_error(title() + ": input has " + std::to_string(columns) + " columns, weight expects " +
                      std::to_string(options_.input));
}

template <Scalar T>
void Lstm<T>::check_state(const Var<T>& state, std::size_t rows, const char* which) const {
  if (state.defined() && (state.rows() != rows || state.cols() != options_.hidden))
    throw shape_error(title() + ": initial " + which + " is " + shape_text(state.value()) + ", expected " +
                      shape_text(rows, options_.hidden) + " (layers * directions * sequences x hidden)");
}

template <Scalar T> void Lstm<T>::set_forget_bias(detail::LstmDirection<T>& direction, double value) {
  const std::size_t hidden = direction.hidden();
  std::fill_n(direction.bias_ih.edit().data() + hidden, hidden, static_cast<T>(value));
  std::fill_n(direction.bias_hh.edit().data() + hidden, hidden, T(0));
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class Lstm<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
