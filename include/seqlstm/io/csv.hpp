// Tables by column name: CSV and TSV, plain or gzip, through libcsv.
#pragma once

#include <csv.h>

#include <algorithm>
#include <memory>
#include <seqlstm/data/record.hpp>
#include <seqlstm/io/file.hpp>
#include <seqlstm/io/lines.hpp>
#include <string>
#include <string_view>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

namespace detail {

inline std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// May the names of columns be a row of data: is one of them a long sequence, or some a number?
inline bool looks_like_row(const std::vector<std::string>& names) {
  constexpr std::size_t longest_word = 15;
  std::size_t numbers = 0;
  for (const std::string& name : names) {
    const auto is_upper = [](char c) { return (c >= 'A' && c <= 'Z') || c == '*' || c == '-'; };
    const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
    if (name.size() > longest_word &&
        (std::all_of(name.begin(), name.end(), is_upper) || std::all_of(name.begin(), name.end(), is_lower)))
      return true;
    numbers += parse_number(name) ? 1 : 0;
  }
  return numbers > 0 && numbers < names.size();
}
/// What to do about names of columns that are none; empty where they may be names.
inline std::string advice_on_header(const std::vector<std::string>& names) {
  if (looks_like_row(names))
    return ": this looks like a row; put a line with the names of the columns before it";
  const bool one = names.size() == 1;
  if (one && names[0].find_first_of(";\t") != std::string::npos)
    return ": they are divided by other characters than commas; name a file with tabs .tsv, or save the "
           "table with commas";
  return {};
}

}  // namespace detail

/// A table of text with named columns; it knows its file and the line of each row, for error messages.
struct CsvTable {
  std::string file{};                            ///< as messages name it; empty: made in memory
  std::vector<std::string> columns{};            ///< names, in the order of the cells of a row
  std::vector<std::vector<std::string>> rows{};  ///< [rows x columns]
  std::vector<std::size_t> lines{};  ///< [rows] line at which the row begins; empty: made in memory
  std::vector<std::string> notes{};  ///< what a reader of the file may want to know: sentences to print

  /// Number of rows.
  [[nodiscard]] std::size_t size() const { return rows.size(); }
  /// Is there a column of that name?
  [[nodiscard]] bool has(const std::string& column) const {
    return std::find(columns.begin(), columns.end(), column) != columns.end();
  }
  /// The column's place; parse_error with the columns there are.
  [[nodiscard]] std::size_t index(const std::string& column) const {
    const auto found = std::find(columns.begin(), columns.end(), column);
    if (found == columns.end())
      throw parse_error(file, 1,
                        "there is no column '" + column + "'; the columns are: " + detail::joined(columns) +
                            detail::advice_on_header(columns));
    return static_cast<std::size_t>(found - columns.begin());
  }
  /// The text of a cell, rows from 0. Throws as index() does.
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
  /// Leaves the letters of a column's cells: no white space, no digits, as append_letters does it.
  /// parse_error for a cell that is mostly digits.
  void keep_letters(const std::string& column) {
    const std::size_t place = index(column);
    for (std::size_t i = 0; i < size(); ++i) rows[i][place] = letters(i, place);
  }
  /// The rows as records, whose sequences are the letters of their cells (append_letters); without an id
  /// column they are named by their line.
  [[nodiscard]] std::vector<Record> records(const std::string& sequence_column,
                                            const std::string& id_column = "") const {
    const std::size_t sequence = index(sequence_column);
    const std::size_t id = id_column.empty() ? 0 : index(id_column);
    std::vector<Record> result(size());
    for (std::size_t i = 0; i < size(); ++i) {
      result[i].id = id_column.empty() ? std::to_string(line(i)) : rows[i][id];
      result[i].sequence = letters(i, sequence);
      result[i].file = file;
      result[i].line = line(i);
    }
    return result;
  }
  /// Line of the file at which row `row` begins, from 1; of a table made in memory, as if one line of names
  /// stood before the rows.
  [[nodiscard]] std::size_t line(std::size_t row) const { return row < lines.size() ? lines[row] : row + 2; }

 private:
  [[nodiscard]] std::string letters(std::size_t row, std::size_t place) const {
    std::string letters;
    const std::size_t digits = append_letters(letters, rows[row][place]);
    if (digits > letters.size() + few_digits)
      throw parse_error(file, line(row),
                        detail::excerpt(rows[row][place]) + " in column '" + columns[place] +
                            "' is mostly digits, expected letters; is it the column of the sequences?");
    return letters;
  }
};

namespace detail {

/// Feeds a file to libcsv line by line, so that every row knows its line, and collects the rows. Lines with
/// tabs are cut at every tab: there a quote is a character like any other.
class CsvReader {
 public:
  CsvReader(const std::string& path, char delimiter, const TextLimits& limits)
      : lines_(path, limits), delimiter_(delimiter), blanks_(delimiter == '\t' ? " " : " \t") {
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
      if (!in_row_) begin_row();
      delimiter_ == '\t' ? cut(line) : parse(line);
      if (!in_row_) end_row();
    }
    if (csv_fini(&parser_, take_field, take_row, this) != 0 || in_row_)
      throw lines_.error(row_line_, "a quoted field of this row never ends; close its quote");
    if (table_.columns.empty())
      throw lines_.error("the file is empty; expected a line of column names, then rows");
    drop_unnamed();
    note_long_rows();
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

  void begin_row() {
    row_line_ = lines_.line();
    in_row_ = true;
    rows_within_ = 0;
  }
  void parse(std::string& line) {
    line += '\n';
    const std::size_t done = csv_parse(&parser_, line.data(), line.size(), take_field, take_row, this);
    if (done != line.size())
      throw lines_.error("misplaced quote near column " + std::to_string(done + 1) +
                         "; put the whole field into quotes and write each quote in it twice");
    if (!in_row_ || lines_.line() == row_line_) return;
    // A line within quotes: would it be a row?
    const auto fields = 1 + static_cast<std::size_t>(std::count(line.begin(), line.end(), delimiter_));
    rows_within_ += fields > 1 && fields == table_.columns.size() ? 1 : 0;
  }
  void cut(std::string_view line) {
    for (std::size_t begin = 0; begin <= line.size();) {
      const std::size_t end = std::min(line.find('\t', begin), line.size());
      const std::string_view cell = line.substr(begin, end - begin);
      const std::size_t first = std::min(cell.find_first_not_of(' '), cell.size());
      row_.emplace_back(cell.substr(first, cell.find_last_not_of(' ') + 1 - first));
      begin = end + 1;
    }
    in_row_ = false;
  }

  void end_row() {
    if (table_.columns.empty()) {
      read_names();
    } else {
      note_lines();
      take_cells();
    }
    row_.clear();
  }
  void read_names() {
    named_ = row_.size();
    while (named_ > 1 && row_[named_ - 1].empty()) --named_;
    for (std::size_t i = 0; i < named_; ++i)
      if (std::find(row_.begin(), row_.begin() + static_cast<std::ptrdiff_t>(i), row_[i]) !=
          row_.begin() + static_cast<std::ptrdiff_t>(i)) {
        const std::string advice = advice_on_header(row_);
        throw lines_.error(row_line_, "column '" + row_[i] + "' stands twice in the header" +
                                          (advice.empty() ? "; rename one" : advice));
      }
    table_.columns = std::move(row_);
  }
  /// Rows may have other numbers of cells than the header where both end in empty ones, and all rows do
  /// alike.
  void take_cells() {
    const std::size_t width = table_.columns.size();
    const bool empty_end =
        row_.size() > width && std::all_of(row_.begin() + static_cast<std::ptrdiff_t>(width), row_.end(),
                                           [](const auto& c) { return c.empty(); });
    if (row_.size() < named_ || (row_.size() > width && !empty_end))
      throw wrong_width(row_line_, row_.size());
    if (row_.size() != width && odd_rows_++ == 0) odd_line_ = row_line_, odd_width_ = row_.size();
    alike_ = alike_ && (table_.rows.empty() || row_.size() == table_.rows.front().size());
    table_.rows.push_back(std::move(row_));
    table_.lines.push_back(row_line_);
  }
  [[nodiscard]] parse_error wrong_width(std::size_t line, std::size_t fields) const {
    return lines_.error(line, "the row has " + std::to_string(fields) + " fields, expected " +
                                  std::to_string(table_.columns.size()) + " (" + joined(table_.columns) +
                                  "); add or remove fields" +
                                  (delimiter_ == '\t' ? "" : ", or quote one that holds the delimiter"));
  }
  /// Cells after the last name are the trace of a delimiter at the end of lines, where all are empty.
  void drop_unnamed() {
    if (odd_rows_ > 0 && !alike_) throw wrong_width(odd_line_, odd_width_);
    const auto behind = static_cast<std::ptrdiff_t>(named_);
    for (const auto& row : table_.rows)
      if (!std::all_of(row.begin() + behind, row.end(), [](const auto& cell) { return cell.empty(); })) {
        if (odd_rows_ > 0) throw wrong_width(odd_line_, odd_width_);
        if (table_.columns.size() - named_ < 2) return;  // one column without a name, with cells
        throw lines_.error(1, "column '' stands twice in the header; name the columns at its end");
      }
    table_.columns.resize(named_);
    for (auto& row : table_.rows) row.resize(named_);
  }

  /// Counts rows whose quotes span more lines than a cell should, or lines that look like rows.
  void note_lines() {
    constexpr std::size_t few_lines = 10;
    const std::size_t count = lines_.line() - row_line_ + 1;
    if (count <= few_lines && rows_within_ == 0) return;
    if (long_rows_++ == 0) long_line_ = row_line_, long_count_ = count, long_within_ = rows_within_;
  }
  void note_long_rows() {
    if (long_rows_ == 0) return;
    std::string note = table_.file + ":" + std::to_string(long_line_) + ": a quoted cell of this row spans " +
                       std::to_string(long_count_) + " lines";
    if (long_within_ > 0) note += ", " + std::to_string(long_within_) + " of which look like rows";
    if (long_rows_ > 1) note += ", as do cells of " + std::to_string(long_rows_ - 1) + " other rows";
    table_.notes.push_back(note + "; is its first quote meant to be one?");
  }

  LineReader lines_;
  char delimiter_;
  const char* blanks_;
  csv_parser parser_{};
  CsvTable table_;
  std::vector<std::string> row_;
  std::size_t named_ = 0;  // columns up to the last one with a name
  std::size_t row_line_ = 0, rows_within_ = 0;
  std::size_t odd_rows_ = 0, odd_line_ = 0, odd_width_ = 0;  // rows of another width than the header
  std::size_t long_rows_ = 0, long_line_ = 0, long_count_ = 0, long_within_ = 0;
  bool in_row_ = false, alike_ = true;  // alike: all rows have the same width
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

/// Reads a table with a header line. Fields may be quoted ("a ""b"", c") unless tabs divide them, where a
/// quote is a character; white space around fields, blank lines and empty cells after the last named column
/// (a delimiter at the end of lines) are left out. Throws parse_error with file:line for an empty file, a row
/// whose number of fields is not the header's, a column named twice and stray or open quotes; io_error where
/// the file cannot be read.
inline CsvTable read_csv(const std::string& path, char delimiter, const TextLimits& limits = {}) {
  return detail::CsvReader(path, delimiter, limits).read();
}
/// The same; the delimiter follows from the name, as delimiter_of() has it.
inline CsvTable read_csv(const std::string& path) {
  return read_csv(path, delimiter_of(path));
}

namespace detail {

/// A line of CSV; cells are quoted where they must be.
inline std::string csv_line(const std::vector<std::string>& cells, char delimiter) {
  const std::string special = std::string("\"\r\n") + delimiter;
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) text += delimiter;
    const std::string& cell = cells[i];
    if (cell.find_first_of(std::string_view("\r\0", 2)) != std::string::npos)
      throw option_error("cell " + excerpt(cell) +
                         " holds a carriage return or a NUL byte, which no table gives back; take it out");
    const bool plain = cell.find_first_of(special) == std::string::npos && trim(cell).size() == cell.size() &&
                       !(cells.size() == 1 && cell.empty()) && !is_mark(cell);
    if (plain) {
      text += cell;
      continue;
    }
    text += '"';
    for (const char c : cell) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    text += '"';
  }
  return text + '\n';
}

/// A line of cells with tabs between them, which has no quotes: option_error for a cell that would not be
/// read back.
inline std::string tab_line(const std::vector<std::string>& cells) {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string& cell = cells[i];
    const bool broken =
        cell.find_first_of(std::string_view("\t\r\n\0", 4)) != std::string::npos || (i == 0 && is_mark(cell));
    if (broken || cell.starts_with(' ') || cell.ends_with(' ') || (cells.size() == 1 && cell.empty()))
      throw option_error(
          "cell " + excerpt(printable(cell)) +
          " cannot stand between tabs, where nothing is quoted: a tab, a line break, a blank at "
          "an end or an empty line would not be read back; write CSV (a name in .csv)");
    text += (i > 0 ? "\t" : "") + cell;
  }
  return text + '\n';
}

}  // namespace detail

/// Writes a table that read_csv reads back, atomically: cells are quoted where they must be. Throws
/// option_error for a cell that the format cannot hold: between tabs a tab or line break.
inline void write_csv(const std::string& path, const CsvTable& table, char delimiter) {
  const auto line = [&](const std::vector<std::string>& cells) {
    return delimiter == '\t' ? detail::tab_line(cells) : detail::csv_line(cells, delimiter);
  };
  write_file_atomically(path, [&](AtomicFile& file) {
    file.write(line(table.columns));
    for (const auto& row : table.rows) file.write(line(row));
  });
}
/// The same; the delimiter follows from the name, as delimiter_of() has it.
inline void write_csv(const std::string& path, const CsvTable& table) {
  write_csv(path, table, delimiter_of(path));
}

}  // namespace io
SEQLSTM_NAMESPACE_END
