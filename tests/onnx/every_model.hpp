// Small networks of every kind that crosses to ONNX, with random weights and statistics, and random batches
// for them.
#pragma once

#include <cmath>
#include <seqlstm/models/all.hpp>
#include <seqlstm/nn/any_sequential.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/sequential.hpp>
#include <string>
#include <utility>
#include <vector>

namespace testing {

/// What batches of a network hold.
struct BatchKind {
  std::size_t vocabulary = 0;  ///< of ids; 0: none
  std::size_t channels = 0;    ///< real numbers at each position; 0: none
  std::size_t least = 0;       ///< length of a sequence that is not empty
  std::size_t most = 12;       ///< length of the longest
  bool features = false;       ///< rows of features, as many as channels
};

/// Weights and running statistics that no layer has at first.
template <class Model> void randomize(Model& model, std::uint64_t seed) {
  using namespace seqlstm;
  initialize(model, seed);
  RandomStream random(seed);
  for_each_parameter(model, [&](const std::string&, Parameter<float>& p) {
    const auto values = p.edit();
    for (std::size_t i = 0; i < p.size(); ++i) values.data()[i] += static_cast<float>(0.2 * random.normal());
  });
  for_each_buffer(model, [&]<class T>(const std::string& name, Buffer<T>& b) {
    if constexpr (std::is_same_v<T, float>)
      for (auto& v : b.values())
        v = name.ends_with("var") || name.ends_with("stddev") ? 0.5F + static_cast<float>(random.uniform())
                                                              : static_cast<float>(0.3 * random.normal());
  });
}

/// A chain with random weights.
template <class Chain> Chain built(Chain chain, const seqlstm::BuildInfo& info) {
  chain.build(info);
  randomize(chain, info.seed + 1);
  return chain;
}

/// Calls f(name, model, kind of its batches) for each.
template <class F> void for_every_model(F&& f) {
  using namespace seqlstm;
  const BatchKind letters{.vocabulary = 7};
  const BuildInfo info{.vocabulary = 7, .max_length = 12, .seed = 3};
  {
    auto model = built(
        sequential(embedding(6), lstm({.hidden = 5, .layers = 2, .bidirectional = true, .dropout = 0.2}),
                   concat(last(), max(), mean()), batch_norm(), dropout(0.3), dense(8), relu(), dense(3),
                   softmax()),
        info);
    f("lstm_classifier", model, letters);
  }
  {
    auto model = built(sequential(embedding(4), gru({.hidden = 6, .layers = 2, .bidirectional = true}),
                                  last(), dense(1), sigmoid()),
                       info);
    f("gru_classifier", model, letters);
  }
  {
    auto model = built(
        sequential(one_hot(), gru({.hidden = 5, .reset_after = false}), mean(), tanh(), dense(2)), info);
    f("gru_of_cho", model, letters);
  }
  {
    auto model =
        built(sequential(one_hot(), lstm({.hidden = 5, .reverse = true, .peephole = true}), last(), dense(2)),
              info);
    f("reverse_peephole_lstm", model, letters);
  }
  {
    auto model = built(sequential(embedding(5), conv1d({.output = 6, .kernel = 4, .dilation = 2}), relu(),
                                  max_pool1d({.kernel = 3, .stride = 2, .ceil_mode = true}), batch_norm(),
                                  lstm({.hidden = 4, .bidirectional = true}), layer_norm(),
                                  attention_pooling({.attention = 5, .heads = 2}), dense(2)),
                       info);
    f("conv_attention", model, letters);
  }
  {
    auto model = built(sequential(embedding(5) + positional_embedding(),
                                  conv1d({.output = 4, .kernel = 3, .stride = 2, .padding = Padding::causal}),
                                  avg_pool1d({.kernel = 2, .stride = 2, .ceil_mode = true}),
                                  rnn({.hidden = 4, .layers = 2, .bidirectional = true}), max(), dense(2)),
                       info);
    f("positions_rnn", model, letters);
  }
  {
    auto model = built(
        sequential(embedding(5), conv1d({.output = 4, .kernel = 3, .stride = 2, .padding = Padding::valid}),
                   avg_pool1d({.kernel = 1, .stride = 2}), max_pool1d({.kernel = 1}), dense(3), softmax()),
        info);
    f("shorter_positions", model, BatchKind{.vocabulary = 7, .least = 3});
  }
  {
    const ChannelScale scale{{0.5F, -1.0F, 0.0F}, {2.0F, 1.0F, 0.5F}};
    auto model =
        built(sequential(concat(embedding(4), channels()), gaussian_noise(), lstm({.hidden = 4}), dense(2)),
              {.vocabulary = 7, .seed = 4, .channels = scale});
    f("letters_and_channels", model, BatchKind{.vocabulary = 7, .channels = 3});
  }
  {
    auto model = built(
        AnySequential<float>({embedding(4), reversed(), lstm({.hidden = 4, .bidirectional = true}),
                              merge_directions(MergeMode::mean), gru({.hidden = 3, .bidirectional = true}),
                              poolings({PoolingKind::last, PoolingKind::max, PoolingKind::mean}),
                              dropout(0.2), dense(2)}),
        info);
    f("any_sequential", model, letters);
  }
  {
    auto model = built(sequential(one_hot(), reversed(), rnn({.hidden = 4, .bidirectional = true}),
                                  merge_directions(MergeMode::sum), gru({.hidden = 6, .bidirectional = true}),
                                  last(), merge_directions(MergeMode::product), dense(2)),
                       info);
    f("merged_directions", model, letters);
  }
  {
    SequenceClassifier<float> model({.vocabulary = 6,
                                     .positions = 12,
                                     .embedding_dim = 5,
                                     .hidden = 4,
                                     .layers = 2,
                                     .outputs = 2,
                                     .composition = true,
                                     .filters = 3,
                                     .kernels = {3, 4},
                                     .attention_heads = 2,
                                     .sites = true});
    randomize(model, 5);
    f("sequence_classifier", model, letters);
  }
  {
    SignalClassifier<float> model(
        {.channels = 3, .filters = 4, .hidden = 4, .heads = 2, .dense = 6, .outputs = 2});
    randomize(model, 6);
    f("signal_classifier", model, BatchKind{.channels = 3});
  }
  {
    SequenceLabeller<float> model({.vocabulary = 6,
                                   .channels = 2,
                                   .embedding_dim = 4,
                                   .filters = 3,
                                   .hidden = 4,
                                   .layers = 1,
                                   .outputs = 3});
    randomize(model, 7);
    f("sequence_labeller", model, BatchKind{.vocabulary = 7, .channels = 2});
  }
  {
    Basecaller<float> model({.stride = 3, .filters = 4, .kernel = 3, .hidden = 5, .layers = 3});
    randomize(model, 8);
    f("basecaller", model, BatchKind{.channels = 3});
  }
  {
    ReferenceProteinNet<float> model(
        {.vocabulary = 7, .classes = 4, .embedding_dim = 5, .hidden = 4, .layers = 3, .dense = 6});
    randomize(model, 9);
    f("reference_protein_net", model, letters);
  }
  {
    const AnyClassifierOptions options = SequenceClassifierOptions{
        .vocabulary = 6, .embedding_dim = 4, .hidden = 3, .layers = 1, .sites = true};
    ClassifierNet model(options, 2);
    randomize(model, 10);
    f("ensemble", model, letters);
  }
  {
    EncoderClassifier<float> whole({.tokenizer = Tokenizer(dna4, {.k = 2, .stride = 2}).to_config(),
                                    .embedding_dim = 4,
                                    .hidden = 6,
                                    .layers = 2,
                                    .outputs = 2,
                                    .pieces = 3,
                                    .context = 3});
    randomize(whole, 11);
    auto model = whole.one_phase();
    f("encoder_classifier", model, BatchKind{.vocabulary = 7});
  }
  {
    MaskedLanguageModel<float> model({.vocabulary = 6, .embedding_dim = 4, .hidden = 4, .layers = 1});
    randomize(model, 12);
    f("masked_language_model", model, letters);
  }
  {
    Mlp model(5, 2);
    randomize(model, 13);
    f("mlp", model, BatchKind{.channels = 5, .features = true});
  }
}

/// A batch of random sequences, some empty; numbers are normal.
inline seqlstm::SequenceBatch random_batch(const BatchKind& kind, std::uint64_t seed) {
  using namespace seqlstm;
  RandomStream random(seed);
  const std::size_t sequences = 1 + random.below(6);
  std::vector<std::size_t> lengths;
  for (std::size_t i = 0; i < sequences; ++i) {
    lengths.push_back(random.below(kind.most + 1));
    if (lengths.back() > 0 && lengths.back() < kind.least) lengths.back() = kind.least;
  }
  if (lengths[0] == 0) lengths[0] = kind.most;  // a time of 0 has no meaning elsewhere
  std::vector<std::vector<Token>> ids;
  std::vector<std::vector<float>> numbers;
  std::vector<std::span<const Token>> sequence_ids;
  std::vector<ConstMatrixView<float>> rows;
  for (const std::size_t length : lengths) {
    auto& own = ids.emplace_back(length);
    for (auto& id : own) id = static_cast<Token>(random.below(std::max<std::size_t>(1, kind.vocabulary)));
    auto& values = numbers.emplace_back(length * kind.channels);
    for (auto& v : values) v = static_cast<float>(random.normal());
  }
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    sequence_ids.emplace_back(ids[i]);
    rows.emplace_back(numbers[i].data(), lengths[i], kind.channels);
  }
  SequenceBatch batch;
  if (kind.vocabulary == 0) {
    batch.assign(rows);
  } else {
    batch.assign(sequence_ids);
    if (kind.channels > 0) batch.set_channels(rows);
  }
  return batch;
}
inline seqlstm::FeatureBatch random_features(const BatchKind& kind, std::uint64_t seed) {
  seqlstm::RandomStream random(seed);
  seqlstm::FeatureBatch batch{
      .rows = 1 + random.below(6), .width = kind.channels, .values = {}, .labels = {}, .records = {}};
  for (std::size_t i = 0; i < batch.rows * batch.width; ++i)
    batch.values.push_back(static_cast<float>(random.normal()));
  return batch;
}

}  // namespace testing
