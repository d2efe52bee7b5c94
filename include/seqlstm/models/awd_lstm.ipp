// Definitions of awd_lstm.hpp.
#pragma once

#include <numbers>
#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/models/awd_lstm.hpp>
#include <seqlstm/nn/regularization.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE AwdDropouts AwdDropouts::times(double factor) const {
  return {embedding * factor, input * factor, weight * factor, hidden * factor, output * factor};
}

SEQLSTM_INLINE AwdDropouts AwdDropouts::for_layers(std::size_t layers) const {
  AwdDropouts own = *this;
  if (layers < 2) own.hidden = 0;
  return own;
}

SEQLSTM_INLINE double expected_parameters(const AwdLstmOptions& o) {
  const auto lstm = [](std::size_t input, std::size_t hidden, std::size_t layers = 1) {
    return expected_parameters(LstmOptions{.input = input, .hidden = hidden, .layers = layers});
  };
  const double vectors = static_cast<double>(o.vocabulary) * static_cast<double>(o.embedding_dim);
  if (o.layers < 2) return vectors + lstm(o.embedding_dim, o.embedding_dim);
  double all = vectors + lstm(o.embedding_dim, o.hidden) + lstm(o.hidden, o.embedding_dim);
  if (o.layers > 2) all += lstm(o.hidden, o.hidden, o.layers - 2);
  return all;
}

template <Scalar T> AwdLstm<T>::AwdLstm(AwdLstmOptions options) : options_(options) {
  if (options.layers == 0) throw option_error("awd_lstm: layers must be at least 1, got 0");
  for (std::size_t l = 0; l < options.layers; ++l) {
    LstmOptions layer;
    layer.input = l == 0 ? options.embedding_dim : options.hidden;
    layer.hidden = l + 1 == options.layers ? options.embedding_dim : options.hidden;
    rnns_.emplace_back(layer);
    names_.push_back("rnns." + std::to_string(l));
  }
  // U(-0.1, 0.1) in the paper: the decoder's logits begin near 0.
  embedding_ = Embedding<T>({.vocabulary = options.vocabulary,
                             .dim = options.embedding_dim,
                             .padding = {},
                             .stddev = 0.1 / std::numbers::sqrt3});
  set_dropouts(options.dropouts);
}

template <Scalar T> SeqVar<T> AwdLstm<T>::operator()(Tape<T>& tape, const SequenceBatch& batch) const {
  return read(tape, batch, [](std::size_t, const Lstm<T>& rnn, auto&&... x) { return rnn(x...); });
}

template <Scalar T>
SeqVar<T> AwdLstm<T>::operator()(Tape<T>& tape, const SequenceBatch& batch, CarriedState<T>& carried) const {
  if (carried.streams() != batch.layout.sequences())
    throw shape_error("awd_lstm: " + std::to_string(batch.layout.sequences()) +
                      " sequences for the states of " + std::to_string(carried.streams()) + " streams");
  return read(tape, batch, [&](std::size_t l, const Lstm<T>& rnn, auto&&... x) {
    return carried.run(l, rnn, tape, x...);
  });
}

template <Scalar T> CarriedState<T> AwdLstm<T>::carried_state(std::size_t streams) const {
  std::vector<LstmOptions> networks;
  for (const auto& rnn : rnns_) networks.push_back(rnn.options());
  return {streams, networks};
}

template <Scalar T> std::vector<LstmStream<T>> AwdLstm<T>::initial_state(std::size_t streams) const {
  std::vector<LstmStream<T>> states;
  for (const auto& rnn : rnns_) states.push_back(rnn.initial_state(streams));
  return states;
}

template <Scalar T>
MatrixView<T> AwdLstm<T>::step(std::span<const Token> ids, std::vector<LstmStream<T>>& states) const {
  rnns_[0].step(embedding_.at(ids), states[0]);
  for (std::size_t l = 1; l < rnns_.size(); ++l) rnns_[l].step(states[l - 1].h(0), states[l]);
  return states.back().h(0);
}

template <Scalar T> void AwdLstm<T>::set_dropouts(const AwdDropouts& dropouts) {
  if (dropouts.hidden > 0 && options_.layers == 1)
    throw option_error("awd_lstm: dropouts.hidden is " + detail::number_text(dropouts.hidden) +
                       ", but it acts between layers and there is one; ask for at least 2 layers, or for " +
                       "dropouts.for_layers(1)");
  options_.dropouts = dropouts;
  embedding_.set_dropout(dropouts.embedding);
  input_.set_probability(dropouts.input);
  hidden_.set_probability(dropouts.hidden);
  for (auto& rnn : rnns_) rnn.set_weight_drop(dropouts.weight);
}

template <Scalar T>
AwdLanguageModel<T>::AwdLanguageModel(const AwdLstmOptions& options, ActivationPenalties penalties)
    : encoder(options),
      decoder(options.vocabulary),
      penalties_(penalties),
      output_({.p = options.dropouts.output, .variational = true, .name = "awd_lstm: output"}) {}

template <Scalar T>
LanguageOutput<T> AwdLanguageModel<T>::forward(Tape<T>& tape, const SequenceBatch& batch,
                                               CarriedState<T>& carried) const {
  const SeqVar<T> y = encoder(tape, batch, carried), dropped = output_(y);
  LanguageOutput<T> out{decoder(dropped, encoder.embedding()), {}};
  if (!tape.training()) return out;
  if (penalties_.alpha > 0) out.penalty = static_cast<T>(penalties_.alpha) * activation_penalty(dropped);
  if (penalties_.beta > 0) {
    const Var<T> slow = static_cast<T>(penalties_.beta) * temporal_penalty(y);
    out.penalty = out.penalty.defined() ? out.penalty + slow : slow;
  }
  return out;
}

template <Scalar T>
Var<T> AwdLanguageModel<T>::step(Tape<T>& tape, std::span<const Token> ids,
                                 std::vector<LstmStream<T>>& states) const {
  return decoder(tape.leaf(encoder.step(ids, states)), encoder.embedding());
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) \
  template class AwdLstm<T>; \
  template class AwdLanguageModel<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END
