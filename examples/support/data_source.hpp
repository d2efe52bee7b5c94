// Where an example's records come from: a CSV table, two FASTA files, or simulation; and which part each
// belongs to.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <seqlstm/data/split.hpp>
#include <seqlstm/io/csv.hpp>
#include <seqlstm/io/fasta.hpp>
#include <string>
#include <vector>

namespace examples {

/// The options all programs share that say where the data is.
struct DataOptions {
  std::string data, positive, negative;
  std::string sequence_column = "sequence", label_column = "label", split_column = "set";
  std::vector<std::string> filters;
  std::string positive_label;

  void add_to(CLI::App& app) {
    app.add_option("--data", data, "CSV (.gz) with a header");
    app.add_option("--sequence-column", sequence_column, "column of the sequences")->capture_default_str();
    app.add_option("--label-column", label_column, "column of the labels")->capture_default_str();
    app.add_option("--split-column", split_column, "column with train, valid, test")->capture_default_str();
    app.add_option("--filter", filters, "keep rows with COLUMN=VALUE (may be repeated)");
    app.add_option("--positive-label", positive_label, "the label that counts as class 1 of two");
  }
};

/// Labelled records in three parts.
struct Parts {
  seqlstm::LabelledRecords train, valid, test;
};

namespace detail {

inline seqlstm::LabelledRecords pick(const seqlstm::LabelledRecords& all, std::span<const std::size_t> rows) {
  seqlstm::LabelledRecords part;
  part.label_names = all.label_names;
  for (const std::size_t i : rows) {
    part.records.push_back(all.records[i]);
    part.labels.push_back(all.labels[i]);
  }
  return part;
}

inline Parts split_all(const seqlstm::LabelledRecords& all, std::uint64_t seed) {
  const auto rows = seqlstm::split_indices<3>(all.labels, all.records.size(), {0.8, 0.1, 0.1},
                                              {.seed = seed, .stratified = true});
  return {pick(all, rows[0]), pick(all, rows[1]), pick(all, rows[2])};
}

/// Moves a ninth of the training part, or 10 %, to validation.
inline void carve_validation(Parts& parts, std::uint64_t seed) {
  const seqlstm::LabelledRecords all = std::move(parts.train);
  const auto rows = seqlstm::split_indices<2>(all.labels, all.records.size(), {0.9, 0.1},
                                              {.seed = seed, .stratified = true});
  parts.train = pick(all, rows[0]);
  parts.valid = pick(all, rows[1]);
}

/// Makes `positive` class 1 of two.
inline void put_positive_last(seqlstm::LabelledRecords& data, const std::string& positive,
                              const std::string& path) {
  auto& names = data.label_names;
  if (names.size() != 2 || std::find(names.begin(), names.end(), positive) == names.end())
    throw seqlstm::option_error(path + ": --positive-label '" + positive +
                                "' must be one of two labels; found " + std::to_string(names.size()) +
                                " labels, the first is '" + names[0] + "'");
  if (names[1] == positive) return;
  std::swap(names[0], names[1]);
  for (double& value : data.labels) value = 1 - value;
}

inline Parts read_table(const DataOptions& options, std::uint64_t seed) {
  auto table = seqlstm::io::read_csv(options.data);
  for (const auto& filter : options.filters) table = table.filter(filter);
  auto all = seqlstm::label(table.records(options.sequence_column), table.values(options.label_column));
  if (all.label_names.size() < 2)
    throw seqlstm::option_error(options.data + ": all rows have the label '" + all.label_names.at(0) +
                                "' in column '" + options.label_column + "', expected at least two classes");
  if (!options.positive_label.empty()) put_positive_last(all, options.positive_label, options.data);
  if (!table.has(options.split_column)) return split_all(all, seed);
  std::map<std::string, std::vector<std::size_t>> rows;
  for (std::size_t r = 0; r < table.size(); ++r) {
    const std::string& part = table.cell(r, options.split_column);
    if (part != "train" && part != "valid" && part != "test")
      throw seqlstm::parse_error(
          table.file, table.line(r),
          "column '" + options.split_column + "' has '" + part + "', expected train, valid or test");
    rows[part].push_back(r);
  }
  for (const char* part : {"train", "test"})
    if (rows[part].empty())
      throw seqlstm::option_error(table.file + ": no row has '" + part + "' in column '" +
                                  options.split_column + "'");
  Parts parts{pick(all, rows["train"]), pick(all, rows["valid"]), pick(all, rows["test"])};
  if (parts.valid.records.empty()) carve_validation(parts, seed);
  return parts;
}

}  // namespace detail

/// Reads and splits what the options name; without any, `simulated()`.
template <class Simulate>
Parts load_parts(const DataOptions& options, std::uint64_t seed, Simulate simulated) {
  const bool files = !options.positive.empty() || !options.negative.empty();
  if (files && (options.positive.empty() || options.negative.empty()))
    throw seqlstm::option_error("--positive and --negative go together: a FASTA file each");
  if (files && !options.data.empty())
    throw seqlstm::option_error("--data and --positive/--negative exclude each other");
  if (!options.data.empty()) return detail::read_table(options, seed);
  if (!files) return detail::split_all(simulated(), seed);
  return detail::split_all(seqlstm::label(seqlstm::io::read_fasta(options.negative), 0) +
                               seqlstm::label(seqlstm::io::read_fasta(options.positive), 1),
                           seed);
}

}  // namespace examples
