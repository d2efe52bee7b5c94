#include <seqlstm/models/masked_language_model.hpp>
#include <seqlstm/train/masked_model.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("masked language model: as many parameters as were expected, a score for every token") {
  const MaskedLanguageModelOptions options{.vocabulary = 4, .embedding_dim = 6, .hidden = 5, .layers = 2};
  MaskedLanguageModel<float> net(options);
  const auto count = static_cast<double>(parameter_count(net));
  CHECK(expected_parameters(options) <= count);
  CHECK(expected_parameters(options) > 0.9 * count);
  const std::vector<Token> tokens = {0, 4, 3};  // the second one is hidden
  const std::span<const Token> sequence(tokens);
  SequenceBatch batch;
  batch.assign(std::span(&sequence, 1));
  Tape<float> tape(Mode::inference);
  CHECK(net.forward(tape, batch).value().rows() == 3);
  CHECK(net.forward(tape, batch).value().cols() == 4);
  CHECK(net.states(tape, batch).value().cols() == 10);
}

TEST_CASE("masked language model: it learns what stood there") {
  SequenceDataset data = tiny_data(60, 1), valid = tiny_data(20, 2);
  for (auto* part : {&data, &valid})
    for (std::size_t i = 0; i < part->size(); ++i)
      for (std::size_t t = part->offsets[i]; t < part->offsets[i + 1]; ++t)
        part->ids[t] = static_cast<Token>((t - part->offsets[i]) % 4);
  MaskedLanguageModel<float> net({.vocabulary = 4, .embedding_dim = 8, .hidden = 8, .layers = 1});
  initialize(net, 1);
  MaskedFitOptions options;
  options.schedule = one_cycle(0.02);
  options.max_tokens = 64;
  options.epochs = 30;
  options.seed = 1;
  double accuracy = 0;
  fit_masked_model(net, data, valid, options, [&](const MaskedEpoch& epoch) {
    accuracy = epoch.valid.accuracy;
    return true;
  });
  CHECK(accuracy > 0.8);  // the neighbours tell
}
