// Definitions of channels.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/channels.hpp>
#include <type_traits>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T> SeqVar<T> channels(Tape<T>& tape, const SequenceBatch& batch) {
  const ConstMatrixView<float> rows = batch.channel_rows();
  if (rows.rows() != batch.layout.tokens() || (rows.cols() == 0 && batch.layout.sequences() > 0))
    throw shape_error("channels: the batch has " + std::to_string(rows.rows()) +
                      " rows of real numbers for " + std::to_string(batch.layout.tokens()) +
                      " positions; it was made of tokens alone");
  if constexpr (std::is_same_v<T, float>) {
    // The tape writes to no leaf's value.
    return tape.leaf({const_cast<float*>(rows.data()), rows.rows(), rows.cols()}, batch.layout);
  } else {
    SeqVar<T> x = tape.make_sequence(batch.layout, rows.cols(), false);
    std::copy_n(rows.data(), rows.size(), x.node()->value.data());
    return x;
  }
}

SEQLSTM_INLINE ChannelScale channel_scale(ConstMatrixView<float> rows) {
  ChannelScale scale;
  for (std::size_t c = 0; c < rows.cols(); ++c) {
    double sum = 0, count = 0, squares = 0;
    const auto for_each = [&](auto&& body) {
      for (std::size_t r = 0; r < rows.rows(); ++r)
        if (!std::isnan(rows(r, c))) body(double{rows(r, c)});
    };
    for_each([&](double value) {
      sum += value;
      ++count;
    });
    const double mean = count > 0 ? sum / count : 0;
    for_each([&](double value) { squares = std::fma(value - mean, value - mean, squares); });
    const auto stddev = static_cast<float>(count > 0 ? std::sqrt(squares / count) : 0);
    scale.mean.push_back(static_cast<float>(mean));
    scale.stddev.push_back(stddev > 0 ? stddev : 1.0F);
  }
  return scale;
}

template <Scalar T>
StandardScaler<T>::StandardScaler(std::size_t channels) : mean_(channels, T(0)), stddev_(channels, T(1)) {}

template <Scalar T> void StandardScaler<T>::set(const ChannelScale& scale) {
  if (scale.channels() != channels() || scale.stddev.size() != channels())
    throw shape_error("standard scaler: a scale of " + std::to_string(scale.channels()) + " channels for " +
                      std::to_string(channels()));
  std::copy(scale.mean.begin(), scale.mean.end(), mean_.values().begin());
  std::copy(scale.stddev.begin(), scale.stddev.end(), stddev_.values().begin());
}

template <Scalar T> ChannelScale StandardScaler<T>::scale() const {
  ChannelScale scale;
  for (const T mean : mean_.values()) scale.mean.push_back(static_cast<float>(mean));
  for (const T stddev : stddev_.values()) scale.stddev.push_back(static_cast<float>(stddev));
  return scale;
}

template <Scalar T> SeqVar<T> StandardScaler<T>::operator()(const SeqVar<T>& x) const {
  const std::size_t width = channels();
  if (x.cols() != width)
    throw shape_error("standard scaler: input has " + std::to_string(x.cols()) + " channels, expected " +
                      std::to_string(width));
  auto& tape = x.tape();
  T* inverse = tape.arena().template allocate<T>(width);
  T* ones = tape.arena().template allocate<T>(width);
  T* zeros = tape.arena().template allocate_zero<T>(width);
  for (std::size_t c = 0; c < width; ++c) {
    inverse[c] = T(1) / stddev_.values()[c];
    ones[c] = T(1);
  }
  const kernels::ColumnScale<T> scale{mean_.values().data(), inverse, ones};
  SeqVar<T> y = tape.make_like(x, x.needs_gradient());
  const MatrixView<T> value = y.node()->value;
  for_parts(width, cache_line / sizeof(T), x.value().size(), [&](IndexRange columns) {
    detail::Kernels<T>::normalize_columns(x.value(), columns, scale, zeros, value);
  });
  tape.record(y, [x, scale, width](ConstMatrixView<T> dy) {
    const MatrixView<T> dx = x.tape().gradient(x);
    for_parts(width, cache_line / sizeof(T), dy.size(), [&](IndexRange columns) {
      detail::Kernels<T>::normalize_backward_fixed(dy, columns, scale, dx);
    });
  });
  return y;
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                              \
  template SeqVar<T> channels(Tape<T>& tape, const SequenceBatch& batch); \
  template class StandardScaler<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
