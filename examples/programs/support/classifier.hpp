// The whole life of a classifier as a program: read and split, train, report beside the floor, save; later
// load and report again, or predict. A recipe says what is special: letters, network, training, floor.
#pragma once

#include <chrono>
#include <seqlstm/io/classifier.hpp>
#include <seqlstm/io/encoder.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/nn/init.hpp>

#include "support/data_source.hpp"
#include "support/fits.hpp"
#include "support/program.hpp"
#include "support/result_page.hpp"
#include "support/unknown_letters.hpp"

namespace examples {

/// Training, validation and test part as tokens, and what is to be learned from them.
struct Encoded {
  seqlstm::Objective objective;
  seqlstm::CategoricalInputs extra;
  seqlstm::TokenDataset train, valid, test;
  seqlstm::TokenDataset unlabelled = {};  ///< rows that --train-rows left out, where the recipe reads them

  /// Different tokens: of letters and of extra inputs.
  [[nodiscard]] std::size_t vocabulary() const { return train.vocabulary() + extra.vocabulary(); }
  [[nodiscard]] bool same_length() const {
    return train.same_length() && valid.same_length() && test.same_length() &&
           train.max_length() == valid.max_length() && train.max_length() == test.max_length() &&
           (unlabelled.size() == 0 ||
            (unlabelled.same_length() && train.max_length() == unlabelled.max_length()));
  }
};

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

inline Encoded encode_parts(const Parts& parts, const seqlstm::Objective& plan,
                            const seqlstm::Tokenizer& tokenizer, const DataOptions& options) {
  const auto extra = extra_inputs(options.extra_columns, parts.train.records);
  const auto encoded = [&](const seqlstm::LabelledRecords& part, const char* name) {
    auto data = extra.encode(part, tokenizer);
    if (seqlstm::has_classes(plan.task))
      seqlstm::require_two_classes(data, options.source() + ", " + name + " part");
    return plan.learned(std::move(data));
  };
  return {plan,
          extra,
          encoded(parts.train, "training"),
          encoded(parts.valid, "validation"),
          encoded(parts.test, "test"),
          extra.encode(parts.unlabelled, tokenizer)};
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

/// A trained network and how its training went.
struct Candidate {
  Net net;
  seqlstm::FitResult fitted;
  double valid_loss;
  nlohmann::json config = {};  ///< where it was trained otherwise than the recipe's says

  /// Was it trained to its end, or at least for an epoch?
  [[nodiscard]] bool good() const { return fitted.best_epoch > 0 || !fitted.stopped; }
};

/// Options every classifier has.
struct ClassifierOptions {
  DataOptions data;
  RunOptions run;
  CheckpointOptions checkpoint;
  ClassifierOptions() {
    for (const char* option : {"--train-rows", "--checkpoint", "--checkpoint-minutes"})
      run.training_options.push_back(option);
  }
  /// What the command line names: to be checked before any work.
  [[nodiscard]] Files files() const {
    Files files;
    data.name_files(files);
    run.name_files(files);
    checkpoint.name_files(files);
    if (run.writes_page()) files.output("--report", run.report);
    return files;
  }
};

/// Fit options a recipe chose; the rest follows from task and command line.
inline seqlstm::FitOptions completed(seqlstm::FitOptions options, const Encoded& data,
                                     const RunOptions& run) {
  options.loss = data.objective.loss();
  const std::size_t budget = seqlstm::batch_tokens(data.train, options.batch_size);
  if (!data.train.same_length() || budget < options.batch_size * data.train.max_length())
    options.token_budget = budget;
  options.seed = run.seed;
  options.callbacks = {epoch_lines(std::cout, data.objective.metric())};
  options.progress = &std::cerr;
  options.terminal = on_terminal();
  return options;
}
/// On the validation part.
inline double loss_of(Net& net, const Encoded& data) {
  return seqlstm::predict_all(net, data.valid, data.objective.loss(), seqlstm::prediction_batches(data.valid))
      .loss;
}
inline Candidate judged(Net net, seqlstm::FitResult fitted, const Encoded& data) {
  Candidate candidate{std::move(net), std::move(fitted), std::numeric_limits<double>::infinity(), {}};
  if (candidate.good()) candidate.valid_loss = loss_of(candidate.net, data);
  return candidate;
}

/// Trains a network of a shape, from its first weights.
inline Candidate train_net(const seqlstm::AnyClassifierOptions& shape, const Encoded& data,
                           const RunOptions& run, Fits& fits, seqlstm::FitOptions options) {
  check_memory(expected_parameters(shape));
  Net net(shape);
  seqlstm::initialize(net, run.seed);
  run.apply(net);
  options = completed(std::move(options), data, run);
  auto fitted = fits(net, data.train, data.valid, options);
  return judged(std::move(net), std::move(fitted), data);
}

/// A model that --save wrote, ready to run on this machine.
struct LoadedModel : seqlstm::io::SavedClassifier {
  LoadedModel(const std::string& file, const char* kind, const MachineOptions& machine)
      : SavedClassifier(file, kind) {
    machine.apply(net);
  }
};

/// A result about to be told.
struct Judged {
  const Parts& parts;
  const Encoded& data;
  const seqlstm::Predictions& predictions;  ///< of the test part, in the data's own units
  const seqlstm::Report& report;
  const std::vector<seqlstm::Baseline>& baselines;  ///< the first is the floor; none without a training part
};

/// A Recipe is a ClassifierRecipe with `kind` (the program's name), and
///     Tokenizer tokenizer() const              letters and k-mers
///     LabelledRecords simulated(seed) const    data to run on without files
///     Candidate train(const Encoded&, Fits&) const
///         a trained network, chosen on validation; where the fits have ended, the best so far
///     json config(const Encoded&) const        what the JSON says besides the network
///     vector<seqlstm::Baseline> baselines(const Parts&, const Encoded&) const
///         models that cannot read in order, on the same test part: the first is the floor
struct ClassifierRecipe {
  /// How the task is learned.
  [[nodiscard]] static seqlstm::Objective plan(const Parts& parts) {
    return seqlstm::objective_for(parts.task, parts.train);
  }
  /// What is to be known of the parts before hours of training.
  struct Known {};
  static Known examine(const Parts&) { return {}; }
  /// What is said before and behind the metrics of the test part, and added to the JSON.
  static void say_before(const Judged&, const Known&, nlohmann::json&) {}
  static void say_behind(const Judged&, nlohmann::json&) {}
  [[nodiscard]] static bool reads_unlabelled() { return false; }  ///< rows that --train-rows left out
  static constexpr bool calibrates = false;                       ///< fits a temperature on validation
};

template <class Recipe> class Classifier {
  using Known = typename Recipe::Known;

 public:
  Classifier(const Recipe& recipe, const ClassifierOptions& options) : recipe_(recipe), options_(options) {}

  void run() {
    options_.run.check();
    options_.checkpoint.check();
    options_.run.start();
    if (!options_.run.predict.empty()) {
      predict();
    } else if (!options_.run.load.empty()) {
      judge_loaded();
    } else {
      train();
    }
  }

 private:
  void train() {
    const auto start = std::chrono::steady_clock::now();
    Parts parts = load(options_.data, options_.run.seed);
    const Split split{options_.run.seed, parts.fingerprint(), options_.data.train_rows};
    keep_train_rows(parts, split.train_rows);
    if (!recipe_.reads_unlabelled()) parts.unlabelled.clear();
    const auto tokenizer = recipe_.tokenizer();
    Encoded data = encode_parts(parts, recipe_.plan(parts), tokenizer, options_.data);
    tell_unknown_letters(std::cout, tokenizer,
                         {&parts.train.records, &parts.valid.records, &parts.test.records});
    std::cout << data.train.size() << " training, " << data.valid.size() << " validation, "
              << data.test.size() << " test sequences, " << seqlstm::task_name(parts.task) << "; "
              << options_.run.text() << std::endl;
    const auto known = recipe_.examine(parts);
    auto config = recipe_.config(data);
    Fits fits(options_.checkpoint,
              {Recipe::kind, {}, data.train.tokenizer.to_config(), data.train.label_names},
              what_is_trained(config, data, split));
    Candidate best = train_and_save(fits, parts, data, config, split);
    auto json = report(best.net, best.fitted, parts, data, known, config);
    std::cout << "speed: " << static_cast<long long>(best.fitted.tokens_per_second) << " tokens/s, "
              << seqlstm::duration_text(best.fitted.seconds_per_epoch) << " an epoch"
              << (best.net.size() > 1 ? " of the first network\n" : "\n");
    json["seconds"] = fits.seconds_before() +
                      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    write(json);
  }
  /// Until the model is saved, signals end the training in order; what is good by then is saved.
  Candidate train_and_save(Fits& fits, const Parts& parts, Encoded& data, nlohmann::json& config,
                           const Split& split) const {
    const SignalWatch watch;
    Candidate best = recipe_.train(data, fits);
    if (!best.good()) fits.end("no epoch is finished, nothing is saved");
    if (Recipe::calibrates && data.objective.has_temperature()) calibrate(best.net, data);
    if (!best.config.is_null()) config.update(best.config);
    const std::string& file = options_.run.save;
    if (!file.empty()) save(best.net, parts, data, config, split);
    fits.end(file.empty() ? "nothing is saved without --save"
                          : "the best epoch so far (" + std::to_string(best.fitted.best_epoch) +
                                ") is saved in " + file);
    watch.check(file.empty() ? "nothing is saved without --save"
                             : "the trained model is saved in " + file + ", it was not tested");
    return best;
  }
  /// What a resumed training must have in common with the one it continues.
  [[nodiscard]] nlohmann::json what_is_trained(const nlohmann::json& config, const Encoded& data,
                                               const Split& split) const {
    auto json = config;
    json["split"] = split;
    json["extra"] = data.extra;
    json["plan"] = data.objective;
    json["precision"] = options_.run.precision;
    json["option"] = options_.run.training_values();
    return json;
  }

  /// Reports a loaded model on the test part of its own split, or on all of other data.
  void judge_loaded() {
    LoadedModel model(options_.run.load, Recipe::kind, options_.run);
    const auto split = model.option<Split>("split");
    DataOptions options = options_.data;
    options.extra_columns = model.inputs.columns;
    options.model_labels = model.info.label_names;
    Parts parts = load(options, split.seed);
    const bool other = parts.drawn && split.fingerprint != parts.fingerprint();
    if (!other) keep_train_rows(parts, split.train_rows);
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
      std::cout << "not the data the model was trained on: all " << parts.test.records.size()
                << " records are judged\n";
    }
    const auto encoded = [&](const seqlstm::LabelledRecords& part) {
      auto data = model.encode(part.records);
      data.labels = part.labels;
      data.label_width = part.label_width;
      data.label_names = part.label_names;
      return model.objective.learned(std::move(data));
    };
    const Encoded data{model.objective, model.inputs, encoded(parts.train), encoded(parts.valid),
                       encoded(parts.test)};
    tell_unknown_letters(std::cout, model.tokenizer, {&parts.test.records});
    auto json =
        report(model.net, {}, parts, data, recipe_.examine(parts), model.option<nlohmann::json>("config"));
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
    LoadedModel model(options_.run.load, Recipe::kind, options_.run);
    seqlstm::io::FastaReader reader(options_.run.predict);
    seqlstm::UnknownLetters unknown(model.tokenizer);
    std::vector<seqlstm::Record> records;
    for (bool first = true; read_portion(reader, records); first = false) {
      unknown.count(records);
      unknown.check();
      const auto data = model.encode(records);
      seqlstm::io::write_predictions(std::cout, model.objective, data.names,
                                     model.objective.predict(model.net, data), model.info.label_names, first);
      check_output();
    }
    tell(std::cerr, unknown);
    if (model.objective.task == seqlstm::Task::binary && model.objective.outputs() == 1 &&
        model.info.label_names.size() == 2)
      std::cerr << "note: probability is that of class '" << seqlstm::printable(model.info.label_names[1])
                << "'\n";
  }
  /// The next records, of about a million letters, so that memory does not grow with the file; false at its
  /// end.
  static bool read_portion(seqlstm::io::FastaReader& reader, std::vector<seqlstm::Record>& records) {
    constexpr std::size_t most = std::size_t{1} << 20U;
    records.clear();
    std::size_t letters = 0;
    for (seqlstm::Record record; letters < most && reader.next(record);) {
      letters += record.sequence.size() + record.id.size();
      records.push_back(std::move(record));
    }
    return !records.empty();
  }

  [[nodiscard]] Parts load(const DataOptions& options, std::uint64_t seed) const {
    return load_parts(options, seed, [this](std::uint64_t s) { return recipe_.simulated(s); });
  }

  /// The temperature at which probabilities of the validation part are most likely.
  static void calibrate(Net& net, Encoded& data) {
    const auto predictions = data.objective.predict(net, data.valid);
    data.objective.temperature = seqlstm::fitted_temperature(data.valid.labels, predictions.view());
  }

  /// Prints the test part's metrics beside the baselines'; returns the JSON.
  nlohmann::json report(Net& net, const seqlstm::FitResult& fitted, const Parts& parts, const Encoded& data,
                        const Known& known, const nlohmann::json& config) {
    const auto predictions = data.objective.predict(net, data.test);
    const auto test = data.objective.evaluate(predictions, parts.test.labels, parts.test.label_names);
    std::vector<seqlstm::Baseline> baselines;
    if (!parts.train.records.empty()) baselines = recipe_.baselines(parts, data);
    const Judged judged{parts, data, predictions, test, baselines};
    nlohmann::json more;
    recipe_.say_before(judged, known, more);
    std::cout << "\ntest part, " << (net[0].positions() > 0 ? "with" : "without") << " positions:\n" << test;
    recipe_.say_behind(judged, more);
    if (baselines.empty()) {
      std::cout << "floor: none, it would need a training part of this data\n";
    } else {
      print_baselines(test, baselines, data.objective.metric());
    }
    const Overlap shared = overlap(parts);
    if (shared.test_in_train > 0)
      std::cout << "note: " << shared.test_in_train << " of " << parts.test.records.size()
                << " test sequences are in the training part too\n";
    if (shared.contradictory > 0)
      std::cout << "note: " << shared.contradictory
                << " records share their sequence with one of another label\n";
    auto json =
        result_json(test, baselines.empty() ? seqlstm::Report() : baselines[0].report, fitted, options_.run);
    for (std::size_t b = 1; b < baselines.size(); ++b)
      json["baselines"][baselines[b].name] = to_json(baselines[b].report);
    json["config"] = net[0].options();
    json["config"]["ensemble"] = net.size();
    json["config"]["task"] = seqlstm::task_name(parts.task);
    json["config"]["position"] = net[0].positions() > 0 ? "absolute" : "none";
    json["config"]["data"] = seqlstm::io::utf8_text(options_.data.source());
    json["config"]["missing"] = options_.data.table.missing_labels().words();
    json["config"].update(config);
    json["test_in_train"] = shared.test_in_train;
    if (!more.is_null()) json.update(more);
    if (options_.run.writes_page())
      seqlstm::io::write_file_atomically(
          options_.run.report,
          result_page(Recipe::kind, data.objective, predictions, parts.test, test, baselines, fitted, json));
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

  void save(Net& net, const Parts& parts, const Encoded& data, const nlohmann::json& config,
            const Split& split) const {
    seqlstm::io::save_classifier(options_.run.save, net,
                                 {.kind = Recipe::kind,
                                  .objective = data.objective,
                                  .inputs = data.extra,
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

  const Recipe& recipe_;
  const ClassifierOptions& options_;
};

}  // namespace examples
