// Which stretches of a modern haplotype came from Neanderthals? An LSTM with a conditional random field reads
// windows of alleles beside an outgroup and an archaic genome; beside it hidden Markov models after Skov et
// al. 2018. data/simulate_ancestry.py makes haplotypes whose stretches are known.
//
//     ancestry                                          on data drawn here
//     ancestry --mode kmers --data ancestry1.tsv        stretches as letters, two classes
//     ancestry --data ancestry1.tsv --track track.svg --json ancestry.json

#include <chrono>
#include <cmath>
#include <optional>
#include <seqlstm/data/windows.hpp>
#include <seqlstm/io/haplotypes.hpp>
#include <seqlstm/models/poisson_hmm.hpp>
#include <seqlstm/models/sequence_labeller.hpp>
#include <seqlstm/nn/channels.hpp>
#include <seqlstm/plot/curves.hpp>
#include <seqlstm/plot/page.hpp>
#include <sstream>

#include "ancestry_kmers.hpp"
#include "ancestry_track.hpp"
#include "support/program.hpp"
#include "support/whole_number.hpp"

namespace {

using namespace examples;
using namespace seqlstm;

constexpr const char* program_name = "ancestry";
/// Haplotypes of a track.
constexpr std::size_t tracks = 4;

struct Options {
  std::string data, track, mode = "positions";
  std::size_t window = 1000, folds = 5, chunk = 250, batch_size = 16;
  bool no_archaic = false;
  SequenceLabellerOptions net{.hidden = 32, .layers = 1, .crf = true};
  double dropout = 0.3;
  KmerOptions kmers;
  RunOptions run;  // seed, threads, epochs, learning rate, json, report
};

// ---- channels

using CountRow = std::span<const float>;
using Column = float (*)(CountRow);

template <WindowCount... Kinds> float sum_of(CountRow row) {
  return (row[static_cast<std::size_t>(Kinds)] + ...);
}

/// What the network reads: all counts, or those that ask no archaic genome.
std::vector<Column> network_columns(bool no_archaic) {
  using enum WindowCount;
  if (no_archaic) return {sum_of<private_alleles>, sum_of<rare_matches, shared_matches, shared_alleles>};
  return {sum_of<private_alleles>, sum_of<matches>,        sum_of<misses>,
          sum_of<rare_matches>,    sum_of<shared_matches>, sum_of<shared_alleles>};
}
/// What Skov et al. 2018 count.
std::vector<Column> private_columns() {
  return {sum_of<WindowCount::private_alleles>};
}
/// Private alleles with and without a match: their model with the reference that the network has.
std::vector<Column> matched_columns() {
  return {[](CountRow row) {
            return sum_of<WindowCount::private_alleles>(row) - sum_of<WindowCount::matches>(row);
          },
          sum_of<WindowCount::matches>};
}

// ---- the methods

/// All counts, none of them twice: a model that learns from labels, too.
std::vector<Column> disjoint_columns() {
  auto columns = network_columns(false);
  columns[0] = matched_columns()[0];
  return columns;
}

/// Regions of the parts of one fold.
struct FoldRows {
  std::vector<std::size_t> train, valid, test;
};

FoldRows rows_of_fold(const AncestryWindows& windows, std::vector<std::size_t> fold_of_region,
                      std::size_t fold, std::size_t folds) {
  const std::size_t next = (fold + 1) % folds;
  for (std::size_t& part : fold_of_region) part = part == fold ? 2 : part == next ? 1 : 0;
  return {windows.rows_of(fold_of_region, 0), windows.rows_of(fold_of_region, 1),
          windows.rows_of(fold_of_region, 2)};
}

/// Puts what was said of some rows where all rows have it.
void place(std::vector<double>& all, const SequenceDataset& data, std::size_t row,
           const std::vector<double>& said) {
  std::copy(said.begin(), said.end(), all.begin() + static_cast<std::ptrdiff_t>(data.offsets[row]));
}

/// Fits without labels on all that the network may learn from, and says how probable archaic windows are.
PoissonHmm run_hmm(const SequenceDataset& data, const FoldRows& rows, std::vector<double>& probabilities) {
  std::vector<ConstMatrixView<float>> sequences;
  for (const auto* part : {&rows.train, &rows.valid})
    for (const std::size_t row : *part) sequences.push_back(data.channel_rows(row));
  const auto fit = fit_poisson_hmm(first_poisson_hmm(sequences), sequences);
  for (const std::size_t row : rows.test)
    place(probabilities, data, row, fit.model.posteriors(data.channel_rows(row)));
  return fit.model;
}

/// The same with labels: nothing is fitted, states are counted.
PoissonHmm run_counted(const SequenceDataset& data, const FoldRows& rows,
                       std::vector<double>& probabilities) {
  std::vector<ConstMatrixView<float>> sequences;
  std::vector<std::span<const double>> labels;
  for (const auto* part : {&rows.train, &rows.valid})
    for (const std::size_t row : *part) {
      sequences.push_back(data.channel_rows(row));
      labels.push_back(data.labels_of(row).positions);
    }
  const PoissonHmm model = counted_poisson_hmm(sequences, labels);
  for (const std::size_t row : rows.test)
    place(probabilities, data, row, model.posteriors(data.channel_rows(row)));
  return model;
}

FitResult run_network(const Options& options, const SequenceDataset& data, const FoldRows& rows,
                      std::size_t fold, std::vector<double>& probabilities) {
  const auto whole = data.subset(rows.train);
  const auto train = cut_into_windows(whole, {.length = options.chunk}).data;
  const auto valid = data.subset(rows.valid), test = data.subset(rows.test);
  auto shape = options.net;
  shape.channels = data.channel_count;
  shape.layer_dropout = shape.head_dropout = options.dropout;
  SequenceLabeller<float> net(shape, channel_scale(train.channel_rows()));
  const std::uint64_t seed = options.run.seed + (std::uint64_t{fold} << 32U);
  initialize(net, seed);
  options.run.apply_training(net);
  auto fitted = fit(net, train, valid,
                    {.loss = net.loss(),
                     .optimizer = adam(),
                     .schedule = one_cycle(options.run.learning_rate),
                     .epochs = *options.run.epochs,
                     .batch_size = options.batch_size,
                     .seed = seed,
                     .clip_norm = 1,
                     .callbacks = {epoch_lines(std::cout, "loss")},
                     .stop = interrupted,
                     .progress = &std::cerr,
                     .communicator = ranks()});
  SignalWatch::check("nothing is written");
  options.run.apply(net);
  const auto said = predict(net, test, net.loss());
  for (std::size_t i = 0; i < rows.test.size(); ++i) {
    std::vector<double> archaic;
    for (std::size_t t = said.offsets[i]; t < said.offsets[i + 1]; ++t) archaic.push_back(said.view()(t, 1));
    place(probabilities, data, rows.test[i], archaic);
  }
  return fitted;
}

nlohmann::json hmm_json(const PoissonHmm& model) {
  return {{"start", model.start}, {"transitions", model.transitions}, {"rates", model.rates}};
}

// ---- what is written

const std::vector<std::pair<const char*, const char*>> metric_names = {
    {"pr_auc", "PR AUC, by base"},
    {"roc_auc", "ROC AUC, by base"},
    {"precision", "precision, by base"},
    {"recall", "recall, by base"},
    {"f1", "F1, by base"},
    {"segment_precision", "precision, by stretch"},
    {"segment_recall", "recall, by stretch"},
    {"segment_f1", "F1, by stretch"}};

std::vector<std::string> header_of(const std::string& first, const std::vector<AncestryMethod>& methods) {
  std::vector<std::string> header = {first};
  for (const auto& method : methods) header.push_back(method.title);
  return header;
}

std::string short_number(double value) {
  std::ostringstream text;
  text.precision(4);
  text << value;
  return text.str();
}

std::vector<std::vector<std::string>> metric_rows(const nlohmann::json& json,
                                                  const std::vector<AncestryMethod>& methods) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, title] : metric_names) {
    std::vector<std::string> row = {title};
    for (const auto& method : methods)
      row.push_back(short_number(json.at("methods").at(method.key).at(key).get<double>()));
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Ranges, stretches, and the share of their bases that each method calls.
std::vector<std::vector<std::string>> range_rows(const nlohmann::json& table,
                                                 const std::vector<AncestryMethod>& methods) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& range : table) {
    std::string name = short_number(range.at("from").get<double>());
    name += range.contains("to") ? " to " + short_number(range.at("to").get<double>()) : " and more";
    std::vector<std::string> row = {name, range.at("segments").dump()};
    for (const auto& method : methods)
      row.push_back(range.contains(method.key)
                        ? short_number(range.at(method.key).at("base_recall").get<double>())
                        : "");
    rows.push_back(std::move(row));
  }
  return rows;
}

void print_table(std::ostream& out, const std::vector<std::string>& header,
                 const std::vector<std::vector<std::string>>& rows) {
  constexpr std::size_t first = 26, others = 18;
  const auto line = [&](const std::vector<std::string>& cells) {
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const std::size_t width = c == 0 ? first : others, used = std::min(cells[c].size(), width - 1);
      out << cells[c] << std::string(c + 1 == cells.size() ? 0 : width - used, ' ');
    }
    out << '\n';
  };
  line(header);
  for (const auto& row : rows) line(row);
}

std::string page(const nlohmann::json& json, const std::vector<AncestryMethod>& methods,
                 const AncestryWindows& windows, const std::string& track) {
  plot::Page made(std::string(program_name) + ": Neanderthal stretches");
  made.code(command_line());
  made.paragraph(
      "Each region was tested by models that were fitted on other regions. A window is called from a "
      "probability of 0.5 on. A stretch is right where it shares half of the windows of both.");
  made.heading("Test parts").table(header_of("metric", methods), metric_rows(json, methods));
  std::vector<plot::Series> curves;
  for (const auto& method : methods)
    curves.push_back(BaseCurve(method.probabilities, windows).series(method.title));
  made.figure(plot::figure_svg(curves, plot::precision_recall_axes()), "Recall against precision, by base.");
  made.heading("A region")
      .figure(track, "Its haplotypes with the most archaic bases; the darker, the more probable.");
  auto header = header_of("bases of the stretch", methods);
  header.insert(header.begin() + 1, "stretches");
  made.heading("Share of the bases that is called").table(header, range_rows(json.at("by_length"), methods));
  header.front() = "differences a base from the archaic genome";
  made.table(header, range_rows(json.at("by_divergence"), methods));
  made.heading("Configuration").code(io::json_text(json.at("config")));
  return made.html();
}

nlohmann::json config_json(const Options& options, const HaplotypePanel& panel,
                           const AncestryWindows& windows) {
  double archaic = 0, all = 0;
  for (std::size_t t = 0; t < windows.introgressed.size(); ++t) {
    archaic += windows.introgressed[t];
    all += windows.introgressed[t] + windows.rest[t];
  }
  return {{"data", options.data.empty() ? "drawn" : io::utf8_text(options.data)},
          {"haplotypes", panel.haplotypes},
          {"outgroup", panel.outgroup},
          {"regions", panel.regions.size()},
          {"bases", all / static_cast<double>(panel.haplotypes)},
          {"archaic_share", archaic / all},
          {"window", options.window},
          {"folds", options.folds},
          {"chunk", options.chunk},
          {"no_archaic", options.no_archaic},
          {"hidden", options.net.hidden},
          {"layers", options.net.layers},
          {"crf", options.net.crf},
          {"dropout", options.dropout},
          {"epochs", *options.run.epochs},
          {"batch_size", options.batch_size},
          {"learning_rate", options.run.learning_rate}};
}

void check_panel(const Options& options, const HaplotypePanel& panel, const AncestryWindows& windows) {
  const std::string name = options.data.empty() ? "the drawn data" : options.data;
  if (panel.regions.size() < options.folds)
    throw option_error(name + " has " + std::to_string(panel.regions.size()) + " regions for --folds " +
                       std::to_string(options.folds) + ", expected at least one for each");
  const auto& labels = windows.data.position_labels;
  if (std::count(labels.begin(), labels.end(), 1.0) == 0)
    throw option_error(name + " has no window of " + std::to_string(options.window) +
                       " bases that is archaic in at least half; there is nothing to find");
}

/// The region with the most archaic bases.
std::size_t shown_region(const HaplotypePanel& panel) {
  std::vector<std::size_t> bases;
  for (const auto& region : panel.regions) {
    bases.push_back(0);
    for (const auto& ranges : region.introgressed)
      for (const auto& range : ranges) bases.back() += range.length();
  }
  return static_cast<std::size_t>(std::max_element(bases.begin(), bases.end()) - bases.begin());
}

HaplotypePanel read_panel(const Options& options) {
  return options.data.empty() ? drawn_haplotypes(options.run.seed) : io::read_haplotypes(options.data);
}

void run(const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  const io::SignalWatch watch;
  const HaplotypePanel panel = read_panel(options);
  const AncestryWindows windows = windows_of(panel, options.window);
  check_panel(options, panel, windows);
  std::cout << panel.regions.size() << " regions of " << panel.haplotypes << " haplotypes, "
            << windows.data.tokens() << " windows of " << options.window << " bases; " << options.run.text()
            << std::endl;
  const auto read = with_channels(windows.data, network_columns(options.no_archaic));
  const auto counted = with_channels(windows.data, private_columns());
  const auto matched = with_channels(windows.data, matched_columns());
  const auto disjoint = with_channels(windows.data, disjoint_columns());
  const std::vector<double> none(windows.data.tokens(), 0.0);
  std::vector<AncestryMethod> methods = {{"lstm", options.net.crf ? "LSTM and CRF" : "LSTM", none},
                                         {"hmm", "HMM", none},
                                         {"hmm_archaic", "HMM, matches", none},
                                         {"hmm_labels", "HMM, labels", none}};
  const auto fold_of_region = folds_of_regions(panel.regions.size(), options.folds, options.run.seed);
  auto fits = nlohmann::json::array();
  double tokens_per_second = 0, seconds_per_epoch = 0;
  for (std::size_t fold = 0; fold < options.folds; ++fold) {
    std::cout << "fold " << fold + 1 << " of " << options.folds << '\n';
    const FoldRows rows = rows_of_fold(windows, fold_of_region, fold, options.folds);
    const PoissonHmm plain = run_hmm(counted, rows, methods[1].probabilities);
    const PoissonHmm informed = run_hmm(matched, rows, methods[2].probabilities);
    const PoissonHmm counted_states = run_counted(disjoint, rows, methods[3].probabilities);
    const FitResult fitted = run_network(options, read, rows, fold, methods[0].probabilities);
    fits.push_back({{"best_epoch", fitted.best_epoch},
                    {"epochs", fitted.history},
                    {"hmm", hmm_json(plain)},
                    {"hmm_archaic", hmm_json(informed)},
                    {"hmm_labels", hmm_json(counted_states)}});
    tokens_per_second += fitted.tokens_per_second / static_cast<double>(options.folds);
    seconds_per_epoch += fitted.seconds_per_epoch / static_cast<double>(options.folds);
  }

  nlohmann::json json;
  for (const auto& method : methods) json["methods"][method.key] = metrics_of(method, windows);
  json["metrics"] = json["methods"]["lstm"];
  json["floor"] = json["methods"]["hmm"];
  json["positive_class"] = "archaic";
  const auto stretches = found_stretches(panel, windows, methods, options.window);
  json["by_length"] = table_over(stretches, &FoundStretch::length, {10000, 20000, 50000, 100000}, methods);
  json["by_divergence"] = table_over(stretches, &FoundStretch::divergence, {5e-5, 1e-4, 2e-4, 4e-4}, methods);
  json["config"] = config_json(options, panel, windows);
  json["fits"] = std::move(fits);
  json["seed"] = options.run.seed;
  json["tokens_per_second"] = tokens_per_second;
  json["seconds_per_epoch"] = seconds_per_epoch;
  options.run.note(json);
  std::cout << '\n';
  print_table(std::cout, header_of("test parts", methods), metric_rows(json, methods));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  json["seconds"] = seconds;
  std::cout << '\n' << duration_text(seconds) << '\n';
  if (!options.run.json.empty()) io::write_file_atomically(options.run.json, io::json_text(json));
  const auto track = track_svg(panel, windows, shown_records(windows, shown_region(panel), tracks), methods);
  if (!options.track.empty()) io::write_file_atomically(options.track, track);
  if (options.run.writes_page())
    io::write_file_atomically(options.run.report, page(json, methods, windows, track));
}

// ---- k-mers

KmerOptions kmer_options(const Options& options) {
  KmerOptions made = options.kmers;
  made.epochs = *options.run.epochs;
  made.learning_rate = options.run.learning_rate;
  made.seed = options.run.seed;
  made.hidden = options.net.hidden;
  made.dropout = options.dropout;
  return made;
}

void check_pieces(const Options& options, const Partition& rows, const std::vector<double>& labels) {
  for (const auto* part : {&rows.train, &rows.valid, &rows.test}) {
    const auto archaic =
        std::count_if(part->begin(), part->end(), [&](std::size_t row) { return labels[row] == 1; });
    if (archaic == 0)
      throw option_error("a part has no archaic stretch of --length " + std::to_string(options.kmers.length) +
                         " bases; make it smaller, or give more regions");
  }
}

nlohmann::json kmer_json(const KmerResult& result) {
  return {{"network", result.network},
          {"linear", result.linear},
          {"train", result.train},
          {"test", result.test},
          {"best_epoch", result.fitted.best_epoch},
          {"epochs", result.fitted.history}};
}

std::vector<std::vector<std::string>> kmer_rows(const KmerResult& regions, const KmerResult& pieces) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, result] : {std::pair("regions apart", &regions), {"pieces apart", &pieces}})
    rows.push_back({name, short_number(result->network["roc_auc"]), short_number(result->network["accuracy"]),
                    short_number(result->linear["roc_auc"]), short_number(result->linear["accuracy"])});
  return rows;
}

void run_kmers(const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  const io::SignalWatch watch;
  const HaplotypePanel panel = read_panel(options);
  const KmerOptions how = kmer_options(options);
  for (const auto& region : panel.regions)
    if (region.length < how.length)
      throw option_error("region " + printable(region.name) + " has " + std::to_string(region.length) +
                         " bases, fewer than --length " + std::to_string(how.length));
  const auto pieces = stretch_pieces(panel, how.length, how.most, how.seed);
  const auto apart = regions_apart(pieces, folds_of_regions(panel.regions.size(), options.folds, how.seed));
  check_pieces(options, apart, pieces.records.labels);
  std::cout << pieces.records.size() << " stretches of " << how.length << " bases, half of them archaic; "
            << options.run.text() << std::endl;
  std::cout << "regions apart\n";
  const KmerResult regions = kmer_result(pieces, apart, how, options.run);
  std::cout << "pieces apart\n";
  const KmerResult mixed = kmer_result(pieces, pieces_apart(pieces, how.seed), how, options.run);
  const std::vector<std::string> header = {"test part", "LSTM: ROC AUC", "accuracy", "linear: ROC AUC",
                                           "accuracy"};
  std::cout << '\n';
  print_table(std::cout, header, kmer_rows(regions, mixed));
  nlohmann::json json = {{"metrics", regions.network},       {"floor", regions.linear},
                         {"positive_class", "archaic"},      {"regions_apart", kmer_json(regions)},
                         {"pieces_apart", kmer_json(mixed)}, {"seed", how.seed}};
  json["config"] = {{"mode", options.mode},
                    {"k", how.k},
                    {"length", how.length},
                    {"most", how.most},
                    {"hidden", how.hidden},
                    {"epochs", how.epochs},
                    {"batch_size", how.batch_size},
                    {"dropout", how.dropout},
                    {"folds", options.folds},
                    {"learning_rate", how.learning_rate},
                    {"data", options.data.empty() ? "drawn" : io::utf8_text(options.data)}};
  json["tokens_per_second"] = regions.fitted.tokens_per_second;
  json["seconds_per_epoch"] = regions.fitted.seconds_per_epoch;
  options.run.note(json);
  json["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!options.run.json.empty()) io::write_file_atomically(options.run.json, io::json_text(json));
  if (!options.run.writes_page()) return;
  plot::Page made(std::string(program_name) + ": archaic stretches by their k-mers");
  made.code(command_line());
  made.heading("Test parts").table(header, kmer_rows(regions, mixed));
  made.heading("Configuration").code(io::json_text(json.at("config")));
  io::write_file_atomically(options.run.report, made.html());
}

// ---- options

void add_options(CLI::App& app, Options& options) {
  app.add_option("--data", options.data,
                 "haplotypes of data/simulate_ancestry.py; without, data that is drawn here");
  const auto number = [&](const char* name, std::size_t& value, std::uint64_t most, const char* help) {
    app.add_option(name, value, help)->check(whole_number(most))->capture_default_str();
  };
  app.add_option("--mode", options.mode,
                 "positions: a label for each window; kmers: stretches as letters, archaic or not")
      ->check(CLI::IsMember({"positions", "kmers"}))
      ->capture_default_str();
  number("--window", options.window, most_counted, "bases that are counted together");
  number("--folds", options.folds, most_counted,
         "parts of the regions; each is tested once, the next one validates, the others train");
  app.add_flag("--no-archaic", options.no_archaic, "the network does not read the archaic genome");
  number("--hidden", options.net.hidden, most_units, "LSTM units per direction");
  number("--layers", options.net.layers, most_layers, "LSTM layers");
  number("--chunk", options.chunk, most_counted, "windows of a training sequence");
  number("--batch-size", options.batch_size, most_counted, "training sequences per batch");
  number("--k", options.kmers.k, 8, "kmers: letters of a token");
  number("--length", options.kmers.length, most_counted, "kmers: bases of a stretch");
  number("--most", options.kmers.most, most_counted, "kmers: stretches of each class, at most");
  app.add_option("--dropout", options.dropout, "between layers and before the last one")
      ->capture_default_str();
  app.add_option("--epochs", options.run.epochs, "passes over the training part")
      ->check(whole_number())
      ->default_str("10");
  app.add_option("--learning-rate", options.run.learning_rate, "highest rate of the one-cycle schedule")
      ->capture_default_str();
  app.add_option("--seed", options.run.seed, "draws folds, weights, order and dropout")
      ->check(seed_number())
      ->capture_default_str();
  options.run.MachineOptions::add_to(app);
  app.add_option("--track", options.track,
                 "SVG of the region with the most archaic bases: truth, network and hidden Markov models");
  app.add_option("--json", options.run.json, "write metrics, tables and configuration to this file");
  options.run.add_page_to(app);
}

void check(Options& options) {
  if (!options.run.epochs) options.run.epochs = 10;
  options.run.check();
  options.run.check_page();
  for (const auto& [name, value] : {std::pair{"--window", options.window},
                                    {"--chunk", options.chunk},
                                    {"--hidden", options.net.hidden},
                                    {"--layers", options.net.layers},
                                    {"--k", options.kmers.k},
                                    {"--most", options.kmers.most},
                                    {"--batch-size", options.batch_size}})
    check_at_least_one(name, value);
  if (options.kmers.length < options.kmers.k)
    throw option_error("--length is " + std::to_string(options.kmers.length) + ", fewer bases than --k, " +
                       std::to_string(options.kmers.k));
  if (options.mode == "kmers" && !options.track.empty())
    throw option_error("--track shows positions, not --mode kmers");
  if (options.folds < 3)
    throw option_error("--folds is " + std::to_string(options.folds) +
                       ", expected at least 3: to train, to validate and to test");
  if (!(options.dropout >= 0 && options.dropout < 1))
    throw option_error("--dropout is " + std::to_string(options.dropout) + ", expected 0 to below 1");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Neanderthal stretches in modern haplotypes", program_name);
  Options options;
  add_options(app, options);
  return run_program(app, argc, argv, [&] {
    check(options);
    io::FilePlan files;
    files.input("--data", options.data);
    files.output("--track", options.track);
    files.output("--json", options.run.json);
    files.output("--report", options.run.report);
    check_files(files);
    options.run.start();
    if (options.mode == "kmers") {
      run_kmers(options);
    } else {
      run(options);
    }
  });
}
