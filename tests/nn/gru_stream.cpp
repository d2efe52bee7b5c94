#include <seqlstm/nn/gru_stream.hpp>

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/gru.hpp>
#include <seqlstm/nn/one_hot.hpp>

#include "support/catch.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Step after step gives, to the bit, what whole sequences give. embed(batch) and embed.at(ids) are the
/// input.
template <class T, class Embed> void check_steps(Gru<T>& gru, Embed& embed, std::size_t streams) {
  constexpr std::size_t steps = 6;
  RandomStream random(5);
  std::vector<std::vector<Token>> sequences(streams, std::vector<Token>(steps));
  for (auto& sequence : sequences)
    for (auto& id : sequence) id = static_cast<Token>(random.below(7));
  const auto batch = token_batch(sequences);
  Tape<T> tape(Mode::inference);
  const auto whole = gru.run(tape, embed(batch));
  auto state = gru.initial_state(streams);
  for (std::size_t t = 0; t < steps; ++t) {
    std::vector<Token> ids;
    for (const auto& sequence : sequences) ids.push_back(sequence[t]);
    const auto h = gru.step(embed.at(ids), state);
    CHECK(same_bits(copy_of(h), copy_of(whole.y.value().row_range(t * streams, streams))));
  }
  for (std::size_t l = 0; l < state.layers(); ++l)
    CHECK(same_bits(copy_of(state.h(l)), copy_of(whole.final.value().row_range(l * streams, streams))));
}

}  // namespace

TEMPLATE_TEST_CASE("gru_stream: steps give the bits of whole sequences", "", float, double) {
  for (const bool reset_after : {true, false})
    for (const std::size_t hidden : {1U, 15U, 17U, 33U})
      for (const std::size_t streams : {1U, 2U, 3U, 7U, 9U}) {
        Gru<TestType> gru({.input = 5, .hidden = hidden, .layers = 3, .reset_after = reset_after});
        Embedding<TestType> embedding({.vocabulary = 7, .dim = 5});
        check_steps(gru, embedding, streams);
        Gru<TestType> letters({.input = 7, .hidden = hidden, .reset_after = reset_after});
        OneHot<TestType> one_hot(7);
        check_steps(letters, one_hot, streams);
      }
}

TEMPLATE_TEST_CASE("gru_stream: dense steps give the bits of whole sequences", "", float, double) {
  constexpr std::size_t streams = 3, steps = 5, width = 17;
  Gru<TestType> gru({.input = width, .hidden = 20, .layers = 2});
  const PackedLayout layout(std::vector<std::size_t>(streams, steps));
  Input<TestType> x(streams * steps, width, 1);
  Tape<TestType> tape(Mode::inference);
  const auto whole = gru(x.on(tape, layout));
  auto state = gru.initial_state(streams);
  for (std::size_t t = 0; t < steps; ++t)
    CHECK(same_bits(copy_of(gru.step(x.view().row_range(t * streams, streams), state)),
                    copy_of(whole.value().row_range(t * streams, streams))));
}

TEST_CASE("gru_stream: a copy goes its own way, a state can be set, and steps follow changed weights") {
  Gru<float> gru({.input = 4, .hidden = 6});
  Embedding<float> embedding({.vocabulary = 7, .dim = 4});
  auto state = gru.initial_state(1);
  gru.step(embedding.at(3), state);
  const auto h = copy_of(state.h(0));
  auto branch = state;
  const auto next = copy_of(gru.step(embedding.at(1), branch));
  CHECK(copy_of(state.h(0)) == h);
  CHECK(copy_of(gru.step(embedding.at(1), state)) == next);
  auto set = gru.initial_state(1);
  CHECK(copy_of(set.h(0)) != h);
  std::copy(h.begin(), h.end(), set.h(0).data());
  CHECK(copy_of(gru.step(embedding.at(1), set)) == next);
  gru.weights(0).weight_ih.edit()(0, 0) += 1;
  check_steps(gru, embedding, 2);
  embedding.weight.edit()(3, 0) += 1;
  check_steps(gru, embedding, 2);
}

TEST_CASE("gru_stream: what does not fit is refused, and the streams stay as they were") {
  Gru<float> gru({.input = 4, .hidden = 6}), deep({.input = 4, .hidden = 6, .layers = 2}),
      both({.input = 4, .hidden = 6, .bidirectional = true});
  Embedding<float> embedding({.vocabulary = 7, .dim = 4}), wide({.vocabulary = 7, .dim = 5});
  auto state = gru.initial_state(2);
  const std::vector<Token> ids = {1, 2}, bad = {1, 7};
  gru.step(embedding.at(ids), state);
  const auto before = copy_of(state.h(0));
  CHECK_THROWS_WITH(gru.step(wide.at(ids), state), "gru: input has 5 columns, weight expects 4");
  CHECK_THROWS_WITH(gru.step(embedding.at(3), state), "gru: got 1 tokens for 2 streams, expected one each");
  CHECK_THROWS_WITH(
      gru.step(embedding.at(bad), state),
      "stream 1: token id 7 is outside the vocabulary [0, 7); encode the data with the tokenizer "
      "the model was built for");
  for (auto* stranger : {&deep, &both})
    CHECK_THROWS_WITH(stranger->step(embedding.at(ids), state),
                      "gru: the streams are of another network; make them with initial_state");
  CHECK_THROWS_WITH(both.initial_state(2),
                    "gru: streams are read forward; a bidirectional network needs whole sequences");
  CHECK(copy_of(state.h(0)) == before);
}
