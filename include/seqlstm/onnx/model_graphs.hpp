// The graphs of the networks of models/: each says what its model's forward() does in inference.
#pragma once

#include <algorithm>
#include <cstddef>
#include <seqlstm/models/any_classifier.hpp>
#include <seqlstm/models/awd_lstm.hpp>
#include <seqlstm/models/basecaller.hpp>
#include <seqlstm/models/encoder_classifier.hpp>
#include <seqlstm/models/ensemble.hpp>
#include <seqlstm/models/feature_models.hpp>
#include <seqlstm/models/masked_language_model.hpp>
#include <seqlstm/models/reference_protein_net.hpp>
#include <seqlstm/models/sequence_classifier.hpp>
#include <seqlstm/models/sequence_labeller.hpp>
#include <seqlstm/models/signal_classifier.hpp>
#include <seqlstm/onnx/graph_of.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

namespace detail {

/// x beside what each convolution of x sees, "convolution0", ...
template <class Model> std::size_t add_convolutions(GraphBuilder<Model>& net, std::size_t x) {
  std::size_t all = x;
  for (std::size_t c = 0; net.template has<Conv1d<float>>("convolution" + std::to_string(c)); ++c) {
    const std::size_t seen = net.template layer<Conv1d<float>>("convolution" + std::to_string(c), {x});
    all = net.function(SideBySide(), {all, net.function(Relu(), {seen})});
  }
  return all;
}
/// last, max and mean side by side.
template <class Model> std::size_t add_poolings(GraphBuilder<Model>& net, std::size_t y) {
  const std::size_t last = net.function(Last(), {y}), max = net.function(Max(), {y});
  return net.function(SideBySide(), {last, max, net.function(AdaptiveMean(), {y})});
}

}  // namespace detail

/// Tokens, convolutions, LSTM, poolings, head; with the scores of sites where the options have them.
template <> struct GraphOf<SequenceClassifier<float>> {
  /// Copies the layers; returns the head.
  static std::size_t add(GraphBuilder<SequenceClassifier<float>>& net) {
    const auto& o = net.model.options();
    std::size_t tokens = net.layer<Embedding<float>>("token");
    if (o.positions > 0)
      tokens = net.function(Addition(), {tokens, net.layer<PositionalEmbedding<float>>("position")});
    const bool convolves = net.has<Conv1d<float>>("convolution0");
    const std::size_t x =
        convolves ? detail::add_convolutions(net, net.function(DenseRows(), {tokens})) : tokens;
    const std::size_t y = net.layer<Lstm<float>>("lstm", {x});
    std::size_t pooled = detail::add_poolings(net, y);
    if (o.attention_heads > 0)
      pooled = net.function(SideBySide(), {pooled, net.layer<AttentionPooling<float>>("attention", {y})});
    if (o.sites) {
      const std::size_t sites = net.layer<Dense<float>>("site", {y});
      const std::size_t seen = net.function(WeightedSum(), {net.function(StepSoftmax(), {sites}), y});
      pooled = net.function(SideBySide(), {pooled, seen});
      net.set_sites(sites);
    }
    if (o.composition) {
      const std::size_t mean = net.function(AdaptiveMean(), {tokens}), length = net.function(LogLengths());
      pooled = net.function(SideBySide(), {pooled, mean, length});
    }
    const std::size_t hidden =
        net.layer<Dense<float>>("hidden", {net.layer<BatchNorm<float>>("norm", {pooled})});
    return net.layer<Dense<float>>("output", {net.function(Relu(), {hidden})});
  }
};

/// Channels, convolutions, LSTM, poolings, head.
template <> struct GraphOf<SignalClassifier<float>> {
  /// Copies the layers; returns the head.
  static std::size_t add(GraphBuilder<SignalClassifier<float>>& net) {
    const std::size_t x = detail::add_convolutions(net, net.layer<ChannelInput<float>>("channels"));
    const std::size_t y = net.layer<Lstm<float>>("lstm", {x});
    std::size_t pooled = detail::add_poolings(net, y);
    if (net.model.options().heads > 0)
      pooled = net.function(SideBySide(), {pooled, net.layer<AttentionPooling<float>>("attention", {y})});
    const std::size_t hidden =
        net.layer<Dense<float>>("hidden", {net.layer<BatchNorm<float>>("norm", {pooled})});
    return net.layer<Dense<float>>("output", {net.function(Relu(), {hidden})});
  }
};

/// Tokens, channels or both, convolutions, LSTM, scores at every position.
template <> struct GraphOf<SequenceLabeller<float>> {
  /// Copies the layers; returns the scores. Throws option_error for a labeller with a random field.
  static std::size_t add(GraphBuilder<SequenceLabeller<float>>& net) {
    const auto& o = net.model.options();
    std::vector<std::size_t> inputs;
    if (o.vocabulary > 0) inputs.push_back(net.layer<Embedding<float>>("token"));
    if (o.channels > 0) inputs.push_back(net.layer<ChannelInput<float>>("channels"));
    std::size_t x = inputs.size() > 1 ? net.function(SideBySide(), inputs) : inputs[0];
    if (net.has<Conv1d<float>>("convolution0"))
      x = detail::add_convolutions(net, net.function(DenseRows(), {x}));
    const std::size_t scores = net.layer<Dense<float>>("output", {net.layer<Lstm<float>>("lstm", {x})});
    return o.crf ? net.layer<Crf<float>>("crf", {scores}) : scores;
  }
};

/// Token vectors, LSTM, logits of every token.
template <> struct GraphOf<MaskedLanguageModel<float>> {
  /// Copies the layers; returns the decoder.
  static std::size_t add(GraphBuilder<MaskedLanguageModel<float>>& net) {
    const std::size_t y = net.layer<Lstm<float>>("lstm", {net.layer<Embedding<float>>("token")});
    return net.layer<Dense<float>>("decoder", {y});
  }
};

/// The published protein classifier.
template <> struct GraphOf<ReferenceProteinNet<float>> {
  /// Copies the layers; returns the probabilities.
  static std::size_t add(GraphBuilder<ReferenceProteinNet<float>>& net) {
    const std::size_t y = net.layer<Lstm<float>>("lstm", {net.layer<Embedding<float>>("embedding")});
    const std::size_t hidden = net.layer<Dense<float>>("layers.0", {net.function(Last(), {y})});
    const std::size_t a = net.function(Sigmoid(), {net.layer<BatchNorm<float>>("layers.1", {hidden})});
    const std::size_t output = net.layer<Dense<float>>("layers.3", {a});
    return net.function(Sigmoid(), {net.layer<BatchNorm<float>>("layers.4", {output})});
  }
};

/// A convolution over frames, GRUs that read backward and forward in turn, scores of every frame.
template <> struct GraphOf<Basecaller<float>> {
  /// Copies the layers; returns the scores. Throws option_error for a base caller with a random field.
  static std::size_t add(GraphBuilder<Basecaller<float>>& net) {
    const auto& o = net.model.options();
    const std::size_t frames = net.function(RawChannels{o.stride});
    std::size_t x = net.function(Relu(), {net.layer<Conv1d<float>>("convolution", {frames})});
    for (std::size_t i = 0; i < o.layers; ++i)
      x = net.layer<Gru<float>>("gru" + std::to_string(i), {net.function(Reversal(), {x})});
    if (o.layers % 2 == 1) x = net.function(Reversal(), {x});
    const std::size_t scores = net.layer<Dense<float>>("output", {x});
    return net.has<Crf<float>>("crf") ? net.layer<Crf<float>>("crf", {scores}) : scores;
  }
};

/// A language model's encoder: the states of every token, from zero states on.
template <> struct GraphOf<AwdLstm<float>> {
  /// Copies the layers; returns the last LSTM.
  static std::size_t add(GraphBuilder<AwdLstm<float>>& net) {
    std::size_t y = net.layer<Embedding<float>>("embedding");
    for (std::size_t l = 0; l < net.model.options().layers; ++l)
      y = net.layer<Lstm<float>>("rnns." + std::to_string(l), {y});
    return y;
  }
};

/// The logits of the token after each, from zero states on; the decoder has its own copy of the vectors.
template <> struct GraphOf<AwdLanguageModel<float>> {
  /// Copies the layers; returns the decoder.
  static std::size_t add(GraphBuilder<AwdLanguageModel<float>>& net) {
    const std::size_t y = net.all_of("encoder", net.model.encoder);
    const auto& vectors = net.model.encoder.embedding().weight;
    Dense<float> decoder(vectors.cols(), vectors.rows());
    std::copy_n(vectors.data(), vectors.size(), decoder.weight.edit().data());
    std::copy_n(net.model.decoder.bias.data(), vectors.rows(), decoder.bias.edit().data());
    return net.graph().add(net.prefix() + "decoder", std::move(decoder), {y});
  }
};

/// An encoder's states, their poolings and those of an LSTM on them, head: in the one phase of the tokens.
template <> struct GraphOf<EncoderClassifier<float>::OnePhase> {
  /// Copies the layers; returns the head.
  static std::size_t add(GraphBuilder<EncoderClassifier<float>::OnePhase>& phase) {
    auto& model = const_cast<EncoderClassifier<float>&>(phase.model.net);  // fields() changes nothing
    GraphBuilder<EncoderClassifier<float>> net(phase.graph(), model, phase.prefix());
    return of_phase(net);
  }
  /// The same of the model itself.
  static std::size_t of_phase(GraphBuilder<EncoderClassifier<float>>& net) {
    const std::size_t y = net.all_of("encoder", net.model.encoder);
    std::vector<std::size_t> parts = {detail::add_poolings(net, y)};
    if (net.model.options().pieces > 0)
      parts.push_back(net.function(AdaptiveMean{net.model.options().pieces}, {y}));
    parts.push_back(detail::add_poolings(net, net.layer<Lstm<float>>("context", {y})));
    const std::size_t norm1 = net.layer<BatchNorm<float>>("norm1", {net.function(SideBySide(), parts)});
    const std::size_t hidden = net.function(Relu(), {net.layer<Dense<float>>("hidden", {norm1})});
    return net.layer<Dense<float>>("output", {net.layer<BatchNorm<float>>("norm2", {hidden})});
  }
};
/// The same where there is one phase.
template <> struct GraphOf<EncoderClassifier<float>> {
  /// Copies the layers; returns the head. Throws option_error where the answer is a mean over phases, which
  /// are made of letters.
  static std::size_t add(GraphBuilder<EncoderClassifier<float>>& net) {
    if (net.model.phases() > 1)
      throw option_error("encoder classifier: its answer is the mean over the " +
                         std::to_string(net.model.phases()) +
                         " phases in which its k-mers can be read, which a graph of ids cannot make; export "
                         "one_phase(), and average over phases yourself");
    return GraphOf<EncoderClassifier<float>::OnePhase>::of_phase(net);
  }
};

/// Weighted sums of features.
template <> struct GraphOf<LinearModel> {
  /// Copies the layer.
  static std::size_t add(GraphBuilder<LinearModel>& net) {
    return net.layer<Dense<float>>("output", {net.function(FeatureRows{net.model.output.input()})});
  }
};
/// A multilayer perceptron of features.
template <> struct GraphOf<Mlp> {
  /// Copies the layers; returns the output.
  static std::size_t add(GraphBuilder<Mlp>& net) {
    const auto* first = detail::find_member<Dense<float>>(net.model, "dense1");
    std::size_t x = net.function(FeatureRows{first->input()});
    for (const std::string l : {"1", "2", "3"}) {
      x = net.layer<BatchNorm<float>>("norm" + l, {net.layer<Dense<float>>("dense" + l, {x})});
      x = net.function(Relu(), {x});
    }
    return net.layer<Dense<float>>("output", {x});
  }
};

/// The network of whichever kind it is.
template <> struct GraphOf<AnyClassifier> {
  /// As the kind does; throws what it throws.
  static std::size_t add(GraphBuilder<AnyClassifier>& net) {
    return net.model.visit([&]<class Kind>(Kind& kind) {
      GraphBuilder<Kind> builder(net.graph(), kind, net.prefix());
      return GraphOf<Kind>::add(builder);
    });
  }
};

/// The mean of the members' answers, and of their scores of sites.
template <class Model> struct GraphOf<Ensemble<Model>> {
  /// Copies all members; throws what a member throws.
  static std::size_t add(GraphBuilder<Ensemble<Model>>& net) {
    Ensemble<Model>& members = net.model;
    if (members.size() == 1) {
      GraphBuilder<Model> only(net.graph(), members[0], net.prefix());
      return GraphOf<Model>::add(only);
    }
    std::size_t sum = 0, sites = 0;
    for (std::size_t m = 0; m < members.size(); ++m) {
      const std::size_t own = net.all_of("member" + std::to_string(m), members[m]);
      sum = m == 0 ? own : net.function(Addition(), {sum, own});
      if (const auto scored = net.graph().sites())
        sites = m == 0 ? *scored : net.function(Addition(), {sites, *scored});
    }
    const Scaling mean{1.0F / static_cast<float>(members.size())};
    if (net.graph().sites()) net.set_sites(net.function(mean, {sites}));
    return net.function(mean, {sum});
  }
};

}  // namespace io
SEQLSTM_NAMESPACE_END
