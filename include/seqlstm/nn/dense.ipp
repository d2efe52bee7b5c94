// Definitions of dense.hpp.
#pragma once

#include <cmath>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/init.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
Dense<T>::Dense(DenseOptions options)
    : name(std::move(options.name)),
      weight(options.output, options.input, detail::title("dense", name)),
      bias(options.bias ? options.output : 0) {
  if (options.input == 0 || options.output == 0)
    throw option_error(detail::title("dense", name) + ": input and output must be at least 1, got " +
                       std::to_string(options.input) + " and " + std::to_string(options.output));
  set_precision(options.precision);
  initialize_constructed(*this);
}

template <Scalar T> void Dense<T>::set_precision(Precision precision) {
  detail::check_precision<T>(precision, detail::title("dense", name));
  if (precision == Precision::int8) detail::check_int8_terms(weight.cols(), detail::title("dense", name));
  precision_ = precision;
}

template <Scalar T> void Dense<T>::initialize(RandomKey key) {
  const double bound = 1 / std::sqrt(static_cast<double>(weight.cols()));
  RandomStream random(key);
  init::uniform(weight.edit(), random, -bound, bound);
  init::uniform(bias.edit(), random, -bound, bound);
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class Dense<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
