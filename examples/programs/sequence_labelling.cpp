// Labels every letter of a sequence: secondary structure, signal peptides, membrane segments, genes.
//
//     sequence_labelling                                        simulated membrane proteins
//     sequence_labelling --data chains.csv --label-column structure --mask-column resolved --save s.model
//     sequence_labelling --three-line peptides.fa --crf --folds 4 --type-column 3 --extra-column 2
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
  std::size_t batch_size = 32;
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

Trained train_labeller(const Options& options, const Parts& parts, const LabelAlphabet& labels,
                       const CategoricalInputs& inputs) {
  auto net_options = options.net;
  net_options.vocabulary = parts.train.vocabulary();
  net_options.channels = parts.train.channel_count;
  net_options.outputs = labels.classes();
  if (net_options.crf) net_options.groups = labels.type_numbers();
  net_options.layer_dropout = net_options.head_dropout = options.dropout;
  Trained result{SequenceLabeller<float>(net_options, scale_of(parts.train, inputs.vocabulary())), {}};
  initialize(result.net, options.run.seed);
  options.run.apply(result.net);
  const SignalWatch watch;
  result.fitted = fit(result.net, parts.train, parts.valid,
                      {.loss = result.net.loss(),
                       .optimizer = adam(),
                       .schedule = one_cycle(options.run.learning_rate),
                       .epochs = epochs_for(options, parts.train),
                       .batch_size = options.batch_size,
                       .bucket_batches = 16,
                       .seed = options.run.seed,
                       .clip_norm = 1,
                       .monitor = "accuracy",
                       .callbacks = {epoch_lines(std::cout, "accuracy")},
                       .stop = interrupted,
                       .progress = &std::cerr,
                       .communicator = ranks()});
  SignalWatch::check("nothing is saved");
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
    fit(linear, parts.train, parts.valid, how);
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

  Pooled pooled;
  RecordTypes types(source.labels, options.source.sites), valid_types = types;
  auto fits = nlohmann::json::array();
  FitResult fitted;
  nlohmann::json net_config;
  for (std::size_t f = 0; f < all.folds.size(); ++f) {
    const Partition& rows = all.folds[f];
    if (all.folds.size() > 1) std::cout << "fold " << f + 1 << " of " << all.folds.size() << '\n';
    const auto members = members_of(source, rows, options.source);
    std::vector<Predictions> answers, baselines;
    SequenceDataset test_part;
    for (const Partition& member : members) {
      const CategoricalInputs inputs = inputs_of(source, member, options.source);
      const Parts parts = parts_of(source, all, member, inputs);
      std::cout << parts.train.size() << " training, " << parts.valid.size() << " validation, "
                << parts.test.size() << " test sequences" << std::endl;
      Trained trained = train_labeller(options, parts, source.labels, inputs);
      if (!options.run.save.empty())
        io::save_labeller(options.run.save, trained.net,
                          {program_name, tokenizer, source.labels, inputs, options.source.window},
                          io::StoredInput(parts.train, 0));
      answers.push_back(predict(trained.net, parts.test, trained.net.loss()));
      if (options.judges_records())
        add_types(valid_types, source, options, member.valid, parts.valid,
                  of_one_type(predict(trained.net, parts.valid, trained.net.loss()), source.labels));
      fits.push_back({{"best_epoch", trained.fitted.best_epoch}, {"epochs", trained.fitted.history}});
      net_config = trained.net.options();
      fitted = std::move(trained.fitted);
      baselines.push_back(window_predictions(options, parts, source.labels.classes()));
      test_part = parts.test;
    }
    pooled.baseline.append(mean_of(baselines));
    const auto said = of_one_type(answers.size() == 1 ? answers.front() : mean_of(answers), source.labels);
    if (options.judges_records()) add_types(types, source, options, rows.test, test_part, said);
    pooled.network.append(said);
    pooled.labels.insert(pooled.labels.end(), test_part.position_labels.begin(),
                         test_part.position_labels.end());
  }
  const auto names = source.labels.names();
  const Loss loss = options.net.crf ? crf_loss() : cross_entropy();
  const Report test = report_of(pooled.network, pooled.labels, loss, names),
               floor = report_of(pooled.baseline, pooled.labels, cross_entropy(), names);
  const auto classes = class_table(pooled.results(pooled.network), names);
  tell_result(test, floor, classes);
  auto json = result_json(test, floor, fitted, options.run);
  if (options.judges_records()) {
    json["types"] = types.json();
    json["validation"]["types"] = valid_types.json();
    print_record_types(std::cout, json["types"]);
  }
  std::cout << "speed: " << static_cast<long long>(fitted.tokens_per_second) << " positions/s, "
            << duration_text(fitted.seconds_per_epoch) << " an epoch\n";

  json["metrics"]["f1"] = f1(test.confusion, Average::macro);
  json["floor"]["f1"] = f1(floor.confusion, Average::macro);
  json["classes"] = classes;
  json["config"] = net_config;
  json["config"]["data"] = io::utf8_text(source.name);
  json["config"]["learning_rate"] = options.run.learning_rate;
  json["config"]["batch_size"] = options.batch_size;
  json["config"]["window"] = options.source.window;
  if (all.folds.size() > 1) json["folds"] = fits;
  json["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!options.run.json.empty()) io::write_file_atomically(options.run.json, io::json_text(json));
  if (options.run.writes_page())
    io::write_file_atomically(
        options.run.report,
        io::position_page({program_name, command_line()}, pooled.results(pooled.network), names, test,
                          {{"linear model on a window of " + std::to_string(baseline_window), floor}}, fitted,
                          json));
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
  number("--batch-size", options.batch_size, most_counted, "sequences per batch");
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

void check(const CLI::App& app, const Options& options) {
  options.run.check();
  options.run.check_page();
  check_at_least_one("--batch-size", options.batch_size);
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
