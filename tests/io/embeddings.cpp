#include <seqlstm/io/embeddings.hpp>
#include <seqlstm/nn/init.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;

namespace {

const std::vector<Token> probe = {1, 2, 3};
const std::vector<Record> records = {{.id = "a", .sequence = "ACGT"}, {.id = "b", .sequence = "TTNGACA"}};

}  // namespace

TEST_CASE("embeddings: of a language model's encoder, a masked model and a classifier") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("model");
  AwdLanguageModel<float> language({.vocabulary = 4, .embedding_dim = 5, .hidden = 6, .layers = 1});
  initialize(language, 1);
  io::save_encoder(path, language, Tokenizer(dna4), probe);
  const auto of_encoder = io::sequence_embeddings(path, records);
  CHECK(of_encoder.rows.size() == 2);
  CHECK(of_encoder.rows.width == 5);
  CHECK(of_encoder.notes == std::vector<std::string>{"1 letters other than ACGT are left out"});
  CHECK(io::categorical_columns(path).empty());

  MaskedLanguageModel<float> masked({.vocabulary = 5, .embedding_dim = 3, .hidden = 4, .layers = 1});
  initialize(masked, 1);
  io::save_masked_model(path, masked, Tokenizer(dna5), probe);
  const auto of_masked = io::sequence_embeddings(path, records);
  CHECK(of_masked.rows.width == 8);
  CHECK(of_masked.notes == std::vector<std::string>{"1 letters other than ACGT are read as N"});

  const AnyClassifierOptions shape = SequenceClassifierOptions{.embedding_dim = 3, .hidden = 2, .layers = 1};
  io::ClassifierNet net(shape, 2);
  initialize(net, 1);
  io::save_classifier(path, net, {.tokenizer = dna4, .label_names = {"no", "yes"}}, probe);
  const auto of_classifier = io::sequence_embeddings(path, records);
  CHECK(of_classifier.rows.width == 4);
  const Tokenizer lenient(dna4, {.unknown = unknown::skip});
  const auto states = [&](Tape<float>& tape, const SequenceBatch& batch) {
    return net[0].states(tape, batch);
  };
  CHECK(of_classifier.rows.values ==
        mean_states(states, encode(std::span<const Record>(records), lenient)).values);
  REQUIRE(of_classifier.notes.size() == 2);
  CHECK(of_classifier.notes[0] == "states of the first of 2 networks");
}

TEST_CASE("embeddings: records of another kind, files without a network") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("model");
  AwdLanguageModel<float> language({.vocabulary = 4, .embedding_dim = 5, .hidden = 6, .layers = 1});
  io::save_encoder(path, language, Tokenizer(dna4), probe);
  const std::vector<Record> proteins = {{.id = "p", .sequence = "MKVLLE"}};
  CHECK_THROWS_AS(io::sequence_embeddings(path, proteins), option_error);
  io::save_model(path, language, {"other", nlohmann::json::object(), Tokenizer(dna4).to_config(), {}}, probe);
  CHECK_THROWS_WITH(io::sequence_embeddings(path, records),
                    ContainsSubstring("a model of kind 'other' without an encoder"));
}
