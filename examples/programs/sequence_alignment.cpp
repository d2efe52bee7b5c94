// Where do the bases of a read come from? A network learns to align reads with a window of the genome that
// they come from, and is compared with edlib. Which proteins are related? Another one learns to align
// proteins softly (protein_alignment.hpp), and is compared with mmseqs.
//
//     sequence_alignment reads                                  genomes of its own
//     sequence_alignment reads --genomes a.fa b.fa --valid-genome c.fa --test-genome d.fa --report reads.html
//     sequence_alignment proteins                               families of its own
//     sequence_alignment proteins --data scop40.csv.gz --split-column our_split --json proteins.json

#include <array>
#include <chrono>
#include <cmath>
#include <iomanip>
#include <seqlstm/data/base_labels.hpp>
#include <seqlstm/data/simulated.hpp>
#include <seqlstm/plot/figure.hpp>
#include <seqlstm/plot/page.hpp>
#include <sstream>

#include "edit_distance.hpp"
#include "genome_files.hpp"
#include "protein_alignment.hpp"
#include "read_aligner.hpp"
#include "support/program.hpp"
#include "support/whole_number.hpp"

namespace {

using namespace examples;
using namespace seqlstm;

constexpr const char* program_name = "sequence_alignment";
constexpr const char* floor_name = "edlib, the fewest errors of a read in its window";
/// Alignments that are known, from which the network's path learns how often positions are passed over.
constexpr std::size_t known_alignments = 1000;
/// Streams of random numbers, one for each part.
enum Stream : std::uint32_t { train_reads = 0x414C4731U, valid_reads, test_reads, skip_reads };

struct ReadsOptions {
  std::vector<std::string> genomes;
  std::string valid_genome, test_genome;
  ReadLengths lengths;
  double indel_share = 0.2, divergence = 0.1;
  Divergences trained{0.01, 0.2};
  std::vector<double> tested = {0.01, 0.05, 0.1, 0.15, 0.2};
  std::size_t valid = 500, test = 1000;
  SequenceAlignerOptions net;
  AlignerBudget budget;
  RunOptions run;  // seed, threads, json, report

  [[nodiscard]] RandomKey key(Stream stream, std::size_t step = 0) const {
    return {run.seed, stream, static_cast<std::uint32_t>(step)};
  }
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// ---- reads

struct Simulators {
  ReadSimulator train, valid, test;
};

Simulators simulators(const ReadsOptions& options) {
  const auto genome = [&](const std::vector<std::string>& files, std::uint64_t number) {
    return files.empty() ? std::vector<std::string>{simulated_genome(200000, 3 * options.run.seed + number)}
                         : stretches_of(files);
  };
  const auto one = [](const std::string& file) {
    return file.empty() ? std::vector<std::string>() : std::vector<std::string>{file};
  };
  const auto simulator = [&](const std::string& source, const std::vector<std::string>& dna) {
    return simulator_of<ReadSimulator>(source, dna, options.lengths);
  };
  return {simulator("the training genomes", genome(options.genomes, 0)),
          simulator("the validation genome", genome(one(options.valid_genome), 1)),
          simulator("the test genome", genome(one(options.test_genome), 2))};
}

// ---- how good it is

/// One divergence of the test reads.
struct Row {
  double divergence = 0;
  Report network, alone, edlib, truth;  // alone: without an identity, its positions need not rise
  double loss = 0, pairs_per_second = 0, edlib_pairs_per_second = 0;
};

/// Edlib's alignments of all reads, and how many pairs it aligns in a second on all threads.
double align_by_edlib(const Reads& reads, std::vector<Positions>& answers) {
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& read : reads) texts.emplace_back(base_letters(read.read), base_letters(read.window));
  answers.resize(reads.size());
  const auto start = std::chrono::steady_clock::now();
  parallel_for(reads.size(),
               [&](std::size_t i) { answers[i] = placed_letters(texts[i].first, texts[i].second); });
  return static_cast<double>(reads.size()) / std::max(1e-9, seconds_since(start));
}

Row test_at(const ReadsOptions& options, const AlignerNet& net, const ReadSimulator& simulator,
            const SkipScores& skips, double divergence) {
  const Reads reads =
      draw_reads(simulator, options.test, {divergence, divergence}, options.indel_share,
                 options.key(test_reads, static_cast<std::size_t>(std::lround(1e6 * divergence))));
  Row row;
  row.divergence = divergence;
  const auto start = std::chrono::steady_clock::now();
  const Alignments found = align_reads(net, reads, skips);
  row.pairs_per_second = static_cast<double>(reads.size()) / std::max(1e-9, seconds_since(start));
  std::vector<Positions> by_edlib, origins;
  row.edlib_pairs_per_second = align_by_edlib(reads, by_edlib);
  for (const auto& read : reads) origins.push_back(read.origins);
  row.network = alignment_report(reads, found.by_path);
  row.alone = placement_report(reads, found.alone);
  row.edlib = alignment_report(reads, by_edlib);
  row.truth = alignment_report(reads, origins);
  row.loss = mean_loss(net, reads);
  return row;
}

// ---- what is written

/// One check of the training.
struct Check {
  std::size_t update;
  double loss, valid_loss;
};

struct Results {
  std::vector<Check> checks;
  std::vector<Row> rows;
  Report valid;
  SkipScores skips;
  double seconds = 0, tokens_per_second = 0;  // of all of the run; of training without validation
  std::size_t parameters = 0;

  [[nodiscard]] const Row& main(const ReadsOptions& options) const {
    return *std::find_if(rows.begin(), rows.end(),
                         [&](const Row& row) { return row.divergence == options.divergence; });
  }
};

std::string number_text(double value, int digits = 4) {
  std::ostringstream text;
  text << std::setprecision(digits) << value;
  return text.str();
}

const std::vector<std::string> table_header = {"divergence",   "network",  "network, each base alone",
                                               "edlib",        "identity", "identity by edlib",
                                               "true identity"};
std::vector<std::vector<std::string>> table_of(const Results& results) {
  std::vector<std::vector<std::string>> rows;
  for (const Row& row : results.rows)
    rows.push_back({number_text(row.divergence), number_text(row.network["placed"]),
                    number_text(row.alone["placed"]), number_text(row.edlib["placed"]),
                    number_text(row.network["identity"]), number_text(row.edlib["identity"]),
                    number_text(row.truth["identity"])});
  return rows;
}

nlohmann::json row_json(const Row& row) {
  return {{"divergence", row.divergence},
          {"network", row.network},
          {"alone", row.alone},
          {"edlib", row.edlib},
          {"true_identity", row.truth["identity"]},
          {"loss", row.loss},
          {"pairs_per_second", row.pairs_per_second},
          {"edlib_pairs_per_second", row.edlib_pairs_per_second}};
}

nlohmann::json config_of(const ReadsOptions& options) {
  nlohmann::json config = {{"genomes", nlohmann::json::array()},
                           {"valid_genome", io::utf8_text(options.valid_genome)},
                           {"test_genome", io::utf8_text(options.test_genome)},
                           {"read_length", options.lengths.read},
                           {"window", options.lengths.window},
                           {"divergence", options.divergence},
                           {"train_divergence", {options.trained.least, options.trained.most}},
                           {"indel_share", options.indel_share},
                           {"updates", options.budget.updates},
                           {"batch_size", options.budget.batch_size},
                           {"learning_rate", options.budget.learning_rate},
                           {"valid", options.valid},
                           {"test", options.test},
                           {"filters", options.net.filters},
                           {"kernel", options.net.kernel},
                           {"hidden", options.net.hidden},
                           {"states", options.net.states}};
  for (const auto& file : options.genomes) config["genomes"].push_back(io::utf8_text(file));
  return config;
}

nlohmann::json to_json(const Results& results, const ReadsOptions& options) {
  const Row& main = results.main(options);
  nlohmann::json json = {{"metrics", main.network},
                         {"floor", main.edlib},
                         {"alone", main.alone},
                         {"true_identity", main.truth["identity"]},
                         {"valid", results.valid},
                         {"pairs_per_second", main.pairs_per_second},
                         {"floor_pairs_per_second", main.edlib_pairs_per_second},
                         {"table", nlohmann::json::array()},
                         {"checks", nlohmann::json::array()},
                         {"skips", {results.skips.none, results.skips.first, results.skips.more}},
                         {"parameters", results.parameters},
                         {"seconds", results.seconds},
                         {"tokens_per_second", results.tokens_per_second}};
  json["metrics"]["loss"] = main.loss;
  for (const Row& row : results.rows) json["table"].push_back(row_json(row));
  for (const Check& check : results.checks)
    json["checks"].push_back(
        {{"update", check.update}, {"loss", check.loss}, {"valid_loss", check.valid_loss}});
  json["config"] = config_of(options);
  json["seed"] = options.run.seed;
  options.run.note(json);
  return json;
}

std::string placed_svg(const Results& results) {
  std::vector<plot::Series> lines = {
      {"network", {}, {}}, {"network, each base alone", {}, {}}, {"edlib", {}, {}}};
  for (const Row& row : results.rows) {
    const std::array<const Report*, 3> reports = {&row.network, &row.alone, &row.edlib};
    for (std::size_t k = 0; k < lines.size(); ++k) {
      lines[k].x.push_back(row.divergence);
      lines[k].y.push_back((*reports[k])["placed"]);
    }
  }
  return plot::figure_svg(lines, {.x_title = "divergence", .y_title = "share of bases placed right"});
}

std::string losses_svg(const Results& results) {
  std::vector<plot::Series> lines = {{"training", {}, {}}, {"validation", {}, {}}};
  for (const Check& check : results.checks) {
    for (auto& line : lines) line.x.push_back(static_cast<double>(check.update));
    lines[0].y.push_back(check.loss);
    lines[1].y.push_back(check.valid_loss);
  }
  return plot::figure_svg(lines, {.x_title = "updates", .y_title = "loss, nats a base"});
}

std::string page(const Results& results, const ReadsOptions& options, const nlohmann::json& json) {
  plot::Page made(std::string(program_name) + ": reads in their windows");
  made.code(command_line());
  made.paragraph(std::to_string(options.test) + " test reads of " + std::to_string(options.lengths.read) +
                 " bases in windows of " + std::to_string(options.lengths.window) + " at each divergence.");
  made.heading("Bases placed right")
      .table(table_header, table_of(results))
      .figure(placed_svg(results), "Share of bases, insertions among them, whose place is right.");
  const Row& main = results.main(options);
  made.heading("Speed").table({"", "pairs/s"},
                              {{"network", std::to_string(std::lround(main.pairs_per_second))},
                               {"edlib", std::to_string(std::lround(main.edlib_pairs_per_second))}});
  made.heading("Training")
      .figure(losses_svg(results), "Training loss, the mean since the check before, and validation loss.");
  made.heading("Configuration").code(io::json_text(json.at("config")));
  return made.html();
}

// ---- the run

std::vector<Check> train(const ReadsOptions& options, AlignerNet& net, const Simulators& parts,
                         const Reads& valid, double& tokens_per_second) {
  const io::SignalWatch watch;
  const auto start = std::chrono::steady_clock::now();
  std::vector<Check> checks;
  std::size_t positions = 0;
  auto updated = start;
  double validation_seconds = 0;
  AlignerBudget budget = options.budget;
  budget.on_update = [&](std::size_t read) {
    positions += read;
    updated = std::chrono::steady_clock::now();
    SignalWatch::check("nothing is written");
  };
  budget.on_check = [&](std::size_t update, double loss, double valid_loss) {
    validation_seconds += seconds_since(updated);
    checks.push_back({update, loss, valid_loss});
    std::cout << "update " << update << ": train loss " << loss << ", valid loss " << valid_loss << ", "
              << duration_text(seconds_since(start)) << std::endl;
  };
  initialize(net, options.run.seed);
  options.run.apply_training(net);
  train_aligner(
      net, budget,
      [&](std::size_t update) {
        return draw_reads(parts.train, budget.batch_size, options.trained, options.indel_share,
                          options.key(train_reads, update));
      },
      valid);
  options.run.apply(net);
  tokens_per_second =
      static_cast<double>(positions) / std::max(1e-9, seconds_since(start) - validation_seconds);
  return checks;
}

/// How often alignments of training reads pass over positions.
SkipScores learned_skips(const ReadsOptions& options, const ReadSimulator& simulator) {
  std::vector<Positions> known;
  for (const auto& read :
       draw_reads(simulator, known_alignments, options.trained, options.indel_share, options.key(skip_reads)))
    known.push_back(read.origins);
  return counted_skips(known);
}

/// Trains a network and tests it at every divergence.
Results measure(const ReadsOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const Simulators parts = simulators(options);
  const Reads valid =
      draw_reads(parts.valid, options.valid, options.trained, options.indel_share, options.key(valid_reads));
  AlignerNet net(options.net);
  Results results;
  results.parameters = parameter_count(net);
  std::cout << options.budget.updates << " updates of " << options.budget.batch_size << " reads of "
            << options.lengths.read << " bases in windows of " << options.lengths.window << ", "
            << results.parameters << " parameters; " << options.run.text() << std::endl;
  results.checks = train(options, net, parts, valid, results.tokens_per_second);
  results.skips = learned_skips(options, parts.train);
  results.valid = alignment_report(valid, align_reads(net, valid, results.skips).by_path);
  for (const double divergence : options.tested)
    results.rows.push_back(test_at(options, net, parts.test, results.skips, divergence));
  results.seconds = seconds_since(start);
  return results;
}

void print(const Results& results, const ReadsOptions& options) {
  const Row& main = results.main(options);
  std::cout << "validation: placed " << results.valid["placed"] << "\n\ntest reads, divergence "
            << options.divergence << ":\n"
            << main.network << "floor: " << floor_name << ": placed " << main.edlib["placed"] << ", identity "
            << main.edlib["identity"] << "\nthe network for each base alone: placed " << main.alone["placed"]
            << "; true identity " << main.truth["identity"] << '\n';
  if (!(main.network["placed"] >= main.edlib["placed"]))
    std::cout << "This result is below its floor: edlib places more bases right.\n";
  std::cout << "\ndivergence: network, edlib\n";
  for (const Row& row : results.rows)
    std::cout << row.divergence << ": " << row.network["placed"] << ", " << row.edlib["placed"] << '\n';
  std::cout << "\n"
            << duration_text(results.seconds) << ", training " << std::lround(results.tokens_per_second)
            << " positions/s, aligning " << std::lround(main.pairs_per_second) << " pairs/s, edlib "
            << std::lround(main.edlib_pairs_per_second) << " pairs/s\n";
}

void write(const Results& results, const ReadsOptions& options) {
  const auto json = to_json(results, options);
  if (!options.run.json.empty()) io::write_file_atomically(options.run.json, io::json_text(json));
  if (options.run.writes_page()) io::write_file_atomically(options.run.report, page(results, options, json));
}

void run_reads(const ReadsOptions& options) {
  const Results results = measure(options);
  print(results, options);
  write(results, options);
}

// ---- options

void add_options(CLI::App& app, ReadsOptions& options) {
  app.add_option("--genomes", options.genomes, "FASTA files that training reads are drawn from");
  app.add_option("--valid-genome", options.valid_genome, "FASTA file of the validation reads");
  app.add_option("--test-genome", options.test_genome, "FASTA file of the test reads");
  const auto number = [&](const char* name, std::size_t& value, std::uint64_t most, const char* help) {
    app.add_option(name, value, help)->check(whole_number(most))->capture_default_str();
  };
  number("--read-length", options.lengths.read, most_counted, "bases of a read");
  number("--window", options.lengths.window, most_counted, "bases of its window, the read's or more");
  app.add_option("--divergence", options.divergence, "changes for each base of the test reads in the metrics")
      ->capture_default_str();
  app.add_option("--train-divergence", options.trained.most,
                 "training reads have divergences from 0.01 to this")
      ->capture_default_str();
  app.add_option("--indel-share", options.indel_share,
                 "of the changes, how many are insertions and deletions, half of each")
      ->capture_default_str();
  number("--updates", options.budget.updates, most_counted, "of the weights");
  number("--batch-size", options.budget.batch_size, most_counted, "fresh reads per update");
  app.add_option("--learning-rate", options.budget.learning_rate, "highest rate of the one-cycle schedule")
      ->capture_default_str();
  number("--filters", options.net.filters, most_units, "of the convolution");
  number("--kernel", options.net.kernel, most_units, "bases that it sees");
  number("--hidden", options.net.hidden, most_units, "units of each direction of the LSTM");
  number("--states", options.net.states, most_units, "numbers of a base that are compared");
  number("--valid", options.valid, most_counted, "validation reads");
  number("--test", options.test, most_counted, "test reads of each divergence");
  app.add_option("--seed", options.run.seed, "draws reads and weights")
      ->check(seed_number())
      ->capture_default_str();
  options.run.MachineOptions::add_to(app);
  app.add_option("--json", options.run.json, "write metrics and configuration to this file");
  options.run.add_page_to(app);
}

/// What is tested may not be learned, and no genome counts twice.
void check_genomes(const ReadsOptions& options) {
  const bool some = !options.genomes.empty() || !options.valid_genome.empty() || !options.test_genome.empty();
  if (some && (options.genomes.empty() || options.valid_genome.empty() || options.test_genome.empty()))
    throw option_error("--genomes, --valid-genome and --test-genome belong together; name all three");
  if (!some) return;
  auto files = options.genomes;
  files.push_back(options.valid_genome);
  files.push_back(options.test_genome);
  check_named_once(files);
}

void check_divergence(const char* name, double value) {
  if (!(value >= 0.01 && value <= 0.5))
    throw option_error(std::string(name) + " is " + number_text(value) + ", expected 0.01 to 0.5");
}

void check(ReadsOptions& options) {
  options.run.check_page();
  for (const auto& [name, value] : {std::pair{"--read-length", options.lengths.read},
                                    {"--updates", options.budget.updates},
                                    {"--batch-size", options.budget.batch_size},
                                    {"--filters", options.net.filters},
                                    {"--kernel", options.net.kernel},
                                    {"--hidden", options.net.hidden},
                                    {"--states", options.net.states},
                                    {"--valid", options.valid},
                                    {"--test", options.test}})
    check_at_least_one(name, value);
  if (options.lengths.window < options.lengths.read)
    throw option_error("--window is " + std::to_string(options.lengths.window) +
                       ", expected at least --read-length, " + std::to_string(options.lengths.read));
  check_divergence("--divergence", options.divergence);
  check_divergence("--train-divergence", options.trained.most);
  if (!(options.indel_share >= 0 && options.indel_share <= 1))
    throw option_error("--indel-share is " + number_text(options.indel_share) + ", expected 0 to 1");
  if (!(options.budget.learning_rate > 0 && std::isfinite(options.budget.learning_rate)))
    throw option_error("--learning-rate is " + number_text(options.budget.learning_rate) +
                       ", expected a finite number above 0, for instance 0.004");
  check_genomes(options);
  options.tested.push_back(options.divergence);
  std::sort(options.tested.begin(), options.tested.end());
  options.tested.erase(std::unique(options.tested.begin(), options.tested.end()), options.tested.end());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Aligns sequences by a network", program_name);
  ReadsOptions options;
  auto* reads = app.add_subcommand("reads", "a read against a window of the genome that it comes from");
  add_options(*reads, options);
  ProteinOptions of_proteins;
  auto* proteins = app.add_subcommand("proteins", "proteins softly against each other: which are related?");
  of_proteins.add_to(*proteins);
  app.require_subcommand(1);
  return run_program(app, argc, argv, [&] {
    check_alone(app);
    if (proteins->parsed()) {
      of_proteins.check();
      check_files(of_proteins.files());
      of_proteins.run.start();
      return ProteinAlignment(of_proteins).run();
    }
    check(options);
    io::FilePlan files;
    for (const auto& file : options.genomes) files.input("--genomes", file);
    files.input("--valid-genome", options.valid_genome);
    files.input("--test-genome", options.test_genome);
    files.output("--json", options.run.json);
    files.output("--report", options.run.report);
    check_files(files);
    options.run.start();
    run_reads(options);
  });
}
