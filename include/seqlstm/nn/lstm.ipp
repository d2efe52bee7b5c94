// Definitions of lstm.hpp.
#pragma once

#include <seqlstm/nn/detail/linear.hpp>
#include <seqlstm/nn/detail/lstm_cell_layer.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/lstm.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE double expected_parameters(const LstmOptions& o) {
  const double directions = o.bidirectional ? 2 : 1, hidden = static_cast<double>(o.hidden),
               input = static_cast<double>(o.input), further = static_cast<double>(o.layers) - 1,
               output = static_cast<double>(o.output());
  const double projection = o.projection > 0 ? output : 0, peephole = o.peephole ? 3 : 0,
               norms = o.layer_norm ? 10 : 0;
  const auto layer = [&](double width) {
    return directions * hidden * (4 * (width + output + 2) + projection + peephole + norms);
  };
  return layer(input) + further * layer(directions * output);
}

namespace detail {

/// The options themselves. Throws option_error for those that contradict each other, before any memory is
/// asked for.
SEQLSTM_INLINE LstmOptions checked_lstm(LstmOptions o) {
  if (o.bidirectional && o.reverse)
    throw option_error(title("lstm", o.name) +
                       ": bidirectional has both directions and reverse has one; ask for one of them");
  if (o.projection > 0 && o.projection >= o.hidden)
    throw option_error(title("lstm", o.name) + ": projection is " + std::to_string(o.projection) + " of " +
                       std::to_string(o.hidden) +
                       " hidden units; it makes them fewer, so ask for less, or for 0 to have none");
  return o;
}

}  // namespace detail

template <Scalar T>
Lstm<T>::Lstm(LstmOptions options)
    : name(options.name),
      options_(detail::checked_lstm(std::move(options))),
      stack_("lstm", name,
             {options_.input, options_.hidden, options_.layers, options_.bidirectional, options_.dropout,
              options_.output()}),
      dropout_({.p = options_.dropout, .name = options_.name}) {
  for (auto& direction : stack_.all()) direction.add(cell_parts());
  set_weight_drop(options_.weight_drop);
  set_precision(options_.precision);
  initialize_constructed(*this);
}

template <Scalar T>
LstmResult<T> Lstm<T>::run(Tape<T>& tape, const EmbeddedTokens<T>& tokens,
                           const LstmState<T>& initial) const {
  detail::check_width("lstm", name, tokens.dim, options_.input);
  if (steps_apart()) return run(dense_rows(tape, tokens), initial);
  return run(tape, tokens.batch->layout, detail::recurrent_input(tape, tokens), initial);
}

template <Scalar T> LstmResult<T> Lstm<T>::run(const SeqVar<T>& x, const LstmState<T>& initial) const {
  detail::check_width("lstm", name, x.cols(), options_.input);
  return run(x.tape(), *x.layout(), {x, {}, {}}, initial);
}

template <Scalar T> LstmStream<T> Lstm<T>::initial_state(std::size_t streams) const {
  detail::check_streamable("lstm", name, options_.bidirectional, options_.reverse);
  return {streams, options_.layers, options_.hidden, options_.output(), stream_columns()};
}

template <Scalar T> ConstMatrixView<T> Lstm<T>::step(ConstMatrixView<T> x, LstmStream<T>& streams) const {
  const FlushDenormals flush;
  check_step(x.cols(), x.rows(), streams);
  return with_kernels([&](auto kernels) {
    using K = decltype(kernels);
    if constexpr (detail::trains<K>)
      if (steps_apart()) return streams.template advance_cells<K>(stack_, x);
    typename K::Forward run{};
    run.x = x.data();
    run.ldx = x.stride();
    return streams.template advance<K>(detail::LstmLayer(), stack_, run);
  });
}

template <Scalar T>
ConstMatrixView<T> Lstm<T>::step(const EmbeddedStep<T>& tokens, LstmStream<T>& streams) const {
  const FlushDenormals flush;
  check_step(tokens.dim, tokens.ids.size(), streams);
  detail::check_tokens(tokens);
  if (steps_apart()) return step(streams.dense_rows(tokens), streams);
  return with_kernels([&](auto kernels) {
    using K = decltype(kernels);
    typename K::Forward run{};
    run.lookups[0] = {step_table_.template of<K>(stack_.weights(0, 0), tokens.source), tokens.ids.data()};
    return streams.template advance<K>(detail::LstmLayer(), stack_, run);
  });
}

template <Scalar T> void Lstm<T>::initialize(RandomKey key) {
  stack_.initialize(key);
  for (auto& direction : stack_.all()) {
    if (options_.layer_norm) set_identity_norms(direction);
    if (options_.forget_bias) set_forget_bias(direction, *options_.forget_bias);
  }
}

template <Scalar T> void Lstm<T>::set_weight_drop(double p) {
  if (!(p >= 0 && p <= 1))
    throw option_error(title() + ": weight_drop is " + detail::number_text(p) +
                       ", expected a probability from 0 to 1");
  options_.weight_drop = p;
}

template <Scalar T> void Lstm<T>::prepare() const {
  with_kernels([&](auto kernels) {
    using K = decltype(kernels);
    for (const auto& direction : stack_.all()) {
      if constexpr (detail::trains<K>)
        if (steps_apart()) {
          static_cast<void>(direction.template step_weights<K>());
          continue;
        }
      direction.template packed_forward<K>();
    }
  });
}

template <Scalar T> void Lstm<T>::set_precision(Precision precision) {
  detail::check_precision<T>(precision, title());
  if (precision == Precision::int8 && steps_apart())
    throw option_error(title() +
                       ": precision is int8, which an Lstm with projection, peephole or layer_norm "
                       "does not have; ask for f32");
  if (precision == Precision::int8)
    detail::check_int8_terms(std::max(options_.input, directions() * options_.hidden), title());
  options_.precision = precision;
}

template <Scalar T>
LstmResult<T> Lstm<T>::run(Tape<T>& tape, const PackedLayout& layout, detail::RecurrentInput<T> input,
                           const LstmState<T>& initial) const {
  const std::size_t per_layer = directions() * layout.sequences(), rows = options_.layers * per_layer;
  detail::check_state("lstm", name, initial.h, rows, options_.output(), "h",
                      options_.projection > 0 ? "projection" : "hidden");
  detail::check_state("lstm", name, initial.c, rows, options_.hidden, "c");
  const detail::RecurrentStates<T> states{initial.h, initial.c, tape.make(rows, options_.output(), false),
                                          tape.make(rows, options_.hidden, false), 0};
  const auto run_layer = [&](std::size_t layer, const detail::RecurrentInput<T>& in,
                             const detail::RecurrentStates<T>& of_layer) {
    const double weight_drop = training ? options_.weight_drop : 0;
    return with_kernels([&](auto kernels) {
      using K = decltype(kernels);
      if constexpr (detail::trains<K>)
        if (steps_apart())
          return detail::lstm_cell_layer<K>(in.x, stack_.layer(layer), directions(), options_.reverse,
                                            of_layer, weight_drop);
      return detail::recurrent_layer<K>(detail::LstmLayer(), tape, layout, stack_.layer(layer), directions(),
                                        options_.reverse, in, of_layer, weight_drop);
    });
  };
  const SeqVar<T> y = detail::run_layers(options_.layers, per_layer, std::move(input), states,
                                         training ? &dropout_ : nullptr, run_layer);
  return {y, {states.h_n, states.c_n}};
}

template <Scalar T>
void Lstm<T>::check_step(std::size_t width, std::size_t rows, const LstmStream<T>& streams) const {
  detail::check_width("lstm", name, width, options_.input);
  detail::check_streams(
      "lstm", name, rows, streams.streams(),
      !options_.bidirectional && !options_.reverse &&
          streams.are_of(options_.layers, options_.hidden, options_.output(), stream_columns()));
}

template <Scalar T> std::size_t Lstm<T>::stream_columns() const {
  if (steps_apart()) return options_.hidden;
  return with_kernels([&](auto kernels) {
    return detail::gate_shape<decltype(kernels)>(0, options_.hidden).padded_hidden();
  });
}

template <Scalar T> void Lstm<T>::set_forget_bias(detail::LstmDirection<T>& direction, double value) {
  const std::size_t hidden = direction.hidden();
  std::fill_n(direction.bias_ih.edit().data() + hidden, hidden, static_cast<T>(value));
  std::fill_n(direction.bias_hh.edit().data() + hidden, hidden, T(0));
}

template <Scalar T> void Lstm<T>::set_identity_norms(detail::LstmDirection<T>& direction) {
  for (auto* factors : {&direction.norm_ih, &direction.norm_hh, &direction.norm_c})
    std::fill_n(factors->edit().data(), factors->size(), T(1));
  std::fill_n(direction.norm_c_bias.edit().data(), direction.norm_c_bias.size(), T(0));
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class Lstm<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
