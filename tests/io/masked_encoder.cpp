#include <seqlstm/io/masked_encoder.hpp>
#include <seqlstm/nn/init.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;

namespace {

const std::vector<Token> probe = {1, 2, 3};

std::vector<float> values_of(const ModuleRef& module, const std::string& wanted) {
  std::vector<float> values;
  for_each_parameter(module, [&](const std::string& name, auto& p) {
    if (name == wanted)
      for (std::size_t i = 0; i < p.size(); ++i) values.push_back(static_cast<float>(p.data()[i]));
  });
  return values;
}

}  // namespace

TEST_CASE("masked encoder: a classifier goes on with its vectors and LSTM, new tokens with the mean") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("model");
  MaskedLanguageModel<float> trained({.vocabulary = 4, .embedding_dim = 3, .hidden = 4, .layers = 1});
  initialize(trained, 1);
  io::save_masked_model(path, trained, Tokenizer(dna4), probe);
  CHECK(io::is_masked_model(path));
  CHECK(io::read_masked_model_options(path).hidden == 4);
  SequenceClassifier<float> classifier({.vocabulary = 6, .embedding_dim = 3, .hidden = 4, .layers = 1});
  initialize(classifier, 2);
  const auto head = values_of(classifier, "hidden.weight");
  io::load_masked_encoder(path, classifier, Tokenizer(dna4));
  CHECK(values_of(classifier, "lstm.weight_hh_l0") == values_of(trained, "lstm.weight_hh_l0"));
  CHECK(values_of(classifier, "hidden.weight") == head);
  const auto own = values_of(classifier, "token.weight"), from = values_of(trained, "token.weight");
  for (std::size_t i = 0; i < 12; ++i) CHECK(own[i] == from[i]);
  for (std::size_t c = 0; c < 3; ++c) {
    float mean = 0;
    for (std::size_t r = 0; r < 5; ++r) mean += from[3 * r + c] / 5;
    CHECK(own[12 + c] == Approx(mean).epsilon(1e-5));
    CHECK(own[3 * 6 + c] == from[3 * 4 + c]);  // the hidden token
  }
}

TEST_CASE("masked encoder: other sizes, other files and older ones are refused, and nothing is changed") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("model");
  // One layer with a dropout between layers, as older files have it.
  MaskedLanguageModel<float> trained(
      {.vocabulary = 4, .embedding_dim = 3, .hidden = 4, .layers = 1, .dropout = 0.5});
  io::save_masked_model(path, trained, Tokenizer(dna4), probe);
  for (const auto& options : {SequenceClassifierOptions{.embedding_dim = 5, .hidden = 4, .layers = 1},
                              SequenceClassifierOptions{.embedding_dim = 3, .hidden = 5, .layers = 1},
                              SequenceClassifierOptions{.embedding_dim = 3, .hidden = 4, .layers = 2}}) {
    SequenceClassifier<float> classifier(options);
    initialize(classifier, 1);
    const auto before = values_of(classifier, "token.weight");
    CHECK_THROWS_WITH(
        io::load_masked_encoder(path, classifier, Tokenizer(dna4)),
        ContainsSubstring(path + ": the model has width 3, 1 layers of 4, the classifier expects"));
    CHECK(values_of(classifier, "token.weight") == before);
  }
  SequenceClassifier<float> fits({.embedding_dim = 3, .hidden = 4, .layers = 1});
  CHECK_NOTHROW(io::load_masked_encoder(path, fits, Tokenizer(dna4)));
  io::save_model(path, trained, {"other", nlohmann::json::object(), Tokenizer(dna4).to_config(), {}}, probe);
  CHECK_FALSE(io::is_masked_model(path));
  CHECK_THROWS_AS(io::read_masked_model_options(path), format_error);
}
