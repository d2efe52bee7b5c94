// Definitions of protein_aligner.hpp.
#pragma once

#include <algorithm>
#include <map>
#include <seqlstm/models/protein_aligner.hpp>
#include <seqlstm/nn/concat.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/soft_alignment.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE ProteinAlignerOptions aligner_options(const MaskedLanguageModelOptions& masked,
                                                     ProteinAlignerOptions o) {
  o.vocabulary = masked.vocabulary;
  o.embedding_dim = masked.embedding_dim;
  o.hidden = masked.hidden;
  o.layers = masked.layers;
  return o;
}

template <Scalar T>
ProteinAligner<T>::ProteinAligner(const ProteinAlignerOptions& o)
    : options_(o),
      token_({.vocabulary = o.vocabulary + 1, .dim = o.embedding_dim, .padding = {}}),
      lstm_({.input = o.embedding_dim,
             .hidden = o.hidden,
             .layers = o.layers,
             .bidirectional = true,
             .dropout = o.layers > 1 ? o.dropout : 0,
             .forget_bias = 1.0}),
      states_(o.embedding_dim + 2 * o.hidden, o.states),
      windows_({.kernel = o.stride, .ceil_mode = true}),
      scale({.levels = o.levels}) {
  if (o.vocabulary == 0) throw option_error("protein aligner: the vocabulary is 0, expected at least 1");
}

template <Scalar T>
SeqVar<T> ProteinAligner<T>::position_states(Tape<T>& tape, const SequenceBatch& batch) const {
  const EmbeddedTokens<T> tokens = token_(batch);
  return states_(concat(dense_rows(tape, tokens), lstm_(tape, tokens)));
}

template <Scalar T> SeqVar<T> ProteinAligner<T>::states(Tape<T>& tape, const SequenceBatch& batch) const {
  const SeqVar<T> q = position_states(tape, batch);
  return options_.stride == 1 ? q : windows_(q);
}

template <Scalar T>
Var<T> ProteinAligner<T>::forward(Tape<T>& tape, const SequenceBatch& batch,
                                  std::span<const SequencePair> pairs) const {
  const SeqVar<T> q = states(tape, batch);
  return soft_symmetric_alignment(pair_distances<T>(q, q, pairs));
}

template <Scalar T> void ProteinAligner<T>::start_from(const MaskedLanguageModel<T>& masked) {
  const auto sizes = [](const auto& o) {
    return std::to_string(o.vocabulary) + " tokens, width " + std::to_string(o.embedding_dim) + ", " +
           std::to_string(o.layers) + " layers of " + std::to_string(o.hidden);
  };
  const std::string has = sizes(masked.options()), wanted = sizes(options_);
  if (has != wanted)
    throw option_error("protein aligner: the masked model has " + has + ", the aligner " + wanted +
                       "; make it with aligner_options()");
  MaskedLanguageModel<T> trained = masked;
  std::map<std::string, const Parameter<T>*> from;
  for_each_parameter(trained, [&](const std::string& name, Parameter<T>& p) { from[name] = &p; });
  for_each_parameter(*this, [&](const std::string& name, Parameter<T>& p) {
    if (name.starts_with("token.") || name.starts_with("lstm."))
      std::copy_n(from.at(name)->data(), p.size(), p.edit().data());
  });
}

#if !SEQLSTM_HEADER_ONLY
template class ProteinAligner<float>;
template class ProteinAligner<double>;
#endif

SEQLSTM_NAMESPACE_END
