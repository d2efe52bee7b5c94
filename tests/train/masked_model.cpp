#include <seqlstm/train/finite.hpp>
#include <seqlstm/train/masked_model.hpp>

#include <seqlstm/nn/all.hpp>
#include <seqlstm/ranks/thread_ranks.hpp>

#include "support/layers.hpp"
#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;
using support::message_of;

namespace {

/// Reads in both directions; id 4 hides.
struct TinyMasked {
  Embedding<float> token{{.vocabulary = 5, .dim = 6}};
  Lstm<float> lstm{{.input = 6, .hidden = 8, .bidirectional = true}};
  Dense<float> decoder{16, 4};
  SeqVar<float> forward(Tape<float>& tape, const SequenceBatch& batch) {
    return decoder(lstm(tape, token(batch)));
  }
  template <class V> void fields(V& v) {
    v("token", token);
    v("lstm", lstm);
    v("decoder", decoder);
  }
};

/// Sequences in which every letter follows from either neighbour: ACGTACGT..., begun anywhere.
SequenceDataset cycles(std::size_t count) {
  SequenceDataset data;
  RandomStream random(1);
  for (std::size_t i = 0; i < count; ++i) {
    std::string sequence;
    const std::size_t begin = random.below(4), length = 5 + random.below(20);
    for (std::size_t t = 0; t < length; ++t) sequence += "ACGT"[(begin + t) % 4];
    data.add(Record{.id = std::to_string(i), .sequence = sequence});
  }
  return data;
}

MaskedFitOptions quick() {
  MaskedFitOptions options;
  options.epochs = 6;
  options.batch_size = 8;
  options.schedule = one_cycle(2e-2);
  options.seed = 3;
  return options;
}

}  // namespace

TEST_CASE("masked model: learns what follows from both sides") {
  TinyMasked model;
  initialize(model, 1);
  const auto train = cycles(200), valid = cycles(50);
  CHECK(evaluate_masked_model(model, valid, quick()).loss > 1.2);  // ln 4 = 1.39
  std::vector<double> losses;
  fit_masked_model(model, train, valid, quick(), [&](const MaskedEpoch& epoch) {
    losses.push_back(epoch.valid.loss);
    CHECK(epoch.epoch == losses.size());
    CHECK(epoch.train_loss > 0);
    return true;
  });
  REQUIRE(losses.size() == 6);
  CHECK(losses.back() < 0.1);
  const auto score = evaluate_masked_model(model, valid, quick());
  CHECK(score.loss == losses.back());
  CHECK(score.accuracy > 0.95);
  CHECK(score.tokens > 50);
}

TEST_CASE("masked model: same weights for any number of threads, and an end on demand") {
  const auto train = cycles(40), valid = cycles(10);
  check_threads([&] {
    TinyMasked model;
    initialize(model, 1);
    std::size_t epochs = 0;
    fit_masked_model(model, train, valid, quick(), [&](const MaskedEpoch&) { return ++epochs < 2; });
    CHECK(epochs == 2);
    const auto& weight = model.decoder.weight;
    return std::vector<float>(weight.data(), weight.data() + weight.size());
  });
}

TEST_CASE("masked model: impossible options are refused") {
  TinyMasked model;
  auto options = quick();
  options.masked = 0;
  const auto ignore = [](const MaskedEpoch&) { return true; };
  CHECK_THROWS_AS(fit_masked_model(model, cycles(4), cycles(4), options, ignore), option_error);
  options = quick();
  options.epochs = 0;
  CHECK_THROWS_AS(fit_masked_model(model, cycles(4), cycles(4), options, ignore), option_error);
  options = quick();
  options.clip_norm = -1;
  CHECK_THROWS_WITH(fit_masked_model(model, cycles(4), cycles(4), options, ignore),
                    "clip_norm is -1, expected a finite number of at least 0");
  options = quick();
  options.schedule = plateau({});
  CHECK_THROWS_WITH(fit_masked_model(model, cycles(4), cycles(4), options, ignore),
                    "masked language models: the plateau schedule is not for them; choose another");
}

TEST_CASE("masked model: stop ends it after the update, divergence gives the last whole epoch back") {
  const auto train = cycles(80), valid = cycles(20);
  TinyMasked model;
  initialize(model, 1);
  auto options = quick();
  std::size_t asked = 0, epochs = 0;
  options.stop = [&] { return ++asked == 14; };  // 10 an epoch, and one between two
  const auto count = [&](const MaskedEpoch&) { return ++epochs > 0; };
  const auto result = fit_masked_model(model, train, valid, options, count);
  CHECK(result.stopped);
  CHECK(result.updates == 13);
  CHECK(result.epochs == 1);
  CHECK(epochs == 1);
  CHECK(first_not_finite(model).empty());

  options.stop = {};
  options.schedule = exponential(1e-2, 1e40);
  options.clip_norm = 0;
  std::vector<double> of_epoch;
  TinyMasked diverging;
  initialize(diverging, 1);
  CHECK_THROWS_AS(fit_masked_model(diverging, train, valid, options,
                                   [&](const MaskedEpoch&) {
                                     of_epoch = everything(diverging);
                                     return true;
                                   }),
                  numeric_error);
  REQUIRE_FALSE(of_epoch.empty());
  CHECK(everything(diverging) == of_epoch);
}

TEST_CASE("masked model: someone who knows how often each token comes") {
  const std::vector<Record> train = {{.sequence = "AAAC"}}, valid = {{.sequence = "AACG"}};
  const auto score = token_frequency_score(encode(train, dna4), encode(valid, dna4));
  CHECK(score.tokens == 4);
  CHECK(score.accuracy == 0.5);
  CHECK(score.loss == Approx(-(2 * std::log(0.75) + std::log(0.25) + std::log(1e-9)) / 4));
}

TEST_CASE("masked model: the same weights on 1 to 8 ranks") {
  const auto train = cycles(100), valid = cycles(30);
  const auto trained = [&](std::size_t ranks, bool shard_optimizer = false) {
    std::vector<double> weights;
    run_as_ranks(ranks, [&](Communicator& communicator) {
      TinyMasked model;
      auto options = quick();
      options.shard_optimizer = shard_optimizer;
      options.epochs = 2;
      options.batch_size = 24;
      options.shards = 8;
      options.progress = nullptr;
      options.communicator = communicator;
      fit_masked_model(model, train, valid, options, [](const MaskedEpoch&) { return true; });
      if (communicator.rank() == 0) weights = everything(model);
    });
    return weights;
  };
  const auto one = trained(1);
  for (const std::size_t ranks : {2U, 3U, 8U}) CHECK(same_bits(trained(ranks), one));
  CHECK(same_bits(trained(3, true), one));
  CHECK(message_of<option_error>([&] {
          run_as_ranks(2, [&](Communicator& communicator) {
            TinyMasked model;
            auto options = quick();
            options.communicator = communicator;
            fit_masked_model(model, train, communicator.rank() == 0 ? valid : train, options,
                             [](const MaskedEpoch&) { return true; });
          });
        }).starts_with("the validation data of rank 1 of 2 is '100 records, "));
}
