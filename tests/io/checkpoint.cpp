#include <seqlstm/io/checkpoint.hpp>

#include <filesystem>
#include <fstream>
#include <limits>

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using testing::everything;
using testing::tiny_data;
using testing::tiny_model;
using testing::TinyModel;

namespace {

struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("seqlstm_checkpoint_" + std::to_string(getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  [[nodiscard]] std::string file(const char* name) const { return (path / name).string(); }
};

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

struct PerToken {
  Embedding<float> token{{.vocabulary = 4, .dim = 3}};
  Dense<float> decoder{3, 4};
  SeqVar<float> forward(Tape<float>& tape, const SequenceBatch& batch) {
    return decoder(dense_rows(tape, token(batch)));
  }
  template <class V> void fields(V& v) {
    v("token", token);
    v("decoder", decoder);
  }
};

io::ModelInfo info_of(const SequenceDataset& data) {
  return {"tiny", {{"hidden", 10}}, data.tokenizer.to_config(), {"no", "yes"}};
}
TinyModel built(std::uint64_t seed) {
  auto model = tiny_model();
  model.build({.vocabulary = 4, .max_length = 12, .seed = seed});
  return model;
}

}  // namespace

TEST_CASE("checkpoint: a loaded model has the same weights, answers and description") {
  const Folder folder;
  const auto data = tiny_data(60, 1);
  auto model = built(1);
  fit(model, data, {.epochs = 1});
  io::save_model(folder.file("m"), model, info_of(data), data.sequence(0));
  const auto info = io::read_model_info(folder.file("m"));
  CHECK(info.kind == "tiny");
  CHECK(info.label_names == std::vector<std::string>{"no", "yes"});
  CHECK(Tokenizer::from_config(info.tokenizer) == data.tokenizer);
  auto other = built(2);
  REQUIRE(everything(other) != everything(model));
  io::save_model(folder.file("o"), other, info_of(data), data.sequence(0));
  CHECK(io::read_model_info(folder.file("o")).checksum != info.checksum);
  io::load_model(folder.file("m"), other);
  io::save_model(folder.file("o"), other, info_of(data), data.sequence(0));
  CHECK(io::read_model_info(folder.file("o")).checksum == info.checksum);
  CHECK(everything(other) == everything(model));
  CHECK(predict(other, data, bce_with_logits()).values == predict(model, data, bce_with_logits()).values);
}

namespace {

/// Trains four epochs in one go, and again with a stop, a file and a fresh start after each epoch.
void check_resume(const FitOptions& options) {
  const Folder folder;
  const auto train = tiny_data(90, 1), valid = tiny_data(40, 2);
  auto whole = built(1);
  Trainer<TinyModel, SequenceDataset> uninterrupted(whole, options);
  uninterrupted.run(train, &valid);
  for (std::size_t stop = 1; stop <= uninterrupted.state.epoch; ++stop) {
    auto model = built(1);
    Trainer<TinyModel, SequenceDataset>* running = nullptr;
    FitOptions first_part = options;
    // Saved from within the callback, as a program does: the epoch's weights, not the best ones.
    first_part.callbacks = {[&](const EpochReport& e) {
      if (e.epoch == stop)
        io::save_checkpoint(folder.file("c"), model, *running, info_of(train), train.sequence(0));
      return e.epoch < stop;
    }};
    Trainer<TinyModel, SequenceDataset> interrupted(model, first_part);
    running = &interrupted;
    interrupted.run(train, &valid);
    auto resumed = built(99);
    Trainer<TinyModel, SequenceDataset> trainer(resumed, options);
    io::load_checkpoint(folder.file("c"), resumed, trainer);
    CHECK(trainer.state.epoch == stop);
    trainer.run(train, &valid);
    CHECK(everything(resumed) == everything(whole));
    CHECK(trainer.state.epoch == uninterrupted.state.epoch);
    CHECK(trainer.state.best_value == uninterrupted.state.best_value);
  }
}

/// Steps along the mean of all gradients so far.
struct MeanOfAll {
  double lr = 0.05;
  static constexpr int arrays = 2;
  template <class T>
  void update(const UpdateStep& step, std::size_t n, T* weights, const T* gradients, T* sum, T* count) const {
    for (std::size_t i = 0; i < n; ++i) {
      sum[i] += gradients[i];
      count[i] += T(1);
      weights[i] -= static_cast<T>(step.lr) * sum[i] / count[i];
    }
  }
};

}  // namespace

TEST_CASE("checkpoint: resuming after any epoch continues bit for bit") {
  for (const auto& schedule : {one_cycle(0.02), plateau({.patience = 0})})
    check_resume({.optimizer = adamw(), .schedule = schedule, .epochs = 4, .batch_size = 16, .seed = 7});
  check_resume(
      {.optimizer = sgd({.lr = 0.1, .momentum = 0.9}), .epochs = 3, .batch_size = 16, .accumulate = 2});
  check_resume({.optimizer = rmsprop({.lr = 0.01}), .epochs = 3, .max_tokens = 100, .clip_norm = 0.1});
  check_resume({.optimizer = custom_optimizer("average", MeanOfAll{}),
                .schedule = custom_schedule("falling",
                                            [](std::size_t step, std::size_t total, double lr) {
                                              return Rate{lr * static_cast<double>(total - step), {}};
                                            }),
                .epochs = 3,
                .batch_size = 16,
                .sampler = weighted_sampler(std::vector<double>(90, 1), 50, 4)});
}

TEST_CASE("checkpoint: resuming after any update continues bit for bit") {
  const Folder folder;
  const auto train = tiny_data(90, 1), valid = tiny_data(40, 2);
  for (const FitOptions& options :
       {FitOptions{
            .optimizer = adamw(), .schedule = one_cycle(0.02), .epochs = 2, .batch_size = 16, .seed = 7},
        FitOptions{.optimizer = sgd({.lr = 0.1}), .epochs = 2, .batch_size = 16, .accumulate = 4},
        FitOptions{.epochs = 3, .max_tokens = 100, .max_updates = 13}}) {
    auto whole = built(1);
    Trainer<TinyModel, SequenceDataset> uninterrupted(whole, options);
    const auto expected = uninterrupted.run(train, &valid);
    for (std::uint64_t stop = 1; stop < uninterrupted.state.step; ++stop) {
      INFO("stopped after update " << stop << " of " << uninterrupted.state.step);
      auto model = built(1), resumed = built(99);
      Trainer<TinyModel, SequenceDataset>* running = nullptr;
      FitOptions first_part = options;
      first_part.stop = [&] {
        if (running->state.step < stop) return false;
        io::save_checkpoint(folder.file("c"), model, *running, info_of(train), train.sequence(0));
        return true;
      };
      Trainer<TinyModel, SequenceDataset> interrupted(model, first_part), trainer(resumed, options);
      running = &interrupted;
      CHECK(interrupted.run(train, &valid).stopped);
      io::load_checkpoint(folder.file("c"), resumed, trainer);
      const auto result = trainer.run(train, &valid);
      CHECK(everything(resumed) == everything(whole));
      CHECK(trainer.state.best_value == uninterrupted.state.best_value);
      REQUIRE(result.history.size() + interrupted.history.size() == expected.history.size());
      CHECK(result.history.back().train_loss == expected.history.back().train_loss);
      CHECK(result.history.back().learning_rate == expected.history.back().learning_rate);
    }
  }
}

TEST_CASE("checkpoint: a training resumed at its end has ended") {
  check_resume({.optimizer = sgd({.lr = 0}), .epochs = 9, .batch_size = 16, .patience = 2});
  check_resume(
      {.optimizer = adam(), .schedule = one_cycle(0.02), .epochs = 4, .batch_size = 16, .max_updates = 8});
}

TEST_CASE("checkpoint: another rule or option than that of the saved run is refused") {
  const Folder folder;
  const auto train = tiny_data(40, 1);
  auto model = built(1);
  const FitOptions options{
      .optimizer = sgd({.lr = 0.1}), .schedule = cosine(0.1), .epochs = 2, .batch_size = 16};
  Trainer<TinyModel, SequenceDataset> trainer(model, options);
  trainer.run(train, nullptr);
  io::save_checkpoint(folder.file("c"), model, trainer, info_of(train), train.sequence(0));
  const auto refused = [&](auto change, const std::string& sentence) {
    FitOptions other = options;
    change(other);
    Trainer<TinyModel, SequenceDataset> next(model, other);
    CHECK_THROWS_WITH(io::load_checkpoint(folder.file("c"), model, next), ContainsSubstring(sentence));
  };
  refused([](FitOptions& o) { o.loss = bce_with_logits({.pos_weight = {2.0}}); }, "the saved run has loss");
  refused([](FitOptions& o) { o.lr_scale = [](const std::string&) { return 0.5; }; },
          "the saved run has rates");
  refused([](FitOptions& o) { o.lr_scale = [](const std::string&) { return LrScale(1, 0.5); }; },
          "1.0, this one [1.0,0.5]; resume");
  refused([](FitOptions& o) { o.optimizer = adam(); }, "resume with the options of the saved run");
  refused([](FitOptions& o) { o.optimizer = sgd({.lr = 0.2}); }, "the saved run has optimizer");
  refused([](FitOptions& o) { o.schedule = cosine(0.2); }, "the saved run has schedule");
  refused([](FitOptions& o) { o.batch_size = 32; }, "the saved run has batch_size 16, this one 32; resume");
  refused([](FitOptions& o) { o.bucket_batches = 4; }, "the saved run has pool 0, this one 4; resume");
  refused([](FitOptions& o) { o.clip_norm = 1; }, "the saved run has clip_norm 0.0, this one 1.0; resume");
  refused([](FitOptions& o) { o.sampler = [](std::size_t) { return std::vector<std::size_t>{1}; }; },
          "the saved run has sampler nothing, this one true; resume");
  refused([](FitOptions& o) { o.optimizer = custom_optimizer("average", MeanOfAll{}); },
          "resume with the options of the saved run");
}

TEST_CASE("checkpoint: damaged and foreign files are refused and change nothing") {
  const Folder folder;
  const auto data = tiny_data(20, 1);
  auto model = built(1);
  io::save_model(folder.file("m"), model, info_of(data), data.sequence(0));
  const std::string good = bytes_of(folder.file("m"));
  auto other = built(2);
  const auto before = everything(other);
  for (std::size_t size = 0; size < good.size(); size += 1 + good.size() / 97) {
    write_bytes(folder.file("cut"), good.substr(0, size));
    CHECK_THROWS_AS(io::load_model(folder.file("cut"), other), format_error);
  }
  for (std::size_t at = 0; at < good.size(); at += at < 8 ? 1 : 1 + good.size() / 211) {
    std::string flipped = good;
    flipped[at] = static_cast<char>(static_cast<unsigned char>(flipped[at]) ^ (1U << at % 8));
    write_bytes(folder.file("flip"), flipped);
    INFO("bit " << at % 8 << " of byte " << at);
    CHECK_THROWS_AS(io::load_model(folder.file("flip"), other), format_error);
  }
  std::string damaged = good;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  write_bytes(folder.file("last"), damaged);
  CHECK_THROWS_WITH(io::load_model(folder.file("last"), other),
                    ContainsSubstring("does not fit its checksum"));
  CHECK(everything(other) == before);
  auto wide = sequential(embedding(6), lstm({.hidden = 11, .bidirectional = true}), concat(last(), mean()),
                         batch_norm(), dropout(0.2), dense(1));
  wide.build({.vocabulary = 4, .max_length = 12, .seed = 1});
  CHECK_THROWS_WITH(io::load_model(folder.file("m"), wide), ContainsSubstring("the model expects [44, 6]"));
  io::save(model, folder.file("plain"));
  CHECK_THROWS_WITH(io::load_model(folder.file("plain"), other),
                    ContainsSubstring("but not a seqlstm model"));
  CHECK_THROWS_AS(io::load_model(folder.file("absent"), other), io_error);
}

TEST_CASE("checkpoint: a damaged or foreign training is refused and changes neither model nor trainer") {
  const Folder folder;
  const auto data = tiny_data(20, 1);
  const FitOptions options{.optimizer = adam(), .epochs = 2, .batch_size = 16};
  auto model = built(1);
  Trainer<TinyModel, SequenceDataset> trainer(model, options);
  trainer.run(data, &data);
  io::save_checkpoint(folder.file("c"), model, trainer, info_of(data), data.sequence(0));
  const std::string good = bytes_of(folder.file("c"));

  auto other = built(2);
  const auto before = everything(other);
  Trainer<TinyModel, SequenceDataset> fresh(other, options);
  const auto refused = [&](const std::string& file, const std::string& sentence) {
    INFO(sentence);
    CHECK_THROWS_WITH(io::load_checkpoint(folder.file(file.c_str()), other, fresh),
                      ContainsSubstring(sentence));
    CHECK(everything(other) == before);
    CHECK(fresh.state.epoch == 0);
    CHECK(fresh.optimizer.state.empty());
    CHECK(fresh.best.empty());
  };
  write_bytes(folder.file("cut"), good.substr(0, good.size() / 2));
  refused("cut", "cut");
  std::string flipped = good;
  flipped[good.size() - 3] = static_cast<char>(flipped[good.size() - 3] ^ 4);
  write_bytes(folder.file("flip"), flipped);
  refused("flip", "does not fit its checksum");
  io::save_model(folder.file("m"), model, info_of(data), data.sequence(0));
  refused("m", "a model without a training to continue; give a file that save_checkpoint wrote");

  // Whole files that say something else: each sealed anew.
  const auto changed = [&](auto&& change) {
    io::SafetensorsFile file = io::read_safetensors(folder.file("c"));
    change(file);
    io::detail::seal(file);
    io::write_safetensors(folder.file("changed"), file);
  };
  const auto set_training = [&](const char* key, const nlohmann::json& value) {
    changed([&](io::SafetensorsFile& file) {
      auto training = nlohmann::json::parse(file.metadata.at("training"));
      training[key] = value;
      file.metadata["training"] = training.dump();
    });
  };
  changed([](io::SafetensorsFile& file) { file.metadata["training"] = "[]"; });
  refused("changed", "metadata 'training' is not what it should be");
  for (const char* key : {"epoch", "schedule_scale", "updates"}) {
    set_training(key, "soon");
    refused("changed", "metadata 'training' is not what it should be");
  }
  const auto set_tensor = [&](const std::string& end, const io::Tensor& tensor) {
    changed([&](io::SafetensorsFile& file) {
      for (auto& [name, old] : file.tensors)
        if (name.ends_with(end)) old = tensor;
    });
  };
  set_tensor(".second", io::make_tensor(std::vector<float>{1, 2, 3}, {3}));
  refused("changed", "has 3 numbers, expected");
  set_tensor("best.0", io::Tensor{"U8", {2}, std::vector<std::byte>(2)});
  refused("changed", "the best weights are those of another model");
  changed([](io::SafetensorsFile& file) {
    std::erase_if(file.tensors, [](const auto& entry) { return entry.first.ends_with(".second"); });
  });
  refused("changed", "is missing; the file is from another model");

  auto wide = sequential(embedding(6), lstm({.hidden = 11, .bidirectional = true}), concat(last(), mean()),
                         batch_norm(), dropout(0.2), dense(1));
  wide.build({.vocabulary = 4, .max_length = 12, .seed = 1});
  Trainer<decltype(wide), SequenceDataset> wide_trainer(wide, options);
  CHECK_THROWS_AS(io::load_checkpoint(folder.file("c"), wide, wide_trainer), format_error);
  io::load_checkpoint(folder.file("c"), other, fresh);
  CHECK(everything(other) == everything(model));
}

TEST_CASE("checkpoint: a model that answers differently is refused") {
  const Folder folder;
  const auto data = tiny_data(20, 1);
  auto model = built(1);
  io::save_model(folder.file("m"), model, info_of(data), data.sequence(0));
  auto file = io::read_safetensors(folder.file("m"));
  for (auto& [name, tensor] : file.tensors)
    if (name == "seqlstm/probe.output") tensor = io::make_tensor(std::vector<double>{123.0}, {1});
  io::detail::seal(file);
  io::write_safetensors(folder.file("other"), file);
  auto other = built(2);
  const auto before = everything(other);
  CHECK_THROWS_WITH(io::load_model(folder.file("other"), other),
                    ContainsSubstring("answers its stored input differently"));
  CHECK(everything(other) == before);
  for (const Token token : {4, -1, 2147483647}) {
    for (auto& [name, tensor] : file.tensors)
      if (name == "seqlstm/probe.tokens") tensor = io::make_tensor(std::vector<Token>{token}, {1});
    io::detail::seal(file);
    io::write_safetensors(folder.file("other"), file);
    CHECK_THROWS_WITH(io::load_model(folder.file("other"), other),
                      ContainsSubstring("the stored input does not fit the model"));
    CHECK(everything(other) == before);
  }
}

TEST_CASE("checkpoint: what is not finite is neither saved nor loaded, and nothing is changed") {
  const Folder folder;
  const auto data = tiny_data(20, 1);
  const FitOptions options{.optimizer = adam(), .epochs = 1, .batch_size = 16};
  auto model = built(1);
  Trainer<TinyModel, SequenceDataset> trainer(model, options);
  trainer.run(data, &data);
  io::save_checkpoint(folder.file("c"), model, trainer, info_of(data), data.sequence(0));
  const std::string good = bytes_of(folder.file("c"));
  std::vector<std::pair<std::string, std::size_t>> names;  // with sizes, of weights and statistics in floats
  const auto state = io::state_dict(model);
  for (const auto& [name, tensor] : state.tensors)
    if (tensor.dtype == "F32") names.emplace_back(name, tensor.data.size() / 4);
  REQUIRE(names.size() > 8);
  auto other = built(2);
  Trainer<TinyModel, SequenceDataset> fresh(other, options);
  const auto before = everything(other);
  for (const auto& [name, size] : names)
    for (const float value : {std::nanf(""), -std::numeric_limits<float>::infinity()}) {
      INFO(name);
      const std::string holds = "tensor '" + name + "' holds " + (std::isnan(value) ? "NaN" : "infinity");
      auto file = io::read_safetensors(folder.file("c"));
      for (auto& [found, tensor] : file.tensors)
        if (found == name) std::memcpy(tensor.data.data() + 4 * (size - 1), &value, 4);
      io::detail::seal(file);
      io::write_safetensors(folder.file("bad"), file);
      const std::string sentence = ": " + holds +
                                   ": the training that was saved had diverged; train again with a lower "
                                   "learning rate";
      CHECK_THROWS_WITH(io::load_model(folder.file("bad"), other), folder.file("bad") + sentence);
      CHECK_THROWS_WITH(io::load_checkpoint(folder.file("bad"), other, fresh), folder.file("bad") + sentence);
      CHECK(everything(other) == before);
      CHECK(fresh.optimizer.state.empty());
    }
  std::size_t n = 0;
  for_each_parameter(model, [&](const std::string&, auto& p) {
    if (n++ == 2) p.edit()(0, 0) = std::nanf("");
  });
  CHECK_THROWS_AS(io::save_model(folder.file("c"), model, info_of(data), data.sequence(0)), numeric_error);
  CHECK_THROWS_WITH(io::save_checkpoint(folder.file("c"), model, trainer, info_of(data), data.sequence(0)),
                    ContainsSubstring("is as it was: tensor 'lstm.weight_hh_l0' holds NaN") ||
                        ContainsSubstring("holds NaN, the training has diverged"));
  CHECK(bytes_of(folder.file("c")) == good);
}

TEST_CASE("checkpoint: numbers of a training that are no counts are refused, whatever they are") {
  const Folder folder;
  const auto data = tiny_data(20, 1);
  const FitOptions options{.optimizer = adam(), .epochs = 1, .batch_size = 16};
  auto model = built(1);
  Trainer<TinyModel, SequenceDataset> trainer(model, options);
  trainer.run(data, &data);
  io::save_checkpoint(folder.file("c"), model, trainer, info_of(data), data.sequence(0));
  const auto good = io::read_safetensors(folder.file("c"));
  const auto training = nlohmann::json::parse(good.metadata.at("training"));
  auto other = built(2);
  const auto before = everything(other);
  Trainer<TinyModel, SequenceDataset> fresh(other, options);
  const auto refused = [&](const nlohmann::json& changed) {
    auto file = good;
    file.metadata["training"] = changed.dump();
    io::detail::seal(file);
    io::write_safetensors(folder.file("bad"), file);
    INFO(changed.dump().substr(0, 300));
    CHECK_THROWS_AS(io::load_checkpoint(folder.file("bad"), other, fresh), format_error);
    CHECK(everything(other) == before);
    CHECK(fresh.state.epoch == 0);
  };
  using nlohmann::json;
  for (const json& value : {json(-1), json(0.5), json("text"), json(nullptr), json::array(), json(1e30)}) {
    for (const auto& [key, old] : training.items()) {
      if (key == "options") continue;
      auto changed = training;
      changed[key] = value;
      refused(changed);
    }
    for (const auto& [name, old] : training.at("updates").items()) {
      auto changed = training;
      changed["updates"][name] = value;
      refused(changed);
    }
  }
  json deep = json::array();
  for (int i = 0; i < 50; ++i) deep = json::array({deep});
  auto changed = training;
  changed["options"] = deep;
  refused(changed);
}

TEST_CASE("checkpoint: options that imply more than the file holds are refused before a model is made") {
  const Folder folder;
  const auto data = tiny_data(20, 1);
  auto model = built(1);
  io::save_model(folder.file("m"), model, info_of(data), data.sequence(0));
  const auto info = io::read_model_info(folder.file("m"));
  CHECK(info.numbers >= parameter_count(model));
  io::check_fits(folder.file("m"), info, static_cast<double>(parameter_count(model)));
  CHECK_THROWS_WITH(io::check_fits("m", info, 1e18),
                    "m: its options describe a network of 1e+18 numbers or more, its tensors hold " +
                        std::to_string(info.numbers) + "; the file is damaged or from another version");
  CHECK_THROWS_AS(io::check_fits("m", info, std::nan("")), format_error);
}

TEST_CASE("checkpoint: a model that says something of every token is saved with what it says of the last") {
  PerToken model, loaded;
  initialize(model, 1);
  initialize(loaded, 2);
  const Folder folder;
  const std::vector<Token> tokens = {0, 3, 2};
  io::save_model(folder.file("tokens"), model, {"tokens", {}, Tokenizer(dna4).to_config(), {}}, tokens);
  io::load_model(folder.file("tokens"), loaded);
  CHECK(std::equal(model.decoder.weight.data(), model.decoder.weight.data() + 12,
                   loaded.decoder.weight.data()));
  CHECK_THROWS_AS(
      io::save_model(folder.file("none"), model, {"tokens", {}, Tokenizer(dna4).to_config(), {}}, {}),
      option_error);
}
