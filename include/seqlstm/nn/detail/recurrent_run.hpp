// What Lstm and Gru do around their layers: checks, and one layer after the other.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/detail/recurrent_layer.hpp>
#include <seqlstm/nn/dropout.hpp>
#include <seqlstm/nn/names.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Tokens as a layer takes them. Throws token_error for an id outside the vocabulary.
template <Scalar T> RecurrentInput<T> recurrent_input(Tape<T>& tape, const EmbeddedTokens<T>& tokens) {
  RecurrentInput<T> input{{}, tokens, {}};
  for (std::size_t s = 0; s < 2; ++s)
    if (tokens.sources[s].index != RowSource<T>::Index::none)
      input.distinct[s] = distinct_rows(tape, tokens.sources[s], *tokens.batch);
  return input;
}

/// y of the last layer; run_layer(layer, input, states) is a layer's. `dropout` acts between layers, null:
/// none does. `rows` of the states are a layer's.
template <Scalar T, class Layer>
SeqVar<T> run_layers(std::size_t layers, std::size_t rows, RecurrentInput<T> input, RecurrentStates<T> states,
                     const Dropout<T>* dropout, Layer&& run_layer) {
  SeqVar<T> y;
  for (std::size_t layer = 0; layer < layers; ++layer) {
    if (layer > 0) input = {dropout == nullptr ? y : (*dropout)(y), {}, {}};
    states.first = layer * rows;
    y = run_layer(layer, input, states);
  }
  return y;
}

// `kind` is "lstm" or "gru"; sentences are made where they are thrown: a step allocates nothing.
inline void check_width(const char* kind, const std::string& name, std::size_t columns,
                        std::size_t expected) {
  if (columns != expected)
    throw shape_error(title(kind, name) + ": input has " + std::to_string(columns) +
                      " columns, weight expects " + std::to_string(expected));
}
template <Scalar T>
void check_state(const char* kind, const std::string& name, const Var<T>& state, std::size_t rows,
                 std::size_t hidden, const char* which, const char* columns = "hidden") {
  if (state.defined() && (state.rows() != rows || state.cols() != hidden))
    throw shape_error(title(kind, name) + ": initial " + which + " is " + shape_text(state.value()) +
                      ", expected " + shape_text(rows, hidden) + " (layers * directions * sequences x " +
                      columns + ")");
}

inline void check_streamable(const char* kind, const std::string& name, bool bidirectional,
                             bool reverse = false) {
  if (bidirectional || reverse)
    throw option_error(title(kind, name) + ": streams are read forward; a " +
                       (reverse ? "reverse" : "bidirectional") + " network needs whole sequences");
}
/// `fit`: whether the streams are of the network that steps.
inline void check_streams(const char* kind, const std::string& name, std::size_t rows, std::size_t streams,
                          bool fit) {
  if (!fit)
    throw shape_error(title(kind, name) +
                      ": the streams are of another network; make them with initial_state");
  if (rows != streams)
    throw shape_error(title(kind, name) + ": got " + std::to_string(rows) + " tokens for " +
                      std::to_string(streams) + " streams, expected one each");
}
template <Scalar T> void check_tokens(const EmbeddedStep<T>& tokens) {
  for (std::size_t b = 0; b < tokens.ids.size(); ++b)
    check_token(tokens.source, tokens.ids[b], [&] { return "stream " + std::to_string(b); });
}

}  // namespace detail

SEQLSTM_NAMESPACE_END
