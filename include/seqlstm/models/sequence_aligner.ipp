// Definitions of sequence_aligner.hpp.
#pragma once

#include <seqlstm/models/sequence_aligner.hpp>
#include <seqlstm/nn/concat.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
SequenceAligner<T>::SequenceAligner(const SequenceAlignerOptions& o)
    : options_(o),
      letters_(o.vocabulary),
      convolution_({.input = o.vocabulary, .output = o.filters, .kernel = o.kernel}),
      lstm_({.input = o.filters, .hidden = o.hidden, .bidirectional = true}),
      states_(o.filters + 2 * o.hidden, o.states),
      gap_(o.filters + 2 * o.hidden, 1) {}

template <Scalar T>
AlignmentScores<T> SequenceAligner<T>::forward(Tape<T>& tape, const SequenceBatch& batch,
                                               std::span<const SequencePair> pairs) const {
  const SeqVar<T> local = convolution_(tape, letters_(batch));
  const SeqVar<T> features = concat(local, lstm_(local));
  const SeqVar<T> states = states_(features);
  return {pair_products<T>(states, states, pairs), gap_(features)};
}

#if !SEQLSTM_HEADER_ONLY
template class SequenceAligner<float>;
template class SequenceAligner<double>;
#endif

SEQLSTM_NAMESPACE_END
