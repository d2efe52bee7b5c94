// Reads genomes (or proteins) without labels and learns what comes next. The encoder it saves knows codons,
// genes and signals before it sees a label: promoter_classification --encoder goes on from there.
//
//     genome_language_model                                                  a simulated genome
//     genome_language_model --data ecoli.fa.gz --save ecoli.safetensors
//     genome_language_model --data genomes/*.fa.gz --checkpoint run.safetensors --budget 120 --save
//     all.safetensors
//     genome_language_model --load ecoli.safetensors --generate 300 --prompt ATGAAACGC
//     genome_language_model --data windows.csv --encoder all.safetensors --save windows.safetensors
//
// The last line goes on with what a classifier will see (Howard and Ruder 2018, section 3.2).

#include <chrono>
#include <numbers>
#include <seqlstm/data/simulated.hpp>
#include <seqlstm/infer/generate.hpp>
#include <seqlstm/io/encoder.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/nn/init.hpp>

#include "support/contig_files.hpp"
#include "support/language_page.hpp"
#include "support/language_score.hpp"
#include "support/program.hpp"

namespace {

using namespace examples;
using Model = seqlstm::AwdLanguageModel<float>;
using Trainer = seqlstm::LanguageTrainer<Model>;
using Clock = std::chrono::steady_clock;

constexpr const char* program_name = "genome_language_model";
constexpr std::uint64_t most_streams = 65536, most_steps = 1U << 20U;

struct Options {
  std::vector<std::string> data;
  TableColumns columns;
  std::string alphabet = "dna4", encoder, checkpoint;
  std::optional<std::size_t> k = {}, stride = {};  ///< 5 and 2 for DNA, 1 and 1 for proteins
  std::size_t width = 128, hidden = 512, layers = 3, streams = 64, steps = 70;
  double checkpoint_minutes = 5, budget = 0, dropout = 0.1, valid_share = 0.05;
  bool reverse_complement = false;
  std::size_t generated = 0;  ///< letters
  std::string prompt;
  seqlstm::GenerateOptions generation;
  RunOptions run;

  void check() const {
    const auto positive = [](const char* name, double value) {
      if (!(value > 0 && std::isfinite(value)))
        throw seqlstm::option_error(std::string(name) + " is " + std::to_string(value) +
                                    ", expected a number above 0");
    };
    positive("--checkpoint-minutes", checkpoint_minutes);
    if (budget != 0) positive("--budget", budget);
    if (!(valid_share > 0 && valid_share < 0.5))
      throw seqlstm::option_error("--valid-share is " + std::to_string(valid_share) + ", expected 0 to 0.5");
    if (!(dropout >= 0 && dropout <= 1))
      throw seqlstm::option_error("--dropout is " + std::to_string(dropout) +
                                  ", expected a factor from 0 to 1");
    for (const auto& [name, value] : {std::pair{"--streams", streams}, {"--steps", steps}})
      check_at_least_one(name, value);
    if (reverse_complement && !seqlstm::alphabet_by_name(alphabet).options().nucleotides)
      throw seqlstm::option_error("--reverse-complement needs a DNA alphabet, got " + alphabet);
  }
  [[nodiscard]] Files files() const {
    Files files;
    files.inputs("--data", data);
    files.input("--encoder", encoder);
    run.name_files(files);
    files.output("--checkpoint", checkpoint);
    files.output("--report", run.report);
    return files;
  }
  void check_generation(const CLI::App& app) const {
    if (!(generation.temperature >= 0 && std::isfinite(generation.temperature)))
      throw seqlstm::option_error("--temperature is " + std::to_string(generation.temperature) +
                                  ", expected a finite number of at least 0");
    for (const char* option : {"--prompt", "--temperature", "--top-k"})
      if (app.count(option) > 0 && generated == 0)
        throw seqlstm::option_error(std::string(option) + " needs --generate LETTERS");
    if (!run.load.empty() && !run.report.empty())
      throw seqlstm::option_error("--report is of a training, and --load MODEL is not trained");
    if (generated > 0 && (run.load.empty() || !run.predict.empty() || !run.json.empty()))
      throw seqlstm::option_error("--generate needs --load MODEL, and neither --predict nor --json");
  }
  [[nodiscard]] seqlstm::Tokenizer tokenizer() const {
    const auto& letters = seqlstm::alphabet_by_name(alphabet);
    const bool dna = letters.options().nucleotides;
    return {letters,
            {.k = k.value_or(dna ? 5 : 1),
             .stride = stride.value_or(dna ? 2 : 1),
             .unknown = seqlstm::unknown::skip}};
  }
  /// What --encoder decides.
  void take(const seqlstm::io::EncoderInfo& info) {
    alphabet = info.tokenizer.alphabet().name();
    k = info.tokenizer.options().k;
    stride = info.tokenizer.options().stride;
    width = info.options.width;
    hidden = info.options.hidden;
    layers = info.options.layers;
  }
  /// Of the training; none where the budget alone ends it.
  [[nodiscard]] std::optional<std::size_t> epochs() const {
    if (run.epochs || budget > 0) return run.epochs;
    return 1;
  }
  [[nodiscard]] std::string source() const {
    std::string names;
    for (const auto& file : data)
      names += (names.empty() ? "" : " ") + std::filesystem::path(file).filename().string();
    return names.empty() ? "a simulated genome" : names;
  }
};

class Pretraining {
 public:
  explicit Pretraining(const Options& options)
      : options_(options), tokenizer_(options.tokenizer()), model_(checked(model_options()), penalties()) {}

  void run() {
    load_data();
    train();
    report();
  }

 private:
  void train() {
    const SignalWatch watch;  // until the model is saved
    tell_data();
    seqlstm::initialize(model_, options_.run.seed);
    const bool resumes = !options_.checkpoint.empty() && std::filesystem::exists(options_.checkpoint);
    if (!options_.encoder.empty() && !resumes) seqlstm::io::load_model(options_.encoder, model_);
    options_.run.apply(model_);
    if (resumes) {
      recall();
    } else if (options_.budget > 0) {
      max_updates_ = updates_within(options_.budget * 60);
    }
    Trainer trainer(model_, fit_options(max_updates_));
    if (resumes) {
      seqlstm::io::load_checkpoint(options_.checkpoint, model_, trainer);
      std::cout << "resumed at update " << trainer.state.step << " of " << options_.checkpoint << std::endl;
      if (!history_.empty() && !history_.back().contains("valid")) judge_epoch();
    }
    train_and_save(trainer);
  }
  /// What ends the training early, a signal or weights that are no numbers, leaves what was learned until
  /// then.
  void train_and_save(Trainer& trainer) {
    const std::size_t epochs_before = history_.size();
    const auto save = [&] {
      if (!options_.run.save.empty()) seqlstm::io::save_model(options_.run.save, model_, info(), probe());
    };
    try {
      train(trainer);
    } catch (const seqlstm::io::write_error& error) {  // of a checkpoint: the model may have another disk
      save();
      throw seqlstm::io::write_error(std::string(error.what()) + "; " + saved("what was learned so far"));
    } catch (const seqlstm::numeric_error& error) {
      if (history_.size() == epochs_before)
        throw seqlstm::numeric_error(std::string(error.what()) + "; nothing is saved");
      save();
      throw seqlstm::numeric_error(std::string(error.what()) + "; " +
                                   saved("epoch " + history_.back().at("epoch").dump()));
    }
    updates_ = trainer.state.step;
    if (!trainer.stopped()) {
      save();
      return SignalWatch::check(saved("the trained model"));
    }
    save();
    std::string sentence = "stopped " + stopped_by(SignalWatch::caught()) + " after update " +
                           std::to_string(updates_) + "; " + saved("what was learned so far");
    if (!options_.checkpoint.empty())
      sentence += "; --checkpoint " + options_.checkpoint + " goes on from there";
    throw Interrupted(SignalWatch::caught(), sentence);
  }
  /// "... is saved in x.model".
  [[nodiscard]] std::string saved(const std::string& what) const {
    return options_.run.save.empty() ? "nothing is saved without --save"
                                     : what + " is saved in " + options_.run.save;
  }
  /// What the checkpoint notes beside weights and training; option_error where that was another run.
  void recall() {
    const auto info = seqlstm::io::read_model_info(options_.checkpoint);
    if (info.kind != program_name)
      throw seqlstm::format_error(options_.checkpoint + ": a model of kind '" + info.kind +
                                  "', expected a checkpoint of " + program_name);
    const auto noted = [&](const nlohmann::json& notes, const std::string& key) {
      const auto found = notes.find(key);
      if (found == notes.end())
        throw seqlstm::format_error(options_.checkpoint + ": the checkpoint has no '" + key +
                                    "'; it is from another version, begin anew with another file");
      return *found;
    };
    const auto before = noted(info.options, "config"), now = config();
    for (const auto& [key, value] : now.items()) {
      const std::string saved = noted(before, key).dump();
      if (saved != value.dump())
        throw seqlstm::option_error(options_.checkpoint + ": the saved run has " + key + " " + saved +
                                    ", this one " + value.dump() +
                                    "; resume with the options of the saved run");
    }
    try {
      max_updates_ = seqlstm::io::size_from(info.options, "max_updates", 0, UINT64_MAX);
      seconds_before_ = seqlstm::io::number_from(info.options, "seconds");
    } catch (const seqlstm::format_error& error) {
      throw seqlstm::io::named(options_.checkpoint, error);
    }
    history_ = noted(info.options, "history");
  }
  /// What makes a run what it is, besides what LanguageFitOptions say.
  [[nodiscard]] nlohmann::json config() const {
    return {{"data", seqlstm::io::utf8_text(options_.source())},
            {"encoder", seqlstm::io::utf8_text(std::filesystem::path(options_.encoder).filename().string())},
            {"letters", contigs_.letters},
            {"data_checksum", checksum_},
            {"valid_tokens", valid_tokens_.size()},
            {"alphabet", options_.alphabet},
            {"k", tokenizer_.options().k},
            {"stride", tokenizer_.options().stride},
            {"width", options_.width},
            {"hidden", options_.hidden},
            {"layers", options_.layers},
            {"streams", options_.streams},
            {"steps", options_.steps},
            {"epochs", options_.epochs() ? nlohmann::json(*options_.epochs()) : nlohmann::json()},
            {"dropout", options_.dropout},
            {"learning_rate", options_.run.learning_rate},
            {"reverse_complement", options_.reverse_complement},
            {"valid_share", options_.valid_share},
            {"budget", options_.budget},
            {"precision", options_.run.precision}};
  }
  [[nodiscard]] seqlstm::AwdLstmOptions model_options() const {
    return {.vocabulary = tokenizer_.vocabulary(),
            .width = options_.width,
            .hidden = options_.hidden,
            .layers = options_.layers,
            .dropouts = seqlstm::AwdDropouts::language_model().times(options_.dropout)};
  }
  static const seqlstm::AwdLstmOptions& checked(const seqlstm::AwdLstmOptions& shape) {
    check_memory(expected_parameters(shape));
    return shape;
  }
  [[nodiscard]] seqlstm::ActivationPenalties penalties() const {
    const seqlstm::ActivationPenalties usual;
    return {usual.alpha * options_.dropout, usual.beta * options_.dropout};
  }
  [[nodiscard]] seqlstm::LanguageFitOptions fit_options(std::size_t max_updates) {
    seqlstm::LanguageFitOptions fit;
    fit.optimizer = seqlstm::adamw({.beta2 = 0.99, .weight_decay = 0.01});
    fit.schedule = seqlstm::one_cycle(
        {.max_lr = options_.run.learning_rate, .pct_start = 0.1, .base_momentum = 0.7, .max_momentum = 0.8});
    fit.epochs = options_.epochs().value_or(max_updates);  // each has an update or more
    fit.max_updates = max_updates;
    fit.streams = options_.streams;
    fit.steps = options_.steps;
    fit.seed = options_.run.seed;
    fit.stop = [this] {
      if (SignalWatch::caught() == 0) return false;
      if (running_ != nullptr && !options_.checkpoint.empty()) save_checkpoint(*running_);
      return true;
    };
    fit.progress = &std::cerr;
    fit.terminal = on_terminal();
    return fit;
  }
  [[nodiscard]] seqlstm::TokenSource source() {
    return [this](std::size_t epoch) {
      return seqlstm::epoch_tokens(parts_.train, tokenizer_, options_.reverse_complement, options_.run.seed,
                                   epoch);
    };
  }

  void load_data() {
    if (options_.data.empty()) {
      contigs_.add(seqlstm::simulated_genome(400000, options_.run.seed), tokenizer_.alphabet());
    } else {
      contigs_ = read_contigs(options_.data, options_.columns, tokenizer_.alphabet());
    }
    const std::size_t window = options_.steps * tokenizer_.options().stride;
    checksum_ = checksum(contigs_.pieces);
    parts_ = seqlstm::hold_out_ends(std::move(contigs_.pieces), options_.valid_share, window);
    epoch_tokens_ = source()(1).size();
    valid_tokens_ = seqlstm::tokens_in_order(parts_.valid, tokenizer_);
    if (epoch_tokens_ / options_.streams < 2 || valid_tokens_.size() < 2)
      throw seqlstm::option_error(options_.source() + ": " + std::to_string(contigs_.letters) +
                                  " letters are too few for " + std::to_string(options_.streams) +
                                  " streams and a validation part; give longer sequences or fewer --streams");
  }
  void tell_data() const {
    std::cout << contigs_.letters << " letters of " << contigs_.records << " records";
    if (contigs_.unknown_letters > 0)
      std::cout << ", " << contigs_.unknown_letters << " unknown letters in " << contigs_.unknown_runs
                << " runs skipped";
    std::cout << "; " << epoch_tokens_ << " training tokens an epoch, " << valid_tokens_.size()
              << " validation tokens, " << tokenizer_.vocabulary() << " different; "
              << seqlstm::parameter_count(model_) << " parameters; " << options_.run.text() << std::endl;
  }

  /// Updates that a time allows for, from the speed of a few on a copy of the model.
  [[nodiscard]] std::size_t updates_within(double seconds) {
    Model copy = model_;
    constexpr std::size_t warm_up = 2, timed = 6;
    Clock::time_point start, end;
    auto fit = fit_options(warm_up + timed);
    fit.epochs = warm_up + timed;  // one may have a single update
    fit.random_length = false;
    fit.progress = nullptr;
    fit.on_step = [&](const seqlstm::StepReport& step) {
      (step.step <= warm_up ? start : end) = Clock::now();
      return true;
    };
    Trainer(copy, fit).run(source());
    SignalWatch::check("nothing is trained yet, nothing is saved");
    double each = std::chrono::duration<double>(end - start).count() / timed;
    start = Clock::now();
    static_cast<void>(validate());  // once an epoch
    const double updates_an_epoch =
        static_cast<double>(source()(1).size()) / static_cast<double>(options_.streams * options_.steps);
    each += std::chrono::duration<double>(Clock::now() - start).count() / std::max(1.0, updates_an_epoch);
    SignalWatch::check("nothing is trained yet, nothing is saved");
    const auto updates = static_cast<std::size_t>(std::max(1.0, seconds / each));
    std::cout << "an update takes " << seqlstm::duration_text(each) << ": at most " << updates
              << " within the budget" << std::endl;
    return updates;
  }

  void train(Trainer& trainer) {
    running_ = &trainer;
    auto last = Clock::now();
    start_ = last;
    trainer.set_on_step([&, this, late = false](const seqlstm::StepReport& step) mutable {
      const auto now = Clock::now();
      if (!options_.checkpoint.empty() &&
          std::chrono::duration<double>(now - last).count() >= options_.checkpoint_minutes * 60) {
        save_checkpoint(trainer);
        last = now;
      }
      if (!late && options_.budget > 0 && seconds() > 1.1 * 60 * options_.budget) {
        late = true;
        std::cout << "note: the budget is used up at update " << step.step << " of " << max_updates_
                  << ", updates take longer than at the beginning; the training goes on to its end"
                  << std::endl;
      }
      return true;
    });
    trainer.run(source(), [&](const Trainer::Epoch& epoch) {
      history_.push_back({{"epoch", epoch.epoch},
                          {"train_loss", epoch.train_loss},
                          {"learning_rate", epoch.learning_rate},
                          {"seconds", epoch.seconds},
                          {"tokens_per_second", epoch.tokens_per_second}});
      if (!options_.checkpoint.empty()) save_checkpoint(trainer);  // what a kill while validating would lose
      judge_epoch();
      if (!options_.checkpoint.empty()) save_checkpoint(trainer);
      return true;
    });
  }
  /// Adds to the last epoch's row how well the model knows what comes next.
  void judge_epoch() {
    auto& row = history_.back();
    const auto score = validate();
    row["valid"] = score_json(score, tokenizer_);
    std::cout << "epoch " << row["epoch"] << ": train loss " << row["train_loss"].get<double>() << ", ";
    print_score(score, tokenizer_);
    std::cout << ", " << seqlstm::duration_text(row["seconds"]) << ", "
              << row["tokens_per_second"].get<long long>() << " tokens/s" << std::endl;
  }
  [[nodiscard]] seqlstm::LanguageScore validate() {
    const std::size_t streams = std::clamp<std::size_t>(valid_tokens_.size() / 200, 1, options_.streams);
    return seqlstm::evaluate_language_model(model_, valid_tokens_,
                                            {.streams = streams, .steps = options_.steps});
  }

  [[nodiscard]] double seconds() const {
    return seconds_before_ + std::chrono::duration<double>(Clock::now() - start_).count();
  }
  [[nodiscard]] seqlstm::io::ModelInfo info() const {
    return {program_name,
            {{"encoder", seqlstm::io::encoder_options(model_.encoder.options())},
             {"config", config()},
             {"max_updates", max_updates_},
             {"history", history_},
             {"seconds", seconds()}},
            tokenizer_.to_config(),
            {}};
  }
  [[nodiscard]] std::span<const seqlstm::Token> probe() const {
    return std::span(valid_tokens_).first(std::min<std::size_t>(valid_tokens_.size(), 20));
  }
  void save_checkpoint(Trainer& trainer) {
    seqlstm::require_finite(model_, "after update " + std::to_string(trainer.state.step));
    seqlstm::io::save_checkpoint(options_.checkpoint, model_, trainer, info(), probe());
  }

  void report() {
    const auto score = validate();
    std::cout << "after " << updates_ << " updates: ";
    print_score(score, tokenizer_);
    std::cout << '\n';
    if (options_.run.json.empty() && !options_.run.writes_page()) return;
    const auto missing = TableOptions::missing_sequences(options_.columns.missing);
    nlohmann::json out = {{"metrics", score_json(score, tokenizer_)},
                          {"seconds_per_epoch", mean_of(history_, "seconds")},
                          {"tokens_per_second", mean_of(history_, "tokens_per_second")},
                          {"seconds", seconds()},
                          {"epochs", history_},
                          {"config", config()},
                          {"missing", missing.words()},
                          {"letters", contigs_.letters},
                          {"unknown_letters", contigs_.unknown_letters},
                          {"unknown_runs", contigs_.unknown_runs},
                          {"parameters", seqlstm::parameter_count(model_)},
                          {"updates", updates_},
                          {"seed", options_.run.seed}};
    options_.run.note(out);
    if (!options_.run.json.empty())
      seqlstm::io::write_file_atomically(options_.run.json, seqlstm::io::json_text(out));
    if (options_.run.writes_page())
      seqlstm::io::write_file_atomically(
          options_.run.report, language_page(program_name, out, [](const nlohmann::json& epoch) {
            return epoch.contains("valid") ? epoch.at("valid").at("loss").get<double>() : std::nan("");
          }));
  }

  const Options& options_;
  seqlstm::Tokenizer tokenizer_;
  mutable Model model_;
  seqlstm::Contigs contigs_;
  std::uint32_t checksum_ = 0;  // of its pieces
  seqlstm::HeldOut parts_;
  std::vector<seqlstm::Token> valid_tokens_;
  std::size_t epoch_tokens_ = 0;  // of the first epoch
  nlohmann::json history_ = nlohmann::json::array();
  std::size_t max_updates_ = 0;
  std::uint64_t updates_ = 0;  // made
  double seconds_before_ = 0;
  Clock::time_point start_ = Clock::now();
  Trainer* running_ = nullptr;
};

/// Scores every record of a FASTA with a saved model.
void predict(const Options& options) {
  const auto info = seqlstm::io::read_encoder_info(options.run.load);
  Model model(info.options);
  seqlstm::io::load_model(options.run.load, model);
  options.run.apply(model);
  std::cout << "id\tletters\tbits_per_base\n";
  std::cout.precision(17);
  const auto& alphabet = info.tokenizer.alphabet();
  std::size_t skipped = 0, unscored = 0;
  seqlstm::io::FastaReader reader(options.run.predict);
  for (seqlstm::Record record; reader.next(record);) {
    for (char& letter : record.sequence)
      if (!alphabet.knows(letter)) letter = '\0', ++skipped;  // N, where the alphabet has it, too
    std::vector<seqlstm::Token> tokens;
    check_output();
    info.tokenizer.encode(record, tokens);
    std::cout << seqlstm::printable(record.id) << '\t' << record.sequence.size() << '\t';
    if (tokens.size() < 2) {
      std::cout << "nan\n";
      ++unscored;
      continue;
    }
    const auto score =
        seqlstm::evaluate_language_model(model, std::move(tokens), {.streams = 1, .steps = 1000});
    std::cout << score.bits_per_letter(fresh_letters(info.tokenizer)) << '\n';
  }
  if (skipped > 0) std::cerr << "note: unknown letters, skipped: " << skipped << '\n';
  if (unscored > 0)
    std::cerr << "note: records of fewer than two tokens, without a score: " << unscored << '\n';
}

/// Writes a sequence that begins with the prompt and goes on as a saved model would, as FASTA.
void generate(const Options& options) {
  const auto info = seqlstm::io::read_encoder_info(options.run.load);
  const auto& cut = info.tokenizer.options();
  if (options.prompt.size() < cut.k)
    throw seqlstm::option_error("--generate needs --prompt of at least " + std::to_string(cut.k) +
                                " letters: how the sequence is to begin");
  if (cut.stride > cut.k)
    throw seqlstm::option_error(options.run.load + ": its tokens of " + std::to_string(cut.k) +
                                " letters every " + std::to_string(cut.stride) +
                                " leave letters out; generate with a model that reads all");
  for (const char letter : options.prompt)
    if (!info.tokenizer.alphabet().knows(letter))
      throw seqlstm::option_error(std::string("--prompt: letter '") + letter + "' is not in alphabet " +
                                  std::string(info.tokenizer.alphabet().name()));
  Model model(info.options);
  seqlstm::io::load_model(options.run.load, model);
  options.run.apply(model);
  // The prompt's last token ends where the prompt does, so that what follows joins it.
  const std::size_t begin = (options.prompt.size() - cut.k) % cut.stride;
  const auto tokens = info.tokenizer.encode(std::string_view(options.prompt).substr(begin));
  auto generation = options.generation;
  generation.seed = options.run.seed;
  generation.may_follow = [&](seqlstm::Token before, seqlstm::Token next) {
    return seqlstm::may_follow(info.tokenizer, before, next);
  };
  std::string sequence = options.prompt;
  const std::size_t wanted = sequence.size() + options.generated;
  seqlstm::generate(model, std::span<const seqlstm::Token>(tokens), options.generated, generation,
                    [&](seqlstm::Token token) {
                      sequence += info.tokenizer.text(token).substr(cut.k - cut.stride);
                      return sequence.size() < wanted;
                    });
  sequence.resize(wanted);
  std::cout << ">generated seed=" << generation.seed << " temperature=" << generation.temperature << '\n'
            << sequence << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A language model of genomes or proteins: AWD-LSTM on k-mers", program_name);
  Options options;
  options.run.learning_rate = 3e-3;
  app.add_option(
      "--data", options.data,
      "FASTA files (.gz), or tables (.csv, .tsv): of one with parts, what is never valid or test is read");
  app.add_option("--sequence-column", options.columns.sequence, "of tables")->capture_default_str();
  TableOptions::add_missing_to(app, options.columns.missing);
  const auto* split_column =
      app.add_option("--split-column", options.columns.split, "of tables: train, valid or test")
          ->capture_default_str();
  options.run.add_to(app, "1, or as many as --budget allows");
  options.run.add_page_to(app);
  app.add_option("--encoder", options.encoder,
                 "go on with a model that --save wrote: its alphabet, tokens and sizes");
  app.add_option("--alphabet", options.alphabet, "dna4, dna5, dna15, aa20 or aa27")->capture_default_str();
  const auto number = [&](const char* name, std::size_t& value, const char* help,
                          std::uint64_t most = most_counted) {
    app.add_option(name, value, help)->check(whole_number(most))->capture_default_str();
  };
  app.add_option("--k", options.k, "letters per token")
      ->check(whole_number(most_letters))
      ->default_str("5 for DNA, else 1");
  app.add_option("--stride", options.stride, "letters between tokens")
      ->check(whole_number(most_letters))
      ->default_str("2 for DNA, else 1");
  number("--width", options.width, "of token vectors and of the last LSTM", most_units);
  number("--hidden", options.hidden, "units of the other LSTMs", most_units);
  number("--layers", options.layers, "LSTMs", most_layers);
  number("--streams", options.streams, "places that are read at once", most_streams);
  number("--steps", options.steps, "tokens per window, through which gradients flow", most_steps);
  app.add_option("--dropout", options.dropout, "factor of the AWD-LSTM's five dropouts and two penalties")
      ->capture_default_str();
  app.add_option("--valid-share", options.valid_share, "of every sequence's end, held out")
      ->capture_default_str();
  app.add_flag("--reverse-complement", options.reverse_complement,
               "read every other stretch on the other strand, by turns");
  app.add_option("--budget", options.budget,
                 "minutes of training, about: as many updates as their speed at the beginning allows");
  number("--generate", options.generated, "letters that a loaded model is to write");
  app.add_option("--prompt", options.prompt, "how the generated sequence begins");
  app.add_option("--temperature", options.generation.temperature,
                 "of generation; below 1: likely tokens more often")
      ->capture_default_str();
  number("--top-k", options.generation.top_k, "draw from the so many likeliest tokens only; 0: from all");
  app.add_option("--checkpoint", options.checkpoint, "resume from this file where it exists, and write it");
  app.add_option("--checkpoint-minutes", options.checkpoint_minutes,
                 "how often, besides after every epoch and when the training is interrupted")
      ->capture_default_str();
  auto& training = options.run.training_options;
  training.insert(
      training.end(),
      {"--data", "--sequence-column", "--split-column", "--missing", "--encoder", "--alphabet", "--k",
       "--stride", "--width", "--hidden", "--layers", "--streams", "--steps", "--dropout", "--valid-share",
       "--reverse-complement", "--budget", "--checkpoint", "--checkpoint-minutes"});
  return run_program(app, argc, argv, [&] {
    if (options.generated > 0)  // draws, too
      std::erase_if(training, [](std::string_view option) { return option == "--seed"; });
    options.run.check();
    options.run.check_page();
    options.check_generation(app);
    options.columns.split_required = split_column->count() > 0;
    if (!options.encoder.empty()) {
      check_encoder_decides(app, {"--alphabet", "--k", "--stride", "--width", "--hidden", "--layers"});
      options.take(seqlstm::io::read_encoder_info(options.encoder));
    }
    options.check();
    options.files().check();
    options.run.start();
    if (options.generated > 0) {
      generate(options);
    } else if (!options.run.load.empty()) {
      if (options.run.predict.empty())
        throw seqlstm::option_error(
            "--load needs --predict FASTA: what is to be scored, or --generate LETTERS");
      predict(options);
    } else {
      Pretraining(options).run();
    }
  });
}
