// Where several streams through an Lstm stand: what Lstm::step reads and writes.
#pragma once

#include <seqlstm/nn/detail/recurrent_stream.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T> class Lstm;

/// The states of B streams through all layers of one Lstm, made by Lstm::initial_state. A value: a copy goes
/// its own way, for instance to try several continuations. Holds 3 H' numbers per stream and layer (H' is H
/// rounded up to a vector, in bf16 to 16; H itself with a projection, peepholes or layer norm, and then 9 H
/// and the I of a token's row more per stream).
template <Scalar T> class LstmStream : public detail::RecurrentStream<T> {
 public:
  /// Cell states of one layer, [B, H]; change them as those of h(layer).
  [[nodiscard]] MatrixView<T> c(std::size_t layer) { return this->cells(layer); }

 private:
  friend class Lstm<T>;

  LstmStream(std::size_t streams, std::size_t layers, std::size_t hidden, std::size_t output,
             std::size_t padded);
  /// Runs all layers of separate products for one token of every stream.
  template <class K, class Stack> ConstMatrixView<T> advance_cells(const Stack& stack, ConstMatrixView<T> x);
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/lstm_stream.ipp>
#endif
