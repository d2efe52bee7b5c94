// The options that say where an example's records come from: a CSV table, two FASTA files, or simulation; and
// which part each belongs to.
#pragma once

#include <CLI/CLI.hpp>
#include <seqlstm/io/file_plan.hpp>
#include <seqlstm/io/labelled_table.hpp>
#include <string>
#include <utility>

#include "support/program.hpp"
#include "support/table_source.hpp"
#include "support/whole_number.hpp"

namespace examples {

/// The options all classifiers share that say where the data is.
struct DataOptions {
  TableOptions table;
  seqlstm::io::LabelReading labels;
  std::string positive, negative, task = "auto";
  std::size_t train_rows = 0;  ///< of the training part; 0: all

  void add_to(CLI::App& program) {
    CLI::App& app = *(app_ = &program);
    table.add_to(app);
    app.add_option("--split-column", labels.split_column, "column with train, valid, test")
        ->capture_default_str();
    app.add_option("--folds", labels.fold_column,
                   "column of folds: each is tested in turn while the next one validates; results are of all "
                   "rows together")
        ->group(of_training);
    app.add_flag("--drop-unlabelled", table.drop_unlabelled,
                 "leave rows without a label or sequence out (empty, or one of --missing)");
    app.add_flag("--unique", table.unique, "of rows with the same sequence keep the first");
    app.add_option("--min-class-size", table.min_class_size, "leave smaller classes out")
        ->check(whole_number());
    app.add_option("--positive-label", labels.positive_label,
                   "of two labels the one that precision, recall and F1 are of")
        ->default_str("+ of + and -, AMP of AMP and nonAMP and the like, else the later one by name");
    app.add_option(
           "--task", task,
           "binary, multi-class, multi-label (names with ; between them), regression, or auto: as the "
           "labels say")
        ->check(CLI::IsMember({"auto", "binary", "multi-class", "multi-label", "regression"}))
        ->capture_default_str();
    app.add_option("--train-rows", train_rows, "train on so many rows of the training part, drawn by --seed")
        ->check(whole_number())
        ->group(of_training);
    app.add_option("--positive", positive, "FASTA of class 1, with --negative");
    app.add_option("--negative", negative, "FASTA of class 0");
  }
  static constexpr const char* table_options[] = {
      "--labels", "--id-column",       "--sequence-column", "--label-column",   "--split-column", "--filter",
      "--unique", "--drop-unlabelled", "--min-class-size",  "--positive-label", "--missing",      "--folds"};

  /// Was the option named on the command line?
  [[nodiscard]] bool given(const char* option) const { return app_ != nullptr && app_->count(option) > 0; }
  [[nodiscard]] bool simulated() const { return table.data.empty() && positive.empty() && negative.empty(); }
  /// Is every fold of a column tested in turn?
  [[nodiscard]] bool by_folds() const { return !labels.fold_column.empty(); }
  /// Throws option_error for options that contradict each other or would be ignored.
  void check() const {
    for (const auto& [option, value] :
         {std::pair{"--train-rows", train_rows}, {"--min-class-size", table.min_class_size}})
      if (given(option)) check_at_least_one(option, value);
    if (positive.empty() != negative.empty())
      throw seqlstm::option_error("--positive and --negative go together: a FASTA file each");
    if (by_folds() && given("--split-column"))
      throw seqlstm::option_error("--folds and --split-column exclude each other: both say what is tested");
    if (!positive.empty() && !table.data.empty())
      throw seqlstm::option_error("--data and --positive/--negative exclude each other");
    if (!table.data.empty()) return;
    for (const char* option : table_options)
      if (given(option)) throw seqlstm::option_error(std::string(option) + " needs a table: --data CSV");
    if (task != "auto" && task != "binary")
      throw seqlstm::option_error("--task " + task + " needs labels in a table: --data CSV");
  }
  void name_files(seqlstm::io::FilePlan& files) const {
    files.input("--data", table.data);
    files.input("--labels", table.labels);
    files.input("--positive", positive);
    files.input("--negative", negative);
  }
  /// What the data is called in messages and JSON.
  [[nodiscard]] std::string source() const {
    if (simulated()) return "the simulated data";
    return table.data.empty() ? positive + " and " + negative : table.data;
  }

 private:
  CLI::App* app_ = nullptr;
};

/// How a table's labels are read.
inline seqlstm::io::LabelReading reading_of(const DataOptions& options) {
  auto reading = options.labels;
  if (options.task != "auto") reading.task = seqlstm::task_named(options.task);
  reading.split_required = options.given("--split-column");
  return reading;
}

/// Reads the table that the options name as the parts of a cross-validation.
inline std::vector<seqlstm::LabelledParts> load_folds(const DataOptions& options, std::uint64_t seed) {
  options.check();
  PrintedNotes printed(std::cout);
  return seqlstm::io::read_labelled_folds(options.table, reading_of(options), seed, printed.notes);
}

/// Reads and splits what the options name; without any, `simulated(seed)`.
template <class Simulate>
seqlstm::LabelledParts load_parts(const DataOptions& options, std::uint64_t seed, Simulate simulated) {
  using seqlstm::Task;
  options.check();
  if (!options.table.data.empty()) {
    PrintedNotes printed(std::cout);
    return seqlstm::io::read_labelled_parts(options.table, reading_of(options), seed, printed.notes);
  }
  const auto all = options.simulated() ? simulated(seed)
                                       : seqlstm::label(seqlstm::io::read_fasta(options.negative), 0) +
                                             seqlstm::label(seqlstm::io::read_fasta(options.positive), 1);
  try {
    return seqlstm::split_parts(all, all.label_names.size() > 2 ? Task::multi_class : Task::binary, seed);
  } catch (const seqlstm::option_error& error) {
    throw seqlstm::option_error(options.source() + ": " + error.what());
  }
}

}  // namespace examples
