// Definitions of embedding.hpp.
#pragma once

#include <cmath>
#include <seqlstm/nn/detail/linear.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/names.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
Embedding<T>::Embedding(EmbeddingOptions options)
    : options_(options), weight(options.vocabulary, options.dim, "embedding") {
  if (options.vocabulary == 0 || options.dim == 0)
    throw option_error("embedding: vocabulary and dim must be at least 1, got " +
                       shape_text(options.vocabulary, options.dim));
  if (options.padding &&
      (*options.padding < 0 || static_cast<std::size_t>(*options.padding) >= options.vocabulary))
    throw option_error("embedding: padding id " + std::to_string(*options.padding) +
                       " is outside the vocabulary of " + std::to_string(options.vocabulary));
  if (!(options.stddev >= 0 && std::isfinite(options.stddev)))
    throw option_error("embedding: stddev is " + detail::number_text(options.stddev) +
                       ", expected a finite number of at least 0");
  set_dropout(options.dropout);
  set_precision(options.precision);
  initialize_constructed(*this);
}

template <Scalar T> void Embedding<T>::initialize(RandomKey key) {
  RandomStream random(key);
  auto w = weight.edit();
  for (std::size_t i = 0; i < w.size(); ++i) w.data()[i] = static_cast<T>(options_.stddev * random.normal());
  if (options_.padding)
    for (auto& v : w.row(static_cast<std::size_t>(*options_.padding))) v = T(0);
}

template <Scalar T> void Embedding<T>::set_dropout(double p) {
  if (!(p >= 0 && p <= 1))
    throw option_error("embedding: dropout is " + detail::number_text(p) +
                       ", expected a probability from 0 to 1");
  options_.dropout = p;
}

template <Scalar T> void Embedding<T>::set_precision(Precision precision) {
  detail::check_precision<T>(precision, "embedding");
  options_.precision = precision;
}

template <Scalar T> RowSource<T> Embedding<T>::source() const {
  RowSource<T> source{RowSource<T>::Index::token, &weight, options_.vocabulary, options_.padding.value_or(-1),
                      training ? options_.dropout : 0};
  if constexpr (std::is_same_v<T, float>)
    if (options_.precision == Precision::int8)
      source.bytes =
          &bytes_.get({weight.version()}, [this](detail::QuantizedRows& rows) { rows.pack(weight.view()); });
  return source;
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class Embedding<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
