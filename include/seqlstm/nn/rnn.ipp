// Definitions of rnn.hpp.
#pragma once

#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/rnn.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
Rnn<T>::Rnn(RnnOptions options)
    : name(options.name),
      options_(std::move(options)),
      stack_("rnn", name,
             {options_.input, options_.hidden, options_.layers, options_.bidirectional, options_.dropout}),
      dropout_({.p = options_.dropout, .name = name}) {
  initialize_constructed(*this);
}

template <Scalar T> SeqVar<T> Rnn<T>::operator()(const SeqVar<T>& x) const {
  detail::check_columns("rnn", name, x, "weight", options_.input);
  SeqVar<T> y = x;
  for (std::size_t layer = 0; layer < options_.layers; ++layer)
    y = detail::rnn_layer(layer > 0 && training ? dropout_(y) : y, stack_.layer(layer), directions());
  return y;
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class Rnn<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
