#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/lstm_stream.hpp>

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/one_hot.hpp>

#include "support/catch.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Ids of `streams` sequences of `steps` tokens of a vocabulary of 7.
std::vector<std::vector<Token>> some_ids(std::size_t streams, std::size_t steps) {
  RandomStream random(5);
  std::vector<std::vector<Token>> ids(streams, std::vector<Token>(steps));
  for (auto& sequence : ids)
    for (auto& id : sequence) id = static_cast<Token>(random.below(7));
  return ids;
}

/// Step after step gives, to the bit, what whole sequences give. embed(batch) and embed.at(ids) are the
/// input.
template <class T, class Embed> void check_steps(Lstm<T>& lstm, Embed& embed, std::size_t streams) {
  constexpr std::size_t steps = 6;
  const auto sequences = some_ids(streams, steps);
  const auto batch = token_batch(sequences);
  Tape<T> tape(Mode::inference);
  const auto whole = lstm.run(tape, embed(batch));
  auto state = lstm.initial_state(streams);
  for (std::size_t t = 0; t < steps; ++t) {
    std::vector<Token> ids;
    for (const auto& sequence : sequences) ids.push_back(sequence[t]);
    const auto h = lstm.step(embed.at(ids), state);
    CHECK(same_bits(copy_of(h), copy_of(whole.y.value().row_range(t * streams, streams))));
  }
  const std::size_t layers = lstm.options().layers;
  for (std::size_t l = 0; l < layers; ++l) {
    CHECK(same_bits(copy_of(state.h(l)), copy_of(whole.final.h.value().row_range(l * streams, streams))));
    CHECK(same_bits(copy_of(state.c(l)), copy_of(whole.final.c.value().row_range(l * streams, streams))));
  }
}

}  // namespace

TEMPLATE_TEST_CASE("lstm_stream: steps give the bits of whole sequences", "", float, double) {
  for (const std::size_t hidden : {1U, 15U, 17U, 33U})
    for (const std::size_t streams : {1U, 2U, 3U, 7U, 9U}) {
      Lstm<TestType> lstm({.input = 5, .hidden = hidden, .layers = 3});
      Embedding<TestType> embedding({.vocabulary = 7, .dim = 5});
      check_steps(lstm, embedding, streams);
      Lstm<TestType> letters({.input = 7, .hidden = hidden});
      OneHot<TestType> one_hot(7);
      check_steps(letters, one_hot, streams);
    }
}

TEMPLATE_TEST_CASE("lstm_stream: dense steps give the bits of whole sequences", "", float, double) {
  constexpr std::size_t streams = 3, steps = 5, width = 17;
  Lstm<TestType> lstm({.input = width, .hidden = 20, .layers = 2});
  const PackedLayout layout(std::vector<std::size_t>(streams, steps));
  Input<TestType> x(streams * steps, width, 1);
  Tape<TestType> tape(Mode::inference);
  const auto whole = lstm(x.on(tape, layout));
  auto state = lstm.initial_state(streams);
  for (std::size_t t = 0; t < steps; ++t)
    CHECK(same_bits(copy_of(lstm.step(x.view().row_range(t * streams, streams), state)),
                    copy_of(whole.value().row_range(t * streams, streams))));
}

TEST_CASE("lstm_stream: a copy goes its own way, and a state can be set") {
  Lstm<float> lstm({.input = 4, .hidden = 6});
  Embedding<float> embedding({.vocabulary = 7, .dim = 4});
  auto state = lstm.initial_state(1);
  lstm.step(embedding.at(3), state);
  const auto h = copy_of(state.h(0)), c = copy_of(state.c(0));
  auto branch = state;
  const auto next = copy_of(lstm.step(embedding.at(1), branch));
  CHECK(copy_of(state.h(0)) == h);
  CHECK(copy_of(lstm.step(embedding.at(1), state)) == next);

  auto set = lstm.initial_state(1);
  CHECK(copy_of(set.h(0)) != h);
  std::copy(h.begin(), h.end(), set.h(0).data());
  std::copy(c.begin(), c.end(), set.c(0).data());
  CHECK(copy_of(lstm.step(embedding.at(1), set)) == next);
}

TEST_CASE("lstm_stream: steps follow changed weights, another embedding and another network") {
  Lstm<float> lstm({.input = 7, .hidden = 6});
  Embedding<float> embedding({.vocabulary = 7, .dim = 7}), other({.vocabulary = 7, .dim = 7});
  initialize(other, 5);
  OneHot<float> one_hot(7);
  check_steps(lstm, embedding, 2);
  check_steps(lstm, other, 2);
  check_steps(lstm, one_hot, 2);
  embedding.weight.edit()(3, 0) += 1;
  check_steps(lstm, embedding, 2);
  lstm.weights(0).weight_ih.edit()(0, 0) += 1;
  check_steps(lstm, embedding, 2);
  Lstm<float> another({.input = 7, .hidden = 6});
  initialize(another, 6);
  check_steps(another, embedding, 2);
  lstm = another;
  other = embedding;
  check_steps(lstm, other, 2);
}

TEST_CASE("lstm_stream: no streams, no work") {
  Lstm<float> lstm({.input = 7, .hidden = 6});
  OneHot<float> one_hot(7);
  auto none = lstm.initial_state(0);
  CHECK(lstm.step(one_hot.at(std::span<const Token>{}), none).rows() == 0);
}

TEST_CASE("lstm_stream: what does not fit is refused, and the streams stay as they were") {
  Lstm<float> lstm({.input = 4, .hidden = 6}), deep({.input = 4, .hidden = 6, .layers = 2}),
      both({.input = 4, .hidden = 6, .bidirectional = true});
  Embedding<float> embedding({.vocabulary = 7, .dim = 4}), wide({.vocabulary = 7, .dim = 5});
  auto state = lstm.initial_state(2);
  const std::vector<Token> ids = {1, 2}, bad = {1, 7};
  lstm.step(embedding.at(ids), state);
  const auto before = copy_of(state.h(0));
  CHECK_THROWS_WITH(lstm.step(wide.at(ids), state), "lstm: input has 5 columns, weight expects 4");
  CHECK_THROWS_WITH(lstm.step(embedding.at(3), state), "lstm: got 1 tokens for 2 streams, expected one each");
  CHECK_THROWS_WITH(
      lstm.step(embedding.at(bad), state),
      "stream 1: token id 7 is outside the vocabulary [0, 7); encode the data with the tokenizer "
      "the model was built for");
  for (auto* stranger : {&deep, &both})
    CHECK_THROWS_WITH(stranger->step(embedding.at(ids), state),
                      "lstm: the streams are of another network; make them with initial_state");
  CHECK_THROWS_WITH(both.initial_state(2),
                    "lstm: streams are read forward; a bidirectional network needs whole sequences");
  CHECK(copy_of(state.h(0)) == before);
}
