#include <seqlstm/infer/embeddings.hpp>
#include <seqlstm/models/sequence_classifier.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("embeddings: the mean of a sequence's states, whatever is read beside it") {
  SequenceClassifier<float> net({.hidden = 3, .layers = 1});
  initialize(net, 1);
  const auto data = tiny_data(20, 1);
  const auto states = [&](Tape<float>& tape, const SequenceBatch& batch) { return net.states(tape, batch); };
  const auto rows = mean_states(states, data);
  REQUIRE(rows.size() == 20);
  CHECK(rows.width == 6);
  for (const std::size_t i : {0, 7}) {
    const std::span<const Token> sequence = data.sequence(i);
    SequenceBatch batch;
    batch.assign(std::span(&sequence, 1));
    Tape<float> tape(Mode::inference);
    const auto every = net.states(tape, batch).value();
    for (std::size_t c = 0; c < 6; ++c) {
      double sum = 0;
      for (std::size_t t = 0; t < every.rows(); ++t) sum += every(t, c);
      CHECK(rows.values[6 * i + c] == Approx(sum / static_cast<double>(every.rows())).epsilon(1e-5));
    }
  }
}
