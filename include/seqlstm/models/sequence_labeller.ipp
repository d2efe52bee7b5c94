// Definitions of sequence_labeller.hpp.
#pragma once

#include <seqlstm/models/sequence_labeller.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Columns that the input layers make: of tokens, channels, and what convolutions see in them.
SEQLSTM_INLINE std::size_t labeller_input(const SequenceLabellerOptions& o) {
  return (o.vocabulary > 0 ? o.embedding_dim : 0) + o.channels;
}
SEQLSTM_INLINE std::size_t labeller_features(const SequenceLabellerOptions& o) {
  return labeller_input(o) + (o.filters > 0 ? o.filters * o.kernels.size() : 0);
}
SEQLSTM_INLINE LstmOptions labeller_lstm(const SequenceLabellerOptions& o) {
  return {.input = labeller_features(o),
          .hidden = o.hidden,
          .layers = o.layers,
          .bidirectional = true,
          .dropout = o.layers > 1 ? o.layer_dropout : 0,
          .forget_bias = 1.0};  // Jozefowicz et al. 2015: remember at first
}

inline const SequenceLabellerOptions& checked_labeller(const SequenceLabellerOptions& o) {
  if (!o.groups.empty() && o.groups.size() != o.outputs)
    throw option_error("sequence labeller: " + std::to_string(o.groups.size()) + " groups for " +
                       std::to_string(o.outputs) + " outputs; expected a number for each");
  if (labeller_input(o) == 0)
    throw option_error("sequence labeller: neither tokens nor channels to read; set vocabulary or channels");
  return o;
}
/// No label of one group after one of another.
SEQLSTM_INLINE CrfOptions labeller_crf(const SequenceLabellerOptions& o) {
  CrfOptions crf{.labels = o.outputs};
  for (std::size_t i = 0; i < o.groups.size(); ++i)
    for (std::size_t j = 0; j < o.groups.size(); ++j)
      if (o.groups[i] != o.groups[j]) crf.forbidden.emplace_back(i, j);
  return crf;
}
/// The scale of its channels; without one they stay as they are.
SEQLSTM_INLINE ChannelScale labeller_scale(const SequenceLabellerOptions& o, const ChannelScale& scale) {
  if (scale.channels() == 0)
    return {std::vector<float>(o.channels, 0.0F), std::vector<float>(o.channels, 1.0F)};
  if (scale.channels() != o.channels)
    throw shape_error("sequence labeller: a scale of " + std::to_string(scale.channels()) + " channels for " +
                      std::to_string(o.channels));
  return scale;
}

}  // namespace detail

SEQLSTM_INLINE double expected_parameters(const SequenceLabellerOptions& o) {
  double count = static_cast<double>(o.embedding_dim) * static_cast<double>(o.vocabulary) +
                 expected_parameters(detail::labeller_lstm(o)) +
                 2 * static_cast<double>(o.hidden) * static_cast<double>(o.outputs) +
                 (o.crf ? static_cast<double>(o.outputs) * static_cast<double>(o.outputs) : 0);
  for (const std::size_t kernel : o.kernels)
    count += static_cast<double>(o.filters) * static_cast<double>(kernel) *
             static_cast<double>(detail::labeller_input(o));
  return count;
}

template <Scalar T>
SequenceLabeller<T>::SequenceLabeller(const SequenceLabellerOptions& o, const ChannelScale& scale)
    : options_(detail::checked_labeller(o)),
      mask_({.p = o.token_dropout, .id = static_cast<Token>(o.vocabulary)}),
      token_({.vocabulary = o.vocabulary + 1, .dim = o.vocabulary > 0 ? o.embedding_dim : 1, .padding = {}}),
      channels_(detail::labeller_scale(o, scale)),
      lstm_(detail::labeller_lstm(o)),
      dropout_({.p = o.head_dropout, .variational = false}),
      output_(2 * o.hidden, o.outputs) {
  for (const std::size_t kernel : o.kernels)
    if (o.filters > 0)
      convolutions_.emplace_back(
          Conv1dOptions{.input = detail::labeller_input(o), .output = o.filters, .kernel = kernel});
  if (o.crf) crf_.emplace(detail::labeller_crf(o));
}

template <Scalar T> SeqVar<T> SequenceLabeller<T>::read(Tape<T>& tape, const SequenceBatch& batch) const {
  SeqVar<T> x;
  if (options_.vocabulary > 0) x = dense_rows(tape, token_(mask_(tape, batch)));
  if (options_.channels > 0) x = x.defined() ? concat(x, channels_(tape, batch)) : channels_(tape, batch);
  const SeqVar<T> input = x;
  for (const auto& convolution : convolutions_) x = concat(x, relu(convolution(input)));
  return x;
}

template <Scalar T> SeqVar<T> SequenceLabeller<T>::states(Tape<T>& tape, const SequenceBatch& batch) const {
  // Tokens alone are looked up in the gates: no dense rows are made.
  if (options_.channels == 0 && convolutions_.empty()) return lstm_(tape, token_(mask_(tape, batch)));
  return lstm_(read(tape, batch));
}

template <Scalar T> Loss SequenceLabeller<T>::loss() const {
  if (options_.crf) return crf_loss();
  return options_.outputs > 1 ? cross_entropy() : bce_with_logits();
}

template <Scalar T>
ModelOutput<T> SequenceLabeller<T>::forward(Tape<T>& tape, const SequenceBatch& batch) const {
  const SeqVar<T> scores = output_(dropout_(states(tape, batch)));
  if (crf_) return (*crf_)(scores);
  return scores;
}

#if !SEQLSTM_HEADER_ONLY
template class SequenceLabeller<float>;
template class SequenceLabeller<double>;
#endif

SEQLSTM_NAMESPACE_END
