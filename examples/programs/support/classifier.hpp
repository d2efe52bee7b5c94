// The whole life of a classifier as a program: read and split, train, report beside baselines, save; later
// load and report again, or predict. Its kind says what is special: letters, network, training, baselines.
#pragma once

#include <chrono>
#include <optional>
#include <seqlstm/data/composition.hpp>
#include <seqlstm/infer/sites.hpp>
#include <seqlstm/io/classifier.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/io/leakage_audit.hpp>
#include <seqlstm/io/report_page.hpp>
#include <seqlstm/io/resumable_fits.hpp>
#include <seqlstm/train/classifier_training.hpp>
#include <tuple>

#include "support/classifier_kind.hpp"
#include "support/data_source.hpp"
#include "support/program.hpp"
#include "support/unknown_letters.hpp"

namespace examples {

using seqlstm::ClassifierNet;

/// Throws option_error for values that no model file could hold, or that say nothing.
inline seqlstm::CategoricalInputs extra_inputs(const std::vector<std::string>& columns,
                                               const std::vector<seqlstm::Record>& train) {
  for (const auto& column : columns)
    for (const auto& record : train)
      if (const auto value = seqlstm::description_value(record.description, column);
          !seqlstm::io::is_utf8(value))
        throw seqlstm::option_error("--extra-column " + column + " has '" + seqlstm::io::utf8_text(value) +
                                    "', which is not UTF-8 text; save the table as UTF-8");
  return {columns, train};
}

/// Which split a model was trained on.
struct Split {
  std::uint64_t seed = 0;
  std::uint32_t fingerprint = 0;
  std::size_t train_rows = 0;  ///< kept of its training part; 0: all
  friend void to_json(nlohmann::json& j, const Split& split) {
    j = {{"seed", split.seed}, {"fingerprint", split.fingerprint}, {"train_rows", split.train_rows}};
  }
  friend void from_json(const nlohmann::json& j, Split& split) {
    using seqlstm::io::size_from;
    split = {size_from(j, "seed", 0, UINT64_MAX),
             static_cast<std::uint32_t>(size_from(j, "fingerprint", 0, UINT32_MAX)),
             size_from(j, "train_rows", 0, UINT64_MAX)};
  }
};

/// Options every classifier has.
struct ClassifierOptions {
  DataOptions data;
  RunOptions run;
  std::string checkpoint;         ///< where the training is kept while it runs
  double checkpoint_minutes = 5;  ///< how often, besides after every epoch

  void add_checkpoint_to(CLI::App& app) {
    app.add_option("--checkpoint", checkpoint,
                   "resume from this file where it exists, and write it; of further networks and stages of "
                   "the same training FILE.2, FILE.3, ...")
        ->group(of_training);
    app.add_option("--checkpoint-minutes", checkpoint_minutes,
                   "how often, besides after every epoch and when the training is interrupted")
        ->group(of_training)
        ->capture_default_str();
  }
  void check_checkpoint() const {
    if (!(checkpoint_minutes > 0 && std::isfinite(checkpoint_minutes)))
      throw seqlstm::option_error("--checkpoint-minutes is " + std::to_string(checkpoint_minutes) +
                                  ", expected a number above 0");
  }
  /// What the command line names: to be checked before any work.
  [[nodiscard]] seqlstm::io::FilePlan files() const {
    seqlstm::io::FilePlan files;
    data.name_files(files);
    run.name_files(files);
    files.numbered_outputs("--checkpoint", checkpoint);
    if (run.writes_page()) files.output("--report", run.report);
    return files;
  }
  /// What the options say of every training; a kind of classifier adds the rest.
  [[nodiscard]] seqlstm::ClassifierTraining training(const EncodedParts& parts) const {
    seqlstm::ClassifierTraining training;
    training.learning_rate = run.learning_rate;
    training.epochs = run.epochs;
    training.seed = run.seed;
    training.precision = run.learns_in();
    training.callbacks = {epoch_lines(std::cout, parts.objective.metric())};
    training.progress = &std::cerr;
    training.communicator = ranks();
    training.say = [](const std::string& line) { std::cout << line << std::endl; };
    return training;
  }
};

/// A model that --save wrote, ready to run on this machine.
struct LoadedModel : seqlstm::io::SavedClassifier {
  LoadedModel(const std::string& file, const char* kind, const MachineOptions& machine)
      : SavedClassifier(file, kind) {
    machine.apply(net);
  }
};

/// Seconds since it was made.
class Timer {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

class Classifier {
 public:
  Classifier(const ClassifierKind& kind, const ClassifierOptions& options) : kind_(kind), options_(options) {}

  void run() {
    options_.run.check();
    options_.check_checkpoint();
    options_.run.start();
    if (!options_.run.predict.empty()) {
      predict();
    } else if (!options_.run.load.empty()) {
      evaluate_loaded();
    } else if (options_.data.by_folds()) {
      cross_validate();
    } else {
      train();
    }
  }

 private:
  /// A network trained on parts, and what it says of its test part.
  struct Trained {
    Answers answers;
    seqlstm::FitResult fitted;
    double seconds_before = 0;  ///< of a training that was resumed
    std::size_t networks = 1;
  };
  /// Parts that a network can be trained on: what is wrong with them was found.
  struct Prepared {
    Split split;
    LabelledParts parts;
    EncodedParts data;
    nlohmann::json config;
  };
  [[nodiscard]] Prepared prepared(LabelledParts parts) const {
    const Split split{options_.run.seed, seqlstm::io::fingerprint(parts), options_.data.train_rows};
    seqlstm::keep_train_rows(parts, split.train_rows);
    if (!kind_.reads_unlabelled()) parts.unlabelled.clear();
    const auto tokenizer = kind_.tokenizer();
    EncodedParts data = seqlstm::encode_parts(
        parts, kind_.objective(parts), tokenizer,
        extra_inputs(options_.data.labels.extra_columns, parts.train.records), options_.data.source());
    auto config = config_of(data, kind_.plan(data), 0);
    return {split, std::move(parts), std::move(data), std::move(config)};
  }
  Trained train_on(Prepared ready) const {
    auto& [split, parts, data, config] = ready;
    tell_unknown_letters(std::cout, data.train.tokenizer,
                         {&parts.train.records, &parts.valid.records, &parts.test.records});
    std::cout << data.train.size() << " training, " << data.valid.size() << " validation, "
              << data.test.size() << " test sequences, " << seqlstm::task_name(parts.task) << "; "
              << options_.run.text() << std::endl;
    const auto audit = kind_.audit(parts);
    seqlstm::io::ResumableFits fits(
        {.file = options_.checkpoint,
         .minutes = options_.checkpoint_minutes,
         .info = {kind_.name, {}, data.train.tokenizer.to_config(), data.train.label_names},
         .config = what_is_trained(config, data, split),
         .stop = interrupted,
         .on_resume = [](const std::string& file, std::uint64_t updates) {
           std::cout << "resumed at update " << updates << " of " << file << std::endl;
         }});
    auto best = train_and_save(fits, parts, data, config, split);
    Trained trained{answers(best.net, std::move(parts), std::move(data), audit, config),
                    std::move(best.fitted), fits.seconds_before()};
    trained.networks = best.net.size();
    return trained;
  }

  void train() {
    const Timer timer;
    const Trained trained = train_on(prepared(load(options_.data, options_.run.seed)));
    auto json = report(trained.answers, trained.fitted);
    tell_speed(trained);
    json["seconds"] = trained.seconds_before + timer.seconds();
    write(json);
  }

  /// Every fold is tested by a training of its own; their test parts are reported as one.
  void cross_validate() {
    if (!options_.run.save.empty())
      throw seqlstm::option_error("--save and --folds exclude each other: every fold has a model of its own");
    if (!options_.checkpoint.empty())
      throw seqlstm::option_error(
          "--checkpoint and --folds exclude each other: a checkpoint is of one training");
    const Timer timer;
    std::vector<Prepared> folds;  // all of them before the first is trained
    for (LabelledParts& parts : load_folds(options_.data, options_.run.seed))
      folds.push_back(prepared(std::move(parts)));
    std::optional<Trained> all;
    auto fits = nlohmann::json::array();
    for (std::size_t f = 0; f < folds.size(); ++f) {
      std::cout << "fold " << f + 1 << " of " << folds.size() << '\n';
      Trained trained = train_on(std::move(folds[f]));
      fits.push_back(fold_json(trained));
      apply_own_temperature(trained.answers);
      if (!all) {
        all = std::move(trained);
      } else {
        all->answers.append(trained.answers);
        all->fitted = std::move(trained.fitted);
      }
    }
    auto json = report(all->answers, all->fitted);
    tell_speed(*all);
    json["folds"] = fits;
    json["seconds"] = timer.seconds();
    write(json);
  }
  static nlohmann::json fold_json(const Trained& trained) {
    const auto& [parts, data, predictions] =
        std::tie(trained.answers.parts, trained.answers.data, trained.answers.predictions);
    const auto report = data.objective.evaluate(predictions, parts.test.labels, parts.test.label_names);
    std::cout << "test part of the fold: loss " << report["loss"] << ", " << data.objective.metric() << ' '
              << report[data.objective.metric()] << std::endl;
    return {{"train", parts.train.size()},      {"valid", parts.valid.size()},
            {"test", parts.test.size()},        {"metrics", report},
            {"config", trained.answers.config}, {"best_epoch", trained.fitted.best_epoch},
            {"epochs", trained.fitted.history}};
  }
  /// Probabilities of several networks are comparable at the temperature of each.
  static void apply_own_temperature(Answers& answers) {
    auto& said = answers.predictions;
    double& temperature = answers.data.objective.temperature;
    if (answers.data.objective.has_temperature())
      seqlstm::apply_temperature({said.values.data(), said.rows, said.cols}, temperature);
    temperature = 1;
  }
  static void tell_speed(const Trained& trained) {
    std::cout << "speed: " << static_cast<long long>(trained.fitted.tokens_per_second) << " tokens/s, "
              << seqlstm::duration_text(trained.fitted.seconds_per_epoch) << " an epoch"
              << (trained.networks > 1 ? " of the first network\n" : "\n");
  }
  /// Until the model is saved, signals end the training in order; what is good by then is saved.
  seqlstm::TrainedClassifier train_and_save(seqlstm::io::ResumableFits& fits, const LabelledParts& parts,
                                            EncodedParts& data, nlohmann::json& config,
                                            const Split& split) const {
    const SignalWatch watch;
    auto best = kind_.train(data, fits.series());
    if (best.good()) options_.run.apply(best.net);
    if (!best.good()) end_early(fits, "no epoch is finished, nothing is saved");
    if (best.held_out.rows == 0)  // a committee that was not begun
      for (const char* key : {"committee", "committee_rows"}) config.erase(key);
    if (kind_.calibrates() && data.objective.has_temperature()) calibrate(best, data);
    if (best.self_training > 0) config.update(config_of(data, best.plan, best.self_training));
    const std::string& file = options_.run.save;
    if (!file.empty()) save(best.net, parts, data, config, split);
    end_early(fits, file.empty() ? "nothing is saved without --save"
                                 : "the best epoch so far (" + std::to_string(best.fitted.best_epoch) +
                                       ") is saved in " + file);
    watch.check(file.empty() ? "nothing is saved without --save"
                             : "the trained model is saved in " + file + ", it was not tested");
    return best;
  }
  /// Throws what ended the training too early, if anything did; `saved` says what became of it.
  void end_early(const seqlstm::io::ResumableFits& fits, const std::string& saved) const {
    if (!fits.ended()) return;
    if (fits.failure()) throw std::runtime_error(seqlstm::printable(fits.reason() + "; " + saved));
    const int signal = SignalWatch::caught();
    throw Interrupted(signal, "stopped " + SignalWatch::reason(signal) + " " + fits.reason() + "; " + saved +
                                  (options_.checkpoint.empty()
                                       ? ""
                                       : "; --checkpoint " + options_.checkpoint + " goes on from there"));
  }
  [[nodiscard]] nlohmann::json config_of(const EncodedParts& data, const seqlstm::ClassifierPlan& plan,
                                         std::size_t self_training) const {
    auto config = kind_.config(data, plan);
    if (config.contains("self_training")) config["self_training"] = self_training;  // rounds that were kept
    return config;
  }
  /// What a resumed training must have in common with the one it continues.
  [[nodiscard]] nlohmann::json what_is_trained(const nlohmann::json& config, const EncodedParts& data,
                                               const Split& split) const {
    auto json = config;
    json["split"] = split;
    json["extra"] = data.inputs;
    json["plan"] = data.objective;
    json["precision"] = options_.run.learned_precision();
    json["option"] = options_.run.training_values();
    return json;
  }

  /// Reports a loaded model on the test part of its own split, or on all of other data.
  void evaluate_loaded() {
    LoadedModel model(options_.run.load, kind_.name, options_.run);
    if (!options_.data.labels.site_column.empty() && !(model.objective.site_weight > 0))
      throw seqlstm::option_error(model.path +
                                  ": the model was trained without sites; leave --site-column out");
    const auto split = model.option<Split>("split");
    DataOptions options = options_.data;
    options.labels.extra_columns = model.inputs.columns;
    options.labels.class_names = model.info.label_names;
    LabelledParts parts = load(options, split.seed);
    const bool other = parts.drawn && split.fingerprint != seqlstm::io::fingerprint(parts);
    if (!other) seqlstm::keep_train_rows(parts, split.train_rows);
    if (other && options_.data.simulated())
      throw seqlstm::option_error(model.path +
                                  ": the model was not trained on the simulated data; name what it is to be "
                                  "judged on: --data, or --positive and --negative");
    if (parts.task != model.objective.task || parts.train.label_names != model.info.label_names)
      throw seqlstm::option_error(model.path + ": the model was trained for other labels than " +
                                  options_.data.source() + " has; give it data with the same labels");
    if (other) {
      parts.test = parts.train + parts.valid + parts.test;
      parts.train = parts.valid = {};
      std::cout << "not the data the model was trained on: all " << parts.test.size()
                << " records are judged\n";
    }
    const auto encoded = [&](const seqlstm::LabelledRecords& part) {
      return model.objective.learned(model.encode(part));
    };
    EncodedParts data{model.objective, model.inputs, encoded(parts.train), encoded(parts.valid),
                      encoded(parts.test)};
    if (data.test.position_labels.empty()) data.objective.site_weight = 0;
    tell_unknown_letters(std::cout, model.tokenizer, {&parts.test.records});
    const auto audit = kind_.audit(parts);
    auto json = report(
        answers(model.net, std::move(parts), std::move(data), audit, model.option<nlohmann::json>("config")),
        {});
    json["seed"] = split.seed;
    write(json);
  }

  /// Prints what the model says of every record. Needs nothing but the model file.
  void predict() {
    std::vector<const char*> of_labels = {"--data", "--positive", "--negative", "--task"};
    of_labels.insert(of_labels.end(), std::begin(DataOptions::table_options),
                     std::end(DataOptions::table_options));
    for (const char* option : of_labels)
      if (options_.data.given(option))
        throw seqlstm::option_error(std::string("--predict and ") + option +
                                    " exclude each other: predictions need no labels");
    LoadedModel model(options_.run.load, kind_.name, options_.run);
    seqlstm::io::FastaReader reader(options_.run.predict);
    seqlstm::UnknownLetters unknown(model.tokenizer);
    std::vector<seqlstm::Record> records;
    constexpr std::size_t portion = std::size_t{1} << 20U;  // letters
    for (bool first = true; seqlstm::io::read_some(reader, portion, records); first = false) {
      unknown.count(records);
      unknown.check();
      const auto data = model.encode(records);
      const bool finds_sites = model.objective.site_weight > 0;
      const auto sites =
          finds_sites ? sites_of(model.net, data, model.inputs) : std::vector<seqlstm::PredictedSite>();
      seqlstm::io::write_predictions(std::cout, model.objective, data.names,
                                     model.objective.predict(model.net, data, ranks()),
                                     model.info.label_names, first, sites);
      check_output();
    }
    tell(std::cerr, unknown);
    if (model.objective.task == seqlstm::Task::binary && model.objective.outputs() == 1 &&
        model.info.label_names.size() == 2)
      std::cerr << "note: probability is that of class '" << seqlstm::printable(model.info.label_names[1])
                << "'\n";
  }
  [[nodiscard]] static std::vector<seqlstm::PredictedSite> sites_of(
      const ClassifierNet& net, const seqlstm::SequenceDataset& data,
      const seqlstm::CategoricalInputs& inputs) {
    return seqlstm::predict_sites(net, data, inputs.columns.size(), seqlstm::prediction_batches(data),
                                  ranks());
  }
  [[nodiscard]] LabelledParts load(const DataOptions& options, std::uint64_t seed) const {
    return load_parts(options, seed, [this](std::uint64_t s) { return kind_.simulated(s); });
  }

  /// The temperature at which probabilities of the validation part, or of what a committee held out (in the
  /// precision it learned in), are most likely.
  static void calibrate(seqlstm::TrainedClassifier& best, EncodedParts& data) {
    if (best.held_out.rows > 0) {
      data.objective.temperature = seqlstm::fitted_temperature(best.held_out_labels, best.held_out.view());
      return;
    }
    const auto predictions = data.objective.predict(best.net, data.valid, ranks());
    data.objective.temperature = seqlstm::fitted_temperature(data.valid.labels, predictions.view());
  }

  [[nodiscard]] Answers answers(const ClassifierNet& net, LabelledParts parts, EncodedParts data,
                                const std::optional<seqlstm::io::Audit>& audit,
                                const nlohmann::json& config) const {
    Answers said;
    said.predictions = data.objective.predict(net, data.test, ranks());
    if (data.objective.site_weight > 0) said.sites = sites_of(net, data.test, data.inputs);
    const bool committee = config.contains("committee");
    if (parts.train.size() > 0) said.baselines = kind_.baselines(parts, data, committee);
    said.audit = audit;
    said.shared = seqlstm::overlap(committee ? learned_from(parts) : parts);
    said.config = net[0].options();
    said.config["ensemble"] = net.size();
    said.config["task"] = seqlstm::task_name(parts.task);
    said.config["position"] = net[0].positions() > 0 ? "absolute" : "none";
    said.config["data"] = seqlstm::io::utf8_text(options_.data.source());
    said.config["missing"] = options_.data.table.missing_labels().words();
    said.config.update(config);
    said.parts = std::move(parts);
    said.data = std::move(data);
    return said;
  }

  /// The parts of a committee, which learns from validation too.
  static LabelledParts learned_from(LabelledParts parts) {
    parts.train = parts.train + parts.valid;
    parts.valid = {};
    return parts;
  }

  /// Prints the test part's metrics beside the baselines'; returns the JSON.
  nlohmann::json report(const Answers& said, const seqlstm::FitResult& fitted) const {
    const auto& [parts, data, predictions, baselines] =
        std::tie(said.parts, said.data, said.predictions, said.baselines);
    const auto test = data.objective.evaluate(predictions, parts.test.labels, parts.test.label_names);
    const Evaluated evaluated{parts, data, predictions, test, baselines, said.audit, said.sites, said.folds};
    nlohmann::json more;
    kind_.report_before(evaluated, more);
    const auto positions = said.config.value("position", "");  // none where folds differ
    std::cout << "\ntest part"
              << (positions.empty()     ? ""
                  : positions == "none" ? ", without positions"
                                        : ", with positions")
              << ":\n"
              << test;
    kind_.report_after(evaluated, more);
    if (baselines.empty()) {
      std::cout << "floor: none, it would need a training part of this data\n";
    } else {
      print_baselines(test, baselines, data.objective.metric());
    }
    if (said.shared.test_in_train > 0)
      std::cout << "note: " << said.shared.test_in_train << " of " << parts.test.size()
                << " test sequences are in the training "
                << (said.config.contains("committee") ? "or validation " : "") << "part too\n";
    if (said.shared.contradictory > 0)
      std::cout << "note: " << said.shared.contradictory
                << " records share their sequence with one of another label\n";
    auto json =
        result_json(test, baselines.empty() ? seqlstm::Report() : baselines[0].report, fitted, options_.run);
    for (std::size_t b = 1; b < baselines.size(); ++b)
      json["baselines"][baselines[b].name] = baselines[b].report;
    json["config"] = said.config;
    json["test_in_train"] = said.shared.test_in_train;
    if (!more.is_null()) json.update(more);
    if (options_.run.writes_page())
      seqlstm::io::write_file_atomically(
          options_.run.report,
          seqlstm::io::result_page({kind_.name, command_line()}, data.objective, predictions, parts.test,
                                   test, baselines, fitted, json));
    return json;
  }

  /// The first is the floor.
  static void print_baselines(const seqlstm::Report& test, const std::vector<seqlstm::Baseline>& baselines,
                              const std::string& metric) {
    const char* title = "floor: ";
    for (const auto& [name, ignored, report] : baselines) {
      std::cout << title << name << ": ";
      if (report.confusion.classes() > 0) std::cout << "accuracy " << report["accuracy"] << ", ";
      std::cout << metric << ' ' << report[metric] << '\n';
      title = "baseline: ";
    }
    for (const auto& [name, ignored, report] : baselines)
      if (!(test[metric] > report[metric])) {
        std::cout << (name == baselines[0].name
                          ? "This result is not above its floor: a simpler model does as well on this data.\n"
                          : "This result is not above a baseline: " + name + " does as well on this data.\n");
        break;
      }
  }

  void save(ClassifierNet& net, const LabelledParts& parts, const EncodedParts& data,
            const nlohmann::json& config, const Split& split) const {
    seqlstm::io::save_classifier(options_.run.save, net,
                                 {.kind = kind_.name,
                                  .objective = data.objective,
                                  .inputs = data.inputs,
                                  .tokenizer = data.train.tokenizer,
                                  .label_names = parts.train.label_names,
                                  .window = common_length(parts.train.records),
                                  .more = {{"config", config}, {"split", split}}},
                                 data.train.sequence(0));
  }

  /// Letters of every record; 0 where they differ.
  static std::size_t common_length(const std::vector<seqlstm::Record>& records) {
    const std::size_t length = records.front().sequence.size();
    const bool same = std::all_of(records.begin(), records.end(),
                                  [&](const auto& record) { return record.sequence.size() == length; });
    return same ? length : 0;
  }

  void write(const nlohmann::json& json) const {
    if (!options_.run.json.empty())
      seqlstm::io::write_file_atomically(options_.run.json, seqlstm::io::json_text(json));
  }

  const ClassifierKind& kind_;
  const ClassifierOptions& options_;
};

}  // namespace examples
