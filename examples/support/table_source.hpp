// The table behind a data set: one CSV, or sequences (CSV or FASTA) joined by id with a table of labels.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <seqlstm/io/csv.hpp>
#include <seqlstm/io/fasta.hpp>
#include <set>
#include <string>
#include <vector>

#include "support/same_letters.hpp"

namespace examples {

/// Where the table is, and which of its rows count.
struct TableOptions {
  std::string data, labels;  ///< labels: a second table, joined by id
  std::string id_column = "id", sequence_column = "sequence", label_column = "label";
  std::vector<std::string> filters;
  std::vector<std::string> read_columns = {};  ///< what the program reads beside id, sequence and label
  bool needs_labels = true;
  bool drop_unlabelled = false;
  bool unique = false;             ///< of equal sequences the first only
  std::size_t min_class_size = 0;  ///< smaller classes are left out

  /// The options every program with a table has.
  void add_to(CLI::App& app) {
    app.add_option("--data", data,
                   needs_labels ? "CSV (.gz) with a header, or FASTA with --labels"
                                : "CSV (.gz) with a header, or FASTA");
    app.add_option("--labels", labels, "CSV (.gz) whose columns join those of --data by id");
    app.add_option("--id-column", id_column, "column of the ids")->capture_default_str();
    app.add_option("--sequence-column", sequence_column, "column of the sequences")->capture_default_str();
    app.add_option("--label-column", label_column, "column of the labels")->capture_default_str();
    app.add_option("--filter", filters, "keep rows with COLUMN=VALUE (may be repeated)");
  }
};

/// Where every id of a table stands; parse_error for an id that stands twice.
inline std::map<std::string, std::size_t> rows_by_id(const seqlstm::io::CsvTable& table,
                                                     const std::string& column) {
  const std::size_t place = table.index(column);
  std::map<std::string, std::size_t> rows;
  for (std::size_t r = 0; r < table.size(); ++r) {
    const auto [first, fresh] = rows.emplace(table.rows[r][place], r);
    if (!fresh)
      throw seqlstm::parse_error(table.file, table.line(r),
                                 "id '" + first->first + "' stands on line " +
                                     std::to_string(table.line(first->second)) +
                                     " already; ids that join two files must be unique");
  }
  return rows;
}

/// Keeps the rows for which keep(row) is true.
template <class Keep> void keep_rows(seqlstm::io::CsvTable& table, Keep keep) {
  std::size_t kept = 0;
  for (std::size_t r = 0; r < table.size(); ++r) {
    if (!keep(r)) continue;
    if (kept != r) {
      const std::size_t line = table.line(r);
      table.rows[kept] = std::move(table.rows[r]);
      table.lines[kept] = line;
    }
    ++kept;
  }
  table.rows.resize(kept);
  table.lines.resize(kept);
}

namespace detail {

/// Does the first line that is neither blank nor a comment begin with '>'?
inline bool is_fasta(const std::string& path) {
  seqlstm::io::LineReader lines(path);
  for (std::string line; lines.next(line, 1U << 16U);) {
    if (lines.continues()) continue;
    const auto first = line.find_first_not_of(" \t");
    if (first == std::string::npos || line[first] == ';') continue;
    return line[first] == '>';
  }
  return false;
}

/// A FASTA file as a table: id, description, sequence.
inline seqlstm::io::CsvTable fasta_table(const std::string& path, const TableOptions& options) {
  seqlstm::io::CsvTable table{.file = path,
                              .columns = {options.id_column, "description", options.sequence_column}};
  for (auto& record : seqlstm::io::read_fasta(path)) {
    table.lines.push_back(record.line_at(0));
    table.rows.push_back({std::move(record.id), std::move(record.description), std::move(record.sequence)});
  }
  return table;
}

/// A table of a file; its notes go to `out`.
inline seqlstm::io::CsvTable noted_table(const std::string& path, std::ostream& out) {
  auto table = seqlstm::io::read_csv(path);
  for (const auto& note : table.notes) out << "note: " << seqlstm::printable(note) << '\n';
  table.notes.clear();
  return table;
}

/// A table of labels without the rows that repeat an id and agree with the first of it on all that is read (a
/// structure that was published twice).
inline seqlstm::io::CsvTable without_agreeing_rows(seqlstm::io::CsvTable labels, const TableOptions& options,
                                                   std::ostream& out) {
  std::vector<std::size_t> places = {labels.index(options.id_column)};
  const auto compare = [&](const std::string& column) {
    if (labels.has(column)) places.push_back(labels.index(column));
  };
  compare(options.label_column);
  for (const auto& column : options.read_columns) compare(column);
  for (const auto& filter : options.filters) compare(filter.substr(0, filter.find('=')));
  std::set<std::vector<std::string>> seen;
  const std::size_t before = labels.size();
  keep_rows(labels, [&](std::size_t r) {
    std::vector<std::string> cells;
    for (const std::size_t place : places) cells.push_back(labels.rows[r][place]);
    return seen.insert(std::move(cells)).second;
  });
  if (labels.size() < before)
    out << "note: " << before - labels.size() << " rows of " << seqlstm::printable(labels.file)
        << " repeat an id and agree with its first row, which counts\n";
  return labels;
}

/// Every row of `table` with the columns of `other` that it lacks, by id. Rows whose id `other` does not have
/// get empty cells. Of a FASTA file every id may stand once; a table of sequences may repeat one (the chains
/// of a structure).
inline seqlstm::io::CsvTable joined(seqlstm::io::CsvTable table, const seqlstm::io::CsvTable& other,
                                    const std::string& id_column, bool unique_ids) {
  const auto rows = rows_by_id(other, id_column);
  if (unique_ids) rows_by_id(table, id_column);
  std::vector<std::size_t> added;
  for (std::size_t c = 0; c < other.columns.size(); ++c)
    if (!table.has(other.columns[c])) added.push_back(c);
  const std::size_t id = table.index(id_column);
  for (auto& row : table.rows) {
    const auto found = rows.find(row[id]);
    for (const std::size_t c : added)
      row.push_back(found == rows.end() ? std::string() : other.rows[found->second][c]);
  }
  for (const std::size_t c : added) table.columns.push_back(other.columns[c]);
  return table;
}

/// Is a cell empty, or one of the words that tables have for that?
inline bool says_nothing(const std::string& cell) {
  static const std::set<std::string> words = {"", "NA", "N/A", "NaN", "nan", "NULL", "null"};
  const auto first = cell.find_first_not_of(" \t");
  if (first == std::string::npos) return true;
  return words.contains(cell.substr(first, cell.find_last_not_of(" \t") - first + 1));
}

/// Says how many rows of a table of labels found no sequence, and how many sequences share an id.
inline void note_joined(const seqlstm::io::CsvTable& table, const seqlstm::io::CsvTable& labels,
                        const std::string& id_column, std::ostream& out) {
  std::set<std::string> ids;
  for (const auto& row : table.rows) ids.insert(row[table.index(id_column)]);
  std::size_t idle = 0;
  for (const auto& row : labels.rows) idle += ids.contains(row[labels.index(id_column)]) ? 0 : 1;
  if (idle > 0)
    out << "note: " << idle << " rows of " << seqlstm::printable(labels.file) << " have no sequence\n";
  if (ids.size() < table.size())
    out << "note: " << table.size() - ids.size() << " sequences have the id of another, and its label\n";
}

/// Rows without a label are an error, or left out and counted.
inline void settle_unlabelled(seqlstm::io::CsvTable& table, const TableOptions& options, std::ostream& out) {
  const std::size_t place = table.index(options.label_column);
  const auto empty = [&](std::size_t r) { return says_nothing(table.rows[r][place]); };
  std::size_t missing = 0, first = 0;
  for (std::size_t r = table.size(); r-- > 0;)
    if (empty(r)) ++missing, first = r;
  if (missing == 0) return;
  if (!options.drop_unlabelled)
    throw seqlstm::parse_error(table.file, table.line(first),
                               "column '" + options.label_column + "' is empty (or NA)" +
                                   (options.labels.empty() ? "" : " or has no row in " + options.labels) +
                                   ", here and in " + std::to_string(missing - 1) +
                                   " other rows; give the row a label or leave it out, or pass "
                                   "--drop-unlabelled");
  keep_rows(table, [&](std::size_t r) { return !empty(r); });
  out << "note: " << missing << " rows without a label left out\n";
}

inline void drop_empty(seqlstm::io::CsvTable& table, const TableOptions& options, std::ostream& out) {
  const std::size_t place = table.index(options.sequence_column), before = table.size();
  keep_rows(table, [&](std::size_t r) { return !says_nothing(table.rows[r][place]); });
  if (table.size() < before)
    out << "note: " << before - table.size() << " rows without a sequence left out\n";
}

inline void drop_copies(seqlstm::io::CsvTable& table, const TableOptions& options, std::ostream& out) {
  const std::size_t place = table.index(options.sequence_column), before = table.size();
  const bool labelled = table.has(options.label_column);
  const std::size_t label = labelled ? table.index(options.label_column) : place;
  std::map<std::string, std::string, ByLetters> seen;
  std::size_t contradictory = 0;
  keep_rows(table, [&](std::size_t r) {
    const auto [first, fresh] = seen.emplace(table.rows[r][place], table.rows[r][label]);
    contradictory += !fresh && first->second != table.rows[r][label] ? 1 : 0;
    return fresh;
  });
  out << "note: " << before - table.size() << " rows repeat a sequence and are left out";
  if (contradictory > 0) out << ", " << contradictory << " of them with another label than the first";
  out << '\n';
}

inline void drop_small_classes(seqlstm::io::CsvTable& table, const TableOptions& options, std::ostream& out) {
  const std::size_t place = table.index(options.label_column), before = table.size();
  std::map<std::string, std::size_t> counts;
  for (const auto& row : table.rows) ++counts[row[place]];
  std::size_t small = 0;
  for (const auto& [name, count] : counts) small += count < options.min_class_size ? 1 : 0;
  keep_rows(table, [&](std::size_t r) { return counts[table.rows[r][place]] >= options.min_class_size; });
  out << "note: " << small << " classes with fewer than " << options.min_class_size << " rows left out, "
      << before - table.size() << " rows in all\n";
}

/// A note where ids repeat: harmless within one table, but hardly meant.
inline void note_repeated_ids(const seqlstm::io::CsvTable& table, const TableOptions& options,
                              std::ostream& out) {
  if (!table.has(options.id_column)) return;
  const std::size_t place = table.index(options.id_column);
  std::set<std::string> seen;
  std::size_t repeated = 0;
  for (const auto& row : table.rows) repeated += seen.insert(row[place]).second ? 0 : 1;
  if (repeated > 0)
    out << "warning: " << seqlstm::printable(table.file) << ": " << repeated
        << " rows repeat an id of column '" << options.id_column << "'\n";
}

}  // namespace detail

/// Reads the table, joins, filters and cleans it; says on `out` what was left out. Sequences are their
/// letters, without white space and digits.
inline seqlstm::io::CsvTable read_table(const TableOptions& options, std::ostream& out) {
  const bool fasta = detail::is_fasta(options.data);
  if (fasta && options.labels.empty() && options.needs_labels)
    throw seqlstm::option_error(options.data +
                                ": a FASTA file has no labels; name a table of ids and labels: --labels CSV");
  auto table = fasta ? detail::fasta_table(options.data, options) : detail::noted_table(options.data, out);
  if (options.labels.empty()) {
    detail::note_repeated_ids(table, options, out);
  } else {
    const auto labels = detail::without_agreeing_rows(detail::noted_table(options.labels, out), options, out);
    table = detail::joined(std::move(table), labels, options.id_column, fasta);
    detail::note_joined(table, labels, options.id_column, out);
  }
  if (table.has(options.sequence_column)) table.keep_letters(options.sequence_column);
  for (const auto& filter : options.filters) table = table.filter(filter);
  if (table.size() == 0)
    throw seqlstm::parse_error(table.file, 1,
                               "there are no rows below the header; expected a sequence a row");
  if (options.needs_labels) detail::settle_unlabelled(table, options, out);
  if (options.drop_unlabelled) detail::drop_empty(table, options, out);
  if (options.unique) detail::drop_copies(table, options, out);
  if (options.min_class_size > 0) detail::drop_small_classes(table, options, out);
  if (table.size() == 0)
    throw seqlstm::option_error(options.data + ": no row is left; ask for fewer conditions");
  return table;
}

/// The rows of the parts train, valid and test; parse_error for a row of any other.
inline std::map<std::string, std::vector<std::size_t>> rows_of_parts(const seqlstm::io::CsvTable& table,
                                                                     const std::string& column) {
  std::map<std::string, std::vector<std::size_t>> rows;
  for (std::size_t r = 0; r < table.size(); ++r) {
    const std::string& part = table.cell(r, column);
    if (part != "train" && part != "valid" && part != "test")
      throw seqlstm::parse_error(table.file, table.line(r),
                                 "column '" + column + "' has '" + part + "', expected train, valid or test");
    rows[part].push_back(r);
  }
  return rows;
}

/// The distinct sequences that may be read without labels: of FASTA files all; of tables with a split column
/// those of the training parts that no row of any file has in another part. A table without that column is
/// read whole, with a note, or refused where the column is `required`.
inline std::vector<seqlstm::Record> unlabelled_sequences(const std::vector<std::string>& files,
                                                         const std::string& sequence_column,
                                                         const std::string& split_column, bool required,
                                                         std::ostream& out) {
  std::vector<seqlstm::Record> all;
  std::set<std::string, ByLetters> held_out, seen;
  for (const auto& path : files) {
    TableOptions options;
    options.data = path;
    options.sequence_column = sequence_column;
    options.needs_labels = false;
    auto table = read_table(options, out);
    if (table.has(split_column)) {
      const std::size_t sequence = table.index(sequence_column), part = table.index(split_column);
      for (const auto& row : table.rows)
        if (row[part] != "train") held_out.insert(row[sequence]);
    } else if (required) {
      static_cast<void>(table.index(split_column));  // says which columns there are
    } else if (!detail::is_fasta(path)) {
      out << "note: " << seqlstm::printable(path) << " has no column '" << split_column
          << "': all its rows are read\n";
    }
    for (auto& record : table.records(sequence_column)) all.push_back(std::move(record));
  }
  std::vector<seqlstm::Record> kept;
  for (auto& record : all)
    if (!record.sequence.empty() && !held_out.contains(record.sequence) &&
        seen.insert(record.sequence).second)
      kept.push_back(std::move(record));
  if (!held_out.empty())
    out << "note: " << held_out.size() << " sequences of validation and test parts are not read\n";
  return kept;
}

}  // namespace examples
