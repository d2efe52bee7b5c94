// Learns to write like a text, a character at a time: three LSTMs of 256, 256 and 128 units with dropout
// after each.
//
//     text_generation                                      a laboratory's diary, written for the purpose
//     text_generation --data novel.txt --save novel.safetensors
//     text_generation --load novel.safetensors --prompt "It was" --length 500 --temperature 0.7

#include <bit>
#include <chrono>
#include <fstream>
#include <numbers>
#include <seqlstm/data/simulated.hpp>
#include <seqlstm/infer/generate.hpp>
#include <seqlstm/io/checkpoint.hpp>
#include <seqlstm/io/report_page.hpp>
#include <seqlstm/models/ngram.hpp>
#include <seqlstm/nn/dense.hpp>
#include <set>
#include <sstream>

#include "support/program.hpp"

namespace {

using namespace examples;
using namespace seqlstm;

constexpr const char* program_name = "text_generation";

/// Embedding(V, 64) -> LSTM 256 -> LSTM 256 -> LSTM 128, dropout after each -> Dense V.
class TextNet {
 public:
  explicit TextNet(std::size_t vocabulary, double dropout = 0.2)
      : embedding_({.vocabulary = vocabulary, .dim = 64, .padding = {}}),
        lstms_{Lstm<float>({.input = 64, .hidden = 256}), Lstm<float>({.input = 256, .hidden = 256}),
               Lstm<float>({.input = 256, .hidden = 128})},
        dropouts_{Dropout<float>(dropout), Dropout<float>(dropout), Dropout<float>(dropout)},
        output_(128, vocabulary) {}

  LanguageOutput<float> forward(Tape<float>& tape, const SequenceBatch& batch, CarriedState<float>& carried) {
    SeqVar<float> y = dropouts_[0](carried.run(0, lstms_[0], tape, tape, embedding_(batch)));
    for (std::size_t l = 1; l < lstms_.size(); ++l) y = dropouts_[l](carried.run(l, lstms_[l], tape, y));
    return {output_(y), {}};
  }
  [[nodiscard]] CarriedState<float> carried_state(std::size_t streams) const {
    return {streams, {lstms_[0].options(), lstms_[1].options(), lstms_[2].options()}};
  }
  [[nodiscard]] std::vector<LstmStream<float>> initial_state(std::size_t streams) const {
    std::vector<LstmStream<float>> states;
    for (const auto& lstm : lstms_) states.push_back(lstm.initial_state(streams));
    return states;
  }
  Var<float> step(Tape<float>& tape, std::span<const Token> ids, std::vector<LstmStream<float>>& states) {
    lstms_[0].step(embedding_.at(ids), states[0]);
    for (std::size_t l = 1; l < lstms_.size(); ++l) lstms_[l].step(states[l - 1].h(0), states[l]);
    return output_(tape.leaf(states.back().h(0)));
  }
  template <class V> void fields(V& v) {
    constexpr std::array<const char*, 3> lstm_names = {"lstm1", "lstm2", "lstm3"},
                                         dropout_names = {"dropout1", "dropout2", "dropout3"};
    v("embedding", embedding_);
    for (std::size_t l = 0; l < lstms_.size(); ++l) {
      v(lstm_names[l], lstms_[l]);
      v(dropout_names[l], dropouts_[l]);
    }
    v("output", output_);
  }

 private:
  Embedding<float> embedding_;
  std::array<Lstm<float>, 3> lstms_;
  std::array<Dropout<float>, 3> dropouts_;
  Dense<float> output_;
};

struct Options {
  std::string data, prompt;
  std::size_t length = 300, top_k = 0, streams = 256, steps = 100;
  double temperature = 0.8;
  RunOptions run;
};

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || text.str().empty())
    throw io_error("cannot read '" + path + "', or it is empty; check the path and its permissions");
  return text.str();
}

/// Every byte that the text has is a letter.
Alphabet letters_of(const std::string& text) {
  const std::set<char> used(text.begin(), text.end());
  return Alphabet("text", std::string(used.begin(), used.end()), {.fold_case = false});
}

void write_text(TextNet& net, const Tokenizer& tokenizer, const Options& options) {
  const auto prompt = tokenizer.encode(options.prompt);
  std::cout << options.prompt;
  generate(net, std::span<const Token>(prompt), options.length,
           {.temperature = options.temperature, .top_k = options.top_k, .seed = options.run.seed},
           [&](Token token) {
             std::cout << tokenizer.text(token) << std::flush;
             return true;
           });
  std::cout << std::endl;
}

/// The text in three stretches, 80, 10 and 10 %.
struct Stretches {
  std::vector<Token> train, valid, test;
  explicit Stretches(const std::vector<Token>& all) {
    const auto cut = [&](std::size_t percent) {
      return all.begin() + static_cast<std::ptrdiff_t>(all.size() * percent / 100);
    };
    train.assign(all.begin(), cut(80));
    valid.assign(cut(80), cut(90));
    test.assign(cut(90), all.end());
  }
};

/// Streams that leave each at least 20 windows an epoch, as long as the text allows.
std::size_t streams_for(const Options& options, std::size_t tokens) {
  return std::clamp<std::size_t>(tokens / (20 * options.steps), 1, options.streams);
}

void train(Options& options) {
  const auto start = std::chrono::steady_clock::now();
  const std::string text =
      options.data.empty() ? seqlstm::simulated_diary(400000, options.run.seed) : read_text(options.data);
  const Tokenizer tokenizer(letters_of(text));
  const Stretches parts(tokenizer.encode(text));
  if (parts.test.size() < 100)
    throw option_error(options.data + ": " + std::to_string(text.size()) +
                       " characters are too few to learn from and to judge by; give at least 1000");
  TextNet net(tokenizer.vocabulary());
  initialize(net, options.run.seed);
  options.run.apply_training(net);
  static_cast<void>(tokenizer.encode(options.prompt));  // names a character that the text does not have
  const std::size_t streams = streams_for(options, parts.train.size());
  LanguageFitOptions fit;
  fit.optimizer = adam();
  fit.schedule = one_cycle(options.run.learning_rate);
  fit.epochs = options.run.epochs.value_or(25);
  fit.batch_size = streams;
  fit.bptt = options.steps;
  fit.random_length = false;
  fit.seed = options.run.seed;
  fit.clip_norm = 1;
  fit.progress = &std::cerr;
  fit.communicator = ranks();
  fit.shards = std::min(fit.shards, std::bit_floor(streams));
  std::cout << text.size() << " characters, " << tokenizer.vocabulary() << " different; "
            << parameter_count(net) << " parameters, " << streams << " streams; " << options.run.text()
            << std::endl;
  const StreamOptions judging = {.batch_size = std::clamp<std::size_t>(parts.test.size() / 1000, 1, 16),
                                 .bptt = 100};
  const auto save = [&] {
    if (options.run.save.empty()) return;
    options.run.as_trained(net, [&] {
      io::save_model(options.run.save, net,
                     {program_name, {{"vocabulary", tokenizer.vocabulary()}}, tokenizer.to_config(), {}},
                     std::span<const Token>(parts.train).first(20));
    });
  };
  fit.stop = interrupted;
  LanguageTrainer trainer(net, fit);
  Snapshot best;
  double best_loss = std::numeric_limits<double>::infinity();
  nlohmann::json epochs = nlohmann::json::array();
  const auto after_epoch = [&](const auto& epoch) {
    const auto score = evaluate_language_model(net, parts.valid, judging);
    const bool better = score.loss < best_loss;
    std::cout << "epoch " << epoch.epoch << ": train loss " << epoch.train_loss << ", valid "
              << score.bits_per_letter(1) << " bits a character, " << duration_text(epoch.seconds) << ", "
              << static_cast<long long>(epoch.tokens_per_second) << " characters/s"
              << (better ? ", best" : "") << std::endl;
    epochs.push_back({{"epoch", epoch.epoch},
                      {"train_loss", epoch.train_loss},
                      {"valid_loss", score.loss},
                      {"seconds", epoch.seconds},
                      {"tokens_per_second", epoch.tokens_per_second}});
    if (better) {
      best_loss = score.loss;
      best.take(net);
      save();
    }
    return true;
  };
  const auto saved = [&] {
    if (options.run.save.empty()) return std::string("nothing is saved without --save");
    if (best.empty()) return std::string("no epoch is finished, nothing is saved");
    return "the best epoch so far is saved in " + options.run.save;
  };
  {
    const SignalWatch watch;
    try {
      trainer.run([&](std::size_t) { return parts.train; }, after_epoch);
    } catch (const numeric_error& error) {
      throw numeric_error(std::string(error.what()) + "; " + saved());
    }
    SignalWatch::check(saved());
  }
  best.restore(net);
  options.run.apply(net);
  const auto test = evaluate_language_model(net, parts.test, judging);
  const auto floor = seqlstm::best_ngram(parts.train, parts.valid, parts.test, tokenizer.vocabulary());
  std::cout << "test part: " << test.bits_per_letter(1) << " bits a character, accuracy " << test.accuracy
            << "; floor: " << floor.order << "-grams, " << floor.test_bits << '\n';
  if (!(test.bits_per_letter(1) < floor.test_bits))
    std::cout << "This result is not below its floor: counting letters does as well on this text.\n";
  if (!options.run.json.empty() || options.run.writes_page()) {
    nlohmann::json json = {
        {"metrics",
         {{"bits_per_character", test.bits_per_letter(1)},
          {"bits_per_base", test.bits_per_letter(1)},  // the name that all language models share
          {"baseline_bits_per_base", floor.test_bits},
          {"loss", test.loss},
          {"perplexity", test.perplexity()},
          {"accuracy", test.accuracy}}},
        {"floor", {{"bits_per_character", floor.test_bits}, {"order", floor.order}}},
        {"seconds_per_epoch", mean_of(epochs, "seconds")},
        {"tokens_per_second", mean_of(epochs, "tokens_per_second")},
        {"seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()},
        {"epochs", epochs},
        {"config",
         {{"data", options.data.empty() ? "the built-in text"
                                        : std::filesystem::path(options.data).filename().string()},
          {"streams", streams},
          {"steps", options.steps},
          {"learning_rate", options.run.learning_rate}}},
        {"characters", text.size()},
        {"seed", options.run.seed}};
    options.run.note(json);
    if (!options.run.json.empty()) io::write_file_atomically(options.run.json, io::json_text(json));
    if (options.run.writes_page())
      io::write_file_atomically(
          options.run.report,
          seqlstm::io::language_page({program_name, command_line()}, json, [](const nlohmann::json& epoch) {
            return epoch.at("valid_loss").get<double>();
          }));
  }
  if (options.prompt.empty()) options.prompt = tokenizer.decode(std::span<const Token>(parts.test).first(20));
  std::cout << "---\n";
  write_text(net, tokenizer, options);
}

void write_from_file(const Options& options) {
  const auto info = io::read_model_info(options.run.load);
  if (info.kind != program_name)
    throw format_error(options.run.load + ": a model of kind '" + info.kind + "', expected '" + program_name +
                       "'; give it to the program that saved it");
  const auto tokenizer = io::tokenizer_of(options.run.load, info);
  io::check_fits(options.run.load, info, (64 + 128) * static_cast<double>(tokenizer.vocabulary()));
  TextNet net(tokenizer.vocabulary());
  io::load_model(options.run.load, net);
  options.run.apply(net);
  if (options.prompt.empty()) throw option_error("--load needs --prompt TEXT: how the text is to begin");
  write_text(net, tokenizer, options);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Learns to write like a text, a character at a time", program_name);
  Options options;
  options.run.learning_rate = 5e-3;
  app.add_option("--data", options.data, "text file; its bytes are the characters")->group(of_training);
  options.run.add_to(app, "25");
  options.run.add_page_to(app);
  app.add_option("--prompt", options.prompt, "how the written text begins");
  const auto number = [&](const char* name, std::size_t& value, const char* help) {
    app.add_option(name, value, help)->check(whole_number())->capture_default_str();
  };
  number("--length", options.length, "characters to write");
  number("--top-k", options.top_k, "draw from the so many likeliest characters only; 0: from all");
  for (const auto& [name, value, help] :
       {std::tuple("--streams", &options.streams,
                   "places of the text that are read at once, at most: the batch size"),
        {"--steps", &options.steps, "characters per window, through which gradients flow (bptt)"}})
    app.add_option(name, *value, help)
        ->check(whole_number(1U << 20U))
        ->group(of_training)
        ->capture_default_str();
  app.add_option("--temperature", options.temperature, "below 1: likely characters more often")
      ->capture_default_str();
  app.get_option("--seed")->group("Options");  // draws what is written, too
  return run_program(app, argc, argv, [&] {
    options.run.check();
    options.run.check_page();
    check_at_least_one("--streams", options.streams);
    check_at_least_one("--steps", options.steps);
    if (!(options.temperature >= 0 && std::isfinite(options.temperature)))
      throw option_error("--temperature is " + std::to_string(options.temperature) +
                         ", expected a finite number of at least 0");
    if (!options.run.predict.empty())
      throw option_error("--predict is for classifiers; --prompt TEXT writes text");
    if (!options.run.load.empty())
      for (const auto& [option, file] :
           {std::pair("--json", options.run.json), {"--report", options.run.report}})
        if (!file.empty())
          throw option_error(std::string("--load and ") + option +
                             " exclude each other: a loaded model writes text and is not judged");
    seqlstm::io::FilePlan files;
    files.input("--data", options.data);
    options.run.name_files(files);
    files.output("--report", options.run.report);
    check_files(files);
    options.run.start();
    if (options.run.load.empty()) {
      train(options);
    } else {
      write_from_file(options);
    }
  });
}
