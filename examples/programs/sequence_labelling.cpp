// Labels every letter of a sequence: secondary structure, signal peptides, membrane segments, genes.
//
//     sequence_labelling                                        simulated membrane proteins
//     sequence_labelling --data chains.csv --label-column structure --mask-column resolved --save s.model
//     sequence_labelling --three-line peptides.fa --crf --folds 4 --type-column 3 --extra-column 2
//     ... --validation-only   to choose options by, then   ... --refit   for the folds' test figures
//     sequence_labelling --data genome.fa --intervals genes.bed --window 2000 --save g.model
//     sequence_labelling --load s.model --predict new.fa        three-line FASTA of what it says

#include <chrono>
#include <filesystem>
#include <optional>
#include <seqlstm/infer/predict_windows.hpp>
#include <seqlstm/io/labeller.hpp>
#include <seqlstm/io/report_page.hpp>
#include <seqlstm/metrics/positions.hpp>
#include <seqlstm/nn/sequential.hpp>
#include <sstream>

#include "labelling_parts.hpp"
#include "record_types.hpp"
#include "support/unknown_letters.hpp"

namespace {

using namespace examples;
using namespace seqlstm;

constexpr const char* program_name = "sequence_labelling";
constexpr std::size_t baseline_window = 15, genome_window = 1000;

struct Options {
  LabellingSourceOptions source;
  std::string probabilities, bed;
  SequenceLabellerOptions net{.embedding_dim = 32, .hidden = 128, .layers = 2};
  double dropout = 0.3;
  std::size_t batch_size = 32, ensemble = 1;
  std::string type_weights = "none";
  double epoch_share = 1;
  bool refit = false, validation_only = false;
  RunOptions run;

  /// Is something to be said of whole records?
  [[nodiscard]] bool judges_records() const { return !source.type_column.empty() || !source.sites.empty(); }
};

// ---- training

/// Passes over the training part: small sets need more than large ones.
std::size_t epochs_for(const Options& options, const SequenceDataset& train) {
  constexpr double million_positions = 30;
  const double wanted =
      million_positions * 1e6 / static_cast<double>(std::max<std::size_t>(1, train.tokens()));
  return options.run.epochs.value_or(static_cast<std::size_t>(std::clamp(wanted, 8.0, 40.0)));
}

struct Trained {
  SequenceLabeller<float> net;
  FitResult fitted;
};

/// The rows of an epoch: all, or drawn so that rare types come more often.
Sampler sampler_for(const Options& options, const LabellingSource& source, const Partition& rows,
                    std::uint64_t seed) {
  if (options.type_weights == "none") return {};
  const double power = options.type_weights == "balanced" ? 1 : 0.5;
  const auto count = options.epoch_share * static_cast<double>(rows.train.size());
  return weighted_sampler(type_weights(source, rows.train, options.source, power),
                          std::max<std::size_t>(1, static_cast<std::size_t>(std::llround(count))), seed);
}

/// Like epoch_lines, but nothing is validated.
Callback loss_lines(std::ostream& out) {
  return [&out](const EpochReport& e) {
    out << "epoch " << e.epoch << ": train loss " << e.train_loss << ", " << duration_text(e.seconds) << ", "
        << static_cast<long long>(e.tokens_per_second) << " tokens/s" << std::endl;
    return true;
  };
}

Trained train_labeller(const Options& options, const Parts& parts, const LabelAlphabet& labels,
                       const CategoricalInputs& inputs, const Sampler& sampler, std::uint64_t seed) {
  auto net_options = options.net;
  net_options.vocabulary = parts.train.vocabulary();
  net_options.channels = parts.train.channel_count;
  net_options.outputs = labels.classes();
  if (net_options.crf) net_options.groups = labels.type_numbers();
  net_options.layer_dropout = net_options.head_dropout = options.dropout;
  Trained result{SequenceLabeller<float>(net_options, scale_of(parts.train, inputs.vocabulary())), {}};
  initialize(result.net, seed);
  options.run.apply_training(result.net);
  const SignalWatch watch;
  FitOptions how{.loss = result.net.loss(),
                 .optimizer = adam(),
                 .schedule = one_cycle(options.run.learning_rate),
                 .epochs = epochs_for(options, parts.train),
                 .batch_size = options.batch_size,
                 .bucket_batches = 16,
                 .sampler = sampler,
                 .seed = seed,
                 .clip_norm = 1,
                 .stop = interrupted,
                 .progress = &std::cerr,
                 .communicator = ranks()};
  if (parts.valid.size() > 0) {
    how.monitor = "accuracy";
    how.callbacks = {epoch_lines(std::cout, "accuracy")};
    result.fitted = fit(result.net, parts.train, parts.valid, how);
  } else {
    how.callbacks = {loss_lines(std::cout)};
    result.fitted = fit(result.net, parts.train, how);
  }
  SignalWatch::check("nothing is saved");
  options.run.apply(result.net);
  return result;
}

/// What letters up to seven places away say, without any order of reading: one weight for each. Trained until
/// more does not help, whatever the network's epochs and batches are.
Predictions window_predictions(const Options& options, const Parts& parts, std::size_t classes) {
  constexpr std::size_t updates = 2000, batch = 32, least = 4;
  const std::size_t an_epoch = std::max<std::size_t>(1, parts.train.size() / batch);
  const Conv1dOptions window{.output = classes, .kernel = baseline_window};
  const FitOptions how{.loss = cross_entropy(),
                       .optimizer = adam(),
                       .schedule = one_cycle(0.02),
                       .epochs = std::clamp(updates / an_epoch, least, std::size_t{100}),
                       .batch_size = batch,
                       .seed = options.run.seed,
                       .progress = nullptr};
  const auto fitted = [&](auto linear) {
    if (parts.valid.size() > 0) {
      fit(linear, parts.train, parts.valid, how);
    } else {
      fit(linear, parts.train, how);
    }
    return predict(linear, parts.test);
  };
  if (parts.train.channel_count == 0) return fitted(sequential(one_hot(), conv1d(window)));
  return fitted(sequential(concat(embedding(parts.train.vocabulary()), channels()), conv1d(window)));
}

// ---- results

/// Labels of one type where records have types and no conditional random field has seen to it.
Predictions of_one_type(Predictions said, const LabelAlphabet& labels) {
  if (labels.types.empty() || !said.decoded_offsets.empty()) return said;
  for (std::size_t i = 0; i + 1 < said.offsets.size(); ++i) {
    const auto classes = likeliest_of_type(labels, said.of_record(i));
    said.decoded.insert(said.decoded.end(), classes.begin(), classes.end());
  }
  said.decoded_offsets = said.offsets;
  return said;
}

nlohmann::json class_table(const PositionResults& results, const std::vector<std::string>& names) {
  auto table = nlohmann::json::array();
  for (const auto& one : position_class_metrics(results, names)) table.push_back(one);
  return table;
}

struct Pooled {
  Predictions network, baseline;
  std::vector<double> labels;

  [[nodiscard]] PositionResults results(const Predictions& of) const {
    return {labels, of.view(), of.offsets, of.decoded};
  }
};

void tell_result(const Report& test, const Report& floor, const nlohmann::json& classes) {
  std::cout << "\ntest part, by position:\n" << test << "by class: ";
  for (const auto& one : classes)
    std::cout << one.at("class").get<std::string>() << " f1 " << one.at("f1").get<double>() << "  ";
  std::cout << "\nfloor: a linear model on a window of " << baseline_window << ": accuracy "
            << floor["accuracy"] << ", mcc " << floor["mcc"] << ", sov " << floor["sov"] << '\n';
  if (!(test["mcc"] > floor["mcc"]))
    std::cout << "This result is not above its floor: a simpler model does as well on this data.\n";
}

/// What the network says of whole records of a part.
void add_types(RecordTypes& types, const LabellingSource& source, const Options& options,
               const std::vector<std::size_t>& rows, const SequenceDataset& data, const Predictions& said) {
  const auto& columns = options.source.extra_columns;
  for (std::size_t i = 0; i < rows.size(); ++i)
    types.add(data.labels_of(i).positions, source.types.empty() ? "" : source.types[rows[i]],
              columns.empty() ? "" : header_value(source.records.records[rows[i]], columns.front()), said, i);
}

/// What all networks of a run said.
struct Outcome {
  Outcome(const LabelAlphabet& labels, const std::string& sites)
      : types(labels, sites), valid_types(labels, sites) {}

  Pooled pooled, valid;
  RecordTypes types, valid_types;
  nlohmann::json fits = nlohmann::json::array(), net_config;
  FitResult fitted;
};

/// Adds what networks said of a part, their mean.
void add_answers(Pooled& pooled, RecordTypes& types, const LabellingSource& source, const Options& options,
                 const std::vector<std::size_t>& rows, const SequenceDataset& part,
                 const std::vector<Predictions>& answers) {
  const auto said = of_one_type(answers.size() == 1 ? answers.front() : mean_of(answers), source.labels);
  if (options.judges_records()) add_types(types, source, options, rows, part, said);
  pooled.network.append(said);
  pooled.labels.insert(pooled.labels.end(), part.position_labels.begin(), part.position_labels.end());
}

/// Trains the networks of a fold, and asks them for its test part.
void run_fold(Outcome& outcome, const Options& options, const LabellingSource& source, const Encoded& all,
              const Partition& rows, const Tokenizer& tokenizer) {
  std::vector<Predictions> answers, baselines;
  SequenceDataset test_part;
  for (const Partition& member : members_of(source, rows, options.source, options.refit)) {
    const CategoricalInputs inputs = inputs_of(source, member, options.source);
    Parts parts = parts_of(source, all, member, inputs);
    std::cout << parts.train.size() << " training, " << parts.valid.size() << " validation, "
              << parts.test.size() << " test sequences" << std::endl;
    std::vector<Predictions> valid_answers;
    for (std::size_t n = 0; n < options.ensemble; ++n) {
      const std::uint64_t seed = options.run.seed + (std::uint64_t{n} << 32U);
      Trained trained = train_labeller(options, parts, source.labels, inputs,
                                       sampler_for(options, source, member, seed), seed);
      if (!options.run.save.empty())
        io::save_labeller(options.run.save, trained.net,
                          {program_name, tokenizer, source.labels, inputs, options.source.window},
                          io::StoredInput(parts.train, 0));
      const auto said = [&](const SequenceDataset& of) {
        return predict(trained.net, of, trained.net.loss(), {}, ranks());
      };
      if (!options.validation_only) answers.push_back(said(parts.test));
      if (parts.valid.size() > 0) valid_answers.push_back(said(parts.valid));
      outcome.fits.push_back({{"best_epoch", trained.fitted.best_epoch}, {"epochs", trained.fitted.history}});
      outcome.net_config = trained.net.options();
      outcome.fitted = std::move(trained.fitted);
    }
    if (!valid_answers.empty())
      add_answers(outcome.valid, outcome.valid_types, source, options, member.valid, parts.valid,
                  valid_answers);
    if (options.validation_only) continue;
    baselines.push_back(window_predictions(options, parts, source.labels.classes()));
    test_part = std::move(parts.test);
  }
  if (options.validation_only) return;
  outcome.pooled.baseline.append(mean_of(baselines));
  add_answers(outcome.pooled, outcome.types, source, options, rows.test, test_part, answers);
}

nlohmann::json config_json(const Options& options, const LabellingSource& source, nlohmann::json config) {
  config["data"] = io::utf8_text(source.name);
  config["learning_rate"] = options.run.learning_rate;
  config["batch_size"] = options.batch_size;
  config["window"] = options.source.window;
  config["ensemble"] = options.ensemble;
  config["committee"] = options.source.committee;
  config["refit"] = options.refit;
  config["type_weights"] = options.type_weights;
  config["epoch_share"] = options.epoch_share;
  return config;
}

/// What the networks said of their validation parts.
nlohmann::json validation_json(const Outcome& outcome, const Options& options,
                               const std::vector<std::string>& names, const Loss& loss) {
  nlohmann::json json = nlohmann::json::object();
  if (outcome.valid.labels.empty()) return json;
  json["metrics"] = report_of(outcome.valid.network, outcome.valid.labels, loss, names);
  if (options.judges_records()) json["types"] = outcome.valid_types.json();
  return json;
}

void tell_validation(const nlohmann::json& json) {
  const auto& metrics = json.at("validation").at("metrics");
  std::cout << "\nvalidation parts, by position: accuracy " << metrics.at("accuracy") << ", mcc "
            << metrics.at("mcc") << ", loss " << metrics.at("loss") << '\n';
  if (json.at("validation").contains("types"))
    print_record_types(std::cout, json.at("validation").at("types"));
}

void train(Options& options) {
  const auto start = std::chrono::steady_clock::now();
  const LabellingSource source = read_labelling_source(options.source, options.run.seed);
  if (source.genome && options.source.window == 0) options.source.window = genome_window;
  const Tokenizer tokenizer = tokenizer_for(source.records.records);
  tell_unknown_letters(std::cout, tokenizer, {&source.records.records});
  const Encoded all = encoded(source, tokenizer, options.source, options.run.seed);
  if (all.folds.size() > 1 && !options.run.save.empty())
    throw option_error("--save and --folds exclude each other: every fold has a model of its own");
  std::cout << all.data.size() << (options.source.window > 0 ? " windows, " : " sequences, ")
            << all.data.tokens() << " positions, labels " << source.labels.letters << "; "
            << options.run.text() << std::endl;

  Outcome outcome(source.labels, options.source.sites);
  for (std::size_t f = 0; f < all.folds.size(); ++f) {
    if (all.folds.size() > 1) std::cout << "fold " << f + 1 << " of " << all.folds.size() << '\n';
    run_fold(outcome, options, source, all, all.folds[f], tokenizer);
  }
  const auto names = source.labels.names();
  const Loss loss = options.net.crf ? crf_loss() : cross_entropy();
  const auto& fitted = outcome.fitted;
  nlohmann::json json;
  Report test, floor;
  if (options.validation_only) {
    json["seed"] = options.run.seed;
    options.run.note(json);
  } else {
    test = report_of(outcome.pooled.network, outcome.pooled.labels, loss, names);
    floor = report_of(outcome.pooled.baseline, outcome.pooled.labels, cross_entropy(), names);
    const auto classes = class_table(outcome.pooled.results(outcome.pooled.network), names);
    tell_result(test, floor, classes);
    json = result_json(test, floor, fitted, options.run);
    json["metrics"]["f1"] = f1(test.confusion, Average::macro);
    json["floor"]["f1"] = f1(floor.confusion, Average::macro);
    json["classes"] = classes;
    if (options.judges_records()) {
      json["types"] = outcome.types.json();
      print_record_types(std::cout, json["types"]);
    }
  }
  json["validation"] = validation_json(outcome, options, names, loss);
  if (options.validation_only) tell_validation(json);
  std::cout << "speed: " << static_cast<long long>(fitted.tokens_per_second) << " positions/s, "
            << duration_text(fitted.seconds_per_epoch) << " an epoch\n";
  json["config"] = config_json(options, source, outcome.net_config);
  if (all.folds.size() > 1) json["folds"] = outcome.fits;
  json["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!options.run.json.empty()) io::write_file_atomically(options.run.json, io::json_text(json));
  if (options.run.writes_page())
    io::write_file_atomically(
        options.run.report,
        io::position_page(
            {program_name, command_line()}, outcome.pooled.results(outcome.pooled.network), names, test,
            {{"linear model on a window of " + std::to_string(baseline_window), floor}}, fitted, json));
}

// ---- using a model

/// A line for each position of a record: what the model says of it.
void write_probabilities(io::AtomicFile& out, const Record& record, const std::string& labels,
                         ConstMatrixView<double> rows) {
  std::ostringstream text;
  text.precision(9);
  for (std::size_t t = 0; t < rows.rows(); ++t) {
    text << printable(record.id) << '\t' << t + 1 << '\t' << record.sequence[t] << '\t' << labels[t];
    for (const double p : rows.row(t)) text << '\t' << p;
    text << '\n';
  }
  out.write(text.str());
}

/// Throws option_error unless --channels has as many numbers a letter as the model reads beside categories.
void check_channels(const io::SavedLabeller& model, std::size_t given) {
  const std::size_t read = model.net.options().channels - model.inputs.vocabulary();
  if (given != read)
    throw option_error(
        model.path + " reads " + std::to_string(read) + " numbers at each letter, " +
        (given == 0 ? "give them with --channels" : "--channels has " + std::to_string(given)));
}

void predict_file(const Options& options) {
  io::SavedLabeller model(options.run.load, program_name);
  options.run.apply(model.net);
  std::optional<io::AtomicFile> probabilities;
  const auto names = model.labels.names(), types = model.labels.type_names();
  if (!options.probabilities.empty()) {
    std::string header = "id\tposition\tletter\tlabel";
    for (const auto& name : names) header += "\tprobability_" + name;
    probabilities.emplace(options.probabilities);
    probabilities->write(header + "\n");
  }
  std::vector<BedInterval> intervals;
  io::FastaReader reader(options.run.predict);
  UnknownLetters unknown(model.tokenizer);
  std::vector<Record> records;
  const bool beside = !options.source.channels.empty();
  if (!beside) check_channels(model, 0);
  const std::size_t portion = beside ? SIZE_MAX : std::size_t{1} << 20U;  // letters
  while (io::read_some(reader, portion, records)) {
    unknown.count(records);
    unknown.check();
    io::Matrix rows;
    if (beside) {
      std::size_t letters = 0;
      for (const Record& record : records) letters += record.sequence.size();
      rows = read_channels(options.source.channels, letters);
      check_channels(model, rows.cols);
    }
    const auto said = of_one_type(
        model.predict(model.encode(records, {rows.values.data(), rows.rows, rows.cols})), model.labels);
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto classes = said.classes(i);
      const std::string labels = model.labels.text(classes);
      std::cout << '>' << records[i].id;
      if (!types.empty())
        std::cout << " type="
                  << types[static_cast<std::size_t>(RecordTypes::predicted(model.labels, said.of_record(i)))];
      std::cout << '\n' << records[i].sequence << '\n' << labels << '\n';
      if (probabilities) write_probabilities(*probabilities, records[i], labels, said.of_record(i));
      if (options.bed.empty()) continue;
      const auto found = intervals_of(records[i].id, classes, names);
      intervals.insert(intervals.end(), found.begin(), found.end());
    }
    check_output();
  }
  examples::tell(std::cerr, unknown);
  if (probabilities) probabilities->commit();
  if (!options.bed.empty()) io::write_bed(options.bed, intervals);
}

void add_options(CLI::App& app, Options& options) {
  options.source.add_to(app);
  options.run.add_to(app, "as many as make 30 million positions, 8 to 40");
  options.run.add_page_to(app);
  app.add_flag("--crf", options.net.crf,
               "end with a conditional random field: neighbours' labels depend on each other")
      ->group(of_training);
  const auto number = [&](const char* name, std::size_t& value, std::uint64_t most, const char* help) {
    app.add_option(name, value, help)->check(whole_number(most))->group(of_training)->capture_default_str();
  };
  number("--hidden", options.net.hidden, most_units, "LSTM units per direction");
  number("--layers", options.net.layers, most_layers, "LSTM layers");
  number("--embedding-dim", options.net.embedding_dim, most_units, "numbers per letter");
  number("--filters", options.net.filters, most_units,
         "of convolutions before the LSTM, of 3 and 7 letters; 0: none");
  app.add_option("--kernels", options.net.kernels, "letters that each convolution sees, for instance 3,7,15")
      ->delimiter(',')
      ->check(whole_number(most_letters))
      ->group(of_training)
      ->default_str("3,7");
  number("--batch-size", options.batch_size, most_counted, "sequences per batch");
  number("--ensemble", options.ensemble, most_networks,
         "networks instead of each one, by other seeds; their mean probabilities answer");
  app.add_option(
         "--type-weights", options.type_weights,
         "rows an epoch draws, with --type-column: none: each once; balanced: as many of each type in "
         "each category of --extra-column; sqrt: by the root of their number")
      ->check(CLI::IsMember({"none", "balanced", "sqrt"}))
      ->group(of_training)
      ->capture_default_str();
  app.add_option("--epoch-share", options.epoch_share,
                 "with --type-weights: rows that an epoch draws, as a share of the training part")
      ->group(of_training)
      ->capture_default_str();
  app.add_flag("--validation-only", options.validation_only,
               "report the validation parts alone, to choose options by; the test part is not evaluated")
      ->group(of_training);
  app.add_flag("--refit", options.refit,
               "when everything is chosen, learn from validation rows too; the last epoch's weights answer")
      ->group(of_training);
  app.add_option("--dropout", options.dropout, "between layers and before the last one")
      ->group(of_training)
      ->capture_default_str();
  app.add_option("--token-dropout", options.net.token_dropout, "share of the letters that training hides")
      ->group(of_training)
      ->capture_default_str();
  app.add_option("--probabilities", options.probabilities,
                 "with --predict: TSV of every position's probabilities");
  app.add_option("--bed", options.bed,
                 "with --predict: BED of the stretches with other labels than the first one");
}

/// What excludes what when options are chosen by validation.
void check_choices(const Options& options) {
  if (options.validation_only && options.refit)
    throw option_error(
        "--validation-only and --refit exclude each other: refitted networks have no validation");
  if (options.validation_only && options.run.writes_page())
    throw option_error("--validation-only and --report exclude each other: the page is about the test part");
  if (options.refit && options.source.committee > 0)
    throw option_error("--refit and --committee exclude each other: a committee's folds validate in turn");
  if (options.ensemble > 1 && !options.run.save.empty())
    throw option_error("--save and --ensemble exclude each other: a model file has one network");
  if (options.type_weights != "none" && options.source.type_column.empty())
    throw option_error("--type-weights needs --type-column: which records are of which type");
  if (options.epoch_share != 1 && options.type_weights == "none")
    throw option_error("--epoch-share needs --type-weights: without, an epoch reads every row");
  if (!(options.epoch_share > 0 && options.epoch_share <= 10))
    throw option_error("--epoch-share is " + std::to_string(options.epoch_share) +
                       ", expected above 0, up to 10");
  for (const std::size_t kernel : options.net.kernels)
    if (kernel % 2 == 0)
      throw option_error("--kernels has " + std::to_string(kernel) + ", expected odd numbers of letters");
}

void check(const CLI::App& app, const Options& options) {
  options.run.check();
  options.run.check_page();
  check_at_least_one("--batch-size", options.batch_size);
  check_at_least_one("--ensemble", options.ensemble);
  check_choices(options);
  options.source.check(app);
  if (!options.source.sites.empty() && (options.source.window > 0 || !options.source.intervals.empty()))
    throw option_error("--sites needs whole records, but --window and --intervals cut them");
  if (options.run.predict.empty() && !(options.probabilities.empty() && options.bed.empty()))
    throw option_error("--probabilities and --bed need --predict FASTA");
  if (!options.run.load.empty() && options.run.predict.empty())
    throw option_error("--load needs --predict FASTA: what is to be labelled");
  for (const auto& [name, share] :
       {std::pair("--dropout", options.dropout), std::pair("--token-dropout", options.net.token_dropout)})
    if (!(share >= 0 && share < 1))
      throw option_error(std::string(name) + " is " + std::to_string(share) + ", expected 0 to below 1");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Labels every letter of a sequence", program_name);
  Options options;
  add_options(app, options);
  return run_program(app, argc, argv, [&] {
    check(app, options);
    io::FilePlan files;
    options.source.name_files(files);
    options.run.name_files(files);
    files.output("--report", options.run.report);
    files.output("--probabilities", options.probabilities);
    files.output("--bed", options.bed);
    check_files(files);
    options.run.start();
    if (options.run.load.empty()) {
      train(options);
    } else {
      predict_file(options);
    }
  });
}
