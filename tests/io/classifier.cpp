// Model files whose sizes are nonsense, under a checksum that fits: a sentence each time, at once and without
// memory, whatever the size.
#include <sys/resource.h>

#include <chrono>
#include <cmath>
#include <seqlstm/infer/predictor.hpp>
#include <seqlstm/io/classifier.hpp>
#include <seqlstm/nn/init.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using Json = nlohmann::json;

namespace {

/// A classifier of a kind as a program saves it.
void save(const std::string& path, const AnyClassifierOptions& shape, const Tokenizer& tokenizer,
          const Objective& plan) {
  io::ClassifierNet net(shape, 2);
  initialize(net, 1);
  const std::vector<Token> probe = {1, 2, 3, 1, 2};
  io::save_classifier(path, net,
                      {.kind = "test",
                       .objective = plan,
                       .tokenizer = tokenizer,
                       .label_names = {"no", "yes"},
                       .more = {{"config", Json::object()}}},
                      probe);
}

void load(const std::string& path) {
  const io::SavedClassifier model(path, "test");
  static_cast<void>(model.size_option("window", 0));
}

const std::vector<Json>& nonsense() {
  static const std::vector<Json> values = {Json(-1),
                                           Json(0),
                                           Json(0.5),
                                           Json(std::uint64_t{1} << 31U),
                                           Json(std::uint64_t{1} << 61U),
                                           Json(std::uint64_t{1} << 63U),
                                           Json("text"),
                                           Json(nullptr),
                                           Json::array(),
                                           Json::object()};
  return values;
}

/// Every number of the options replaced by every nonsense: a format_error, or a value that is allowed.
void check_resealed(const support::TemporaryFolder& folder, const std::string& path) {
  const auto good = io::read_safetensors(path);
  const auto options = Json::parse(good.metadata.at("options"));
  const std::string bad = folder.path("resealed");
  const auto begin = std::chrono::steady_clock::now();
  std::size_t refused = 0, sizes = 0;
  const auto flat = options.flatten();
  for (const auto& [place, old] : flat.items()) {
    const bool size = old.is_number_unsigned();
    if (!size && !old.is_number() && !old.is_boolean()) continue;
    sizes += size ? 1 : 0;
    for (const Json& value : nonsense()) {
      const bool free = place == "/window" || place == "/plan/mean";
      auto changed = options;
      changed[Json::json_pointer(place)] = value;
      if (value == old) continue;
      auto file = good;
      file.metadata["options"] = changed.dump();
      io::detail::seal(file);
      io::write_safetensors(bad, file);
      INFO(place << " = " << value.dump());
      try {
        load(bad);
        // Zero, one half and 2^31 are values of probabilities, of numbers that scale, and of what is not
        // multiplied.
        const bool allowed = value.is_number() && (free || !size);
        CHECK(allowed);
      } catch (const format_error& error) {
        CHECK(std::string(error.what()).starts_with(bad + ": "));
        ++refused;
      }
    }
  }
  CHECK(sizes >= 4);
  CHECK(refused > 8 * sizes / 2);
  CHECK(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() < 60);
}

}  // namespace

TEST_CASE("classifier: every size of a classifier's options, resealed with nonsense, is refused") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("model");
  const Tokenizer letters(dna4), kmers(dna4, {.k = 2, .stride = 2});
  Objective binary, columns;
  columns.one_hot = true;
  const auto memory = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;  // MiB
  };
  const auto before = memory();
  save(path, SequenceClassifierOptions{.positions = 5, .embedding_dim = 3, .hidden = 4, .layers = 2}, letters,
       binary);
  load(path);
  check_resealed(folder, path);
  save(path,
       EncoderClassifierOptions{
           .tokenizer = kmers.to_config(), .embedding_dim = 3, .hidden = 4, .layers = 2, .context = 2},
       kmers, binary);
  load(path);
  check_resealed(folder, path);
  save(path, ReferenceProteinNetOptions{.vocabulary = 27, .classes = 2}, Tokenizer(aa27), columns);
  load(path);
  check_resealed(folder, path);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which keep what was freed
  CHECK(memory() - before < 300);
#else
  static_cast<void>(before);
#endif
}

TEST_CASE("classifier: one layer with a dropout between layers, as older files have it, is loaded") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("model");
  const SequenceClassifierOptions one{.embedding_dim = 3, .hidden = 4, .layers = 1, .layer_dropout = 0.5};
  save(path, one, Tokenizer(dna4), {});
  REQUIRE(io::read_model_info(path).options.at("net").dump().find("\"layer_dropout\":0.5") !=
          std::string::npos);
  load(path);
}

TEST_CASE("classifier: a saved one answers in another program, with all it takes") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("model");
  const Tokenizer letters(dna4);
  save(path, SequenceClassifierOptions{.embedding_dim = 3, .hidden = 4, .layers = 1}, letters, {});
  const auto model = io::load_classifier(path);
  CHECK(model.info.kind == "test");
  CHECK(model.info.label_names == std::vector<std::string>{"no", "yes"});
  CHECK(model.net.size() == 2);
  const std::vector<Record> records = {{.id = "a", .sequence = "ACGT"}, {.id = "b", .sequence = "TTGACA"}};
  const auto predictions = model.predict(records);
  REQUIRE(predictions.rows == 2);
  CHECK(predictions.cols == 1);
  Predictor predictor(model.net, model.objective.loss());
  for (std::size_t i = 0; i < 2; ++i)
    CHECK(predictor(model.tokenizer.encode(records[i].sequence))[0] ==
          Approx(predictions.values[i]).epsilon(1e-6));
  Objective cool;
  cool.temperature = 2;
  save(path, SequenceClassifierOptions{.embedding_dim = 3, .hidden = 4, .layers = 1}, letters, cool);
  const double p = predictions.values[0], logit = std::log(p / (1 - p));
  CHECK(io::load_classifier(path).predict(records).values[0] ==
        Approx(1 / (1 + std::exp(-logit / 2))).epsilon(1e-5));
  CHECK_THROWS_WITH(io::SavedClassifier(path, "promoter_classification"),
                    path +
                        ": a model of kind 'test', expected 'promoter_classification'; give it to the "
                        "program that saved it");
  save(path, SequenceClassifierOptions{.positions = 5, .embedding_dim = 3, .hidden = 4, .layers = 1}, letters,
       {});
  CHECK_THROWS_WITH(io::load_classifier(path).encode(records),
                    ContainsSubstring("the sequence has 4 tokens, " + path + " reads exactly 5"));
}

TEST_CASE("classifier: a saved one finds sites among letters, whatever it reads beside them") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("model");
  const Tokenizer letters(dna4);
  const std::vector<Record> records = {{.id = "a", .description = "host=x", .sequence = "ACGT"},
                                       {.id = "b", .description = "host=y", .sequence = "TTGACA"}};
  const CategoricalInputs inputs({"host"}, records);
  Objective objective;
  objective.site_weight = 1;
  objective.site_classes = {1};
  const auto saved = [&](const CategoricalInputs& beside, bool sites, const Objective& plan) {
    io::ClassifierNet net(SequenceClassifierOptions{.vocabulary = letters.vocabulary() + beside.vocabulary(),
                                                    .embedding_dim = 3,
                                                    .hidden = 4,
                                                    .layers = 1,
                                                    .sites = sites},
                          2);
    initialize(net, 1);
    const std::vector<Token> probe = {1, 2, 3, 1, 2};
    io::save_classifier(path, net, {.objective = plan, .inputs = beside, .tokenizer = letters}, probe);
    return io::load_classifier(path);
  };
  for (const auto& beside : {CategoricalInputs(), inputs}) {
    const auto model = saved(beside, true, objective);
    const auto sites = model.predict_sites(records);
    REQUIRE(sites.size() == 2);
    const auto data = model.encode(records);
    CHECK(data.length(0) == 4 + beside.columns.size());
    CHECK(sites == predict_sites(model.net, data, beside.columns.size()));
    for (std::size_t i = 0; i < 2; ++i) CHECK(sites[i].position < records[i].sequence.size());
  }
  CHECK_THROWS_WITH(saved({}, false, objective),
                    path +
                        ": its network scores no sites, its task needs them; the file is damaged or from "
                        "another version");
  CHECK_THROWS_WITH(
      saved({}, true, {}),
      path + ": its network scores sites, its task has none; the file is damaged or from another version");
  CHECK_THROWS_AS(saved({}, false, {}).predict_sites(records), option_error);
}
