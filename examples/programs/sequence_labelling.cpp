// Labels every letter of a sequence: secondary structure, signal peptides, membrane segments, genes.
//
//     sequence_labelling                                        simulated membrane proteins
//     sequence_labelling --data chains.csv --label-column structure --mask-column resolved --save s.model
//     sequence_labelling --three-line peptides.fa --crf --folds 4
//     sequence_labelling --load s.model --predict new.fa        three-line FASTA of what it says

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <seqlstm/data/interval_labels.hpp>
#include <seqlstm/data/position_labels.hpp>
#include <seqlstm/data/simulated.hpp>
#include <seqlstm/data/split.hpp>
#include <seqlstm/io/bed.hpp>
#include <seqlstm/io/labeller.hpp>
#include <seqlstm/io/position_labels.hpp>
#include <seqlstm/io/report_page.hpp>
#include <seqlstm/metrics/positions.hpp>
#include <seqlstm/nn/sequential.hpp>
#include <sstream>

#include "support/program.hpp"
#include "support/table_source.hpp"
#include "support/unknown_letters.hpp"

namespace {

using namespace examples;
using namespace seqlstm;

constexpr const char* program_name = "sequence_labelling";
constexpr std::size_t baseline_window = 15;
/// What is about a table alone.
constexpr const char* table_options[] = {"--labels",       "--id-column", "--sequence-column",
                                         "--label-column", "--filter",    "--missing"};

struct Options {
  TableOptions table;
  std::string three_line, mask_column, ignored, split_column = "set", folds, probabilities, bed;
  SequenceLabellerOptions net{.embedding_dim = 32, .hidden = 128, .layers = 2};
  double dropout = 0.3;
  std::size_t batch_size = 32;
  RunOptions run;
};

// ---- reading

/// The field of a header with | between its fields, counted from 1, that `--folds` of FASTA names.
std::string header_field(const Record& record, const std::string& number) {
  const auto wanted = parse_number(number);
  if (!wanted || !(*wanted >= 1) || *wanted != std::trunc(*wanted))
    throw option_error("--folds is '" + number +
                       "'; of FASTA it is the number of a field of the header, which | separates, from 1");
  std::string_view rest = record.id;
  for (std::size_t field = 1; field < static_cast<std::size_t>(*wanted); ++field) {
    const std::size_t bar = rest.find('|');
    if (bar == std::string_view::npos)
      throw parse_error(record.prefix() + "header '" + record.id + "' has no field " + number +
                        " for --folds");
    rest.remove_prefix(bar + 1);
  }
  return std::string(rest.substr(0, rest.find('|')));
}

/// Records with a label at every letter, and of each the part or fold it belongs to; empty where nothing
/// says.
struct Source {
  LabelledRecords records;
  LabelAlphabet labels;
  std::vector<std::string> groups;
  std::string name;
};

Source labelled(std::vector<Record> records, const Options& options, std::vector<std::string> groups,
                const std::string& name) {
  try {
    const auto labels = label_alphabet(records, options.ignored);
    if (labels.classes() < 2)
      throw option_error("all letters have the label '" + labels.letters +
                         "'; a labeller learns nothing from one");
    return {label_positions(std::move(records), labels), labels, std::move(groups), name};
  } catch (const option_error& error) {
    throw option_error(name + ": " + error.what());
  }
}

Source read_source(const Options& options) {
  if (!options.three_line.empty()) {
    auto records = io::read_position_labels(options.three_line);
    std::vector<std::string> groups;
    for (const Record& record : records)
      if (!options.folds.empty()) groups.push_back(header_field(record, options.folds));
    return labelled(std::move(records), options, std::move(groups), options.three_line);
  }
  if (!options.table.data.empty()) {
    auto reading = options.table;
    const std::string group = options.folds.empty() ? options.split_column : options.folds;
    reading.read_columns = {group};
    if (!options.mask_column.empty()) reading.read_columns.push_back(options.mask_column);
    reading.needs_labels = true;
    const auto table = read_table(reading, std::cout);
    auto records = io::position_labels(table, {.sequence = reading.sequence_column,
                                               .labels = reading.label_column,
                                               .mask = options.mask_column,
                                               .id = table.has(reading.id_column) ? reading.id_column : ""});
    std::vector<std::string> groups;
    if (table.has(group) || !options.folds.empty()) groups = table.values(group);
    return labelled(std::move(records), options, std::move(groups), reading.data);
  }
  return labelled(simulated_membrane_proteins(1200, options.run.seed), options, {}, "the simulated data");
}

/// The rows of each training: one, or one for every fold, which is tested while the next one validates.
std::vector<Partition> partitions(const Source& source, const Options& options) {
  const std::size_t rows = source.records.size();
  if (!options.folds.empty()) {
    std::map<std::string, std::vector<std::size_t>> folds;
    for (std::size_t i = 0; i < rows; ++i) folds[source.groups[i]].push_back(i);
    if (folds.size() < 3)
      throw option_error("--folds " + options.folds + " has " + std::to_string(folds.size()) +
                         " values, expected at least three: one to test, one to validate, one to learn from");
    std::vector<std::vector<std::size_t>> parts;
    for (auto& [ignored, own] : folds) parts.push_back(std::move(own));
    std::vector<Partition> all(parts.size());
    for (std::size_t f = 0; f < parts.size(); ++f)
      for (std::size_t p = 0; p < parts.size(); ++p) {
        auto& to = p == f ? all[f].test : (p == (f + 1) % parts.size() ? all[f].valid : all[f].train);
        to.insert(to.end(), parts[p].begin(), parts[p].end());
      }
    return all;
  }
  Partition one;
  if (source.groups.empty()) {
    const auto drawn = split_indices<3>({}, rows, {0.8, 0.1, 0.1}, {.seed = options.run.seed});
    return {{drawn[0], drawn[1], drawn[2]}};
  }
  for (std::size_t i = 0; i < rows; ++i) {
    const std::string& part = source.groups[i];
    if (part != "train" && part != "valid" && part != "test")
      throw option_error(source.name + ": '" + printable(part) + "' in column '" + options.split_column +
                         "', expected train, valid or test");
    (part == "train" ? one.train : part == "valid" ? one.valid : one.test).push_back(i);
  }
  if (one.train.empty() || one.test.empty())
    throw option_error(source.name + ": column '" + options.split_column + "' names no " +
                       (one.train.empty() ? "train" : "test") + " row; every part needs rows");
  if (one.valid.empty()) {
    const auto drawn = split_indices<2>({}, one.train.size(), {0.9, 0.1}, {.seed = options.run.seed});
    const auto train = one.train;
    one.train.clear();
    for (const std::size_t i : drawn[0]) one.train.push_back(train[i]);
    for (const std::size_t i : drawn[1]) one.valid.push_back(train[i]);
  }
  return {one};
}

/// Letters of proteins or of nucleic acids; any other counts as unknown.
Tokenizer tokenizer_for(const std::vector<Record>& records) {
  std::vector<std::string> sequences;
  for (const Record& record : records) sequences.push_back(record.sequence);
  const bool dna = inferred_sequence_type(sequences) == SequenceType::dna;
  return {dna ? dna5 : aa21, {.unknown = unknown::map}};
}

// ---- training

struct Parts {
  SequenceDataset train, valid, test;
};

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

Trained train_labeller(const Options& options, const Parts& parts, const LabelAlphabet& labels) {
  auto net_options = options.net;
  net_options.vocabulary = parts.train.vocabulary();
  net_options.outputs = labels.classes();
  net_options.layer_dropout = net_options.head_dropout = options.dropout;
  Trained result{SequenceLabeller<float>(net_options), {}};
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
                       .stop = [] { return SignalWatch::caught() != 0; },
                       .progress = &std::cerr});
  SignalWatch::check("nothing is saved");
  return result;
}

/// What letters up to seven places away say, without any order of reading: one weight for each.
Predictions window_predictions(const Options& options, const Parts& parts, std::size_t classes) {
  auto linear = sequential(one_hot(), conv1d({.output = classes, .kernel = baseline_window}));
  fit(linear, parts.train, parts.valid,
      {.loss = cross_entropy(),
       .optimizer = adam(),
       .schedule = one_cycle(0.02),
       .epochs = std::min<std::size_t>(6, epochs_for(options, parts.train)),
       .batch_size = options.batch_size,
       .seed = options.run.seed,
       .progress = nullptr});
  return predict(linear, parts.test);
}

// ---- results

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

void train(Options& options) {
  const auto start = std::chrono::steady_clock::now();
  const Source source = read_source(options);
  const auto folds = partitions(source, options);
  if (folds.size() > 1 && !options.run.save.empty())
    throw option_error("--save and --folds exclude each other: every fold has a model of its own");
  const Tokenizer tokenizer = tokenizer_for(source.records.records);
  tell_unknown_letters(std::cout, tokenizer, {&source.records.records});
  const SequenceDataset all = encode(source.records, tokenizer);
  std::cout << all.size() << " sequences, " << all.tokens() << " positions, labels " << source.labels.letters
            << "; " << options.run.text() << std::endl;

  Pooled pooled;
  auto fits = nlohmann::json::array();
  FitResult fitted;
  nlohmann::json net_config;
  for (std::size_t f = 0; f < folds.size(); ++f) {
    const Parts parts{all.subset(folds[f].train), all.subset(folds[f].valid), all.subset(folds[f].test)};
    if (folds.size() > 1) std::cout << "fold " << f + 1 << " of " << folds.size() << '\n';
    std::cout << parts.train.size() << " training, " << parts.valid.size() << " validation, "
              << parts.test.size() << " test sequences" << std::endl;
    Trained trained = train_labeller(options, parts, source.labels);
    if (!options.run.save.empty())
      io::save_labeller(options.run.save, trained.net, {program_name, tokenizer, source.labels},
                        io::StoredInput(parts.train, 0));
    pooled.network.append(predict(trained.net, parts.test, trained.net.loss()));
    pooled.baseline.append(window_predictions(options, parts, source.labels.classes()));
    pooled.labels.insert(pooled.labels.end(), parts.test.position_labels.begin(),
                         parts.test.position_labels.end());
    fits.push_back({{"best_epoch", trained.fitted.best_epoch}, {"epochs", trained.fitted.history}});
    net_config = trained.net.options();
    fitted = std::move(trained.fitted);
  }
  const auto names = source.labels.names();
  const Loss loss = options.net.crf ? crf_loss() : cross_entropy();
  const Report test = report_of(pooled.network, pooled.labels, loss, names),
               floor = report_of(pooled.baseline, pooled.labels, cross_entropy(), names);
  const auto classes = class_table(pooled.results(pooled.network), names);
  tell_result(test, floor, classes);
  std::cout << "speed: " << static_cast<long long>(fitted.tokens_per_second) << " positions/s, "
            << duration_text(fitted.seconds_per_epoch) << " an epoch\n";

  auto json = result_json(test, floor, fitted, options.run);
  json["metrics"]["f1"] = f1(test.confusion, Average::macro);
  json["floor"]["f1"] = f1(floor.confusion, Average::macro);
  json["classes"] = classes;
  json["config"] = net_config;
  json["config"]["data"] = io::utf8_text(source.name);
  json["config"]["learning_rate"] = options.run.learning_rate;
  json["config"]["batch_size"] = options.batch_size;
  if (folds.size() > 1) json["folds"] = fits;
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

void predict_file(const Options& options) {
  io::SavedLabeller model(options.run.load, program_name);
  options.run.apply(model.net);
  std::optional<io::AtomicFile> probabilities;
  if (!options.probabilities.empty()) {
    std::string header = "id\tposition\tletter\tlabel";
    for (const char letter : model.labels.letters) header += std::string("\tprobability_") + letter;
    probabilities.emplace(options.probabilities);
    probabilities->write(header + "\n");
  }
  std::vector<BedInterval> intervals;
  const auto names = model.labels.names();
  io::FastaReader reader(options.run.predict);
  UnknownLetters unknown(model.tokenizer);
  std::vector<Record> records;
  constexpr std::size_t portion = std::size_t{1} << 20U;  // letters
  while (io::read_some(reader, portion, records)) {
    unknown.count(records);
    unknown.check();
    const auto said = predict(model.net, encode(records, model.tokenizer), model.net.loss());
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto classes = said.classes(i);
      const std::string labels = model.labels.text(classes);
      std::cout << '>' << records[i].id << '\n' << records[i].sequence << '\n' << labels << '\n';
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
  options.table.add_to(app);
  for (const char* name : table_options) app.get_option(name)->group(of_training);
  app.get_option("--data")->group(of_training);
  app.add_option("--three-line", options.three_line,
                 "FASTA whose records have a third line, a label for each letter")
      ->group(of_training);
  app.add_option("--mask-column", options.mask_column,
                 "column of 0 and 1, a character for each letter: 0, its label does not count")
      ->group(of_training);
  app.add_option("--ignore-labels", options.ignored, "label letters that do not count, for instance '-.'")
      ->group(of_training);
  app.add_option("--split-column", options.split_column, "column with train, valid, test")
      ->group(of_training)
      ->capture_default_str();
  app.add_option(
         "--folds", options.folds,
         "column whose values are the folds of a cross-validation (of FASTA: which field of the header)")
      ->group(of_training);
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
  app.add_option("--probabilities", options.probabilities,
                 "with --predict: TSV of every position's probabilities");
  app.add_option("--bed", options.bed,
                 "with --predict: BED of the stretches with other labels than the first one");
}

void check(const CLI::App& app, const Options& options) {
  options.run.check();
  options.run.check_page();
  check_at_least_one("--batch-size", options.batch_size);
  if (!options.three_line.empty() && !options.table.data.empty())
    throw option_error("--data and --three-line exclude each other");
  if (options.three_line.empty() && options.table.data.empty() && !options.folds.empty())
    throw option_error("--folds needs data: --data CSV or --three-line FASTA");
  if (options.table.data.empty()) {
    for (const char* name : table_options)
      if (app.count(name) > 0) throw option_error(std::string(name) + " needs a table: --data CSV");
    for (const char* name : {"--mask-column", "--split-column"})
      if (app.count(name) > 0) throw option_error(std::string(name) + " needs a table: --data CSV");
  }
  if (options.run.predict.empty() && !(options.probabilities.empty() && options.bed.empty()))
    throw option_error("--probabilities and --bed need --predict FASTA");
  if (!options.run.load.empty() && options.run.predict.empty())
    throw option_error("--load needs --predict FASTA: what is to be labelled");
  if (!(options.dropout >= 0 && options.dropout < 1))
    throw option_error("--dropout is " + std::to_string(options.dropout) + ", expected 0 to below 1");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Labels every letter of a sequence", program_name);
  Options options;
  add_options(app, options);
  return run_program(app, argc, argv, [&] {
    check(app, options);
    io::FilePlan files;
    files.input("--data", options.table.data);
    files.input("--labels", options.table.labels);
    files.input("--three-line", options.three_line);
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
