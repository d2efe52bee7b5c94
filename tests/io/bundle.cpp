#include <seqlstm/io/bundle.hpp>

#include <filesystem>
#include <limits>

#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;
using support::message_of;

namespace {

struct File {
  std::string path =
      (std::filesystem::temp_directory_path() / ("seqlstm_bundle_" + std::to_string(getpid()))).string();
  ~File() { std::filesystem::remove(path); }
};

auto positioned() {
  return sequential(embedding(5) + positional_embedding(), lstm({.hidden = 6}), last(), dense(1));
}

struct OwnNet {
  Embedding<float> embedding{{.vocabulary = 16, .dim = 5, .padding = {}}};
  Lstm<float> lstm{{.input = 5, .hidden = 4}};
  Dense<float> head{4, 3};
  template <class V> void fields(V& v) {
    v("embedding", embedding);
    v("lstm", lstm);
    v("head", head);
  }
  Var<float> forward(Tape<float>& tape, const SequenceBatch& batch) const {
    return head(last(lstm(tape, embedding(batch))));
  }
};

}  // namespace

TEST_CASE("bundle: a chain comes back with its tokenizer, loss and labels, and answers as before") {
  const File file;
  const auto data = tiny_data(40, 1);
  auto model = tiny_model();
  fit(model, data, {.loss = bce_with_logits({.pos_weight = {2}}), .epochs = 1});
  io::save(file.path, model, {.tokenizer = dna4, .labels = {"other", "begins with A or C"}});
  auto again = tiny_model();
  const auto saved = io::load(file.path, again);
  CHECK(saved.labels == std::vector<std::string>{"other", "begins with A or C"});
  CHECK(std::string(saved.loss->name()) == "bce_with_logits");
  CHECK(saved.tokenizer.to_config() == Tokenizer(dna4).to_config());
  for (const char* letters : {"ACGT", "T", "GGGGCCAT"})
    CHECK(predict(again, saved.tokenizer.encode(letters)).values ==
          predict(model, dna4.encode(letters)).values);
  CHECK(evaluate(again, data)["loss"] == evaluate(model, data)["loss"]);
}

TEST_CASE("bundle: a chain of layers that is known when the program runs comes back without naming them") {
  const File file;
  const auto data = tiny_data(40, 1);
  AnySequential<float> model{embedding(6), lstm({.hidden = 5, .bidirectional = true}), max(), dense(1)};
  fit(model, data, {.loss = bce_with_logits(), .epochs = 1});
  io::save(file.path, model, {});
  AnySequential<float> again;
  const auto saved = io::load(file.path, again);
  CHECK(again.recipes().size() == 4);
  CHECK(everything(again) == everything(model));
  CHECK(predict(again, data).values == predict(model, data).values);
  // A file that is refused leaves a chain of nothing, which takes the next.
  auto tensors = io::read_safetensors(file.path);
  std::erase_if(tensors.tensors, [](const auto& named) { return named.first == "1.weight_hh_l0"; });
  io::write_safetensors(file.path, tensors);
  AnySequential<float> second;
  second.set_precision(Precision::bf16);
  CHECK_THROWS_AS(io::load(file.path, second), format_error);
  CHECK(second.recipes().empty());
  io::save(file.path, model, {});
  io::load(file.path, second);
  CHECK(second.recipes().size() == 4);
  auto typed = tiny_model();
  fit(typed, data, {.loss = bce_with_logits(), .epochs = 1});
  io::save(file.path, typed, {});
  AnySequential<float> none;
  CHECK_THROWS_WITH(io::load(file.path, none),
                    ContainsSubstring("'architecture' is missing, expected an architecture"));
}

TEST_CASE("bundle: a position table is as long as the training data's longest sequence") {
  const File file;
  const auto data = tiny_data(40, 2);
  auto model = positioned(), again = positioned();
  fit(model, data, {.loss = mse(), .epochs = 1});
  io::save(file.path, model, {.mean = 7.5, .stddev = 2});
  const auto saved = io::load(file.path, again);
  CHECK(saved.mean == 7.5);
  CHECK(saved.stddev == 2);
  CHECK(predict(again, data, *saved.loss).values == predict(model, data, mse()).values);
}

TEST_CASE("bundle: an own module and k-mers, with every loss of the library") {
  const File file;
  const Tokenizer pairs(dna4, {.k = 2, .stride = 2});
  OwnNet net;
  initialize(net, 3);
  for (const Loss& loss : {cross_entropy({.class_weights = {1, 2, 3}, .label_smoothing = 0.1}),
                           bce_with_logits({.pos_weight = {0.5, 1, 2}}), bce(), mse()}) {
    io::save(file.path, net, {.tokenizer = pairs, .loss = loss});
    OwnNet again;
    const auto saved = io::load(file.path, again);
    CHECK(io::detail::described_choice(saved.loss->choice()) == io::detail::described_choice(loss.choice()));
    CHECK(predict(again, saved.tokenizer.encode("ACGTTG"), loss).values ==
          predict(net, pairs.encode("ACGTTG"), loss).values);
  }
}

TEST_CASE(
    "bundle: networks that answer at every position, read channels, or have data with more than they read") {
  const File file;
  RandomStream random(3);
  SequenceDataset data;
  for (std::size_t i = 0; i < 20; ++i) {
    Record record{.id = "r" + std::to_string(i)};
    std::vector<float> rows;
    std::vector<double> labels;
    for (std::size_t t = 0; t < 3 + i % 4; ++t) {
      record.sequence += "ACGT"[random.below(4)];
      rows.push_back(static_cast<float>(random.normal()));
      rows.push_back(static_cast<float>(5 + random.normal()));
      labels.push_back(rows[2 * t] > 0 ? 1 : 0);
    }
    data.add(record, {rows.data(), labels.size(), 2}, {.positions = labels});
  }
  const auto check = [&](auto model, auto again, const Loss& loss) {
    fit(model, data, {.loss = loss, .epochs = 1});
    io::save(file.path, model, {});
    const auto saved = io::load(file.path, again);
    CHECK(std::string(saved.loss->name()) == loss.name());
    const auto before = predict(model, data), after = predict(again, data);
    CHECK(after.values == before.values);
    CHECK(after.decoded == before.decoded);
  };
  const auto of_channels = [] { return sequential(channels(), lstm({.hidden = 3}), dense(1)); };
  check(of_channels(), of_channels(), bce_with_logits());
  const auto of_both = [] {
    return sequential(concat(embedding(3), channels()), lstm({.hidden = 3}), dense(2), crf());
  };
  check(of_both(), of_both(), crf_loss());
  const auto of_letters = [] { return sequential(embedding(5), lstm({.hidden = 3}), dense(1)); };
  check(of_letters(), of_letters(), bce_with_logits());
}

TEST_CASE("bundle: a Crf's transitions are part of what the stored answer checks") {
  const File file;
  const auto made = [] {
    auto model = sequential(embedding(3), lstm({.hidden = 3}), dense(2), crf());
    model.build({.vocabulary = 4, .seed = 1});
    return model;
  };
  auto model = made();
  io::save(file.path, model, {.loss = crf_loss()});
  auto forbids = sequential(embedding(3), lstm({.hidden = 3}), dense(2), crf({.forbidden = {{0, 1}}}));
  CHECK_THROWS_WITH(io::load(file.path, forbids), ContainsSubstring("answers its stored input differently"));
  auto again = made();
  CHECK_NOTHROW(io::load(file.path, again));
}

TEST_CASE("bundle: a loss of one's own is passed again") {
  const File file;
  const Loss own = custom_loss("own", Task::multi_class,
                               [](const auto& x, std::span<const double> t) { return cross_entropy(x, t); });
  OwnNet net;
  initialize(net, 3);
  io::save(file.path, net, {.tokenizer = Tokenizer(dna4, {.k = 2}), .loss = own});
  OwnNet again;
  CHECK_THROWS_WITH(io::load(file.path, again),
                    ContainsSubstring("the loss 'own' is not one of the library's; pass it to load()"));
  CHECK_THROWS_WITH(
      io::load(file.path, again,
               custom_loss("other", Task::binary, [](const auto& x, auto t) { return mse(x, t); })),
      ContainsSubstring("the loss 'own'"));
  CHECK(std::string(io::load(file.path, again, own).loss->name()) == "own");
  // One with a name of the library's is not taken for it.
  const Loss named = custom_loss(
      "bce", Task::binary, [](const auto& x, std::span<const double> t) { return bce_with_logits(x, t); });
  io::save(file.path, net, {.tokenizer = Tokenizer(dna4, {.k = 2}), .loss = named});
  CHECK_THROWS_WITH(io::load(file.path, again),
                    ContainsSubstring("the loss 'bce' is not one of the library's"));
  CHECK(io::load(file.path, again, named).loss->task() == Task::binary);
}

TEST_CASE("bundle: what does not fit is refused with what to do") {
  const File file;
  const auto data = tiny_data(20, 1);
  OwnNet net;
  CHECK(message_of<option_error>([&] { io::save(file.path, net, {}); }) ==
        "save: the model remembers no loss; say which its outputs are for (.loss = ...)");
  auto model = tiny_model();
  fit(model, data, {.epochs = 1});
  CHECK(message_of<option_error>([&] { io::save(file.path, model, {.tokenizer = aa20}); }) ==
        "save: the model was built for 4 tokens, the tokenizer has 20; give the tokenizer of its training "
        "data");
  io::save(file.path, model, {});
  auto other = positioned();
  CHECK_THROWS_AS(io::load(file.path, other), format_error);
  // The same tensors, another pooling: the stored input is answered differently.
  auto pooled = sequential(embedding(6), lstm({.hidden = 10, .bidirectional = true}), concat(max(), mean()),
                           batch_norm(), dropout(0.2), dense(1));
  CHECK_THROWS_WITH(io::load(file.path, pooled), ContainsSubstring("answers its stored input differently"));
  io::save_model(file.path, model, {"tiny", {}, Tokenizer(dna4).to_config(), {}}, data.sequence(0));
  CHECK_THROWS_WITH(io::load(file.path, model),
                    ContainsSubstring("a model of kind 'tiny', not one that save() wrote"));
}

TEST_CASE("bundle: a table of few positions takes an input of one's own") {
  const File file;
  auto model = sequential(embedding(5) + positional_embedding(6), lstm({.hidden = 6}), last(), dense(1)),
       again = model;
  model.build({.vocabulary = 4, .seed = 3});
  io::save(file.path, model, {.loss = mse(), .probe = dna4.encode("ACG")});
  io::load(file.path, again);
  CHECK(predict(again, dna4.encode("TTAC"), mse()).values ==
        predict(model, dna4.encode("TTAC"), mse()).values);
}

TEST_CASE("bundle: sizes that no tensor has, and numbers that are none, are refused") {
  const File file;
  const auto data = tiny_data(20, 1);
  auto model = positioned();
  fit(model, data, {.loss = mse(), .epochs = 1});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const io::Bundle& bundle :
       {io::Bundle{.mean = nan}, io::Bundle{.stddev = nan}, io::Bundle{.stddev = 0}})
    CHECK_THROWS_WITH(io::save(file.path, model, bundle), ContainsSubstring("expected finite numbers"));
  const auto saved_as = [&](const nlohmann::json& options, const Tokenizer& tokenizer) {
    io::save_model(file.path, model, {io::detail::bundle_kind, options, tokenizer.to_config(), {}},
                   std::vector<Token>{0, 1});
  };
  const nlohmann::json loss = {{"loss", "mse"}};
  const auto refused = [&](const std::string& sentence) {
    auto fresh = positioned();
    CHECK_THROWS_WITH(io::load(file.path, fresh), ContainsSubstring(sentence));
  };
  saved_as({{"loss", loss}, {"mean", 0}, {"deviation", 1}}, Tokenizer(dna4, {.k = 10}));
  refused("no tensor has a row or a column for each of 1048576 tokens");
  saved_as({{"loss", loss}, {"mean", 0}, {"deviation", 1}, {"max_length", 2000000000}}, dna4);
  refused("the file is of other layers");
  saved_as({{"loss", loss}, {"mean", 0}, {"deviation", -1}}, dna4);
  refused("'deviation' is -1");
  saved_as({{"loss", {{"loss", "nothing"}}}, {"mean", 0}, {"deviation", 1}}, dna4);
  refused("the loss 'nothing' is not known");
  saved_as(nlohmann::json::object(), dna4);
  refused("'loss' is missing");
}
