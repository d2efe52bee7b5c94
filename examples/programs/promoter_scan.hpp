// A saved classifier slid over a genome, both strands, in one pass: memory does not depend on the genome's
// length.
#pragma once

#include <chrono>
#include <filesystem>
#include <seqlstm/core/runtime.hpp>
#include <seqlstm/io/genome_scan.hpp>
#include <seqlstm/io/known_positions.hpp>
#include <seqlstm/train/progress.hpp>

#include "support/classifier.hpp"

namespace examples {

struct ScanOptions {
  std::string load, genome, out, truth, json;
  std::vector<std::string> parts = {"valid", "test"};  ///< of the truth
  std::size_t step = 10, window = 0;
  std::optional<std::size_t> anchor = {};
  MachineOptions machine;
  double threshold = 0.5;
  std::uint64_t seed = 1;

  void add_to(CLI::App& app) {
    app.add_option("--load", load, "a model that --save wrote")->required();
    app.add_option("--genome", genome, "FASTA (.gz)")->required();
    app.add_option("--out", out, "PREFIX of PREFIX.plus.bedGraph, PREFIX.minus.bedGraph, PREFIX.bed")
        ->required();
    const auto number = [&](const char* name, std::size_t& value, const char* help) {
      return app.add_option(name, value, help)->check(whole_number());
    };
    number("--step", step, "bases from one window to the next")->capture_default_str();
    number("--window", window, "bases per window")->default_str("those of the training sequences");
    app.add_option("--anchor", anchor, "the base of a window, from 0, that its probability is written at")
        ->check(whole_number())
        ->default_str("the middle");
    machine.add_to(app);
    app.add_option("--threshold", threshold, "of the local maxima in PREFIX.bed")->capture_default_str();
    app.add_option("--truth", truth,
                   "CSV: columns start (first base of a positive window, from 0) and strand");
    app.add_option("--truth-part", parts, "rows of --truth by their column 'set', where it has one")
        ->capture_default_str();
    app.add_option("--seed", seed, "draws the random positions beside --truth")
        ->check(seed_number())
        ->capture_default_str();
    app.add_option("--json", json, "write time, counts and ROC-AUC to this file");
  }
};

class Scan {
 public:
  Scan(const ScanOptions& options, const char* kind)
      : options_(checked(options)), model_(options.load, kind, options.machine), truth_(known(options)) {}

  void run() {
    const auto start = std::chrono::steady_clock::now();
    options_.machine.start();
    std::cout << "scan of " << file_name(options_.genome) << "; " << options_.machine.text() << std::endl;
    const SignalWatch watch;  // a scan that is stopped removes what it began to write
    seqlstm::Progress progress(&std::cerr, seqlstm::errors_on_terminal(), "bases");
    seqlstm::io::GenomeScan scan(
        model_,
        {.window = options_.window,
         .step = options_.step,
         .threshold = options_.threshold,
         .anchor = options_.anchor,
         .on_window = [&](std::size_t place, std::size_t strand,
                          double probability) { truth_.add(place, strand, probability); },
         .on_next_sequence =
             [&](seqlstm::io::FastaPieces& pieces) {
               if (truth_.given() > 0)
                 throw pieces.error("a second sequence; --truth counts bases of one, give a file with one");
             },
         .on_bases =
             [&](std::size_t bases) {
               SignalWatch::check("nothing is written");
               progress.advance(bases);
             },
         .before_commit =
             [&] {
               if (truth_.given() > 0 && (truth_.found() == 0 || truth_.others() == 0))
                 throw seqlstm::option_error(options_.truth + ": none of " + std::to_string(truth_.given()) +
                                             " positions is in a window of " + options_.genome +
                                             "; is it the genome they were counted on?");
             },
         .communicator = ranks()});
    progress.begin("scan", seqlstm::io::count_fasta_letters(options_.genome));
    seqlstm::io::GenomeScanResult found;
    try {
      found = scan.run(options_.genome, options_.out);
    } catch (...) {
      progress.end();
      throw;
    }
    progress.end();
    report(found, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }

 private:
  void report(const seqlstm::io::GenomeScanResult& found, double seconds) const {
    std::cout << found.bases << " bases, " << found.windows << " windows of " << found.window
              << " on each strand in " << seqlstm::duration_text(seconds) << ", " << found.skipped
              << " windows with unknown letters skipped, " << found.maxima << " local maxima of at least "
              << options_.threshold << '\n';
    if (found.unknown_letters > 0)
      std::cout << "note: " << found.unknown_letters << " unknown letters in " << found.unknown_runs
                << " runs\n";
    if (found.short_records > 0)
      std::cout << "note: " << found.short_records << " sequences are shorter than a window\n";
    nlohmann::json json = {{"bases", found.bases},
                           {"windows", found.windows},
                           {"skipped", found.skipped},
                           {"unknown_letters", found.unknown_letters},
                           {"unknown_runs", found.unknown_runs},
                           {"short_records", found.short_records},
                           {"maxima", found.maxima},
                           {"seconds", seconds},
                           {"window", found.window},
                           {"step", options_.step},
                           {"threshold", options_.threshold},
                           {"anchor", found.anchor},
                           {"seed", options_.seed},
                           {"positive_class", positive_class()},
                           {"config",
                            {{"model", file_name(options_.load)},
                             {"model_checksum", model_.info.checksum},
                             {"genome", file_name(options_.genome)},
                             {"truth", file_name(options_.truth)},
                             {"truth_parts", options_.parts},
                             {"net", model_.net[0].options()},
                             {"ensemble", model_.net.size()}}},
                           {"peak_memory_mib", std::round(seqlstm::peak_memory() / 1024 / 1024)}};
    options_.machine.note(json);
    std::cout << "probabilities are those of class '" << seqlstm::printable(positive_class()) << "'\n";
    std::cout << "peak memory " << json["peak_memory_mib"] << " MiB\n";
    if (truth_.given() > 0) {
      json["metrics"] = {{"roc_auc", truth_.roc_auc()}};
      json["known_positions"] = truth_.given();
      json["known_positions_found"] = truth_.found();
      json["random_positions"] = truth_.others();
      std::cout << "ROC-AUC of " << truth_.found() << " of " << truth_.given() << " known positions against "
                << truth_.others() << " random ones: " << truth_.roc_auc() << '\n';
    }
    if (!options_.json.empty())
      seqlstm::io::write_file_atomically(options_.json, seqlstm::io::json_text(json));
  }

  static seqlstm::io::KnownPositions known(const ScanOptions& options) {
    PrintedNotes printed(std::cout);
    return seqlstm::io::KnownPositions(
        {.file = options.truth, .parts = options.parts, .step = options.step, .seed = options.seed},
        printed.notes);
  }
  /// What must be right before anything is read.
  static const ScanOptions& checked(const ScanOptions& options) {
    if (options.step == 0) throw seqlstm::option_error("--step is 0, expected at least 1");
    if (!(options.threshold >= 0 && options.threshold <= 1))
      throw seqlstm::option_error("--threshold is " + std::to_string(options.threshold) +
                                  ", expected a probability from 0 to 1");
    seqlstm::io::FilePlan files;
    files.input("--load", options.load);
    files.input("--genome", options.genome);
    files.input("--truth", options.truth);
    files.outputs("--out", options.out, {".plus.bedGraph", ".minus.bedGraph", ".bed"});
    files.output("--json", options.json);
    check_files(files);
    return options;
  }

  /// The class whose probability is written.
  [[nodiscard]] std::string positive_class() const {
    const auto& names = model_.info.label_names;
    return names.size() > 1 ? names[1] : "1";
  }
  static std::string file_name(const std::string& path) {
    return std::filesystem::path(path).filename().string();
  }

  const ScanOptions& options_;
  LoadedModel model_;
  seqlstm::io::KnownPositions truth_;
};

}  // namespace examples
