// Classifies signals: rows of real numbers, records of any lengths, with a class or a number a record.
//
//     signal_classification                                               simulated waves
//     signal_classification --train vowels_train.ts --test vowels_test.ts.gz --save vowels.model
//     signal_classification --load vowels.model --predict new.ts          a table of what it says

#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <seqlstm/data/channel_features.hpp>
#include <seqlstm/data/simulated_waves.hpp>
#include <seqlstm/data/split.hpp>
#include <seqlstm/io/file_plan.hpp>
#include <seqlstm/io/report_page.hpp>
#include <seqlstm/io/signal_classifier.hpp>
#include <seqlstm/io/ts_file.hpp>
#include <seqlstm/metrics/classification.hpp>
#include <seqlstm/train/baseline.hpp>
#include <seqlstm/train/signal_training.hpp>

#include "support/program.hpp"
#include "support/whole_number.hpp"

namespace {

using namespace examples;
using namespace seqlstm;

constexpr const char* program_name = "signal_classification";

struct Options {
  std::string data, train, valid, test;
  bool fill_missing = false;
  SignalTraining training;
  RunOptions run;
};

// ---- reading

/// Records in three parts, with labels in the data's own units, and what these are.
struct Parts {
  SequenceDataset train, valid, test;
  Task task = Task::multi_class;
  std::string source;
};

/// A .ts file, whose notes are printed.
io::TsFile read_file(const std::string& path) {
  auto file = io::read_ts_file(path);
  for (const auto& note : file.notes) std::cout << "note: " << note << '\n';
  return file;
}
/// Its records; what is wrong with one names the file.
SequenceDataset records_of(const io::TsFile& file, const Options& options,
                           const std::vector<std::string>& classes = {}, bool labels = true) {
  if (file.missing > 0 && !options.fill_missing)
    throw option_error(file.file + ": " + std::to_string(file.missing) +
                       " values are missing; --fill-missing puts the last number before each in its place");
  return io::dataset_of(file, {.classes = classes, .fill_missing = options.fill_missing, .labels = labels});
}
Task task_of(const io::TsFile& file) {
  if (file.has_targets) return Task::regression;
  if (file.classes.empty())
    throw option_error(file.file +
                       ": its records have neither classes nor targets ('@classLabel false'); without "
                       "labels they can only be predicted, with --load MODEL --predict FILE");
  return file.classes.size() == 2 ? Task::binary : Task::multi_class;
}
/// Another file of the same problem.
SequenceDataset read_like(const Parts& parts, const std::string& path, const Options& options) {
  const auto file = read_file(path);
  const bool numbers = parts.task == Task::regression;
  static_cast<void>(task_of(file));
  if (file.has_targets != numbers)
    throw option_error(path + " has a " + (numbers ? "class" : "number") + " a record, " + parts.source +
                       " a " + (numbers ? "number" : "class") + "; give files of one problem");
  if (file.channels != parts.train.channel_count)
    throw option_error(path + " has " + std::to_string(file.channels) + " channels, " + parts.source + " " +
                       std::to_string(parts.train.channel_count) + "; give files of one problem");
  return records_of(file, options, parts.train.label_names);
}

/// split() with a sentence that names the data.
template <std::size_t N>
std::array<SequenceDataset, N> drawn(const SequenceDataset& all, const double (&fractions)[N],
                                     const Parts& parts, const Options& options) {
  try {
    return split(all, fractions, {.seed = options.run.seed, .stratified = parts.task != Task::regression});
  } catch (const option_error& error) {
    throw option_error(parts.source + ": " + error.what());
  }
}

Parts read_parts(const Options& options) {
  Parts parts;
  SequenceDataset all;
  const std::string& file_name = options.train.empty() ? options.data : options.train;
  if (file_name.empty()) {
    parts.source = "the simulated data";
    all = simulated_waves(1600, options.run.seed);
  } else {
    parts.source = file_name;
    const auto file = read_file(file_name);
    parts.task = task_of(file);
    all = records_of(file, options);
  }
  if (parts.task != Task::regression) require_two_classes(all, parts.source);
  if (options.train.empty()) {
    std::tie(parts.train, parts.valid, parts.test) =
        std::tuple_cat(drawn(all, {0.8, 0.1, 0.1}, parts, options));
    return parts;
  }
  parts.train = std::move(all);
  parts.test = read_like(parts, options.test, options);
  if (!options.valid.empty()) {
    parts.valid = read_like(parts, options.valid, options);
  } else {
    const SequenceDataset both = std::move(parts.train);
    std::tie(parts.train, parts.valid) = std::tuple_cat(drawn(both, {0.9, 0.1}, parts, options));
  }
  return parts;
}

// ---- results

/// What cannot read in order: a linear model on each channel's mean and deviation, and the length.
Baseline baseline(const Parts& parts, const Objective& objective, std::uint64_t seed) {
  FeatureParts features{channel_features(parts.train), channel_features(parts.valid),
                        channel_features(parts.test)};
  features.standardize();
  return linear_baseline("linear model on means and deviations of channels", objective, features,
                         parts.test.label_names, seed);
}

/// Prints and keeps what the networks say of a test part, beside baselines where there are any.
nlohmann::json report(const Options& options, const SequenceDataset& test, const SignalNet& net,
                      const Objective& objective, const std::vector<Baseline>& baselines,
                      const FitResult& fitted, nlohmann::json config) {
  const auto predictions = objective.predict(net, objective.learned(test), ranks());
  const Report result = objective.evaluate(predictions, test.labels, test.label_names);
  const std::string metric = objective.metric();
  std::cout << "\ntest part, " << test.size() << " records:\n" << result;
  auto json = result_json(result, baselines.empty() ? Report() : baselines[0].report, fitted, options.run);
  if (objective.task != Task::regression) {
    const auto classes = per_class_metrics(test.labels, predictions.view(), test.label_names);
    std::cout << classes;
    json["classes"] = classes;
  }
  for (const auto& [name, ignored, floor] : baselines) {
    std::cout << "floor: " << name << ": ";
    if (floor.confusion.classes() > 0) std::cout << "accuracy " << floor["accuracy"] << ", ";
    std::cout << metric << ' ' << floor[metric] << '\n';
    if (!(result[metric] > floor[metric]))
      std::cout << "This result is not above its floor: a simpler model does as well on this data.\n";
  }
  json["config"] = std::move(config);
  json["config"].update(nlohmann::json(net[0].options()));
  json["config"]["ensemble"] = net.size();
  json["config"]["task"] = task_name(objective.task);
  if (options.run.writes_page())
    io::write_file_atomically(
        options.run.report, io::result_page({program_name, command_line()}, objective, predictions,
                                            test.labels, test.label_names, result, baselines, fitted, json));
  return json;
}

void write(const Options& options, const nlohmann::json& json) {
  if (!options.run.json.empty()) io::write_file_atomically(options.run.json, io::json_text(json));
}

// ---- the three things it does

void train(Options& options) {
  const auto start = std::chrono::steady_clock::now();
  const Parts parts = read_parts(options);
  std::cout << parts.train.size() << " training, " << parts.valid.size() << " validation, "
            << parts.test.size() << " test records of " << parts.train.channel_count << " channels, "
            << task_name(parts.task) << "; " << options.run.text() << std::endl;
  const Objective objective = objective_for(parts.task, parts.train.labels, parts.train.label_names.size());
  SignalTraining& training = options.training;
  training.learning_rate = options.run.learning_rate;
  training.epochs = options.run.epochs;
  training.seed = options.run.seed;
  training.precision = options.run.learns_in();
  training.callbacks = {epoch_lines(std::cout, objective.metric())};
  training.progress = &std::cerr;
  training.communicator = ranks();
  training.stop = interrupted;
  training.say = [](const std::string& line) { std::cout << line << std::endl; };
  std::optional<TrainedSignals> trained;
  {
    const SignalWatch watch;
    trained = train_signals(parts.train, parts.valid, objective, training);
    SignalWatch::check("nothing is saved");
  }
  options.run.apply(trained->net);
  if (!options.run.save.empty())
    io::save_signal_classifier(options.run.save, trained->net,
                               {program_name, objective, parts.train.label_names},
                               io::StoredInput(parts.train, 0));
  const nlohmann::json config = {
      {"data", io::utf8_text(parts.source)},  {"learning_rate", training.learning_rate},
      {"batch_size", training.batch_size},    {"epochs", training.epochs_for(parts.train)},
      {"fill_missing", options.fill_missing}, {"train_records", parts.train.size()}};
  auto json = report(options, parts.test, trained->net, objective,
                     {baseline(parts, objective, options.run.seed)}, trained->fitted, config);
  std::cout << "speed: " << static_cast<long long>(trained->fitted.tokens_per_second) << " positions/s, "
            << duration_text(trained->fitted.seconds_per_epoch) << " an epoch of the first network\n";
  json["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  write(options, json);
}

io::SavedSignalClassifier loaded(const Options& options) {
  io::SavedSignalClassifier model(options.run.load, program_name);
  options.run.apply(model.net);
  return model;
}

void evaluate_file(const Options& options) {
  const auto model = loaded(options);
  const auto file = read_file(options.test);
  if (task_of(file) == Task::regression ? model.objective.task != Task::regression
                                        : model.objective.task == Task::regression)
    throw option_error(options.test + " has other labels than " + model.path + " was trained for");
  const auto test = records_of(file, options, model.info.label_names);
  model.check(test);
  auto json = report(options, test, model.net, model.objective, {}, {},
                     {{"data", io::utf8_text(options.test)}, {"fill_missing", options.fill_missing}});
  std::cout << "floor: none, it would need a training part of this data\n";
  write(options, json);
}

void predict_file(const Options& options) {
  const auto model = loaded(options);
  const auto data = records_of(io::read_ts_file(options.run.predict), options, {}, false);
  io::write_predictions(std::cout, model.objective, data.names, model.predict(data), model.info.label_names);
  check_output();
}

// ---- options

void add_options(CLI::App& app, Options& options) {
  const auto file = [&](const char* name, std::string& value, const char* help) {
    return app.add_option(name, value, help);
  };
  file("--train", options.train, ".ts file (plain or gzip) to learn from, with --test")->group(of_training);
  file("--valid", options.valid, ".ts file to choose the best epoch on")
      ->group(of_training)
      ->default_str("a tenth of --train, drawn by --seed");
  file("--test", options.test, ".ts file to report on, of --train or of a loaded model");
  file("--data", options.data, "one .ts file, drawn by --seed: 80 % to learn, 10 % validation, 10 % test")
      ->group(of_training);
  app.add_flag("--fill-missing", options.fill_missing,
               "put the last number before it in place of a missing value; else they are refused");
  options.run.learning_rate = options.training.learning_rate;
  options.run.add_to(app, "as many as make 24,000 records, 10 to 100");
  app.get_option("--predict")->description(".ts file whose records the loaded model predicts");
  options.run.add_page_to(app);
  auto& net = options.training.net;
  const auto number = [&](const char* name, std::size_t& value, std::uint64_t most, const char* help) {
    app.add_option(name, value, help)->check(whole_number(most))->group(of_training)->capture_default_str();
  };
  const auto real = [&](const char* name, double& value, const char* help) {
    app.add_option(name, value, help)->group(of_training)->capture_default_str();
  };
  number("--hidden", net.hidden, most_units, "LSTM units per direction");
  number("--layers", net.layers, most_layers, "LSTM layers");
  number("--filters", net.filters, most_units,
         "of convolutions before the LSTM, of 3 and 7 positions; 0: none");
  number("--heads", net.heads, most_units, "of attention beside last, max and mean; 0: none");
  number("--ensemble", options.training.ensemble, most_networks,
         "number of networks to train; the mean of their outputs (logits, or numbers) counts");
  number("--batch-size", options.training.batch_size, most_counted, "records per batch");
  real("--noise", net.noise, "deviation of what training adds to standardised numbers");
  real("--offset", net.offset, "the same, but one number a channel for a whole record");
  real("--channel-dropout", net.channel_dropout, "share of channels that training hides, for a whole record");
  real("--dropout", net.head_dropout, "before each of the last two layers");
}

void check(const Options& options) {
  options.run.check();
  options.run.check_page();
  check_at_least_one("--batch-size", options.training.batch_size);
  check_at_least_one("--ensemble", options.training.ensemble);
  check_at_least_one("--hidden", options.training.net.hidden);
  check_at_least_one("--layers", options.training.net.layers);
  const auto& net = options.training.net;
  for (const auto& [name, value] : {std::pair{"--noise", net.noise}, {"--offset", net.offset}})
    if (!(value >= 0 && std::isfinite(value)))
      throw option_error(std::string(name) + " is " + std::to_string(value) +
                         ", expected a finite number from 0 on");
  for (const auto& [name, value] :
       {std::pair{"--channel-dropout", net.channel_dropout}, {"--dropout", net.head_dropout}})
    if (!(value >= 0 && value < 1))
      throw option_error(std::string(name) + " is " + std::to_string(value) + ", expected 0 to below 1");
  if (!options.data.empty() && !(options.train.empty() && options.test.empty()))
    throw option_error("--data and --train with --test exclude each other: the parts of --data are drawn");
  if (!options.valid.empty() && options.train.empty()) throw option_error("--valid needs --train and --test");
  if (options.run.load.empty() && options.train.empty() != options.test.empty())
    throw option_error(options.train.empty()
                           ? "--test needs --train FILE.ts, or --load MODEL"
                           : "--train needs --test FILE.ts; to draw the test part, use --data");
  // What is tested may not be learned or chosen by.
  const std::array<std::pair<const char*, const std::string&>, 3> parts = {
      {{"--train", options.train}, {"--valid", options.valid}, {"--test", options.test}}};
  for (std::size_t a = 0; a < parts.size(); ++a)
    for (std::size_t b = a + 1; b < parts.size(); ++b)
      if (io::same_file(parts[a].second, parts[b].second))
        throw option_error(std::string(parts[a].first) + " and " + parts[b].first + " are one file, " +
                           parts[a].second + "; give each part records of its own");
  if (!options.run.load.empty() && options.test.empty() == options.run.predict.empty())
    throw option_error("--load needs one of --test FILE.ts, to report on, and --predict FILE.ts");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Classifies signals with a bidirectional LSTM", program_name);
  Options options;
  add_options(app, options);
  return run_program(app, argc, argv, [&] {
    check(options);
    io::FilePlan files;
    files.input("--train", options.train);
    files.input("--valid", options.valid);
    files.input("--test", options.test);
    files.input("--data", options.data);
    options.run.name_files(files);
    files.output("--report", options.run.report);
    check_files(files);
    options.run.start();
    if (options.run.load.empty()) {
      train(options);
    } else if (!options.run.predict.empty()) {
      predict_file(options);
    } else {
      evaluate_file(options);
    }
  });
}
