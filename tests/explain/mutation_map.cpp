#include <seqlstm/explain/mutation_map.hpp>
#include <seqlstm/nn/init.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

const std::string letters = "ACGTTGCAACGTA";

AnyClassifier made(const AnyClassifierOptions& options, std::uint64_t seed) {
  AnyClassifier net(options);
  initialize(net, seed);
  return net;
}
AnyClassifierOptions frames_of(const Tokenizer& tokenizer) {
  return EncoderClassifierOptions{.tokenizer = tokenizer.to_config(),
                                  .embedding_dim = 4,
                                  .hidden = 5,
                                  .layers = 1,
                                  .pieces = 0,
                                  .context = 2};
}

}  // namespace

TEST_CASE("mutation map: of phases their mean, and what is right of every single mutant") {
  const Tokenizer tokenizer(dna4, {.k = 3, .stride = 2});
  const auto net = made(frames_of(tokenizer), 1);
  const auto map = mutation_map(net, tokenizer, letters);
  REQUIRE(map.scores.size() == letters.size() * 4);
  const auto answer = [&](const std::string& sequence) {
    const auto tokens = tokenizer.encode(sequence);
    const std::span<const Token> view(tokens);
    SequenceBatch batch;
    batch.assign(std::span(&view, 1));
    Tape<float> tape(Mode::inference);
    return double{net.forward(tape, batch).value()(0, 0)};
  };
  CHECK(map.reference == Approx(answer(letters)).epsilon(1e-4));
  for (const std::size_t at : {0, 5, 12})
    for (std::size_t c = 0; c < 4; ++c) {
      auto mutant = letters;
      mutant[at] = map.letters[c];
      CHECK(map.scores[4 * at + c] == Approx(answer(mutant)).epsilon(1e-4).margin(1e-5));
    }
}

TEST_CASE("mutation map: several networks give the mean of their maps") {
  const AnyClassifierOptions shape = SequenceClassifierOptions{.embedding_dim = 4, .hidden = 3, .layers = 1};
  const auto a = made(shape, 1), b = made(shape, 2);
  const Ensemble<AnyClassifier> both({a, b});
  const auto map = mutation_map(both, dna4, letters), of_a = mutation_map(a, dna4, letters),
             of_b = mutation_map(b, dna4, letters);
  for (std::size_t i = 0; i < map.scores.size(); ++i)
    CHECK(map.scores[i] == Approx((of_a.scores[i] + of_b.scores[i]) / 2).epsilon(1e-12));
  CHECK_THROWS_WITH(mean_map({}), "mean_map: no maps, expected at least one");
  CHECK_THROWS_AS(mean_map({of_a, mutation_map(a, dna4, "ACG")}), shape_error);
}
