// Where an example's records come from: a CSV table, two FASTA files, or simulation; and which part each
// belongs to.
#pragma once

#include <zlib.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <seqlstm/data/categorical_inputs.hpp>
#include <seqlstm/data/split.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/train/objective.hpp>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "support/files.hpp"
#include "support/table_source.hpp"
#include "support/whole_number.hpp"

namespace examples {

/// The options all programs share that say where the data is.
struct DataOptions {
  TableOptions table;
  std::string positive, negative, split_column = "set";
  std::string positive_label, task = "auto";
  std::vector<std::string> extra_columns;      ///< kept as `column=value` in the records' descriptions
  std::size_t train_rows = 0;                  ///< of the training part; 0: all
  std::vector<std::string> model_labels = {};  ///< a loaded model's classes, whose names and order count

  void add_to(CLI::App& program) {
    CLI::App& app = *(app_ = &program);
    table.add_to(app);
    app.add_option("--split-column", split_column, "column with train, valid, test")->capture_default_str();
    app.add_flag("--drop-unlabelled", table.drop_unlabelled,
                 "leave rows without a label or sequence out (empty, or one of --missing)");
    app.add_flag("--unique", table.unique, "of rows with the same sequence keep the first");
    app.add_option("--min-class-size", table.min_class_size, "leave smaller classes out")
        ->check(whole_number());
    app.add_option("--positive-label", positive_label,
                   "of two labels the one that precision, recall and F1 are of")
        ->default_str("+ of + and -, AMP of AMP and nonAMP and the like, else the later one by name");
    app.add_option(
           "--task", task,
           "binary, multi-class, multi-label (names with ; between them), regression, or auto: as the "
           "labels say")
        ->check(CLI::IsMember({"auto", "binary", "multi-class", "multi-label", "regression"}))
        ->capture_default_str();
    app.add_option("--train-rows", train_rows, "train on so many rows of the training part, drawn by --seed")
        ->check(whole_number());
    app.add_option("--positive", positive, "FASTA of class 1, with --negative");
    app.add_option("--negative", negative, "FASTA of class 0");
  }
  static constexpr const char* table_options[] = {
      "--labels", "--id-column",       "--sequence-column", "--label-column",   "--split-column", "--filter",
      "--unique", "--drop-unlabelled", "--min-class-size",  "--positive-label", "--missing"};

  /// Was the option named on the command line?
  [[nodiscard]] bool given(const char* option) const { return app_ != nullptr && app_->count(option) > 0; }
  [[nodiscard]] bool simulated() const { return table.data.empty() && positive.empty() && negative.empty(); }
  /// Throws option_error for options that contradict each other or would be ignored.
  void check() const {
    for (const auto& [option, value] :
         {std::pair{"--train-rows", train_rows}, {"--min-class-size", table.min_class_size}})
      if (given(option)) check_at_least_one(option, value);
    if (positive.empty() != negative.empty())
      throw seqlstm::option_error("--positive and --negative go together: a FASTA file each");
    if (!positive.empty() && !table.data.empty())
      throw seqlstm::option_error("--data and --positive/--negative exclude each other");
    if (!table.data.empty()) return;
    for (const char* option : table_options)
      if (given(option)) throw seqlstm::option_error(std::string(option) + " needs a table: --data CSV");
    if (task != "auto" && task != "binary")
      throw seqlstm::option_error("--task " + task + " needs labels in a table: --data CSV");
  }
  void name_files(Files& files) const {
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

/// Labelled records in three parts, and what their labels are.
struct Parts {
  seqlstm::LabelledRecords train, valid, test;
  seqlstm::Task task = seqlstm::Task::binary;
  bool drawn = false;                            ///< the parts were drawn by seed, not read from the table
  std::uint64_t seed = 1;                        ///< of the split, and of what is compared on it
  std::vector<seqlstm::Record> unlabelled = {};  ///< of the training part, whose labels nobody may use

  /// CRC-32 of all records and labels: drawn parts are the same for the same data and seed.
  [[nodiscard]] std::uint32_t fingerprint() const {
    uLong sum = crc32(0, nullptr, 0);
    const auto add = [&](const void* data, std::size_t size) {
      sum = crc32_z(sum, static_cast<const Bytef*>(data), size);
    };
    for (const auto* part : {&train, &valid, &test})
      for (std::size_t i = 0; i < part->records.size(); ++i) {
        add(part->records[i].sequence.c_str(), part->records[i].sequence.size() + 1);
        add(&part->labels[i * part->label_width], part->label_width * sizeof(double));
      }
    return static_cast<std::uint32_t>(sum);
  }
};

namespace detail {

inline seqlstm::LabelledRecords pick(const seqlstm::LabelledRecords& all, std::span<const std::size_t> rows) {
  seqlstm::LabelledRecords part;
  part.label_names = all.label_names;
  part.label_width = all.label_width;
  for (const std::size_t i : rows) {
    part.records.push_back(all.records[i]);
    const double* labels = &all.labels[i * all.label_width];
    part.labels.insert(part.labels.end(), labels, labels + all.label_width);
  }
  return part;
}

/// Every class needs a record in every part.
inline void require_enough(const seqlstm::LabelledRecords& all, const std::string& source) {
  const auto counts = seqlstm::class_counts(all.labels);
  for (std::size_t c = 0; c < counts.size(); ++c)
    if (counts[c] < 3)
      throw seqlstm::option_error(
          source + ": label '" + (c < all.label_names.size() ? all.label_names[c] : std::to_string(c)) +
          "' has " + std::to_string(counts[c]) +
          " records, expected at least 3, one for each of training, validation and test");
}

inline Parts split_all(const seqlstm::LabelledRecords& all, seqlstm::Task task, std::uint64_t seed,
                       const std::string& source) {
  if (seqlstm::has_classes(task)) require_enough(all, source);
  if (all.records.size() < 3)
    throw seqlstm::option_error(source + ": " + std::to_string(all.records.size()) +
                                " records, expected at least one for each of training, validation and test");
  const auto rows = seqlstm::split_indices<3>(all.labels, all.records.size(), {0.8, 0.1, 0.1},
                                              {.seed = seed, .stratified = seqlstm::has_classes(task)});
  return {pick(all, rows[0]), pick(all, rows[1]), pick(all, rows[2]), task, true};
}

/// Of a split that was brought, every class needs records to learn from; two where validation is to have one.
inline void require_learnable(const Parts& parts, const std::string& source) {
  const auto learned = seqlstm::class_counts(parts.train.labels);
  const std::size_t needed = parts.valid.records.empty() ? 2 : 1;
  const auto& names = parts.train.label_names;
  for (std::size_t c = 0; c < names.size(); ++c) {
    const std::size_t count = c < learned.size() ? learned[c] : 0;
    if (count < needed)
      throw seqlstm::option_error(source + ": label '" + names[c] + "' has " + std::to_string(count) +
                                  " records in the training part, expected at least " +
                                  std::to_string(needed) +
                                  "; leave the class out with --filter, or small "
                                  "ones with --min-class-size");
  }
}

/// A label that one record has can be learned or tested, not both.
inline void require_two_of_each(const seqlstm::LabelledRecords& all, seqlstm::Task task,
                                const std::string& source) {
  if (task == seqlstm::Task::regression) return;
  const bool several = task == seqlstm::Task::multi_label;
  const auto classes = several ? std::vector<std::size_t>() : seqlstm::class_counts(all.labels);
  for (std::size_t c = 0; c < all.label_names.size(); ++c) {
    std::size_t count = c < classes.size() ? classes[c] : 0;
    for (std::size_t i = 0; several && i < all.records.size(); ++i)
      count += all.labels[i * all.label_width + c] != 0 ? 1 : 0;
    if (count < 2)
      throw seqlstm::option_error(source + ": label '" + all.label_names[c] + "' has " +
                                  std::to_string(count) + " records, expected at least 2; leave it out" +
                                  (several ? "" : " with --min-class-size 2"));
  }
}

/// Moves a tenth of the training part to validation.
inline void carve_validation(Parts& parts, std::uint64_t seed) {
  const seqlstm::LabelledRecords all = std::move(parts.train);
  const auto rows = seqlstm::split_indices<2>(all.labels, all.records.size(), {0.9, 0.1},
                                              {.seed = seed, .stratified = seqlstm::has_classes(parts.task)});
  parts.train = pick(all, rows[0]);
  parts.valid = pick(all, rows[1]);
}

/// Makes class 1 of two class 0, and the other way round.
inline void swap_classes(seqlstm::LabelledRecords& data) {
  std::swap(data.label_names[0], data.label_names[1]);
  for (double& value : data.labels) value = 1 - value;
}

/// Makes `positive`, in any of its spellings, class 1 of two.
inline void put_positive_last(seqlstm::LabelledRecords& data, const std::string& positive,
                              const std::string& path) {
  const auto& names = data.label_names;
  const bool one_of_two = names.size() == 2 && (seqlstm::same_label(names[0], positive) ||
                                                seqlstm::same_label(names[1], positive));
  if (!one_of_two)
    throw seqlstm::option_error(path + ": --positive-label '" + positive +
                                "' must be one of two labels; found " + std::to_string(names.size()) +
                                " labels, the first are '" + names[0] + "' and '" + names[1] + "'");
  if (!seqlstm::same_label(names[1], positive)) swap_classes(data);
}

/// Classes that a loaded model has too: by its names, and in its order.
inline void as_model_has_them(seqlstm::LabelledRecords& data, const std::vector<std::string>& model) {
  auto& names = data.label_names;
  if (names.size() != model.size()) return;
  if (names.size() == 2 && seqlstm::same_label(names[0], model[1]) && seqlstm::same_label(names[1], model[0]))
    swap_classes(data);
  for (std::size_t c = 0; c < names.size(); ++c)
    if (names[c] != model[c] && seqlstm::same_label(names[c], model[c])) names[c] = model[c];
}

/// Of two classes whose names do not say which is the positive one: which it is, and how to choose.
inline void note_positive(const std::vector<std::string>& names, std::ostream& out) {
  if (names.size() == 2 && !seqlstm::positive_label(names))
    out << "note: precision, recall and F1 are of class '" << seqlstm::printable(names[1])
        << "', the later one by name; --positive-label chooses another\n";
}

/// The rows as records; their extra columns are kept in the description.
inline std::vector<seqlstm::Record> records_of(const seqlstm::io::CsvTable& table,
                                               const DataOptions& options) {
  const auto& columns = options.table;
  auto records =
      table.records(columns.sequence_column, table.has(columns.id_column) ? columns.id_column : "");
  for (const auto& column : options.extra_columns) {
    const bool in_headers = !table.has(column) && table.has("description");
    const std::size_t place = table.index(in_headers ? "description" : column);
    for (std::size_t r = 0; r < table.size(); ++r) {
      const std::string& cell = table.rows[r][place];
      records[r].description +=
          "\t" + column + "=" + (in_headers ? seqlstm::description_value(cell, column) : cell) + "\t";
    }
  }
  return records;
}

/// The rows with any number of labels each.
inline seqlstm::LabelledRecords several_labels(std::vector<seqlstm::Record> records,
                                               const seqlstm::io::CsvTable& table,
                                               const DataOptions& options) {
  auto all = seqlstm::multi_label(std::move(records), table.values(options.table.label_column));
  if (all.label_width < 2)
    throw seqlstm::option_error(options.source() + ": column '" + options.table.label_column + "' has " +
                                std::to_string(all.label_width) +
                                " different labels, --task multi-label expects at least two");
  std::size_t none = 0;
  for (std::size_t i = 0; i < all.records.size(); ++i) {
    const auto row = std::span(all.labels).subspan(i * all.label_width, all.label_width);
    none += std::all_of(row.begin(), row.end(), [](double label) { return label == 0; }) ? 1 : 0;
  }
  if (none > 0) std::cout << "note: " << none << " rows have none of the labels\n";
  return all;
}

/// The rows with their labels as `task` reads them.
inline seqlstm::LabelledRecords labelled_rows(const seqlstm::io::CsvTable& table, seqlstm::Task task,
                                              const DataOptions& options) {
  auto records = records_of(table, options);
  const std::string& column = options.table.label_column;
  if (task == seqlstm::Task::multi_label) return several_labels(std::move(records), table, options);
  if (task == seqlstm::Task::regression && !options.positive_label.empty())
    throw seqlstm::option_error("--positive-label names one of two classes, but the labels are numbers");
  if (task == seqlstm::Task::regression) {
    try {
      return {std::move(records), table.numbers(column), {}};
    } catch (const seqlstm::parse_error& error) {
      if (options.task != "auto") throw;
      throw seqlstm::option_error(std::string(error.what()) + ", or name the task: --task multi-class");
    }
  }
  auto all = seqlstm::label(std::move(records), table.values(column));
  const std::size_t classes = all.label_names.size();
  if (classes < 2)
    throw seqlstm::option_error(options.source() + ": all rows have the label '" + all.label_names[0] +
                                "' in column '" + column +
                                "', expected at least two classes; name another --label-column");
  if (task == seqlstm::Task::binary && classes > 2)
    throw seqlstm::option_error(options.source() + ": column '" + column + "' has " +
                                std::to_string(classes) +
                                " labels, --task binary expects two; choose rows with --filter");
  print_notes(std::cout, seqlstm::io::spelling_notes(table.values(column)));
  as_model_has_them(all, options.model_labels);
  if (!options.positive_label.empty()) {
    put_positive_last(all, options.positive_label, options.source());
  } else if (options.model_labels.empty()) {
    note_positive(all.label_names, std::cout);
  }
  return all;
}

inline Parts table_parts(const DataOptions& options, std::uint64_t seed) {
  TableOptions reading = options.table;
  reading.read_columns = options.extra_columns;
  reading.read_columns.push_back(options.split_column);
  reading.several_labels = options.task == "multi-label";
  const auto table = read_table(reading, std::cout);
  const seqlstm::Task task = options.task == "auto"
                                 ? seqlstm::inferred_task(table.values(options.table.label_column))
                                 : seqlstm::task_named(options.task);
  if (options.table.min_class_size > 0 && !seqlstm::has_classes(task))
    throw seqlstm::option_error("--min-class-size counts classes, the labels are a " +
                                seqlstm::task_name(task) + " task");
  const auto all = labelled_rows(table, task, options);
  for (const std::string& name : all.label_names)
    if (!seqlstm::io::is_utf8(name))
      throw seqlstm::option_error(options.source() + ": column '" + options.table.label_column + "' has '" +
                                  seqlstm::io::utf8_text(name) +
                                  "', which is not UTF-8 text; save the table as UTF-8");
  if (task == seqlstm::Task::multi_label) require_two_of_each(all, task, options.source());
  if (!options.given("--split-column") && !table.has(options.split_column))
    return split_all(all, task, seed, options.source());
  auto rows = seqlstm::io::rows_of_parts(table, options.split_column);
  for (const char* part : {"train", "test"})
    if (rows[part].empty())
      throw seqlstm::option_error(table.file + ": no row has '" + part + "' in column '" +
                                  options.split_column + "'; every part needs rows");
  Parts parts{pick(all, rows["train"]), pick(all, rows["valid"]), pick(all, rows["test"]), task, false};
  if (seqlstm::has_classes(task)) {
    require_learnable(parts, options.source());
    require_two_of_each(all, task, options.source());
  }
  if (parts.valid.records.empty()) carve_validation(parts, seed);
  return parts;
}

template <class Simulate>
Parts read_parts(const DataOptions& options, std::uint64_t seed, Simulate simulated) {
  if (!options.table.data.empty()) return table_parts(options, seed);
  if (options.simulated()) {
    const auto all = simulated(seed);
    const bool several = all.label_names.size() > 2;
    return split_all(all, several ? seqlstm::Task::multi_class : seqlstm::Task::binary, seed,
                     options.source());
  }
  return split_all(seqlstm::label(seqlstm::io::read_fasta(options.negative), 0) +
                       seqlstm::label(seqlstm::io::read_fasta(options.positive), 1),
                   seqlstm::Task::binary, seed, options.source());
}

}  // namespace detail

/// Reads and splits what the options name; without any, `simulated(seed)`.
template <class Simulate>
Parts load_parts(const DataOptions& options, std::uint64_t seed, Simulate simulated) {
  options.check();
  Parts parts = detail::read_parts(options, seed, simulated);
  parts.seed = seed;
  return parts;
}

/// Keeps some rows of the training part, drawn by the seed of the split; 0: all. The others lose their
/// labels.
inline void keep_train_rows(Parts& parts, std::size_t rows) {
  const std::size_t all = parts.train.records.size();
  if (rows > all)
    throw seqlstm::option_error("--train-rows is " + std::to_string(rows) + ", the training part has " +
                                std::to_string(all) + " rows");
  if (rows > 0 && seqlstm::has_classes(parts.task) && rows < parts.train.label_names.size())
    throw seqlstm::option_error("--train-rows is " + std::to_string(rows) +
                                ", expected at least one for each of " +
                                std::to_string(parts.train.label_names.size()) + " classes");
  if (rows == 0 || rows == all) return;
  const double share = static_cast<double>(rows) / static_cast<double>(all);
  const auto kept =
      seqlstm::split_indices<2>(parts.train.labels, all, {share, 1 - share},
                                {.seed = parts.seed, .stratified = seqlstm::has_classes(parts.task)});
  parts.unlabelled = detail::pick(parts.train, kept[1]).records;
  parts.train = detail::pick(parts.train, kept[0]);
}

/// Sequences that make a result look better, or worse, than it is.
struct Overlap {
  std::size_t test_in_train = 0;  ///< records of the test part whose sequence is in the training part too
  std::size_t contradictory = 0;  ///< records of all parts whose sequence stands there with two labels
};
inline Overlap overlap(const Parts& parts) {
  std::map<std::string, std::set<std::vector<double>>, seqlstm::CanonicalLess> labels;
  for (const auto* part : {&parts.train, &parts.valid, &parts.test})
    for (std::size_t i = 0; i < part->records.size(); ++i) {
      const double* first = &part->labels[i * part->label_width];
      labels[part->records[i].sequence].emplace(first, first + part->label_width);
    }
  std::set<std::string, seqlstm::CanonicalLess> trained;
  for (const auto& record : parts.train.records) trained.insert(record.sequence);
  Overlap found;
  for (const auto& record : parts.test.records) found.test_in_train += trained.count(record.sequence);
  for (const auto* part : {&parts.train, &parts.valid, &parts.test})
    for (const auto& record : part->records)
      found.contradictory += labels[record.sequence].size() > 1 ? 1 : 0;
  return found;
}

}  // namespace examples
