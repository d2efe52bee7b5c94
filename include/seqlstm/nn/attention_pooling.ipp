// Definitions of attention_pooling.hpp.
#pragma once

#include <seqlstm/nn/attention_pooling.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
const AttentionPoolingOptions& AttentionPooling<T>::checked(const AttentionPoolingOptions& options) {
  if (options.input == 0 || options.attention == 0 || options.heads == 0)
    throw option_error(detail::title("attention_pooling", options.name) +
                       ": input, attention and heads must be at least 1, got " +
                       std::to_string(options.input) + ", " + std::to_string(options.attention) + ", " +
                       std::to_string(options.heads));
  return options;
}

template <Scalar T>
AttentionPooling<T>::AttentionPooling(AttentionPoolingOptions options)
    : name(checked(options).name),
      hidden({.input = options.input,
              .output = options.attention,
              .precision = options.precision,
              .name = name.empty() ? "hidden" : name + ".hidden"}),
      score({.input = options.attention,
             .output = options.heads,
             .bias = false,
             .precision = options.precision,
             .name = name.empty() ? "score" : name + ".score"}) {}

template <Scalar T> SeqVar<T> AttentionPooling<T>::attention(const SeqVar<T>& h) const {
  detail::check_columns("attention_pooling", name, h, "the hidden layer", input());
  return softmax_steps(score(tanh(hidden(h))));
}

template <Scalar T> typename AttentionPooling<T>::Result AttentionPooling<T>::run(const SeqVar<T>& h) const {
  const SeqVar<T> weights = attention(h);
  return {weighted_sum(weights, h), weights};
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class AttentionPooling<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
