// Where sequence_labelling's records come from, with a label at every letter: a table, three-line FASTA, a
// genome with intervals, or simulated proteins.
#pragma once

#include <seqlstm/data/categorical_inputs.hpp>
#include <seqlstm/data/folds.hpp>
#include <seqlstm/data/interval_labels.hpp>
#include <seqlstm/data/position_labels.hpp>
#include <seqlstm/data/simulated.hpp>
#include <seqlstm/data/split.hpp>
#include <seqlstm/io/bed.hpp>
#include <seqlstm/io/matrix.hpp>
#include <seqlstm/io/position_labels.hpp>
#include <string>
#include <vector>

#include "support/program.hpp"
#include "support/table_source.hpp"

namespace examples {

/// What is about a table alone.
inline constexpr const char* table_options[] = {"--labels",       "--id-column",   "--sequence-column",
                                                "--label-column", "--filter",      "--missing",
                                                "--mask-column",  "--split-column"};

struct LabellingSourceOptions {
  TableOptions table;
  std::string three_line, intervals, channels, mask_column, ignored, split_column = "set", folds, type_column,
                                                                     sites;
  std::vector<std::string> extra_columns;
  std::size_t window = 0, committee = 0;

  void add_to(CLI::App& app) {
    table.add_to(app);
    app.add_option("--mask-column", mask_column,
                   "column of 0 and 1, a character for each letter: 0, its label does not count");
    app.add_option("--split-column", split_column, "column with train, valid, test")->capture_default_str();
    for (const char* name : table_options) app.get_option(name)->group(of_training);
    app.get_option("--data")->group(of_training);
    app.add_option("--three-line", three_line,
                   "FASTA whose records have a third line, a label for each letter")
        ->group(of_training);
    app.add_option("--intervals", intervals, "BED: labels of the bases of the FASTA of --data")
        ->group(of_training);
    app.add_option("--channels", channels,
                   ".npy or safetensors, [letters of all records, numbers]: what is measured at each letter");
    app.add_option("--ignore-labels", ignored, "label letters that do not count, for instance '-.'")
        ->group(of_training);
    app.add_option("--folds", folds,
                   "column whose values are the folds of a cross-validation (of FASTA: which field of the "
                   "header)")
        ->group(of_training);
    app.add_option("--type-column", type_column,
                   "column (or field) with the type of each record: all its labels are of that type")
        ->group(of_training);
    app.add_option("--extra-column", extra_columns,
                   "a column (or field) of categories that is read beside the sequence (may be repeated)")
        ->group(of_training);
    app.add_option("--sites", sites,
                   "label letters of stretches, whose ends are to be found exactly, for instance ST")
        ->group(of_training);
    app.add_option("--window", window,
                   "letters that are read at once, a quarter more on each side; 0: whole sequences, of a "
                   "genome 1000")
        ->check(whole_number(most_letters))
        ->group(of_training)
        ->capture_default_str();
    app.add_option("--committee", committee,
                   "with --folds: so many of the other folds validate in turn, a network each, whose mean "
                   "answers; 0: the next fold validates")
        ->check(whole_number(most_networks))
        ->group(of_training)
        ->capture_default_str();
  }
  void check(const CLI::App& app) const {
    using seqlstm::option_error;
    if (!three_line.empty() && !table.data.empty())
      throw option_error("--data and --three-line exclude each other");
    if (window > 0 && (committee > 0 || !type_column.empty() || !extra_columns.empty()))
      throw option_error(
          "--window excludes --committee, --type-column and --extra-column: a window is not a whole record");
    for (const char* name : {"--folds", "--type-column", "--extra-column", "--ignore-labels"})
      if (!intervals.empty() && app.count(name) > 0)
        throw option_error(std::string(name) +
                           " and --intervals exclude each other: a genome is read in "
                           "windows, whose labels are the intervals");
    if (committee > 0 && folds.empty())
      throw option_error("--committee needs --folds: its networks learn from other folds");
    const bool built_in = three_line.empty() && table.data.empty();
    for (const char* name : {"--folds", "--type-column", "--extra-column"})
      if (built_in && app.count(name) > 0)
        throw option_error(std::string(name) + " needs data: --data CSV or --three-line FASTA");
    if (!intervals.empty() && table.data.empty()) throw option_error("--intervals needs --data FASTA");
    for (const char* name : table_options)
      if ((table.data.empty() || !intervals.empty()) && app.count(name) > 0)
        throw option_error(std::string(name) + " needs a table: --data CSV");
  }
  void name_files(seqlstm::io::FilePlan& files) const {
    files.input("--data", table.data);
    files.input("--labels", table.labels);
    files.input("--three-line", three_line);
    files.input("--intervals", intervals);
    files.input("--channels", channels);
  }
};

/// Records with a label at every letter, and of each what further columns say; empty where nothing does.
struct LabellingSource {
  seqlstm::LabelledRecords records;
  seqlstm::LabelAlphabet labels;
  std::vector<std::string> groups;  ///< the part or fold of each record
  std::vector<std::string> types;
  std::string name;
  bool genome = false;
};

/// What the headers of records say under the key that an option gives.
inline std::vector<std::string> header_values(const std::vector<seqlstm::Record>& records, const char* option,
                                              const std::string& key) {
  std::vector<std::string> values;
  for (const auto& record : records) {
    values.push_back(seqlstm::header_value(record, key));
    if (values.back().empty())
      throw seqlstm::parse_error(record.prefix() + "the header '" + seqlstm::printable(record.id) +
                                 "' says nothing of '" + seqlstm::printable(key) + "' for " + option +
                                 "; it is key=value, or the number of a field, which | separates, from 1");
  }
  return values;
}

namespace detail {

inline LabellingSource labelled(std::vector<seqlstm::Record> records, const LabellingSourceOptions& options,
                                const std::string& name) {
  LabellingSource source;
  source.name = name;
  if (!options.type_column.empty())
    source.types = header_values(records, "--type-column", options.type_column);
  for (const auto& column : options.extra_columns)
    static_cast<void>(header_values(records, "--extra-column", column));
  if (!options.folds.empty()) source.groups = header_values(records, "--folds", options.folds);
  try {
    source.labels = seqlstm::label_alphabet(records, options.ignored, source.types);
    if (source.labels.classes() < 2)
      throw seqlstm::option_error("all letters have the label '" + source.labels.letters +
                                  "'; a labeller learns nothing from one");
    source.records = seqlstm::label_positions(std::move(records), source.labels, source.types);
  } catch (const seqlstm::option_error& error) {
    throw seqlstm::option_error(name + ": " + error.what());
  }
  const auto with_labels = source.labels.type_names();
  for (const auto& type : source.types)
    if (std::find(with_labels.begin(), with_labels.end(), type) == with_labels.end())
      throw seqlstm::option_error(name + ": no letter of the type '" + seqlstm::printable(type) +
                                  "' has a label that counts; look at --ignore-labels and at empty records");
  for (const char site : options.sites)
    if (source.labels.letters.find(site) == std::string::npos)
      throw seqlstm::option_error(std::string("--sites has the letter '") + site +
                                  "', which is none of the labels '" + source.labels.letters + "'");
  return source;
}

inline LabellingSource table_source(const LabellingSourceOptions& options) {
  auto reading = options.table;
  reading.needs_labels = true;
  auto columns = options.extra_columns;
  for (const auto& column : {options.folds, options.type_column})
    if (!column.empty()) columns.push_back(column);
  reading.read_columns = columns;
  if (options.folds.empty()) reading.read_columns.push_back(options.split_column);
  if (!options.mask_column.empty()) reading.read_columns.push_back(options.mask_column);
  const auto table = read_table(reading, std::cout);
  auto records =
      seqlstm::io::position_labels(table, {.sequence = reading.sequence_column,
                                           .labels = reading.label_column,
                                           .mask = options.mask_column,
                                           .id = table.has(reading.id_column) ? reading.id_column : ""});
  for (const auto& column : columns) {
    const auto values = table.values(column);
    for (std::size_t r = 0; r < records.size(); ++r) {
      if (values[r].find_first_not_of(" \t") == std::string::npos)
        throw seqlstm::parse_error(table.file, table.line(r),
                                   "column '" + column + "' is empty, expected a value");
      records[r].description += "\t" + column + "=" + values[r] + "\t";
    }
  }
  auto source = labelled(std::move(records), options, reading.data);
  if (options.folds.empty() && table.has(options.split_column))
    source.groups = table.values(options.split_column);
  return source;
}

inline LabellingSource genome_source(const LabellingSourceOptions& options) {
  auto records = seqlstm::io::read_fasta(options.table.data);
  const auto intervals = seqlstm::io::read_bed(options.intervals);
  LabellingSource source;
  source.name = options.table.data;
  source.genome = true;
  source.labels = seqlstm::annotate(records, seqlstm::label_intervals(records, intervals));
  if (source.labels.classes() < 2)
    throw seqlstm::option_error(options.intervals +
                                ": no interval has a base; a labeller learns nothing from one class");
  source.records = seqlstm::label_positions(std::move(records), source.labels);
  return source;
}

}  // namespace detail

inline LabellingSource read_labelling_source(const LabellingSourceOptions& options, std::uint64_t seed) {
  if (!options.intervals.empty()) return detail::genome_source(options);
  if (!options.table.data.empty()) return detail::table_source(options);
  if (!options.three_line.empty())
    return detail::labelled(seqlstm::io::read_three_line_fasta(options.three_line), options,
                            options.three_line);
  return detail::labelled(seqlstm::simulated_membrane_proteins(1200, seed), options, "the simulated data");
}

/// The rows of --channels: [letters of all records, numbers]; none without.
inline seqlstm::io::Matrix read_channels(const std::string& path, std::size_t letters) {
  if (path.empty()) return {};
  auto matrix = seqlstm::io::read_matrix(path);
  if (matrix.rows != letters)
    throw seqlstm::format_error(path + ": " + std::to_string(matrix.rows) + " rows for " +
                                std::to_string(letters) +
                                " letters; expected one for each letter of the records, in their order and "
                                "without those that --filter leaves out");
  return matrix;
}

}  // namespace examples
