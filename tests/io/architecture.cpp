#include <seqlstm/io/architecture.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/tiny.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;
using support::message_of;

namespace {

/// A chain with an option of every kind that is not the usual one.
AnySequential<float> all_kinds() {
  return AnySequential<float>{
      embedding(4),
      conv1d({.output = 6, .kernel = 3, .dilation = 2, .padding = Padding::causal, .bias = false}),
      relu(),
      max_pool1d({.kernel = 2, .stride = 1, .ceil_mode = true}),
      avg_pool1d({.kernel = 2, .ceil_mode = true}),
      layer_norm({.eps = 1e-3}),
      reversed(),
      rnn({.hidden = 4}),
      gru({.hidden = 5, .bidirectional = true, .reset_after = false}),
      merge_directions(MergeMode::product),
      lstm({.hidden = 6,
            .layers = 2,
            .bidirectional = true,
            .dropout = 0.25,
            .forget_bias = 1.0,
            .projection = 3,
            .peephole = true,
            .layer_norm = true}),
      tanh(),
      dropout({.p = 0.5, .variational = true}),
      gaussian_noise({.stddev = 0.5}),
      poolings({PoolingKind::last, PoolingKind::max, PoolingKind::mean}),
      batch_norm({.momentum = 0.01, .eps = 1e-3}),
      dense({.output = 3, .bias = false}),
      sigmoid(),
      softmax()};
}

std::string message(const std::string& json) {
  return message_of<format_error>([&] { io::architecture_from(nlohmann::json::parse(json)); });
}

/// A file as the converter writes it.
std::string converted(const support::TemporaryFolder& folder, AnySequential<float>& model,
                      const std::string& architecture) {
  auto file = io::state_dict(model);
  file.metadata["architecture"] = architecture;
  const std::string path = folder.path("converted.safetensors");
  io::write_safetensors(path, file);
  return path;
}

}  // namespace

TEST_CASE("architecture: every option of every layer comes back") {
  auto model = all_kinds();
  model.build({.vocabulary = 5, .seed = 1});
  const auto json = io::architecture_json(model);
  const auto read = io::architecture_from(json);
  CHECK(read.vocabulary == 5);
  CHECK(io::architecture_json(read) == json);
  CHECK(json["layers"][1] == nlohmann::json({{"type", "conv1d"},
                                             {"output", 6},
                                             {"kernel", 3},
                                             {"stride", 1},
                                             {"dilation", 2},
                                             {"padding", "causal"},
                                             {"bias", false}}));
  CHECK(json["layers"][14]["kinds"] == nlohmann::json({"last", "max", "mean"}));
  CHECK(json["layers"][15]["eps"] == 1e-3);
  const io::Architecture labels{
      {channels(), dense(3), crf({.forbidden = {{0, 1}, {2, 0}}, .forbidden_start = {1}})}, 0, 2};
  const auto again = io::architecture_from(io::architecture_json(labels));
  CHECK(again.channels == 2);
  const auto& options = std::get<CrfRecipe>(again.layers[2]).options;
  CHECK(options.forbidden == std::vector<std::pair<std::size_t, std::size_t>>{{0, 1}, {2, 0}});
  CHECK(options.forbidden_start == std::vector<std::size_t>{1});
}

TEST_CASE("architecture: what is not named has its usual value") {
  const auto read = io::architecture_from(nlohmann::json::parse(
      R"({"vocabulary": 4, "layers": [{"type": "embedding", "dim": 3}, {"type": "lstm", "hidden": 5},
          {"type": "avg_pool1d", "kernel": 3}, {"type": "batch_norm"}, {"type": "max"}]})"));
  const auto& lstm = std::get<LstmRecipe>(read.layers[1]).options;
  CHECK(lstm.hidden == 5);
  CHECK(lstm.layers == 1);
  CHECK_FALSE(lstm.bidirectional);
  CHECK_FALSE(lstm.forget_bias.has_value());
  CHECK(std::get<PlainRecipe<AvgPool1d>>(read.layers[2]).layer.options().stride == 3);
  CHECK(std::get<BatchNormRecipe>(read.layers[3]).options.eps == 1e-5);
}

TEST_CASE("architecture: a converted file becomes a model that answers as before") {
  const support::TemporaryFolder folder;
  auto model = all_kinds();
  model.build({.vocabulary = 5, .seed = 7});
  const std::string path = converted(folder, model, io::architecture_json(model).dump());
  auto again = io::load(path);
  CHECK(everything(again) == everything(model));
  const auto batch = token_batch({{0, 1, 2, 4}, {3, 1, 0, 2, 2, 1}, {1, 1, 3}});
  Tape<float> a(Mode::inference), b(Mode::inference);
  CHECK(copy_of(again.forward(a, batch).value()) == copy_of(model.forward(b, batch).value()));
  const auto exact = io::load<double>(path);
  CHECK(exact.built());
  const auto json = folder.write("net.json", io::json_text(io::architecture_json(model)));
  AnySequential<float> by_hand(io::read_architecture(json).layers);
  by_hand.build(io::read_architecture(json).build_info());
  io::load(by_hand, path);
  CHECK(everything(by_hand) == everything(model));
}

TEST_CASE("architecture: channels come with their scale") {
  const support::TemporaryFolder folder;
  AnySequential<float> model{channels(), lstm({.hidden = 3}), dense(1)};
  model.build({.seed = 1, .channels = {{2, 3}, {4, 5}}});
  const std::string path = converted(folder, model, io::architecture_json(model).dump());
  auto again = io::load(path);
  CHECK(everything(again) == everything(model));
}

TEST_CASE("architecture: JSON that is wrong is told by layer and option") {
  CHECK(message("[]") == "an architecture is a list, expected an object");
  CHECK(
      message(R"({"layers": []})") ==
      "'layers' is a list, expected a list of 1 to 1000 layers; the file is damaged or from another version");
  CHECK(message(R"({"size": 3, "layers": []})") ==
        "an architecture has no option \"size\", expected one of 'vocabulary', 'channels', 'layers', "
        "'made_from'");
  CHECK_THAT(
      message(R"({"layers": [{"type": "one_hot"}, {"type": "flatten"}]})"),
      ContainsSubstring("layer 1: no layer has the type \"flatten\", expected one of embedding, one_hot, "
                        "channels, lstm, gru,"));
  CHECK(message(R"({"layers": [{"type": "embedding", "dim": 3, "size": 4}]})") ==
        "layer 0: embedding has no option \"size\", expected one of 'type', 'dim'");
  CHECK_THAT(message(R"({"layers": [{"type": "one_hot"}, {"type": "lstm"}]})"),
             ContainsSubstring("layer 1: 'hidden' is missing, expected a whole number from 1"));
  CHECK_THAT(message(R"({"layers": [{"type": "one_hot"}, {"type": "max_pool1d", "stride": 2}]})"),
             ContainsSubstring("layer 1: 'kernel' is missing"));
  CHECK_THAT(
      message(
          R"({"layers": [{"type": "one_hot"}, {"type": "conv1d", "output": 2, "kernel": 2, "padding": "full"}]})"),
      ContainsSubstring("layer 1: 'padding' is \"full\", expected one of 'same', 'valid', 'causal'"));
  CHECK_THAT(message(R"({"layers": [{"type": "one_hot"}, {"type": "poolings", "kinds": ["first"]}]})"),
             ContainsSubstring("layer 1: 'kinds' is \"first\", expected one of 'last', 'mean', 'max'"));
  CHECK_THAT(message(R"({"layers": [{"type": "one_hot"}, {"type": "dropout", "p": 2}]})"),
             ContainsSubstring("layer 1: 'p' is 2, expected a number from 0 to 1"));
  CHECK_THAT(message(R"({"layers": [{"type": "one_hot"}, "last"]})"),
             ContainsSubstring("layer 1: it is \"last\", expected an object with a type"));
  CHECK(message(R"({"layers": [{"type": "one_hot"}, {"type": "last"}, {"type": "last"}]})") ==
        "sequential: layer 2 (last) takes one row per token, but the steps before it were pooled already");
}

TEST_CASE("architecture: files that do not fit are refused before memory is taken") {
  const support::TemporaryFolder folder;
  AnySequential<float> model{embedding(3), lstm({.hidden = 4, .bidirectional = true}), last(), dense(2)};
  model.build({.vocabulary = 5, .seed = 1});
  const auto load_message = [&](const std::string& architecture) {
    const std::string path = converted(folder, model, architecture);
    const auto text = message_of<format_error>([&] { io::load(path); });
    REQUIRE(text.starts_with(path + ": "));
    return text.substr(path.size() + 2);
  };
  CHECK_THAT(load_message("{"), ContainsSubstring("the architecture is no JSON that can be read: its byte"));
  auto json = io::architecture_json(model);
  json["layers"][1]["hidden"] = 2'000'000'000;
  CHECK_THAT(load_message(json.dump()), ContainsSubstring("numbers or more, its tensors hold "));
  json["layers"][1]["hidden"] = 100'000;
  json["layers"][1]["projection"] = 99'999;
  CHECK_THAT(load_message(json.dump()), ContainsSubstring("numbers or more, its tensors hold "));
  json = io::architecture_json(model);
  json["layers"][1]["hidden"] = 3;
  CHECK(load_message(json.dump()) ==
        "tensor '1.weight_ih_l0' has shape [16, 3], the model expects [12, 3]; give the file of a model of "
        "this shape");
  json = io::architecture_json(model);
  json["layers"][1]["bidirectional"] = false;
  CHECK_THAT(load_message(json.dump()),
             ContainsSubstring("tensor '3.weight' has shape [2, 8], the model expects [2, 4]"));
  json["layers"][3] = {{"type", "merge_directions"}, {"mode", "sum"}};
  json["layers"][1]["hidden"] = 3;
  CHECK(
      load_message(json.dump()) ==
      "merge_directions: input has 3 columns, expected an even number: those of two directions side by side; "
      "its layers do not fit one another");
  const std::string plain = folder.path("plain.safetensors");
  io::save(model, plain);
  CHECK_THAT(message_of<format_error>([&] { io::load(plain); }),
             ContainsSubstring("no architecture in its metadata, expected a file that"));
  // Half of a bidirectional layer.
  auto file = io::state_dict(model);
  std::erase_if(file.tensors, [](const auto& named) { return named.first == "1.weight_hh_l0_reverse"; });
  file.add("more", io::make_tensor(std::vector<float>(1000), {1000}));  // enough numbers in all
  file.metadata["architecture"] = io::architecture_json(model).dump();
  io::write_safetensors(plain, file);
  CHECK_THAT(message_of<format_error>([&] { io::load(plain); }),
             ContainsSubstring("tensor '1.weight_hh_l0_reverse' is missing"));
}
