#include <seqlstm/io/model_options.hpp>

#include "support/catch.hpp"

using namespace seqlstm;
using Json = nlohmann::json;

namespace {

template <class Options> void check_given_back(const Options& options) {
  const Json json = options;
  CHECK(Json(json.get<Options>()) == json);
  for (const auto& [key, value] : json.items()) {
    INFO(key);
    auto changed = json;
    changed[key] = nullptr;
    CHECK_THROWS(changed.template get<Options>());
  }
}

}  // namespace

TEST_CASE("model options: JSON gives them back, and refuses what is no size or probability") {
  check_given_back(SequenceClassifierOptions{.vocabulary = 7, .positions = 9, .composition = true});
  check_given_back(
      SequenceClassifierOptions{.filters = 4, .kernels = {3, 5}, .attention_heads = 2, .sites = true});
  check_given_back(EncoderClassifierOptions{.embedding_dim = 8, .hidden = 9, .pieces = 0});
  check_given_back(MaskedLanguageModelOptions{.vocabulary = 5, .dropout = 0.3});
  check_given_back(ReferenceProteinNetOptions{.vocabulary = 30, .hidden = 7});
  check_given_back(SignalClassifierOptions{.channels = 5, .filters = 4, .kernels = {3}, .heads = 2});
}

TEST_CASE("model options: a classifier without convolutions, attention and sites does not name them") {
  const Json json = SequenceClassifierOptions();
  for (const char* key : {"filters", "kernels", "attention_heads", "sites"}) CHECK(!json.contains(key));
  CHECK(json.get<SequenceClassifierOptions>().filters == 0);
}

TEST_CASE("model options: the kind of a classifier follows from its keys") {
  const auto kind = [](const AnyClassifierOptions& options) {
    return Json(options).get<AnyClassifierOptions>().index();
  };
  CHECK(kind(SequenceClassifierOptions()) == 0);
  CHECK(kind(EncoderClassifierOptions()) == 1);
  CHECK(kind(ReferenceProteinNetOptions()) == 2);
}

TEST_CASE("model options: a reference network of an older file has the published sizes") {
  const auto options = Json{{"vocabulary", 27}, {"classes", 3}}.get<ReferenceProteinNetOptions>();
  CHECK(options.classes == 3);
  CHECK(options.embedding_dim == 100);
  CHECK(options.layers == 4);
  CHECK(Json(options) == Json{{"vocabulary", 27}, {"classes", 3}});
  CHECK(Json{{"vocabulary", 27}, {"classes", 3}}.get<AnyClassifierOptions>().index() == 2);
}
