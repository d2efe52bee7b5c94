// Tables by column name: CSV and TSV, plain or gzip, through libcsv.
#pragma once

#include <csv.h>

#include <algorithm>
#include <memory>
#include <seqlstm/data/record.hpp>
#include <seqlstm/io/file.hpp>
#include <seqlstm/io/lines.hpp>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

namespace detail {

inline std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace detail

/// A table of text with named columns; it knows its file and the line of each row, for error messages.
struct CsvTable {
  std::string file{};
  std::vector<std::string> columns{};
  std::vector<std::vector<std::string>> rows{};  ///< [rows x columns]
  std::vector<std::size_t> lines{};  ///< [rows] line at which the row begins; empty: made in memory

  [[nodiscard]] std::size_t size() const { return rows.size(); }
  [[nodiscard]] bool has(const std::string& column) const {
    return std::find(columns.begin(), columns.end(), column) != columns.end();
  }
  /// The column's place; parse_error with the columns there are.
  [[nodiscard]] std::size_t index(const std::string& column) const {
    const auto found = std::find(columns.begin(), columns.end(), column);
    if (found == columns.end())
      throw parse_error(file, 1,
                        "there is no column '" + column + "'; the columns are: " + detail::joined(columns));
    return static_cast<std::size_t>(found - columns.begin());
  }
  [[nodiscard]] const std::string& cell(std::size_t row, const std::string& column) const {
    return rows[row][index(column)];
  }
  /// A column as text.
  [[nodiscard]] std::vector<std::string> values(const std::string& column) const {
    const std::size_t place = index(column);
    std::vector<std::string> cells;
    cells.reserve(size());
    for (const auto& row : rows) cells.push_back(row[place]);
    return cells;
  }
  /// A column as numbers; parse_error at the first cell that is no finite number.
  [[nodiscard]] std::vector<double> numbers(const std::string& column) const {
    const std::size_t place = index(column);
    std::vector<double> result(size());
    for (std::size_t i = 0; i < size(); ++i) {
      const std::string& cell = rows[i][place];
      const auto number = parse_number(cell);
      if (!number)
        throw parse_error(file, line(i),
                          detail::excerpt(cell) + " in column '" + column +
                              "' is not a number; correct the cell or choose another column");
      result[i] = *number;
    }
    return result;
  }
  /// The rows whose cell in `column` is `value`.
  [[nodiscard]] CsvTable where(const std::string& column, const std::string& value) const {
    const std::size_t place = index(column);
    CsvTable part{.file = file, .columns = columns};
    for (std::size_t i = 0; i < size(); ++i) {
      if (rows[i][place] != value) continue;
      part.rows.push_back(rows[i]);
      part.lines.push_back(line(i));
    }
    return part;
  }
  /// `where` for a command line's "COLUMN=VALUE"; option_error for other text, or where no row is left.
  [[nodiscard]] CsvTable filter(const std::string& condition) const {
    const std::size_t equals = condition.find('=');
    if (equals == std::string::npos || equals == 0)
      throw option_error("filter '" + condition + "' is not of the form COLUMN=VALUE");
    CsvTable part = where(condition.substr(0, equals), condition.substr(equals + 1));
    if (part.size() == 0)
      throw option_error("filter '" + condition + "' leaves none of the " + std::to_string(size()) +
                         " rows of " + file + "; check the value");
    return part;
  }
  /// The rows as records; without an id column they are named by their line.
  [[nodiscard]] std::vector<Record> records(const std::string& sequence_column,
                                            const std::string& id_column = "") const {
    const std::size_t sequence = index(sequence_column);
    const std::size_t id = id_column.empty() ? 0 : index(id_column);
    std::vector<Record> result(size());
    for (std::size_t i = 0; i < size(); ++i) {
      result[i].id = id_column.empty() ? std::to_string(line(i)) : rows[i][id];
      result[i].sequence = rows[i][sequence];
      result[i].file = file;
      result[i].line = line(i);
    }
    return result;
  }
  [[nodiscard]] std::size_t line(std::size_t row) const { return row < lines.size() ? lines[row] : row + 2; }
};

namespace detail {

/// Feeds a file to libcsv line by line, so that every row knows its line, and collects the rows.
class CsvReader {
 public:
  CsvReader(const std::string& path, char delimiter)
      : lines_(path), blanks_(delimiter == '\t' ? " " : " \t") {
    csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI);
    csv_set_delim(&parser_, static_cast<unsigned char>(delimiter));
    table_.file = path;
  }
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;
  ~CsvReader() { csv_free(&parser_); }

  CsvTable read() {
    for (std::string line; lines_.next(line);) {
      if (!in_row_ && line.find_first_not_of(blanks_) == std::string::npos) continue;
      if (!in_row_) row_line_ = lines_.line();
      in_row_ = true;
      line += '\n';
      const std::size_t done = csv_parse(&parser_, line.data(), line.size(), take_field, take_row, this);
      if (done != line.size())
        throw lines_.error("misplaced quote near column " + std::to_string(done + 1) +
                           "; put the whole field into quotes and write each quote in it twice");
      if (!in_row_) end_row();
    }
    if (csv_fini(&parser_, take_field, take_row, this) != 0 || in_row_)
      throw lines_.error(row_line_, "a quoted field of this row never ends; close its quote");
    if (table_.columns.empty())
      throw lines_.error("the file is empty; expected a line of column names, then rows");
    return std::move(table_);
  }

 private:
  // Called from C, through which no exception may pass.
  static void take_field(void* text, std::size_t size, void* self) noexcept {
    static_cast<CsvReader*>(self)->row_.emplace_back(static_cast<const char*>(text), size);
  }
  static void take_row(int /*terminator*/, void* self) noexcept {
    static_cast<CsvReader*>(self)->in_row_ = false;
  }

  void end_row() {
    if (table_.columns.empty()) {
      for (auto name = row_.begin(); name != row_.end(); ++name)
        if (std::find(row_.begin(), name, *name) != name)
          throw lines_.error(row_line_, "column '" + *name + "' stands twice in the header; rename one");
      table_.columns = std::move(row_);
    } else {
      if (row_.size() != table_.columns.size())
        throw lines_.error(row_line_, "the row has " + std::to_string(row_.size()) + " fields, expected " +
                                          std::to_string(table_.columns.size()) + " (" +
                                          joined(table_.columns) +
                                          "); add or remove fields, or quote one that holds the delimiter");
      table_.rows.push_back(std::move(row_));
      table_.lines.push_back(row_line_);
    }
    row_.clear();
  }

  LineReader lines_;
  const char* blanks_;
  csv_parser parser_{};
  CsvTable table_;
  std::vector<std::string> row_;
  std::size_t row_line_ = 0;
  bool in_row_ = false;
};

inline bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace detail

/// Tab for names that end in .tsv or .tab (.gz or not), else a comma.
inline char delimiter_of(std::string_view path) {
  if (detail::ends_with(path, ".gz")) path.remove_suffix(3);
  return detail::ends_with(path, ".tsv") || detail::ends_with(path, ".tab") ? '\t' : ',';
}

/// Reads a table with a header line. Fields may be quoted ("a ""b"", c"), white space around fields and blank
/// lines are skipped. Throws parse_error with file:line for an empty file, a row whose number of fields is
/// not the header's, a column named twice and stray or open quotes; io_error where the file cannot be read.
inline CsvTable read_csv(const std::string& path, char delimiter) {
  return detail::CsvReader(path, delimiter).read();
}
inline CsvTable read_csv(const std::string& path) {
  return read_csv(path, delimiter_of(path));
}

/// Writes a table that read_csv reads back, atomically; cells are quoted where they must be.
inline void write_csv(const std::string& path, const CsvTable& table, char delimiter) {
  const std::string special = std::string("\"\r\n") + delimiter;
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) text += delimiter;
      const std::string& cell = cells[i];
      const bool plain = cell.find_first_of(special) == std::string::npos &&
                         detail::trim(cell).size() == cell.size() && !(cells.size() == 1 && cell.empty());
      if (plain) {
        text += cell;
        continue;
      }
      text += '"';
      for (const char c : cell) text += c == '"' ? std::string("\"\"") : std::string(1, c);
      text += '"';
    }
    return text + '\n';
  };
  write_file_atomically(path, [&](AtomicFile& file) {
    file.write(line(table.columns));
    for (const auto& row : table.rows) file.write(line(row));
  });
}
inline void write_csv(const std::string& path, const CsvTable& table) {
  write_csv(path, table, delimiter_of(path));
}

}  // namespace io
SEQLSTM_NAMESPACE_END
