// Definitions of gru.hpp.
#pragma once

#include <seqlstm/nn/detail/linear.hpp>
#include <seqlstm/nn/gru.hpp>
#include <seqlstm/nn/init.hpp>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
Gru<T>::Gru(GruOptions options)
    : name(options.name),
      options_(std::move(options)),
      stack_("gru", name,
             {options_.input, options_.hidden, options_.layers, options_.bidirectional, options_.dropout}),
      dropout_({.p = options_.dropout, .name = options_.name}) {
  set_precision(options_.precision);
  initialize_constructed(*this);
}

template <Scalar T>
GruResult<T> Gru<T>::run(Tape<T>& tape, const EmbeddedTokens<T>& tokens, const Var<T>& initial) const {
  detail::check_width("gru", name, tokens.dim, options_.input);
  return run(tape, tokens.batch->layout, detail::recurrent_input(tape, tokens), initial);
}

template <Scalar T> GruResult<T> Gru<T>::run(const SeqVar<T>& x, const Var<T>& initial) const {
  detail::check_width("gru", name, x.cols(), options_.input);
  return run(x.tape(), *x.layout(), {x, {}, {}}, initial);
}

template <Scalar T>
GruResult<T> Gru<T>::run(Tape<T>& tape, const PackedLayout& layout, detail::RecurrentInput<T> input,
                         const Var<T>& initial) const {
  const std::size_t per_layer = directions() * layout.sequences(), rows = options_.layers * per_layer;
  detail::check_state("gru", name, initial, rows, options_.hidden, "h");
  const detail::RecurrentStates<T> states{initial, {}, tape.make(rows, options_.hidden, false), {}, 0};
  const auto run_layer = [&](std::size_t layer, const detail::RecurrentInput<T>& in,
                             const detail::RecurrentStates<T>& of_layer) {
    return with_kernels([&](auto kernels) {
      return detail::recurrent_layer<decltype(kernels)>(cell(), tape, layout, stack_.layer(layer),
                                                        directions(), false, in, of_layer, 0);
    });
  };
  const SeqVar<T> y = detail::run_layers(options_.layers, per_layer, std::move(input), states,
                                         training ? &dropout_ : nullptr, run_layer);
  return {y, states.h_n};
}

template <Scalar T> GruStream<T> Gru<T>::initial_state(std::size_t streams) const {
  detail::check_streamable("gru", name, options_.bidirectional);
  return {streams, options_.layers, options_.hidden, padded()};
}

template <Scalar T> ConstMatrixView<T> Gru<T>::step(ConstMatrixView<T> x, GruStream<T>& streams) const {
  const FlushDenormals flush;
  check_step(x.cols(), x.rows(), streams);
  return with_kernels([&](auto kernels) {
    using K = decltype(kernels);
    typename K::Forward run{};
    run.x = x.data();
    run.ldx = x.stride();
    return streams.template advance<K>(cell(), stack_, run);
  });
}

template <Scalar T>
ConstMatrixView<T> Gru<T>::step(const EmbeddedStep<T>& tokens, GruStream<T>& streams) const {
  const FlushDenormals flush;
  check_step(tokens.dim, tokens.ids.size(), streams);
  detail::check_tokens(tokens);
  return with_kernels([&](auto kernels) {
    using K = decltype(kernels);
    typename K::Forward run{};
    run.lookups[0] = {step_table_.template of<K>(stack_.weights(0, 0), tokens.source), tokens.ids.data()};
    return streams.template advance<K>(cell(), stack_, run);
  });
}

template <Scalar T> void Gru<T>::prepare() const {
  with_kernels([&](auto kernels) {
    for (const auto& direction : stack_.all()) direction.template packed_forward<decltype(kernels)>();
  });
}

template <Scalar T> void Gru<T>::set_precision(Precision precision) {
  detail::check_precision<T>(precision, detail::title("gru", name));
  if (precision != Precision::f32 && !options_.reset_after)
    throw option_error(detail::title("gru", name) + ": precision is " +
                       (precision == Precision::bf16 ? "bf16" : "int8") +
                       ", which a Gru without reset_after does not have; ask for f32");
  if (precision == Precision::int8)
    detail::check_int8_terms(std::max(options_.input, directions() * options_.hidden),
                             detail::title("gru", name));
  options_.precision = precision;
}

template <Scalar T>
void Gru<T>::check_step(std::size_t width, std::size_t rows, const GruStream<T>& streams) const {
  detail::check_width("gru", name, width, options_.input);
  detail::check_streams(
      "gru", name, rows, streams.streams(),
      !options_.bidirectional && streams.are_of(options_.layers, options_.hidden, options_.hidden, padded()));
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class Gru<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
