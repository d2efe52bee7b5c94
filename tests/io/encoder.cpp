#include <seqlstm/io/encoder.hpp>

#include <unistd.h>
#include <filesystem>

#include "support/catch.hpp"
#include "support/layers.hpp"
#include "support/tiny_language.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

struct File {
  std::string path =
      (std::filesystem::temp_directory_path() / ("seqlstm_encoder_" + std::to_string(getpid()))).string();
  ~File() { std::filesystem::remove(path); }
};

const Tokenizer letters(dna4, {.k = 1, .stride = 1});
constexpr AwdLstmOptions shape = {.vocabulary = 4, .embedding_dim = 6, .hidden = 9, .layers = 2};

AwdLanguageModel<float> saved(const File& file) {
  AwdLanguageModel<float> model(shape);
  initialize(model, 3);
  const std::vector<Token> probe = {0, 1, 2, 3};
  io::save_encoder(file.path, model, letters, probe);
  return model;
}

}  // namespace

TEST_CASE("encoder: a language model's file fills an encoder of the same letters, and one with more") {
  const File file;
  auto model = saved(file);
  const auto info = io::read_encoder_info(file.path);
  CHECK(info.options.embedding_dim == 6);
  CHECK(info.options.layers == 2);
  CHECK(info.tokenizer == letters);
  AwdLstm<float> same(info.options);
  io::load_encoder(file.path, same, letters);
  CHECK(everything(same) == everything(model.encoder));

  auto wider = shape;
  wider.vocabulary = 5;
  AwdLstm<float> with_n(wider);
  io::load_encoder(file.path, with_n, Tokenizer(dna5));
  for (std::size_t c = 0; c < 6; ++c) {
    const auto old = model.encoder.embedding().weight.view(), now = with_n.embedding().weight.view();
    CHECK(now(2, c) == old(2, c));
    CHECK(now(4, c) == Approx((old(0, c) + old(1, c) + old(2, c) + old(3, c)) / 4));
  }
}

TEST_CASE("encoder: files and models that do not fit are refused") {
  const File file;
  auto model = saved(file);
  auto other = shape;
  other.embedding_dim = 7;
  AwdLstm<float> encoder(shape), wide(other);
  CHECK_THROWS_WITH(io::load_encoder(file.path, wide, letters),
                    file.path +
                        ": the encoder has width 6, 2 layers of 9, the model expects width 7, 2 layers of 9; "
                        "build it with the encoder's sizes, read_encoder_info tells them");
  CHECK_THROWS_AS(io::load_encoder(file.path, encoder, Tokenizer(dna4, {.k = 2})), option_error);
  const std::vector<Token> probe = {0, 1};
  AwdLanguageModel<float> other_model(shape);
  initialize(other_model, 4);
  auto damaged = io::read_safetensors(file.path);
  const auto other_weights = io::state_dict(other_model);
  for (auto& [name, tensor] : damaged.tensors)
    if (const auto* weights = other_weights.find(name)) tensor = *weights;
  io::detail::seal(damaged);
  io::write_safetensors(file.path, damaged);
  CHECK_THROWS_WITH(io::load_encoder(file.path, encoder, letters),
                    ContainsSubstring("answers its stored input differently"));
  io::save_model(file.path, model, {"language", {{"width", 6}}, letters.to_config(), {}}, probe);
  CHECK_THROWS_WITH(io::read_encoder_info(file.path),
                    ContainsSubstring("a model of kind 'language' without an encoder"));
}

TEST_CASE(
    "encoder: a language model's checkpoint continues to the same bits, and saving it changes nothing") {
  const File file;
  const TokenSource source = [](std::size_t epoch) { return tiny_language(800, epoch); };
  const io::ModelInfo info = {"language", nlohmann::json::object(), letters.to_config(), {}};
  const std::vector<Token> probe = {0, 1, 2, 3};
  for (const auto precision : {Precision::f32, Precision::bf16}) {  // which saving switches for a while
    const auto fresh = [&] {
      auto model = tiny_language_model(2);  // recurrent weights dropped
      set_precision(model, precision);
      return model;
    };
    auto whole = fresh(), model = fresh(), resumed = fresh();
    LanguageTrainer uninterrupted(whole, tiny_language_options(2)), first(model, tiny_language_options(2)),
        second(resumed, tiny_language_options(2));
    uninterrupted.run(source);
    first.set_on_step([&](const StepReport& step) {
      if (step.step == 9) io::save_checkpoint(file.path, model, first, info, probe);
      return true;
    });
    first.run(source);
    CHECK(everything(model) == everything(whole));
    io::load_checkpoint(file.path, resumed, second);
    CHECK(second.state.step == 9);
    second.run(source);
    CHECK(everything(resumed) == everything(whole));
  }

  // Another training does not continue it, and is left as it was.
  auto fewer = tiny_language_options(2);
  fewer.batch_size = 3;
  auto untouched = tiny_language_model();
  LanguageTrainer other(untouched, fewer);
  CHECK_THROWS_WITH(io::load_checkpoint(file.path, untouched, other), ContainsSubstring("streams 4"));
  CHECK(other.state.step == 0);
  CHECK(everything(untouched) == everything(*std::make_unique<TinyLanguageModel>(tiny_language_model())));
}

TEST_CASE("encoder: sizes that are none, or not those of the tensors, are refused before anything is made") {
  const File file;
  auto model = saved(file);
  const auto good = io::read_safetensors(file.path);
  using nlohmann::json;
  const std::vector<json> values = {json(-1),
                                    json(0),
                                    json(0.5),
                                    json(std::uint64_t{1} << 31U),
                                    json(std::uint64_t{1} << 61U),
                                    json(std::uint64_t{1} << 63U),
                                    json("text"),
                                    json(nullptr),
                                    json::array()};
  for (const char* key : {"vocabulary", "width", "hidden", "layers"})
    for (const auto& value : values) {
      auto changed = good;
      auto options = json::parse(changed.metadata.at("options"));
      options["encoder"][key] = value;
      changed.metadata["options"] = options.dump();
      io::detail::seal(changed);
      io::write_safetensors(file.path, changed);
      INFO(key << " " << value.dump());
      CHECK_THROWS_AS(io::read_encoder_info(file.path), format_error);
      AwdLstm<float> encoder(shape);
      CHECK_THROWS_AS(io::load_encoder(file.path, encoder, letters), format_error);
    }
  const auto config = json::parse(good.metadata.at("tokenizer"));
  for (const auto& [key, value] : config.items())
    for (const char* wrong : {"-1", "0.5", "99999999999", "18446744073709551616", "text", ""}) {
      if (key == "alphabet" || key == "seed" || key == "letters") continue;
      if ((key == "any" && std::string(wrong).empty()) ||
          (key == "encoding" && std::string(wrong) == "plain"))
        continue;
      auto changed = good;
      auto tokenizer = config;
      tokenizer[key] = wrong;
      changed.metadata["tokenizer"] = tokenizer.dump();
      io::detail::seal(changed);
      io::write_safetensors(file.path, changed);
      INFO(key << " " << wrong);
      CHECK_THROWS_AS(io::read_encoder_info(file.path), format_error);
    }
}
