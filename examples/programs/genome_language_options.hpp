// The options of genome_language_model.
#pragma once

#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>
#include <seqlstm/data/alphabet.hpp>
#include <seqlstm/infer/generate.hpp>
#include <seqlstm/io/encoder.hpp>
#include <seqlstm/io/file_plan.hpp>
#include <string>
#include <utility>
#include <vector>

#include "support/program.hpp"
#include "support/table_source.hpp"

namespace examples {

inline constexpr std::uint64_t most_streams = 65536, most_steps = 1U << 20U;

struct LanguageOptions {
  std::vector<std::string> data;
  TableOptions columns;
  std::string split_column = "set", prompt;
  bool split_required = false, reverse_complement = false;
  std::string alphabet = "dna4", encoder, checkpoint;
  std::optional<std::size_t> k = {}, stride = {};  ///< 5 and 2 for DNA, 1 and 1 for proteins
  std::size_t width = 128, hidden = 512, layers = 3, streams = 64, steps = 70;
  double checkpoint_minutes = 5, budget = 0, dropout = 0.1, valid_share = 0.05;
  std::size_t generated = 0;  ///< letters
  seqlstm::GenerateOptions generation;
  RunOptions run;
  std::shared_ptr<const seqlstm::io::ModelFile> encoder_file = {};  ///< that --encoder names, read once

  /// Returns the option that names the column of parts.
  const CLI::Option* add_to(CLI::App& app) {
    app.add_option("--data", data,
                   "FASTA files (.gz), or tables (.csv, .tsv): of one with parts, what is never valid or "
                   "test is read")
        ->group(of_training);
    app.add_option("--sequence-column", columns.sequence_column, "of tables")
        ->group(of_training)
        ->capture_default_str();
    TableOptions::add_missing_to(app, columns.missing)->group(of_training);
    auto* split = app.add_option("--split-column", split_column, "of tables: train, valid or test")
                      ->group(of_training)
                      ->capture_default_str();
    run.add_to(app, "1, or as many as --budget allows");
    run.add_page_to(app);
    app.add_option("--encoder", encoder,
                   "go on with a model that --save wrote: its alphabet, tokens and sizes")
        ->group(of_training);
    app.add_option("--alphabet", alphabet, "dna4, dna5, dna15, aa20, aa21 or aa27")
        ->group(of_training)
        ->capture_default_str();
    const auto number = [&](const char* name, std::size_t& value, const char* help,
                            std::uint64_t most = most_counted) {
      return app.add_option(name, value, help)->check(whole_number(most))->capture_default_str();
    };
    app.add_option("--k", k, "letters per token")
        ->check(whole_number(most_letters))
        ->group(of_training)
        ->default_str("5 for DNA, else 1");
    app.add_option("--stride", stride, "letters between tokens")
        ->check(whole_number(most_letters))
        ->group(of_training)
        ->default_str("2 for DNA, else 1");
    number("--width", width, "of token vectors and of the last LSTM", most_units)->group(of_training);
    number("--hidden", hidden, "units of the other LSTMs", most_units)->group(of_training);
    number("--layers", layers, "LSTMs", most_layers)->group(of_training);
    number("--streams", streams, "places that are read at once: the batch size", most_streams)
        ->group(of_training);
    number("--steps", steps, "tokens per window, through which gradients flow (bptt)", most_steps)
        ->group(of_training);
    app.add_option("--dropout", dropout, "factor of the AWD-LSTM's five dropouts and two penalties")
        ->group(of_training)
        ->capture_default_str();
    app.add_option("--valid-share", valid_share, "of every sequence's end, held out")
        ->group(of_training)
        ->capture_default_str();
    app.add_flag("--reverse-complement", reverse_complement,
                 "read every other stretch on the other strand, by turns")
        ->group(of_training);
    app.add_option("--budget", budget,
                   "minutes of training, about: as many updates as their speed at the beginning allows")
        ->group(of_training);
    number("--generate", generated, "letters that a loaded model is to write");
    app.add_option("--prompt", prompt, "how the generated sequence begins");
    app.add_option("--temperature", generation.temperature,
                   "of generation; below 1: likely tokens more often")
        ->capture_default_str();
    number("--top-k", generation.top_k, "draw from the so many likeliest tokens only; 0: from all");
    app.add_option("--checkpoint", checkpoint, "resume from this file where it exists, and write it")
        ->group(of_training);
    app.add_option("--checkpoint-minutes", checkpoint_minutes,
                   "how often, besides after every epoch and when the training is interrupted")
        ->group(of_training)
        ->capture_default_str();
    return split;
  }
  void check() const {
    const auto positive = [](const char* name, double value) {
      if (!(value > 0 && std::isfinite(value)))
        throw seqlstm::option_error(std::string(name) + " is " + std::to_string(value) +
                                    ", expected a number above 0");
    };
    positive("--checkpoint-minutes", checkpoint_minutes);
    if (budget != 0) positive("--budget", budget);
    if (!(valid_share > 0 && valid_share < 0.5))
      throw seqlstm::option_error("--valid-share is " + std::to_string(valid_share) + ", expected 0 to 0.5");
    if (!(dropout >= 0 && dropout <= 1))
      throw seqlstm::option_error("--dropout is " + std::to_string(dropout) +
                                  ", expected a factor from 0 to 1");
    for (const auto& [name, value] : {std::pair{"--streams", streams}, {"--steps", steps}})
      check_at_least_one(name, value);
    if (reverse_complement && !seqlstm::alphabet_by_name(alphabet).options().nucleotides)
      throw seqlstm::option_error("--reverse-complement needs a DNA alphabet, got " + alphabet);
  }
  [[nodiscard]] seqlstm::io::FilePlan files() const {
    seqlstm::io::FilePlan files;
    files.inputs("--data", data);
    files.input("--encoder", encoder);
    run.name_files(files);
    files.output("--checkpoint", checkpoint);
    files.output("--report", run.report);
    return files;
  }
  void check_generation(const CLI::App& app) const {
    if (!(generation.temperature >= 0 && std::isfinite(generation.temperature)))
      throw seqlstm::option_error("--temperature is " + std::to_string(generation.temperature) +
                                  ", expected a finite number of at least 0");
    for (const char* option : {"--prompt", "--temperature", "--top-k"})
      if (app.count(option) > 0 && generated == 0)
        throw seqlstm::option_error(std::string(option) + " needs --generate LETTERS");
    if (!run.load.empty() && !run.report.empty())
      throw seqlstm::option_error("--report is of a training, and --load MODEL is not trained");
    if (generated > 0 && (run.load.empty() || !run.predict.empty() || !run.json.empty()))
      throw seqlstm::option_error("--generate needs --load MODEL, and neither --predict nor --json");
  }
  [[nodiscard]] seqlstm::Tokenizer tokenizer() const {
    const auto& letters = seqlstm::alphabet_by_name(alphabet);
    const bool dna = letters.options().nucleotides;
    return {letters,
            {.k = k.value_or(dna ? 5 : 1),
             .stride = stride.value_or(dna ? 2 : 1),
             .unknown = seqlstm::unknown::skip}};
  }
  /// What --encoder decides.
  void take(std::shared_ptr<const seqlstm::io::ModelFile> file) {
    const auto info = seqlstm::io::encoder_info(*file);
    encoder_file = std::move(file);
    alphabet = info.tokenizer.alphabet().name();
    k = info.tokenizer.options().k;
    stride = info.tokenizer.options().stride;
    width = info.options.embedding_dim;
    hidden = info.options.hidden;
    layers = info.options.layers;
  }
  /// Of the training; none where the budget alone ends it.
  [[nodiscard]] std::optional<std::size_t> epochs() const {
    if (run.epochs || budget > 0) return run.epochs;
    return 1;
  }
  [[nodiscard]] std::string source() const {
    std::string names;
    for (const auto& file : data)
      names += (names.empty() ? "" : " ") + std::filesystem::path(file).filename().string();
    return names.empty() ? "a simulated genome" : names;
  }
};

}  // namespace examples
