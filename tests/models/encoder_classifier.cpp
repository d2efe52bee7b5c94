#include <seqlstm/core/random.hpp>
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/models/encoder_classifier.hpp>
#include <seqlstm/nn/init.hpp>
#include <thread>

#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace seqlstm;

namespace {

EncoderClassifierOptions small(const Tokenizer& tokenizer) {
  return {.tokenizer = tokenizer.to_config(),
          .embedding_dim = 5,
          .hidden = 6,
          .layers = 2,
          .pieces = 2,
          .context = 3};
}
SequenceDataset random_sequences(const Tokenizer& tokenizer, std::size_t records) {
  RandomStream random(3);
  std::vector<Record> made(records);
  for (auto& record : made)
    for (std::size_t i = 0; i < 12 + random.below(20); ++i) record.sequence += "ACGT"[random.below(4)];
  return encode(std::span<const Record>(made), tokenizer);
}

}  // namespace

TEST_CASE("encoder classifier: a prediction is the mean of what its phases say") {
  const Tokenizer tokenizer(dna4, {.k = 5, .stride = 3});
  EncoderClassifier<double> net(small(tokenizer));
  initialize(net, 1);
  REQUIRE(net.phases() == 3);
  const KmerPhases phases(tokenizer);
  const auto data = random_sequences(tokenizer, 4);
  std::vector<std::span<const Token>> views;
  for (std::size_t i = 0; i < data.size(); ++i) views.push_back(data.sequence(i));
  SequenceBatch batch;
  batch.assign(views);
  Tape<double> tape(Mode::inference);
  std::vector<double> mean(data.size());
  for (std::size_t f = 0; f < 3; ++f) {
    SequenceBatch read;
    phases.read(batch, f, read);
    tape.reset();
    const auto answer = net.one_phase().forward(tape, read).value();
    for (std::size_t i = 0; i < data.size(); ++i) mean[i] += answer(i, 0) / 3;
  }
  tape.reset();
  const auto answer = net.forward(tape, batch).value();
  for (std::size_t i = 0; i < data.size(); ++i) CHECK(answer(i, 0) == Approx(mean[i]).epsilon(1e-12));
}

TEST_CASE("encoder classifier: threads that share one get the bits of one") {
  const Tokenizer tokenizer(dna4, {.k = 5, .stride = 2});
  EncoderClassifier<float> net(small(tokenizer));
  initialize(net, 2);
  prepare(net);
  const auto data = random_sequences(tokenizer, 6);
  const auto answer = [&](std::size_t i) {
    const std::span<const Token> sequence = data.sequence(i);
    SequenceBatch batch;
    batch.assign(std::span(&sequence, 1));
    Tape<float> tape(Mode::inference);
    const EncoderClassifier<float>& shared = net;
    return shared.forward(tape, batch).value()(0, 0);
  };
  std::vector<float> alone, together(2 * data.size());
  for (std::size_t i = 0; i < data.size(); ++i) alone.push_back(answer(i));
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 2; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < data.size(); ++i) together[t * data.size() + i] = answer(i);
    });
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < together.size(); ++i) CHECK(together[i] == alone[i % data.size()]);
}

TEST_CASE("encoder classifier: sizes, groups, and a configuration that is no tokenizer's") {
  const auto options = small({dna4, {.k = 3, .stride = 2}});
  EncoderClassifier<float> net(options);
  const auto count = static_cast<double>(parameter_count(net));
  CHECK(expected_parameters(options) <= count);
  CHECK(expected_parameters(options) > 0.8 * count);
  const auto groups = net.groups();
  CHECK(groups.size() == 3);
  for_each_parameter(net, [&](const std::string& name, auto&) { CHECK_NOTHROW(groups.of(name)); });
  CHECK_THROWS_AS(EncoderClassifier<float>({.tokenizer = {}}), format_error);
}
