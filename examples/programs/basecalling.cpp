// Reads the bases of simulated nanopore signals.
//
//     basecalling                                               a small pore and genomes of its own
//     basecalling --pore-model r9.4_6mer_levels.tsv --genomes a.fa b.fa c.fa --save pore.model
//     basecalling --load pore.model --predict signals/          FASTA of what they say

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <seqlstm/data/contigs.hpp>
#include <seqlstm/data/simulated.hpp>
#include <seqlstm/infer/pore_viterbi.hpp>
#include <seqlstm/io/basecaller.hpp>
#include <seqlstm/io/contig_files.hpp>
#include <seqlstm/io/npy.hpp>
#include <seqlstm/io/pore_model.hpp>
#include <seqlstm/io/report_page.hpp>
#include <string>

#include "edit_distance.hpp"
#include "genome_files.hpp"
#include "support/program.hpp"

namespace {

using namespace examples;
using namespace seqlstm;

constexpr const char* program_name = "basecalling";
constexpr const char* floor_name =
    "Viterbi, true levels, an HMM of independent samples, dwell chosen on validation";
/// The share of each training genome's stretches, at their ends, that validates.
constexpr double valid_share = 0.05;
constexpr std::size_t built_in_kmer = 3;
/// Signals of a folder that are read at once.
constexpr std::size_t files_at_once = 64;
/// Validation reads that the hidden Markov model's dwell is chosen on.
constexpr std::size_t reads_to_choose = 32;
/// Streams of random numbers, one for each part.
enum Stream : std::uint32_t { train_reads = 0x52454144U, valid_reads, test_reads };

struct Options {
  std::vector<std::string> genomes;
  std::string test_genome, pore_model;
  NanoporeSignalOptions signal;
  std::size_t reads = 0, read_samples = 1200, test_count = 250, test_samples = 4000, floor_count = 250;
  std::size_t batch_size = 32, beam = 0;
  bool crf = false;
  BasecallerOptions net;
  RunOptions run;
};

// ---- the three parts

struct Simulators {
  NanoporeSimulator train, valid, test;
};

/// Viterbi decoding keeps a byte a sample and k-mer, in each thread.
void check_floor_memory(const PoreModel& pore, const Options& options) {
  constexpr double gib = 1024.0 * 1024 * 1024, most = 8;
  const std::size_t samples = std::max(options.test_samples, options.read_samples);
  const double needed = static_cast<double>(samples) * static_cast<double>(pore.kmers()) *
                        static_cast<double>(std::min(threads(), options.floor_count)) / gib;
  if (needed > most)
    throw option_error("the floor, Viterbi decoding of reads of " + std::to_string(samples) +
                       " samples with a pore of " + std::to_string(pore.k) + " letters, would take " +
                       std::to_string(static_cast<long long>(needed)) +
                       " GiB, more than 8; choose fewer --test-samples (or --read-samples) or --threads");
}

Simulators simulators(const Options& options) {
  const PoreModel pore = options.pore_model.empty() ? simulated_pore_model(built_in_kmer, options.run.seed)
                                                    : io::read_pore_model(options.pore_model);
  check_floor_memory(pore, options);
  std::vector<std::string> train, test;
  std::string train_source = "the training genome", test_source = "the test genome";
  if (options.genomes.empty()) {
    train = {simulated_genome(400000, options.run.seed)};
    test = {simulated_genome(50000, options.run.seed + 1)};
  } else {
    auto files = options.genomes;
    test_source = options.test_genome;
    if (test_source.empty()) {
      test_source = files.back();
      files.pop_back();
    }
    train = stretches_of(files);
    train_source = files.size() == 1 ? files.front() : "the training genomes";
    test = stretches_of({test_source});
  }
  const auto held = hold_out_ends(std::move(train), valid_share,
                                  nanopore_read_bases(pore.k, options.read_samples, options.signal));
  const auto simulator = [&](const std::string& source, const std::vector<std::string>& dna,
                             std::size_t samples) {
    return simulator_of<NanoporeSimulator>(source, pore, options.signal, dna, samples);
  };
  return {simulator(train_source, held.train, options.read_samples),
          simulator(train_source + ", held-out ends", held.valid, options.read_samples),
          simulator(test_source, test, options.test_samples)};
}

/// Reads with all that is known of them, and as the network has them.
struct JudgedReads {
  std::vector<NanoporeRead> reads;
  SequenceDataset data;
};

JudgedReads draw_reads(const NanoporeSimulator& simulator, std::size_t count, const RandomKey& key,
                       const BasecallerOptions& net) {
  JudgedReads drawn{std::vector<NanoporeRead>(count), {}};
  parallel_for(count, [&](std::size_t i) { drawn.reads[i] = simulator.read(key, i); });
  for (std::size_t i = 0; i < count; ++i)
    add_read(drawn.data, "read" + std::to_string(i), drawn.reads[i], net.stride, net.code);
  return drawn;
}

struct Drawn {
  SequenceDataset train;
  JudgedReads valid, test;
};

/// The reads of all parts, before anything is trained: one that CTC cannot spell is refused here.
Drawn draw_parts(const Simulators& parts, const Options& options) {
  const auto key = [&](Stream stream) { return RandomKey{options.run.seed, stream, 0}; };
  try {
    return {
        simulated_reads(parts.train, options.reads, key(train_reads), options.net.stride, options.net.code),
        draw_reads(parts.valid, std::max<std::size_t>(32, options.reads / 40), key(valid_reads), options.net),
        draw_reads(parts.test, options.test_count, key(test_reads), options.net)};
  } catch (const option_error& error) {
    throw option_error(std::string(error.what()) + " (--stride, --dwell-mean)");
  }
}

// ---- how good it is

AlignmentCounts& operator+=(AlignmentCounts& sum, const AlignmentCounts& more) {
  sum.matches += more.matches;
  sum.mismatches += more.mismatches;
  sum.insertions += more.insertions;
  sum.deletions += more.deletions;
  return sum;
}

/// Shares of the columns of all reads' alignments. bases(i) are those called of read i.
template <class Bases> Report identity_report(std::span<const NanoporeRead> reads, Bases bases) {
  std::vector<AlignmentCounts> counts(reads.size());
  parallel_for(reads.size(), [&](std::size_t i) {
    counts[i] = alignment_counts(base_letters(bases(i)), base_letters(reads[i].bases));
  });
  AlignmentCounts sum;
  for (const auto& one : counts) sum += one;
  const auto share = [&](std::size_t n) {
    return static_cast<double>(n) / static_cast<double>(std::max<std::size_t>(1, sum.length()));
  };
  Report report;
  report.metrics = {{"identity", sum.identity()},
                    {"mismatches", share(sum.mismatches)},
                    {"insertions", share(sum.insertions)},
                    {"deletions", share(sum.deletions)}};
  return report;
}

/// The hidden Markov model that knows the levels and how far signals deviate, and their true shift and drift.
/// It takes samples as independent, though a visit has one deviation: a dwell longer than the true one makes
/// up for some of that.
Report floor_report(const NanoporeSimulator& simulator, std::span<const NanoporeRead> reads,
                    double dwell_mean) {
  const PoreViterbiOptions truth{.dwell_mean = dwell_mean,
                                 .level_noise = simulator.options().level_noise,
                                 .noise = simulator.options().noise};
  return identity_report(reads, [&](std::size_t i) {
    std::vector<float> signal = reads[i].signal;
    for (std::size_t t = 0; t < signal.size(); ++t) signal[t] -= reads[i].baseline[t];
    return pore_viterbi(signal, simulator.model(), truth).bases;
  });
}

/// The dwell with which the hidden Markov model reads validation reads best.
double chosen_dwell(const NanoporeSimulator& valid, std::span<const NanoporeRead> reads) {
  reads = reads.first(std::min(reads.size(), reads_to_choose));
  double best = 0, most = -1;
  for (const double factor : {1, 2, 3, 5, 10, 20, 50}) {
    const double dwell = factor * valid.options().dwell_mean;
    if (const double identity = floor_report(valid, reads, dwell)["identity"]; identity > most) {
      most = identity;
      best = dwell;
    }
  }
  return best;
}

struct Result {
  Report network, floor;
  Report beside_floor;  ///< of the network, over the reads that the floor read
  double loss = 0, samples_per_second = 0;
};

/// Samples a second over frames that are ready, 64 reads at once. What is timed is convolution, GRUs, scores
/// and the best path: without labels there is no loss.
double reading_speed(const Basecaller<float>& net, SequenceDataset data, const BatchOptions& batches) {
  data.label_sequences.clear();
  data.label_sequence_offsets = {0};
  data.position_labels.clear();
  const auto start = std::chrono::steady_clock::now();
  static_cast<void>(predict(net, data, net.loss(), batches));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return static_cast<double>(data.tokens() * net.options().stride) / std::max(1e-9, seconds);
}

/// Runs the network over all reads, and the floor over the first ones.
Result judge(const Options& options, const Basecaller<float>& net, const NanoporeSimulator& simulator,
             const JudgedReads& drawn, double floor_dwell) {
  const BatchOptions batches{.batch_size = 64, .shuffle = false};
  const auto said = predict(net, drawn.data, net.loss(), batches, ranks());
  const auto bases = [&](std::size_t i) { return called_bases(said, i, net.options().code, options.beam); };
  const std::span<const NanoporeRead> all = drawn.reads;
  const auto some = all.first(std::min(all.size(), options.floor_count));
  Result result;
  result.network = identity_report(all, bases);
  result.beside_floor = some.size() == all.size() ? result.network : identity_report(some, bases);
  result.floor = floor_report(simulator, some, floor_dwell);
  result.loss = said.loss;
  result.samples_per_second = reading_speed(net, drawn.data, batches);
  return result;
}

// ---- training

FitResult train_network(const Options& options, Basecaller<float>& net, const SequenceDataset& train,
                        const SequenceDataset& valid) {
  initialize(net, options.run.seed);
  options.run.apply_training(net);
  const SignalWatch watch;
  auto fitted = fit(net, train, valid,
                    {.loss = net.loss(),
                     .optimizer = adam(),
                     .schedule = one_cycle(options.run.learning_rate),
                     .epochs = options.run.epochs.value_or(options.genomes.empty() ? 8 : 6),
                     .batch_size = options.batch_size,
                     .seed = options.run.seed,
                     .clip_norm = 1,
                     .callbacks = {epoch_lines(std::cout, "loss")},
                     .stop = interrupted,
                     .progress = &std::cerr,
                     .communicator = ranks()});
  SignalWatch::check("nothing is saved");
  options.run.apply(net);
  return fitted;
}

nlohmann::json config_of(const Options& options, const PoreModel& pore) {
  nlohmann::json config = options.net;
  config["genomes"] = nlohmann::json::array();
  for (const auto& file : options.genomes) config["genomes"].push_back(io::utf8_text(file));
  config["test_genome"] = io::utf8_text(options.test_genome);
  config["pore_model"] = io::utf8_text(options.pore_model);
  config["k"] = pore.k;
  config["dwell_mean"] = options.signal.dwell_mean;
  config["dwell_deviation"] = options.signal.dwell_deviation;
  config["level_noise"] = options.signal.level_noise;
  config["noise"] = options.signal.noise;
  config["shift"] = options.signal.shift;
  config["drift"] = options.signal.drift;
  config["reads"] = options.reads;
  config["read_samples"] = options.read_samples;
  config["test_reads"] = options.test_count;
  config["test_samples"] = options.test_samples;
  config["floor_reads"] = options.floor_count;
  config["beam"] = options.beam;
  config["batch_size"] = options.batch_size;
  config["learning_rate"] = options.run.learning_rate;
  return config;
}

void train(Options& options) {
  const auto start = std::chrono::steady_clock::now();
  const Simulators parts = simulators(options);
  const Drawn drawn = draw_parts(parts, options);
  std::cout << drawn.train.size() << " training reads of " << options.read_samples << " samples, "
            << drawn.valid.data.size() << " for validation, " << options.test_count << " test reads of "
            << options.test_samples << " samples; a pore of " << parts.train.model().k << " letters; "
            << options.run.text() << std::endl;

  Basecaller<float> net(options.net);
  const FitResult fitted = train_network(options, net, drawn.train, drawn.valid.data);
  if (!options.run.save.empty()) io::save_basecaller(options.run.save, net, io::StoredInput(drawn.train, 0));

  const double floor_dwell = chosen_dwell(parts.valid, drawn.valid.reads);
  const Result validation = judge(options, net, parts.valid, drawn.valid, floor_dwell),
               test = judge(options, net, parts.test, drawn.test, floor_dwell);
  std::cout << "validation: identity " << validation.network["identity"] << ", floor "
            << validation.floor["identity"] << "\n\ntest part:\n"
            << test.network << "floor: " << floor_name << " (" << floor_dwell << " samples): identity "
            << test.floor["identity"];
  if (options.floor_count < options.test_count)
    std::cout << " on the first " << options.floor_count << " reads, where the network has "
              << test.beside_floor["identity"];
  std::cout << '\n';
  if (!(test.beside_floor["identity"] >= test.floor["identity"]))
    std::cout << "This result is below its floor: the pore model itself reads these signals better.\n";
  std::cout << "speed: training "
            << static_cast<long long>(fitted.tokens_per_second * static_cast<double>(options.net.stride))
            << " samples/s, reading " << static_cast<long long>(test.samples_per_second) << " samples/s\n";

  auto json = result_json(test.network, test.floor, fitted, options.run);
  json["config"] = config_of(options, parts.train.model());
  json["metrics"]["loss"] = test.loss;
  json["valid"] = validation.network;
  json["valid_floor"] = validation.floor;
  json["metrics_of_floor_reads"] = test.beside_floor;
  json["floor_dwell_mean"] = floor_dwell;
  json["samples_per_second"] = test.samples_per_second;
  json["parameters"] = parameter_count(net);
  json["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!options.run.json.empty()) io::write_file_atomically(options.run.json, io::json_text(json));
  if (options.run.writes_page())
    io::write_file_atomically(
        options.run.report,
        io::metrics_page({program_name, command_line()}, std::to_string(options.test_count) + " test reads.",
                         test.network, {{floor_name, test.floor}}, fitted, json));
}

// ---- using a model

/// The file, or the .npy files of a folder in the order of their names.
std::vector<std::string> signal_files(const std::string& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path))
    if (entry.path().extension() == ".npy") files.push_back(entry.path().string());
  if (files.empty()) throw option_error(path + ": no file .npy in this folder");
  std::sort(files.begin(), files.end());
  return files;
}

void add_file(const io::SavedBasecaller& model, SequenceDataset& data, const std::string& file) {
  const auto array = io::read_npy<float>(file);
  if (array.shape.size() != 1)
    throw option_error(file + ": an array with " + std::to_string(array.shape.size()) +
                       " dimensions, expected one, the samples of a read");
  try {
    model.add(data, file, array.values);
  } catch (const Error& error) {
    throw option_error(file + ": " + error.what());
  }
}

void predict_files(const Options& options) {
  io::SavedBasecaller model(options.run.load);
  options.run.apply(model.net);
  if (options.beam > 0 && model.net.options().code == BaseCode::crf)
    throw option_error(options.run.load + " ends with a random field, and --beam is set: a beam is of CTC");
  const auto files = signal_files(options.run.predict);
  for (std::size_t begin = 0; begin < files.size(); begin += files_at_once) {
    SequenceDataset data;
    for (const auto& file : std::span(files).subspan(begin, std::min(files_at_once, files.size() - begin)))
      add_file(model, data, file);
    const auto said = predict(model.net, data, model.net.loss(), {}, ranks());
    for (std::size_t i = 0; i < data.size(); ++i)
      std::cout << '>' << printable(std::filesystem::path(data.names[i]).stem().string()) << '\n'
                << base_letters(called_bases(said, i, model.net.options().code, options.beam)) << '\n';
    check_output();
  }
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("--genomes", options.genomes,
                 "FASTA files that reads are simulated from; without --test-genome the last one tests")
      ->group(of_training);
  app.add_option("--test-genome", options.test_genome, "FASTA file whose reads test")->group(of_training);
  app.add_option("--pore-model", options.pore_model,
                 "table with tabs of all k-mers: kmer, level_mean, level_stdv, sd_mean")
      ->group(of_training);
  options.run.add_to(app, "8 of the built-in genome, else 6");
  app.get_option("--predict")
      ->description(
          "signal to read: an .npy file of samples, or a folder of them, printed as each 64 of them are "
          "read");
  options.run.add_page_to(app);
  const auto amount = [&](const char* name, double& value, const char* help) {
    app.add_option(name, value, help)->group(of_training)->capture_default_str();
  };
  amount("--dwell-mean", options.signal.dwell_mean, "samples that a k-mer stands in the pore");
  amount("--dwell-deviation", options.signal.dwell_deviation, "their standard deviation");
  amount("--level-noise", options.signal.level_noise,
         "factor on the pore model's deviation of a k-mer's visits from its level");
  amount("--noise", options.signal.noise, "factor on its deviation of samples within a visit");
  amount("--shift", options.signal.shift, "pA: deviation of the baseline from read to read");
  amount("--drift", options.signal.drift, "pA: deviation of the baseline's way in 1,000 samples");
  const auto number = [&](const char* name, std::size_t& value, std::uint64_t most, const char* help) {
    return app.add_option(name, value, help)
        ->check(whole_number(most))
        ->group(of_training)
        ->capture_default_str();
  };
  number("--reads", options.reads, most_counted, "training reads, drawn once")
      ->default_str("4000 of the built-in genome, else 25000");
  number("--read-samples", options.read_samples, most_counted, "samples of a training read");
  number("--test-reads", options.test_count, most_counted, "reads of the test genome");
  number("--test-samples", options.test_samples, most_counted, "samples of a test read");
  number("--floor-reads", options.floor_count, most_counted,
         "of these, how many the pore model's Viterbi decoding reads: all, or the first so many");
  app.add_flag("--crf", options.crf, "end with a conditional random field instead of CTC")
      ->group(of_training);
  number("--stride", options.net.stride, most_units, "samples of a frame");
  number("--filters", options.net.filters, most_units, "of the convolution");
  number("--kernel", options.net.kernel, most_units, "frames that the convolution sees");
  number("--hidden", options.net.hidden, most_units, "units of each GRU");
  number("--layers", options.net.layers, most_layers, "GRUs, which read backward and forward in turn");
  number("--batch-size", options.batch_size, most_counted, "reads per batch");
  app.add_option("--beam", options.beam, "CTC: beginnings that prefix beam search keeps; 0: the best path")
      ->check(whole_number())
      ->capture_default_str();
}

/// What is tested may not be learned, and no genome counts twice.
void check_genomes(const Options& options) {
  auto files = options.genomes;
  if (!options.test_genome.empty()) files.push_back(options.test_genome);
  check_named_once(files, "by --genomes and --test-genome");
}

void check(const CLI::App& app, Options& options) {
  options.run.check();
  options.run.check_page();
  if (app.count("--reads") == 0) options.reads = options.genomes.empty() ? 4000 : 25000;
  for (const auto& [name, value] : {std::pair{"--reads", options.reads},
                                    {"--read-samples", options.read_samples},
                                    {"--test-reads", options.test_count},
                                    {"--test-samples", options.test_samples},
                                    {"--floor-reads", options.floor_count},
                                    {"--stride", options.net.stride},
                                    {"--filters", options.net.filters},
                                    {"--kernel", options.net.kernel},
                                    {"--hidden", options.net.hidden},
                                    {"--layers", options.net.layers},
                                    {"--batch-size", options.batch_size}})
    check_at_least_one(name, value);
  options.floor_count = std::min(options.floor_count, options.test_count);
  options.net.code = options.crf ? BaseCode::crf : BaseCode::ctc;
  if (options.crf && options.beam > 0)
    throw option_error("--crf and --beam exclude each other: a beam is of CTC");
  if (options.genomes.empty() && !options.test_genome.empty())
    throw option_error("--test-genome needs --genomes, to train on");
  if (options.genomes.size() == 1 && options.test_genome.empty())
    throw option_error(
        "--genomes names one file; name two or more, of which the last one tests, or give "
        "--test-genome");
  check_genomes(options);
  for (const auto& [name, value] :
       {std::pair{"--read-samples", options.read_samples}, {"--test-samples", options.test_samples}})
    if (options.run.load.empty() && value < options.net.stride)
      throw option_error(std::string(name) + " is " + std::to_string(value) +
                         ", expected at least one frame: --stride, " + std::to_string(options.net.stride));
  if (!(options.signal.dwell_mean > 1))
    throw option_error("--dwell-mean is " + std::to_string(options.signal.dwell_mean) +
                       ", expected more than 1 sample");
  if (!(options.signal.noise > 0))
    throw option_error("--noise is " + std::to_string(options.signal.noise) + ", expected above 0");
  if (!options.run.load.empty() && options.run.predict.empty())
    throw option_error("--load needs --predict: the signals that are to be read");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Reads the bases of nanopore signals", program_name);
  Options options;
  add_options(app, options);
  return run_program(app, argc, argv, [&] {
    check(app, options);
    io::FilePlan files;
    for (const auto& file : options.genomes) files.input("--genomes", file);
    files.input("--test-genome", options.test_genome);
    files.input("--pore-model", options.pore_model);
    options.run.name_files(files);
    files.output("--report", options.run.report);
    check_files(files);
    options.run.start();
    if (options.run.load.empty()) {
      train(options);
    } else {
      predict_files(options);
    }
  });
}
