// Labelled sequences from a table, in the parts that a classifier is trained on.
//
//     io::Notes notes;
//     const LabelledParts parts = io::read_labelled_parts({.data = "genes.csv"}, {}, 1, notes);
#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <seqlstm/data/categorical_inputs.hpp>
#include <seqlstm/data/class_order.hpp>
#include <seqlstm/data/folds.hpp>
#include <seqlstm/data/sites.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/io/table.hpp>
#include <seqlstm/train/labelled_parts.hpp>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// How labels and parts are read from a table.
struct LabelReading {
  std::optional<Task> task = {};     ///< what the labels are; without: as they look (inferred_task)
  std::string positive_label = {};   ///< of two classes the positive one; empty: as positive_label() says
  std::string split_column = "set";  ///< column with train, valid, test
  bool split_required = false;       ///< refuse a table without that column, which else is split by seed
  std::string fold_column = {};      ///< column with the fold of each row, for read_labelled_folds()
  /// Column with the place of one letter in each record, counted from 1, as labels by position (set_sites());
  /// 0 and empty cells are none. Empty: no such column.
  std::string site_column = {};
  std::vector<std::string> extra_columns = {};  ///< kept as `column=value` in the records' descriptions
  std::vector<std::string> class_names = {};    ///< a model's classes, whose names and order count
};

namespace detail {

/// The rows as records; their extra columns are kept in the description.
inline std::vector<Record> records_of(const CsvTable& table, const TableOptions& options,
                                      const LabelReading& reading) {
  auto records =
      table.records(options.sequence_column, table.has(options.id_column) ? options.id_column : "");
  for (const auto& column : reading.extra_columns) {
    const bool in_headers = !table.has(column) && table.has("description");
    const std::size_t place = table.index(in_headers ? "description" : column);
    for (std::size_t r = 0; r < table.size(); ++r) {
      const std::string& cell = table.rows[r][place];
      records[r].description +=
          "\t" + column + "=" + (in_headers ? description_value(cell, column) : cell) + "\t";
    }
  }
  return records;
}

/// Gives the records the sites that the column has.
inline void add_sites(LabelledRecords& all, const CsvTable& table, const std::string& column,
                      const MissingValues& missing) {
  const std::size_t place = table.index(column);
  std::vector<std::optional<std::size_t>> sites(all.size());
  for (std::size_t r = 0; r < sites.size(); ++r) {
    const std::string& cell = table.rows[r][place];
    const auto site = parse_number(cell);
    if (missing(cell) || site == 0.0) continue;
    const std::size_t letters = all.records[r].sequence.size();
    if (!site || *site != std::trunc(*site) || !(*site >= 1 && *site <= static_cast<double>(letters)))
      throw parse_error(table.file, table.line(r),
                        "column '" + column + "' has '" + cell + "', expected a letter from 1 to " +
                            std::to_string(letters) + ", or 0 where the record has no site");
    sites[r] = static_cast<std::size_t>(*site) - 1;
  }
  set_sites(all, sites);
}

/// The rows with any number of labels each.
inline LabelledRecords several_labels(std::vector<Record> records, const CsvTable& table,
                                      const TableOptions& options, Notes& notes) {
  auto all = multi_label(std::move(records), table.values(options.label_column));
  if (all.label_width < 2)
    throw option_error("column '" + options.label_column + "' has " + std::to_string(all.label_width) +
                       " different labels, a multi-label task expects at least two");
  std::size_t none = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto row = all.label(i);
    none += std::all_of(row.begin(), row.end(), [](double label) { return label == 0; }) ? 1 : 0;
  }
  if (none > 0) Note(notes) << none << " rows have none of the labels";
  return all;
}

/// The rows with a number each.
inline LabelledRecords numbered(std::vector<Record> records, const CsvTable& table,
                                const TableOptions& options, const LabelReading& reading) {
  if (!reading.positive_label.empty())
    throw option_error("positive_label names one of two classes, but the labels are numbers");
  try {
    return {std::move(records), table.numbers(options.label_column), {}};
  } catch (const parse_error& error) {
    if (reading.task) throw;
    throw option_error(std::string(error.what()) + ", or name the task: multi-class");
  }
}

/// The rows with a class each.
inline LabelledRecords classed(std::vector<Record> records, const CsvTable& table,
                               const TableOptions& options, Task task, const LabelReading& reading,
                               Notes& notes) {
  const auto values = table.values(options.label_column);
  auto all = label(std::move(records), values);
  const std::size_t classes = all.label_names.size();
  if (classes < 2)
    throw option_error("all rows have the label '" + all.label_names[0] + "' in column '" +
                       options.label_column + "', expected at least two classes; name another label_column");
  if (task == Task::binary && classes > 2)
    throw option_error("column '" + options.label_column + "' has " + std::to_string(classes) +
                       " labels, a binary task expects two; choose rows with filters");
  for (const auto& note : spelling_notes(values)) notes.push_back(note);
  match_classes(all, reading.class_names);
  if (!reading.positive_label.empty()) {
    set_positive_class(all, reading.positive_label);
  } else if (reading.class_names.empty() && classes == 2 && !positive_label(all.label_names)) {
    Note(notes) << "precision, recall and F1 are of class '" << printable(all.label_names[1])
                << "', the later one by name; positive_label chooses another";
  }
  return all;
}

}  // namespace detail

/// What the labels of a table are: as `reading` says, or as they look.
inline Task task_of(const CsvTable& table, const TableOptions& options, const LabelReading& reading) {
  return reading.task ? *reading.task : inferred_task(table.values(options.label_column));
}

/// The rows of a table with their labels as `task` reads them; `notes` get sentences on what was made of
/// them. Throws option_error for labels that the task cannot have, and for names that no model file can hold
/// (UTF-8), parse_error for a cell that is no number.
inline LabelledRecords labelled_records(const CsvTable& table, const TableOptions& options, Task task,
                                        const LabelReading& reading, Notes& notes) {
  auto records = detail::records_of(table, options, reading);
  auto all = task == Task::multi_label ? detail::several_labels(std::move(records), table, options, notes)
             : task == Task::regression
                 ? detail::numbered(std::move(records), table, options, reading)
                 : detail::classed(std::move(records), table, options, task, reading, notes);
  for (const std::string& name : all.label_names)
    if (!is_utf8(name))
      throw option_error("column '" + options.label_column + "' has '" + utf8_text(name) +
                         "', which is not UTF-8 text; save the table as UTF-8");
  return all;
}

namespace detail {

/// body(table, task, its labelled rows) of a table that is read with this column; its messages name the file.
template <class Body>
auto with_labelled_rows(TableOptions options, const LabelReading& reading, const std::string& column,
                        Notes& notes, Body&& body) {
  options.read_columns.insert(options.read_columns.end(), reading.extra_columns.begin(),
                              reading.extra_columns.end());
  options.read_columns.push_back(column);
  if (!reading.site_column.empty()) options.read_columns.push_back(reading.site_column);
  options.several_labels = options.several_labels || reading.task == Task::multi_label;
  const auto table = read_table(options, notes);
  const Task task = task_of(table, options, reading);
  try {
    if (options.min_class_size > 0 && !has_classes(task))
      throw option_error("min_class_size counts classes, the labels are a " + task_name(task) + " task");
    auto all = labelled_records(table, options, task, reading, notes);
    if (!reading.site_column.empty()) add_sites(all, table, reading.site_column, options.missing_labels());
    return body(table, task, all);
  } catch (const option_error& error) {
    const std::string what = error.what();
    throw option_error(what.starts_with(options.data + ":") ? what : options.data + ": " + what);
  }
}

}  // namespace detail

/// Reads a table and its labels, and cuts them into the parts that its split column names, or that `seed`
/// draws where it has none. `notes` get sentences on what was left out, also where it then throws. Throws as
/// read_table, labelled_records, split_parts and partitioned do; parse_error for a site that is no letter of
/// its record; messages name the file.
inline LabelledParts read_labelled_parts(const TableOptions& options, const LabelReading& reading,
                                         std::uint64_t seed, Notes& notes) {
  return detail::with_labelled_rows(
      options, reading, reading.split_column, notes,
      [&](const CsvTable& table, Task task, const LabelledRecords& all) {
        if (!reading.split_required && !table.has(reading.split_column)) return split_parts(all, task, seed);
        auto rows = rows_of_parts(table, reading.split_column);
        for (const char* part : {"train", "test"})
          if (rows[part].empty())
            throw option_error(std::string("no row has '") + part + "' in column '" + reading.split_column +
                               "'; every part needs rows");
        return partitioned(all, task, {rows["train"], rows["valid"], rows["test"]}, seed);
      });
}

/// Values that a fold column may have: a column of ids is none, and each of them takes a copy of the table.
inline constexpr std::size_t most_folds = 100;

namespace detail {

/// The fold of each row.
inline std::vector<std::string> fold_values(const CsvTable& table, const std::string& column,
                                            const MissingValues& missing) {
  auto values = table.values(column);
  for (std::size_t r = 0; r < values.size(); ++r)
    if (const auto cell = seqlstm::detail::trimmed(values[r]); missing(cell))
      throw parse_error(table.file, table.line(r),
                        "column '" + column + "' is " + (cell.empty() ? "empty" : "'" + values[r] + "'") +
                            ", expected the fold of the row; give it one, or leave the row out with filters");
  const std::size_t folds = std::set<std::string>(values.begin(), values.end()).size();
  if (folds > most_folds)
    throw option_error("column '" + column + "' has " + std::to_string(folds) + " values, expected at most " +
                       std::to_string(most_folds) + " folds; name a column of folds, not of ids");
  return values;
}

}  // namespace detail

/// Reads a table and its labels as the parts of a cross-validation, by the values of its fold column
/// (cross_validation_folds()): one LabelledParts for each value, which its test part has; `groups` are the
/// values of the other parts. Throws as read_labelled_parts does, parse_error for a row without a value, and
/// option_error for fewer than three values or more than `most_folds`.
inline std::vector<LabelledParts> read_labelled_folds(const TableOptions& options,
                                                      const LabelReading& reading, std::uint64_t seed,
                                                      Notes& notes) {
  return detail::with_labelled_rows(options, reading, reading.fold_column, notes,
                                    [&](const CsvTable& table, Task task, const LabelledRecords& all) {
                                      const auto values = detail::fold_values(table, reading.fold_column,
                                                                              options.missing_labels());
                                      std::vector<LabelledParts> folds;
                                      for (const Partition& rows : cross_validation_folds(values)) {
                                        auto& parts = folds.emplace_back(partitioned(all, task, rows, seed));
                                        for (const auto* part : {&rows.train, &rows.valid})
                                          for (const std::size_t row : *part)
                                            parts.groups.push_back(values[row]);
                                      }
                                      return folds;
                                    });
}

/// CRC-32 of all records and labels: drawn parts are the same for the same data and seed.
inline std::uint32_t fingerprint(const LabelledParts& parts) {
  uLong sum = crc32(0, nullptr, 0);
  const auto add = [&](const void* data, std::size_t size) {
    sum = crc32_z(sum, static_cast<const Bytef*>(data), size);
  };
  for (const auto* part : {&parts.train, &parts.valid, &parts.test})
    for (std::size_t i = 0; i < part->size(); ++i) {
      add(part->records[i].sequence.c_str(), part->records[i].sequence.size() + 1);
      add(part->label(i).data(), part->label_width * sizeof(double));
    }
  return static_cast<std::uint32_t>(sum);
}

}  // namespace io

SEQLSTM_NAMESPACE_END
