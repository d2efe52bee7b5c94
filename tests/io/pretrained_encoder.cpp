#include <seqlstm/io/pretrained_encoder.hpp>
#include <seqlstm/nn/init.hpp>

#include "support/catch.hpp"
#include "support/layers.hpp"
#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

const std::vector<Token> probe = {0, 1, 2, 3};

std::string language_model(const support::TemporaryFolder& folder) {
  AwdLanguageModel<float> model({.vocabulary = 4, .embedding_dim = 6, .hidden = 9, .layers = 2});
  initialize(model, 3);
  io::save_encoder(folder.path("language"), model, Tokenizer(dna4), probe);
  return folder.path("language");
}

std::string masked_model(const support::TemporaryFolder& folder) {
  MaskedLanguageModel<float> model({.vocabulary = 4, .embedding_dim = 3, .hidden = 4, .layers = 1});
  initialize(model, 1);
  io::save_masked_model(folder.path("masked"), model, Tokenizer(dna4), probe);
  return folder.path("masked");
}

}  // namespace

TEST_CASE("pretrained encoder: a language model's fills a classifier on it") {
  const support::TemporaryFolder folder;
  const auto path = language_model(folder);
  const io::PretrainedEncoder encoder(path);
  std::filesystem::remove(path);  // it was read, once
  CHECK_FALSE(encoder.start().masked());
  const auto& options = std::get<AwdLstmOptions>(encoder.start().options);
  CHECK(options.hidden == 9);
  CHECK(encoder.file().info().kind == "language_model");
  for (int n = 0; n < 2; ++n) {
    AnyClassifier net(EncoderClassifierOptions{.tokenizer = Tokenizer(dna4).to_config(),
                                               .embedding_dim = options.embedding_dim,
                                               .hidden = options.hidden,
                                               .layers = options.layers});
    encoder.start().load(net, Tokenizer(dna4));
    AwdLanguageModel<float> model({.vocabulary = 4, .embedding_dim = 6, .hidden = 9, .layers = 2});
    initialize(model, 3);
    CHECK(everything(net.get_if<EncoderClassifier<float>>()->encoder) == everything(model.encoder));
  }
}

TEST_CASE("pretrained encoder: a masked model's fills a plain classifier, a published one has no encoder") {
  const support::TemporaryFolder folder;
  const io::PretrainedEncoder encoder(masked_model(folder));
  CHECK(encoder.start().masked());
  AnyClassifier net(SequenceClassifierOptions{.vocabulary = 4, .embedding_dim = 3, .hidden = 4, .layers = 1});
  initialize(net, 7);
  encoder.start().load(net, Tokenizer(dna4));
  MaskedLanguageModel<float> model({.vocabulary = 4, .embedding_dim = 3, .hidden = 4, .layers = 1});
  initialize(model, 1);
  const auto lstm_of = [](auto& network) {
    std::vector<double> values;
    for_each_parameter(network, [&](const std::string& name, auto& p) {
      if (name.starts_with("lstm.")) values.insert(values.end(), p.data(), p.data() + p.size());
    });
    return values;
  };
  CHECK(lstm_of(net) == lstm_of(model));
  AnyClassifier published(ReferenceProteinNetOptions{.vocabulary = 4, .classes = 2});
  CHECK_THROWS_WITH(encoder.start().load(published, Tokenizer(dna4)),
                    ContainsSubstring("this kind of classifier has no encoder to be filled"));
}

TEST_CASE("pretrained encoder: it reads with its own tokenizer") {
  const support::TemporaryFolder folder;
  const io::PretrainedEncoder encoder(language_model(folder));
  CHECK(encoder.tokenizer_for(dna5, unknown::error).options().unknown == Unknown::error);
  CHECK(encoder.tokenizer_for(dna5, unknown::map).options().unknown == Unknown::skip);  // dna4 has no N
  CHECK_THROWS_WITH(
      encoder.tokenizer_for(aa20, unknown::map),
      ContainsSubstring("the encoder reads letters of dna4, here are aa20; give one that read the same "
                        "kind"));
  CHECK_THROWS_AS(io::PretrainedEncoder(folder.path("absent")), io_error);
}
