// The table behind a data set: one CSV, or sequences (CSV or FASTA) joined by id with a table of labels;
// cleaned, with notes of what was left out.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <seqlstm/core/text.hpp>
#include <seqlstm/data/label_names.hpp>
#include <seqlstm/data/missing_values.hpp>
#include <seqlstm/data/sequence_type.hpp>
#include <seqlstm/io/csv.hpp>
#include <seqlstm/io/fasta.hpp>
#include <seqlstm/io/lines.hpp>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// Sentences for whoever reads data, escaped (printable). One that begins with "warning: " says what was
/// probably not intended.
using Notes = std::vector<std::string>;

/// Where the table is, and which of its rows count.
struct TableOptions {
  std::string data = {};         ///< file of the sequences: CSV, TSV or FASTA, gzip or not
  std::string labels = {};       ///< file of a second table, joined by id; empty: the first has all there is
  std::string id_column = "id";  ///< what joins the two tables
  std::string sequence_column = "sequence";    ///< the letters
  std::string label_column = "label";          ///< class names, lists of them, or numbers
  std::vector<std::string> filters = {};       ///< keep rows with "COLUMN=VALUE"
  std::vector<std::string> read_columns = {};  ///< what is read beside id, sequence and label
  bool needs_labels = true;                    ///< false: rows may be without a label
  bool drop_unlabelled = false;                ///< rows without a label or sequence are left out
  bool several_labels = false;                 ///< a cell lists any number of labels
  std::optional<std::string> missing = {};     ///< words that stand for "no value"; without: the usual ones
  bool unique = false;                         ///< of equal sequences the first only
  std::size_t min_class_size = 0;              ///< smaller classes are left out

  /// What messages call options, for a program that has other names for them ("--labels").
  struct Names {
    std::string labels = "labels";                    ///< of `labels`
    std::string drop_unlabelled = "drop_unlabelled";  ///< of `drop_unlabelled`
    std::string missing = "missing";                  ///< of `missing`
  } names = {};                                       ///< those of this table

  /// The cells of the label column that stand for "no value".
  [[nodiscard]] MissingValues missing_labels() const {
    return missing ? MissingValues::listed(*missing) : MissingValues::usual();
  }
  /// The cells of the sequence column that do: of the usual words the empty cell alone.
  [[nodiscard]] MissingValues missing_sequences() const { return missing_sequences(missing); }
  /// The same for a list of words that is not in options.
  static MissingValues missing_sequences(const std::optional<std::string>& words) {
    return words ? MissingValues::listed(*words) : MissingValues();
  }
};

/// Where every id of a table stands; parse_error for an id that stands twice.
inline std::map<std::string, std::size_t> rows_by_id(const CsvTable& table, const std::string& column) {
  const std::size_t place = table.index(column);
  std::map<std::string, std::size_t> rows;
  for (std::size_t r = 0; r < table.size(); ++r) {
    const auto [first, fresh] = rows.emplace(table.rows[r][place], r);
    if (!fresh)
      throw parse_error(table.file, table.line(r),
                        "id '" + first->first + "' stands on line " +
                            std::to_string(table.line(first->second)) +
                            " already; ids that join two files must be unique");
  }
  return rows;
}

/// Keeps the rows for which keep(row) is true.
template <class Keep> void keep_rows(CsvTable& table, Keep keep) {
  std::size_t kept = 0;
  for (std::size_t r = 0; r < table.size(); ++r) {
    if (!keep(r)) continue;
    if (kept != r) {
      table.rows[kept] = std::move(table.rows[r]);
      if (r < table.lines.size()) table.lines[kept] = table.lines[r];
    }
    ++kept;
  }
  table.rows.resize(kept);
  table.lines.resize(std::min(kept, table.lines.size()));
}

/// Does the first line of a file that is neither blank nor a comment begin with '>'?
inline bool is_fasta(const std::string& path) {
  LineReader lines(path);
  for (std::string line; lines.next(line, 1U << 16U);) {
    if (lines.continues()) continue;
    const auto first = line.find_first_not_of(" \t");
    if (first == std::string::npos || line[first] == ';') continue;
    return line[first] == '>';
  }
  return false;
}

namespace detail {

/// A sentence of several parts, which is noted when it ends.
class Note {
 public:
  explicit Note(Notes& notes) : notes_(&notes) {}
  ~Note() { notes_->push_back(text_.str()); }
  Note(const Note&) = delete;
  Note& operator=(const Note&) = delete;
  template <class Part> Note& operator<<(const Part& part) {
    text_ << part;
    return *this;
  }

 private:
  Notes* notes_;
  std::ostringstream text_;
};

/// A FASTA file as a table: id, description, sequence.
inline CsvTable fasta_table(const std::string& path, const TableOptions& options) {
  CsvTable table{.file = path, .columns = {options.id_column, "description", options.sequence_column}};
  for (auto& record : read_fasta(path)) {
    table.lines.push_back(record.line_at(0));
    table.rows.push_back({std::move(record.id), std::move(record.description), std::move(record.sequence)});
  }
  return table;
}

/// A number for every row's class: spellings of one class have one.
inline std::vector<std::size_t> class_numbers(const CsvTable& table, const std::string& column) {
  const auto names = table.values(column);
  std::map<std::string, std::size_t> numbers;
  const auto classes = label_classes(names);
  for (std::size_t c = 0; c < classes.size(); ++c)
    for (const auto& spelling : classes[c].spellings) numbers.emplace(spelling, c);
  std::vector<std::size_t> of_row;
  for (const auto& name : names) of_row.push_back(numbers.at(name));
  return of_row;
}

/// A table of a file; its notes join the others.
inline CsvTable noted_table(const std::string& path, Notes& notes) {
  auto table = read_csv(path);
  for (const auto& note : table.notes) Note(notes) << printable(note);
  table.notes.clear();
  return table;
}

/// A table of labels without the rows that repeat an id and agree with the first of it on all that is read (a
/// structure that was published twice).
inline CsvTable without_agreeing_rows(CsvTable labels, const TableOptions& options, Notes& notes) {
  std::vector<std::size_t> places = {labels.index(options.id_column)};
  const auto compare = [&](const std::string& column) {
    if (labels.has(column)) places.push_back(labels.index(column));
  };
  const bool labelled = labels.has(options.label_column);
  const auto classes =
      labelled ? class_numbers(labels, options.label_column) : std::vector<std::size_t>(labels.size());
  for (const auto& column : options.read_columns) compare(column);
  for (const auto& filter : options.filters) compare(filter.substr(0, filter.find('=')));
  std::set<std::vector<std::string>> seen;
  const std::size_t before = labels.size();
  keep_rows(labels, [&](std::size_t r) {
    std::vector<std::string> cells = {std::to_string(classes[r])};
    for (const std::size_t place : places) cells.push_back(labels.rows[r][place]);
    return seen.insert(std::move(cells)).second;
  });
  if (labels.size() < before)
    Note(notes) << before - labels.size() << " rows of " << printable(labels.file)
                << " repeat an id and agree with its first row, which counts";
  return labels;
}

/// Every row of `table` with the columns of `other` that it lacks, by id. Rows whose id `other` does not have
/// get empty cells. Of a FASTA file every id may stand once; a table of sequences may repeat one (the chains
/// of a structure).
inline CsvTable joined(CsvTable table, const CsvTable& other, const std::string& id_column, bool unique_ids) {
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

/// Says how many rows of a table of labels found no sequence, and how many sequences share an id.
inline void note_joined(const CsvTable& table, const CsvTable& labels, const std::string& id_column,
                        Notes& notes) {
  std::set<std::string> ids;
  for (const auto& row : table.rows) ids.insert(row[table.index(id_column)]);
  std::size_t idle = 0;
  for (const auto& row : labels.rows) idle += ids.contains(row[labels.index(id_column)]) ? 0 : 1;
  if (idle > 0) Note(notes) << idle << " rows of " << printable(labels.file) << " have no sequence";
  if (ids.size() < table.size())
    Note(notes) << table.size() - ids.size() << " sequences have the id of another, and its label";
}

}  // namespace detail

/// How many rows have an empty cell, and which words for "no value" the others have.
struct RowsWithoutLabel {
  std::size_t empty = 0;                          ///< rows with an empty cell
  std::size_t first = 0;                          ///< the first row of all these; 0 without any
  std::map<std::string, std::size_t> words = {};  ///< rows by the word that they have

  /// All rows without a label.
  [[nodiscard]] std::size_t count() const {
    std::size_t sum = empty;
    for (const auto& [word, rows] : words) sum += rows;
    return sum;
  }
  /// "'NA' and 'null'"; "" where all are empty.
  [[nodiscard]] std::string named() const {
    std::string text;
    for (const auto& [word, rows] : words) text += (text.empty() ? "'" : " and '") + printable(word) + "'";
    return text;
  }
  /// What keeps those words as classes.
  [[nodiscard]] static std::string advice(const TableOptions& options) {
    return options.missing ? "a shorter list of " + options.names.missing : options.names.missing + " \"\"";
  }
};
/// Those of the label column.
inline RowsWithoutLabel rows_without_label(const CsvTable& table, const TableOptions& options) {
  const std::size_t place = table.index(options.label_column);
  const auto missing = options.missing_labels();
  RowsWithoutLabel found;
  for (std::size_t r = table.size(); r-- > 0;) {
    const std::string_view cell = seqlstm::detail::trimmed(table.rows[r][place]);
    if (!missing(cell)) continue;
    found.first = r;
    ++(cell.empty() ? found.empty : found.words[std::string(cell)]);
  }
  return found;
}

namespace detail {

/// Rows without a label are an error, or left out and counted.
inline void settle_unlabelled(CsvTable& table, const TableOptions& options, Notes& notes) {
  const std::size_t place = table.index(options.label_column), rows = table.size();
  const auto found = rows_without_label(table, options);
  if (found.count() == 0) return;
  const std::string named = found.named();
  if (!options.drop_unlabelled) {
    const std::string cell(seqlstm::detail::trimmed(table.rows[found.first][place]));
    throw parse_error(
        table.file, table.line(found.first),
        "column '" + options.label_column + "' is " +
            (cell.empty() ? "empty" : "'" + cell + "', which stands for no value") +
            (options.labels.empty() ? "" : " or has no row in " + options.labels) + ", here and in " +
            std::to_string(found.count() - 1) + " other rows; give the row a label" +
            (options.several_labels ? " (; where it has none of them)" : "") + ", or pass " +
            options.names.drop_unlabelled + " to leave such rows out" +
            (named.empty()
                 ? ""
                 : ", or " + RowsWithoutLabel::advice(options) + " to keep " + named + " as a class"));
  }
  const auto missing = options.missing_labels();
  keep_rows(table, [&](std::size_t r) { return !missing(table.rows[r][place]); });
  if (found.empty > 0) Note(notes) << found.empty << " rows without a label left out";
  if (!named.empty())
    Note(notes) << found.count() - found.empty << " of " << rows << " rows have " << named
                << " as label and are left out; " << RowsWithoutLabel::advice(options)
                << " keeps it as a class";
}

/// Sequences that stand for "no value" become empty ones.
inline void blank_sequences(CsvTable& table, const TableOptions& options, Notes& notes) {
  const std::size_t place = table.index(options.sequence_column);
  const auto missing = options.missing_sequences();
  std::size_t words = 0;
  for (auto& row : table.rows) {
    if (row[place].empty() || !missing(row[place])) continue;
    words += seqlstm::detail::trimmed(row[place]).empty() ? 0 : 1;
    row[place].clear();
  }
  if (words > 0)
    Note(notes) << words << " sequences are words of " << options.names.missing << " and count as none";
}

inline void drop_empty(CsvTable& table, const TableOptions& options, Notes& notes) {
  const std::size_t place = table.index(options.sequence_column), before = table.size();
  keep_rows(table, [&](std::size_t r) { return !table.rows[r][place].empty(); });
  if (table.size() < before) Note(notes) << before - table.size() << " rows without a sequence left out";
}

inline void drop_copies(CsvTable& table, const TableOptions& options, Notes& notes) {
  const std::size_t place = table.index(options.sequence_column), before = table.size();
  const auto labels = table.has(options.label_column) ? class_numbers(table, options.label_column)
                                                      : std::vector<std::size_t>(before);
  std::map<std::string, std::size_t, CanonicalLess> seen;
  std::size_t contradictory = 0;
  keep_rows(table, [&](std::size_t r) {
    const auto [first, fresh] = seen.emplace(table.rows[r][place], labels[r]);
    contradictory += !fresh && first->second != labels[r] ? 1 : 0;
    return fresh;
  });
  Note note(notes);
  note << before - table.size() << " rows repeat a sequence and are left out";
  if (contradictory > 0) note << ", " << contradictory << " of them with another label than the first";
}

inline void drop_small_classes(CsvTable& table, const TableOptions& options, Notes& notes) {
  const std::size_t before = table.size();
  const auto labels = class_numbers(table, options.label_column);
  std::vector<std::size_t> counts(labels.empty() ? 0 : 1 + *std::max_element(labels.begin(), labels.end()));
  for (const std::size_t c : labels) ++counts[c];
  std::size_t small_classes = 0;
  for (const std::size_t count : counts) small_classes += count < options.min_class_size ? 1 : 0;
  keep_rows(table, [&](std::size_t r) { return counts[labels[r]] >= options.min_class_size; });
  Note(notes) << small_classes << " classes with fewer than " << options.min_class_size << " rows left out, "
              << before - table.size() << " rows in all";
}

/// A note where ids repeat: harmless within one table, but hardly meant.
inline void note_repeated_ids(const CsvTable& table, const TableOptions& options, Notes& notes) {
  if (!table.has(options.id_column)) return;
  const std::size_t place = table.index(options.id_column);
  std::set<std::string> seen;
  std::size_t repeated = 0;
  for (const auto& row : table.rows) repeated += seen.insert(row[place]).second ? 0 : 1;
  if (repeated > 0)
    Note(notes) << "warning: " << printable(table.file) << ": " << repeated
                << " rows repeat an id of column '" << options.id_column << "'";
}

}  // namespace detail

/// Sentences on which spellings of labels count as one class.
inline Notes spelling_notes(const std::vector<std::string>& labels) {
  constexpr std::size_t most = 5;
  Notes notes;
  std::size_t count = 0;
  for (const auto& one : label_classes(labels)) {
    if (one.spellings.size() < 2) continue;
    if (++count > most) continue;
    detail::Note note(notes);
    note << "the labels ";
    for (std::size_t i = 0; i < one.spellings.size(); ++i)
      note << (i == 0                         ? "'"
               : i + 1 < one.spellings.size() ? ", '"
                                              : " and '")
           << printable(one.spellings[i]) << '\'';
    note << " are one class, '" << printable(one.name) << '\'';
  }
  if (count > most) detail::Note(notes) << "so are spellings of " << count - most << " more classes";
  return notes;
}

/// Reads the table, joins, filters and cleans it; `notes` get sentences on what was left out, also where it
/// then throws. Sequences are their letters, without white space and digits. Throws io_error, parse_error
/// with file and line (no rows, a row without a label), and option_error where no row is left.
inline CsvTable read_table(const TableOptions& options, Notes& notes) {
  const bool fasta = is_fasta(options.data);
  if (fasta && options.labels.empty() && options.needs_labels)
    throw option_error(options.data + ": a FASTA file has no labels; name a table of ids and labels: " +
                       options.names.labels);
  auto table = fasta ? detail::fasta_table(options.data, options) : detail::noted_table(options.data, notes);
  if (options.labels.empty()) {
    detail::note_repeated_ids(table, options, notes);
  } else {
    const auto labels =
        detail::without_agreeing_rows(detail::noted_table(options.labels, notes), options, notes);
    table = detail::joined(std::move(table), labels, options.id_column, fasta);
    detail::note_joined(table, labels, options.id_column, notes);
  }
  if (table.has(options.sequence_column)) table.keep_letters(options.sequence_column);
  for (const auto& filter : options.filters) table = table.filter(filter);
  if (table.size() == 0)
    throw parse_error(table.file, 1, "there are no rows below the header; expected a sequence a row");
  if (options.needs_labels) detail::settle_unlabelled(table, options, notes);
  detail::blank_sequences(table, options, notes);
  if (options.drop_unlabelled) detail::drop_empty(table, options, notes);
  if (options.unique) detail::drop_copies(table, options, notes);
  if (options.min_class_size > 0) detail::drop_small_classes(table, options, notes);
  if (table.size() == 0) throw option_error(options.data + ": no row is left; ask for fewer conditions");
  return table;
}
/// The same; the notes are the table's.
inline CsvTable read_table(const TableOptions& options) {
  Notes notes;
  auto table = read_table(options, notes);
  table.notes = std::move(notes);
  return table;
}

/// The rows of the parts train, valid and test; parse_error for a row of any other.
inline std::map<std::string, std::vector<std::size_t>> rows_of_parts(const CsvTable& table,
                                                                     const std::string& column) {
  std::map<std::string, std::vector<std::size_t>> rows;
  for (std::size_t r = 0; r < table.size(); ++r) {
    const std::string& part = table.cell(r, column);
    if (part != "train" && part != "valid" && part != "test")
      throw parse_error(table.file, table.line(r),
                        "column '" + column + "' has '" + part + "', expected train, valid or test");
    rows[part].push_back(r);
  }
  return rows;
}

/// The distinct sequences that may be read without labels: of FASTA files all; of tables with a split column
/// those of the training parts that no row of any file has in another part. A table without that column is
/// read whole, with a note, or refused where the column is `required`. Of the options the column of the
/// sequences, the words for no value and the names count.
inline std::vector<Record> unlabelled_sequences(const std::vector<std::string>& files,
                                                const TableOptions& options, const std::string& split_column,
                                                bool required, Notes& notes) {
  std::vector<Record> all, kept;
  std::set<std::string, CanonicalLess> held_out, seen;
  for (const auto& path : files) {
    TableOptions of_file;
    of_file.data = path;
    of_file.sequence_column = options.sequence_column;
    of_file.missing = options.missing;
    of_file.names = options.names;
    of_file.needs_labels = false;
    const auto table = read_table(of_file, notes);
    if (table.has(split_column)) {
      const std::size_t sequence = table.index(options.sequence_column), part = table.index(split_column);
      for (const auto& row : table.rows)
        if (row[part] != "train") held_out.insert(row[sequence]);
    } else if (required) {
      static_cast<void>(table.index(split_column));  // says which columns there are
    } else if (!is_fasta(path)) {
      detail::Note(notes) << printable(path) << " has no column '" << split_column
                          << "': all its rows are read";
    }
    for (auto& record : table.records(options.sequence_column)) all.push_back(std::move(record));
  }
  for (auto& record : all)
    if (!record.sequence.empty() && !held_out.contains(record.sequence) &&
        seen.insert(record.sequence).second)
      kept.push_back(std::move(record));
  if (!held_out.empty())
    detail::Note(notes) << held_out.size() << " sequences of validation and test parts are not read";
  return kept;
}

}  // namespace io
SEQLSTM_NAMESPACE_END
