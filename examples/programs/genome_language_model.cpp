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

#include <bit>
#include <chrono>
#include <numbers>
#include <seqlstm/data/simulated.hpp>
#include <seqlstm/infer/generate.hpp>
#include <seqlstm/io/contig_files.hpp>
#include <seqlstm/io/encoder.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/io/report_json.hpp>
#include <seqlstm/io/report_page.hpp>
#include <seqlstm/nn/init.hpp>

#include "genome_language_options.hpp"

namespace {

using namespace examples;
using Model = seqlstm::AwdLanguageModel<float>;
using Trainer = seqlstm::LanguageTrainer<Model>;
using Clock = std::chrono::steady_clock;
namespace io = seqlstm::io;
using Options = LanguageOptions;

constexpr const char* program_name = "genome_language_model";

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
    if (options_.encoder_file && !resumes) options_.encoder_file->load(model_);
    options_.run.apply_training(model_);
    if (resumes) {
      recall();
    } else if (options_.budget > 0) {
      max_updates_ = updates_within(options_.budget * 60);
    }
    Trainer trainer(model_, fit_options(max_updates_));
    if (resumes) {
      io::load_checkpoint(options_.checkpoint, model_, trainer);
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
      if (options_.run.save.empty()) return;
      options_.run.as_trained(model_, [&] { io::save_model(options_.run.save, model_, info(), probe()); });
    };
    try {
      train(trainer);
    } catch (const io::write_error& error) {  // of a checkpoint: the model may have another disk
      save();
      throw io::write_error(std::string(error.what()) + "; " + saved("what was learned so far"));
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
    std::string sentence = "stopped " + SignalWatch::reason(SignalWatch::caught()) + " after update " +
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
    const auto info = io::read_model_info(options_.checkpoint);
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
      max_updates_ = io::size_from(info.options, "max_updates", 0, UINT64_MAX);
      seconds_before_ = io::number_from(info.options, "seconds");
    } catch (const seqlstm::format_error& error) {
      throw io::named(options_.checkpoint, error);
    }
    history_ = noted(info.options, "history");
  }
  /// What makes a run what it is, besides what LanguageFitOptions say.
  [[nodiscard]] nlohmann::json config() const {
    return {{"data", io::utf8_text(options_.source())},
            {"encoder", io::utf8_text(std::filesystem::path(options_.encoder).filename().string())},
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
            {"precision", options_.run.learned_precision()}};
  }
  [[nodiscard]] seqlstm::AwdLstmOptions model_options() const {
    return {.vocabulary = tokenizer_.vocabulary(),
            .embedding_dim = options_.width,
            .hidden = options_.hidden,
            .layers = options_.layers,
            .dropouts =
                seqlstm::AwdDropouts::language_model().times(options_.dropout).for_layers(options_.layers)};
  }
  static const seqlstm::AwdLstmOptions& checked(const seqlstm::AwdLstmOptions& shape) {
    seqlstm::require_memory(expected_parameters(shape));
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
    fit.batch_size = options_.streams;
    fit.bptt = options_.steps;
    fit.seed = options_.run.seed;
    fit.stop = [this] {
      if (!interrupted()) return false;
      if (running_ != nullptr && !options_.checkpoint.empty()) save_checkpoint(*running_);
      return true;
    };
    fit.progress = &std::cerr;
    fit.communicator = ranks();
    fit.shards = std::min(fit.shards, std::bit_floor(fit.batch_size));
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
      PrintedNotes printed(std::cout);
      contigs_ = io::read_contigs(options_.data, options_.columns, options_.split_column,
                                  options_.split_required, tokenizer_.alphabet(), printed.notes);
    }
    const std::size_t window = options_.steps * tokenizer_.options().stride;
    checksum_ = io::checksum(contigs_.pieces);
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
    if (ranks()) each = ranks()->greatest(each);  // one number for all
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
    row["valid"] = io::score_json(score, tokenizer_);
    std::cout << "epoch " << row["epoch"] << ": train loss " << row["train_loss"].get<double>() << ", valid "
              << seqlstm::score_text(score, tokenizer_) << ", " << seqlstm::duration_text(row["seconds"])
              << ", " << row["tokens_per_second"].get<long long>() << " tokens/s" << std::endl;
  }
  [[nodiscard]] seqlstm::LanguageScore validate() {
    const std::size_t streams = std::clamp<std::size_t>(valid_tokens_.size() / 200, 1, options_.streams);
    return seqlstm::evaluate_language_model(model_, valid_tokens_,
                                            {.batch_size = streams, .bptt = options_.steps}, ranks());
  }

  [[nodiscard]] double seconds() const {
    return seconds_before_ + std::chrono::duration<double>(Clock::now() - start_).count();
  }
  [[nodiscard]] io::ModelInfo info() const {
    return {program_name,
            {{"encoder", io::encoder_options(model_.encoder.options())},
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
    io::save_checkpoint(options_.checkpoint, model_, trainer, info(), probe());
  }

  void report() {
    options_.run.apply(model_);
    const auto score = validate();
    std::cout << "after " << updates_ << " updates: valid " << seqlstm::score_text(score, tokenizer_) << '\n';
    if (options_.run.json.empty() && !options_.run.writes_page()) return;
    const auto missing = TableOptions::missing_sequences(options_.columns.missing);
    nlohmann::json out = {{"metrics", io::score_json(score, tokenizer_)},
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
    if (!options_.run.json.empty()) io::write_file_atomically(options_.run.json, io::json_text(out));
    if (options_.run.writes_page())
      io::write_file_atomically(
          options_.run.report,
          io::language_page({program_name, command_line()}, out, [](const nlohmann::json& epoch) {
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
  const io::ModelFile file(options.run.load);
  const auto info = io::encoder_info(file);
  Model model(info.options);
  file.load(model);
  options.run.apply(model);
  std::cout << "id\tletters\tbits_per_base\n";
  std::cout.precision(17);
  const auto& alphabet = info.tokenizer.alphabet();
  std::size_t skipped = 0, unscored = 0;
  io::FastaReader reader(options.run.predict);
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
        seqlstm::evaluate_language_model(model, std::move(tokens), {.batch_size = 1, .bptt = 1000});
    std::cout << score.bits_per_letter(info.tokenizer.new_letters()) << '\n';
  }
  if (skipped > 0) std::cerr << "note: unknown letters, skipped: " << skipped << '\n';
  if (unscored > 0)
    std::cerr << "note: records of fewer than two tokens, without a score: " << unscored << '\n';
}

/// Writes a sequence that begins with the prompt and goes on as a saved model would, as FASTA.
void generate(const Options& options) {
  const io::ModelFile file(options.run.load);
  const auto info = io::encoder_info(file);
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
  file.load(model);
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
  const auto* split_column = options.add_to(app);
  return run_program(app, argc, argv, [&] {
    if (options.generated > 0) app.get_option("--seed")->group("Options");  // draws, too
    options.run.check();
    options.run.check_page();
    options.check_generation(app);
    options.split_required = split_column->count() > 0;
    if (!options.encoder.empty()) {
      check_encoder_decides(app, {"--alphabet", "--k", "--stride", "--width", "--hidden", "--layers"});
      options.take(std::make_shared<const io::ModelFile>(options.encoder));
    }
    options.check();
    check_files(options.files());
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
