// Where several streams through a Gru stand: what Gru::step reads and writes.
#pragma once

#include <seqlstm/nn/detail/recurrent_stream.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T> class Gru;

/// The states of B streams through all layers of one Gru, made by Gru::initial_state. A value: a copy goes
/// its own way, for instance to try several continuations. Holds 2 H' numbers per stream and layer (H' is H
/// rounded up to a vector).
template <Scalar T> class GruStream : public detail::RecurrentStream<T> {
 private:
  friend class Gru<T>;

  GruStream(std::size_t streams, std::size_t layers, std::size_t hidden, std::size_t padded)
      : detail::RecurrentStream<T>(streams, layers, hidden, hidden, padded, false) {}
};

SEQLSTM_NAMESPACE_END
