#include <seqlstm/io/labeller.hpp>

#include <cmath>
#include <filesystem>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

struct File {
  std::string path =
      (std::filesystem::temp_directory_path() / ("seqlstm_labeller_" + std::to_string(getpid()))).string();
  ~File() { std::filesystem::remove(path); }
};

}  // namespace

TEST_CASE("labeller file: it comes back with tokenizer and label letters, and labels as before") {
  const File file;
  const std::vector<Record> records = {Record{.id = "a", .sequence = "MKLAV"}, Record{.id = "b"},
                                       Record{.id = "c", .sequence = "GGW"}};
  for (const bool crf : {false, true}) {
    SequenceLabeller<float> net({.vocabulary = 21,
                                 .embedding_dim = 4,
                                 .filters = 2,
                                 .hidden = 5,
                                 .layers = 1,
                                 .outputs = 3,
                                 .crf = crf});
    initialize(net, 3);
    const Tokenizer tokenizer(aa21, {.unknown = unknown::map});
    const auto data = encode(records, tokenizer);
    io::save_labeller(file.path, net, {.tokenizer = tokenizer, .labels = {"CEH"}}, io::StoredInput(data, 0));
    auto again = io::load_labeller(file.path);
    CHECK(again.labels.letters == "CEH");
    CHECK(again.tokenizer == tokenizer);
    const auto before = predict(net, data, net.loss()), after = predict(again.net, data, again.net.loss());
    CHECK(after.values == before.values);
    CHECK(after.decoded == before.decoded);
    CHECK(after.decoded.size() == (crf ? 8 : 0));
    CHECK(again.text(after, 0).size() == 5);
    CHECK(again.text(after, 1).empty());
    CHECK(again.text(after, 2).find_first_not_of("CEH") == std::string::npos);
  }
}

TEST_CASE("labeller file: types of records, categories, channels and windows come back") {
  const File file;
  const std::vector<Record> records = {Record{.id = "a|X", .sequence = "MKLAV"},
                                       Record{.id = "b|Y", .sequence = "GGWMKLAVGGWMKLAV"}};
  const Tokenizer tokenizer(aa21, {.unknown = unknown::map});
  const CategoricalInputs inputs({"2"}, records);
  const LabelAlphabet labels{"IOO", "", {"NO", "NO", "SP"}, {"inside", "outside", "outside"}};
  SequenceLabeller<float> net({.vocabulary = 21,
                               .channels = 3,
                               .embedding_dim = 4,
                               .hidden = 5,
                               .layers = 1,
                               .outputs = 3,
                               .crf = true,
                               .groups = labels.type_numbers()});
  initialize(net, 3);
  const std::vector<float> measured(21, 0.5F);
  const ConstMatrixView<float> rows(measured.data(), 21, 1);
  const auto data = io::encode_beside(records, tokenizer, rows, inputs);
  CHECK(data.channel_count == 3);
  io::save_labeller(file.path, net, {"x", tokenizer, labels, inputs, 4}, io::StoredInput(data, 0));
  auto again = io::load_labeller(file.path);
  CHECK(again.labels.letters == labels.letters);
  CHECK(again.labels.types == labels.types);
  CHECK(again.labels.meaning == labels.meaning);
  CHECK(again.inputs.values == inputs.values);
  CHECK(again.window == 4);
  CHECK(again.net.options().groups == std::vector<std::size_t>{0, 0, 1});
  const auto read = again.encode(records, rows);
  CHECK(read.channels == data.channels);
  const auto said = again.predict(read);
  CHECK(said.values == predict_windows(net, data, net.loss(), {.length = 4, .margin = 1}).values);
  again.window = 0;
  CHECK(again.predict(read).values == predict(net, data, net.loss()).values);
  for (std::size_t i = 0; i < 2; ++i) {  // all labels of a record are of one type
    const auto classes = again.predict(read).classes(i);
    for (const Token c : classes) CHECK((c == 2) == (classes.front() == 2));
    const auto probabilities = type_probabilities(labels, predict(net, data, net.loss()).of_record(i));
    CHECK(std::abs(probabilities[0] + probabilities[1] - (1.0)) < 1e-9);
  }
  const LabelAlphabet twice{"IOO", "", {"NO", "SP", "SP"}};
  CHECK(message_of<format_error>([&] {
          io::save_labeller(file.path, net, {"x", tokenizer, twice, inputs}, io::StoredInput(data, 0));
        }) ==
        "a labeller of 3 classes needs as many label letters, each once in records of a type; found 'IOO'");
}

TEST_CASE("labeller file: one of another kind or size is refused") {
  const File file;
  SequenceLabeller<float> net({.vocabulary = 4, .embedding_dim = 2, .hidden = 2, .layers = 1, .outputs = 2});
  initialize(net, 3);
  const std::vector<Token> probe = {0, 1};
  io::save_labeller(file.path, net, {.kind = "other", .tokenizer = dna4, .labels = {"ab"}}, probe);
  CHECK_NOTHROW(io::load_labeller(file.path));
  CHECK_THROWS_WITH(io::SavedLabeller(file.path, "sequence_labelling"),
                    ContainsSubstring("a model of kind 'other', expected 'sequence_labelling'"));
  const auto refused = [&](const io::LabellerParts& parts) {
    return message_of<format_error>([&] { io::save_labeller(file.path, net, parts, probe); });
  };
  CHECK(refused({.tokenizer = dna4, .labels = {"abc"}}) ==
        "a labeller of 2 classes needs as many label letters, each once; found 'abc'");
  CHECK(refused({.tokenizer = dna4, .labels = {"aa"}}) ==
        "a labeller of 2 classes needs as many label letters, each once; found 'aa'");
  CHECK(refused({.tokenizer = dna5, .labels = {"ab"}}) == "the network reads 4 tokens, the tokenizer has 5");
  io::save_model(file.path, net, {"x", {{"net", net.options()}}, Tokenizer(dna4).to_config(), {"a", "a"}},
                 probe);
  CHECK_THROWS_WITH(io::load_labeller(file.path), ContainsSubstring("each once; found 'aa'"));
  io::save_model(file.path, net, {"x", {{"net", net.options()}}, Tokenizer(dna4).to_config(), {"no", "yes"}},
                 probe);
  CHECK_THROWS_WITH(io::load_labeller(file.path), ContainsSubstring("the label 'no' is no single letter"));
  io::save_model(file.path, net, {"x", nlohmann::json::object(), Tokenizer(dna4).to_config(), {"a", "b"}},
                 probe);
  CHECK_THROWS_WITH(io::load_labeller(file.path), ContainsSubstring("'net' is missing"));
}

TEST_CASE("labeller file: one output tells two letters apart") {
  const File file;
  SequenceLabeller<float> net({.vocabulary = 4, .embedding_dim = 2, .hidden = 3, .layers = 1, .outputs = 1});
  initialize(net, 3);
  const auto data = encode(std::vector<Record>{Record{.id = "a", .sequence = "ACGT"}}, dna4);
  io::save_labeller(file.path, net, {.tokenizer = dna4, .labels = {"om"}}, io::StoredInput(data, 0));
  const auto again = io::load_labeller(file.path);
  const auto said = predict(again.net, data, again.net.loss());
  std::string expected;
  for (const double p : said.values) expected += p >= 0.5 ? 'm' : 'o';
  CHECK(again.text(said, 0) == expected);
}
