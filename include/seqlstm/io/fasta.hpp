// FASTA and FASTQ, record by record or all at once, plain or gzip.
#pragma once

#include <algorithm>
#include <array>
#include <iterator>
#include <seqlstm/data/record.hpp>
#include <seqlstm/io/file.hpp>
#include <seqlstm/io/lines.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

namespace detail {

inline constexpr const char* expected_fasta = "FASTA: a line '>name', then lines of letters";
inline constexpr const char* expected_three_lines =
    "three-line FASTA: a line '>name', a line of letters and one of annotation";
inline constexpr const char* expected_fastq = "FASTQ: '@name', letters, '+', quality";

/// Splits a header, without its '>' or '@', into id and description.
inline void read_header(std::string_view header, Record& record) {
  header = trim(header);
  const std::size_t id_end = std::min(header.size(), header.find_first_of(blanks));
  record.id = header.substr(0, id_end);
  record.description = trim(header.substr(id_end));
}

/// A record without content that keeps its memory; its letters begin after the line `header`.
inline void clear_record(Record& record, const std::string& path, std::size_t header) {
  record.sequence.clear();
  record.quality.clear();
  record.annotation.clear();
  record.mask.clear();
  record.line_starts.clear();
  record.gaps.clear();
  record.file = path;
  record.line = header + 1;
}

/// Appends a line, or a piece of one, to a record; returns the digits taken out.
inline std::size_t append_line(Record& record, std::string_view text, bool begins_line = true) {
  if (begins_line) {
    record.line_starts.push_back(record.sequence.size());
    record.gaps.begin_line();
  }
  return append_letters(record.sequence, text, &record.gaps);
}

/// Appends what stands beside letters, quality or labels: all characters but white space. Digits count here.
inline void append_beside(std::string& characters, std::string_view text) {
  for (const char c : text)
    if (!is_layout(c) || (c >= '0' && c <= '9')) characters += c;
}

/// The error of what stands where the first header should.
inline parse_error no_header(const LineReader& lines, std::string_view line, const std::string& expected) {
  std::string advice = "; check that it is the right file";
  if (line.starts_with('@')) advice = "; this looks like FASTQ: read it as such (read_fastq), or convert it";
  if (line.starts_with('>')) advice = "; this looks like FASTA: read it as such (read_fasta)";
  return lines.error("found " + excerpt(line) + ", expected " + expected + advice);
}

template <class Reader> std::vector<Record> read_all(Reader reader) {
  std::vector<Record> records;
  for (const Record& record : reader) records.push_back(record);
  return records;
}

/// The records of a reader, one after the other, in the same memory.
template <class Reader> class RecordIterator {
 public:
  using value_type = Record;
  using difference_type = std::ptrdiff_t;

  explicit RecordIterator(Reader& reader) : reader_(&reader) { ++*this; }
  const Record& operator*() const { return record_; }
  RecordIterator& operator++() {
    at_end_ = !reader_->next(record_);
    return *this;
  }
  void operator++(int) { ++*this; }
  friend bool operator==(const RecordIterator& place, std::default_sentinel_t) { return place.at_end_; }

 private:
  Reader* reader_;
  Record record_;
  bool at_end_ = false;
};

/// Are all records so far of two lines of equal length, the second with long runs of few letters, as only
/// annotations have? Three-line FASTA, whose third line must not become residues.
class ThreeLineCheck {
 public:
  /// Notes a record; of what is clearly three-line FASTA (or, at the file's end, probably) true.
  bool add(const Record& record, bool at_end) {
    if (possible_) possible_ = note(record);
    if (!possible_ || pairs_ < (at_end ? at_least : surely)) return false;
    const std::size_t letters = static_cast<std::size_t>(std::count(seen_.begin(), seen_.end(), true));
    // Random DNA changes from letter to letter in 75 of 100 places and protein in 94; membranes, signal
    // peptides and secondary structure in 1 to 25.
    return letters <= 10 && 100 * changes_[1] <= 35 * pairs_ && 100 * changes_[0] >= 50 * pairs_;
  }

 private:
  static constexpr std::size_t at_least = 15, surely = 400;  // pairs of letters looked at

  bool note(const Record& record) {
    std::array<std::string_view, 2> lines;
    std::size_t count = 0;
    for (std::size_t i = 0; i < record.line_starts.size(); ++i) {
      const std::size_t begin = record.line_starts[i];
      const std::size_t end =
          i + 1 < record.line_starts.size() ? record.line_starts[i + 1] : record.sequence.size();
      if (begin == end) continue;
      if (count == 2) return false;
      lines[count++] = std::string_view(record.sequence).substr(begin, end - begin);
    }
    if (count != 2 || lines[0].size() != lines[1].size()) return false;
    pairs_ += lines[0].size() - 1;
    for (std::size_t line = 0; line < 2; ++line)
      for (std::size_t i = 1; i < lines[line].size(); ++i)
        changes_[line] += lines[line][i] != lines[line][i - 1] ? 1 : 0;
    for (const char letter : lines[1]) seen_[static_cast<unsigned char>(letter)] = true;
    return true;
  }

  bool possible_ = true;
  std::size_t pairs_ = 0;
  std::array<std::size_t, 2> changes_{};  // of each line: neighbours that differ
  std::array<bool, 256> seen_{};          // letters of second lines
};

}  // namespace detail

/// Streams a FASTA file in pieces, headers and stretches of lines, so that memory depends neither on lines
/// nor on records. Lines that begin with ';' are comments; blanks before a '>' or ';' do not count. Throws as
/// FastaReader does. By default gzip may grow to any size: nothing is kept.
class FastaPieces {
 public:
  static constexpr std::size_t longest = 1U << 16U;  ///< bytes of a piece of letters

  /// Opens the file and reads its first header. Throws where there is none, and says what was expected.
  explicit FastaPieces(const std::string& path, const TextLimits& limits = {.expansion = 0},
                       const char* expected = detail::expected_fasta)
      : lines_(path, limits), longest_header_(limits.longest_line) {
    do {
      if (!lines_.next(text_, longest))
        throw lines_.error(std::string("the file is empty; expected ") + expected);
      read_kind();
    } while (kind_ == Kind::blank || kind_ == Kind::comment);
    if (kind_ != Kind::header) throw detail::no_header(lines_, text_, expected);
    read_header();
    waits_ = true;
  }

  /// Goes to the next piece, at first to the first header; false after the last.
  bool next() {
    if (std::exchange(waits_, false)) return true;
    if (!lines_.next(text_, longest)) return false;
    read_kind();
    if (kind_ == Kind::header) read_header();
    if (kind_ == Kind::comment) text_.clear();
    return true;
  }
  /// A header, whole, or a stretch of letters?
  [[nodiscard]] bool is_header() const { return kind_ == Kind::header; }
  /// A header without its '>', or letters as the file has them: append_letters takes out what is none. A
  /// comment is an empty line.
  [[nodiscard]] const std::string& text() const { return text_; }
  /// Does the piece begin a line of the file?
  [[nodiscard]] bool begins_line() const { return begins_line_; }
  /// Line of the file that the piece is on, from 1.
  [[nodiscard]] std::size_t line() const { return lines_.line(); }
  /// The file, as it was named.
  [[nodiscard]] const std::string& path() const { return lines_.path(); }
  /// A parse_error at the piece's line.
  [[nodiscard]] parse_error error(const std::string& what) const { return lines_.error(what); }

 private:
  enum class Kind { blank, letters, header, comment };

  void read_kind() {
    begins_line_ = !lines_.continues();
    if (begins_line_) kind_ = Kind::blank;
    if (kind_ != Kind::blank) return;
    const std::size_t first = text_.find_first_not_of(detail::blanks);
    if (first == std::string::npos) return;
    kind_ = text_[first] == '>' ? Kind::header : text_[first] == ';' ? Kind::comment : Kind::letters;
  }
  void read_header() {
    text_.erase(0, text_.find('>') + 1);
    while (lines_.unfinished() && lines_.next(more_, longest)) {
      text_ += more_;
      if (text_.size() > longest_header_)
        throw lines_.error("the header is longer than " + std::to_string(longest_header_ >> 20U) +
                           " MiB; check that it is the right file");
    }
  }

  LineReader lines_;
  std::size_t longest_header_;
  std::string text_, more_;
  Kind kind_ = Kind::blank;
  bool begins_line_ = true, waits_ = false;
};

/// Streams a FASTA file: headers '>id description', then lines of letters, whatever their length. Skips blank
/// lines, comment lines (';'), and in lines what is no letter: white space and numbers of positions. A record
/// may have no letters. Throws parse_error with file:line for a file that is empty or does not begin with a
/// header, for a record of numbers (quality values, colours), and for three-line FASTA, whose annotations
/// are no residues (read_three_line_fasta); io_error where the file cannot be read.
class FastaReader {
 public:
  /// Opens the file and reads its first header. Throws where there is none.
  explicit FastaReader(const std::string& path, const TextLimits& limits = {}) : pieces_(path, limits) {
    at_header_ = pieces_.next();
  }
  /// The next record; false after the last one. Reuses the record's memory.
  bool next(Record& record) {
    if (!at_header_) return false;
    detail::read_header(pieces_.text(), record);
    detail::clear_record(record, pieces_.path(), pieces_.line());
    at_header_ = false;
    std::size_t digits = 0;
    while (pieces_.next()) {
      at_header_ = pieces_.is_header();
      if (at_header_) break;
      digits += detail::append_line(record, pieces_.text(), pieces_.begins_line());
    }
    check(record, digits);
    return true;
  }

  /// The records that are left, for `for (const Record& record : FastaReader(path))`: each is read into the
  /// memory of the one before.
  [[nodiscard]] detail::RecordIterator<FastaReader> begin() {
    return detail::RecordIterator<FastaReader>(*this);
  }
  /// Equal to an iterator that has passed the last record.
  [[nodiscard]] static std::default_sentinel_t end() { return {}; }

 private:
  void check(const Record& record, std::size_t digits) {
    if (digits > record.sequence.size() + few_digits)
      throw parse_error(record.file, record.line,
                        "record '" + record.id + "' has " + std::to_string(record.sequence.size()) +
                            " letters and " + std::to_string(digits) +
                            " digits, expected letters; are these quality values, or colours?");
    if (three_line_.add(record, !at_header_))
      throw parse_error(record.file, record.line_at(record.sequence.size() - 1),
                        "every record has two lines of equal length, and the second looks like an "
                        "annotation (" +
                            detail::excerpt(record.sequence.substr(record.sequence.size() / 2)) +
                            "): this is three-line FASTA; take the third lines out, or read it as such "
                            "(read_three_line_fasta)");
  }

  FastaPieces pieces_;
  detail::ThreeLineCheck three_line_;
  bool at_header_ = false;
};

/// Streams a FASTQ file: `@id description`, letters, '+', as many quality characters as letters; letters and
/// quality may be wrapped, and white space in either does not count. Throws as FastaReader does, and for a
/// record that breaks these rules.
class FastqReader {
 public:
  /// Opens the file and reads its first header. Throws where there is none.
  explicit FastqReader(const std::string& path, const TextLimits& limits = {}) : lines_(path, limits) {
    do {
      if (!lines_.next(line_))
        throw lines_.error(std::string("the file is empty; expected ") + detail::expected_fastq);
    } while (detail::trim(line_).empty());
    if (line_.front() != '@') throw detail::no_header(lines_, line_, detail::expected_fastq);
  }
  /// The next record; false after the last one. Reuses the record's memory.
  bool next(Record& record) {
    if (!at_header_) return false;
    const std::size_t header = lines_.line();
    detail::read_header(std::string_view(line_).substr(1), record);
    detail::clear_record(record, lines_.path(), header);
    read_letters(record, header);
    read_quality(record, header);
    at_header_ = find_header();
    return true;
  }

  /// The records that are left, for `for (const Record& record : FastqReader(path))`: each is read into the
  /// memory of the one before.
  [[nodiscard]] detail::RecordIterator<FastqReader> begin() {
    return detail::RecordIterator<FastqReader>(*this);
  }
  /// Equal to an iterator that has passed the last record.
  [[nodiscard]] static std::default_sentinel_t end() { return {}; }

 private:
  void read_letters(Record& record, std::size_t header) {
    while (lines_.next(line_)) {
      if (!line_.empty() && line_.front() == '+') return;
      detail::append_line(record, line_);
    }
    throw lines_.error(header, "record '" + record.id +
                                   "' has no line '+' after its letters; expected FASTQ's " +
                                   "'@name', letters, '+', quality: the file may be truncated");
  }
  void read_quality(Record& record, std::size_t header) {
    while (record.quality.size() < record.sequence.size() && lines_.next(line_))
      detail::append_beside(record.quality, line_);
    if (record.quality.size() != record.sequence.size())
      throw lines_.error(header, "record '" + record.id + "' has " + std::to_string(record.sequence.size()) +
                                     " letters and " + std::to_string(record.quality.size()) +
                                     " quality characters, expected as many; the file may be truncated");
  }
  bool find_header() {
    do {
      if (!lines_.next(line_)) return false;
    } while (detail::trim(line_).empty());
    if (line_.front() != '@')
      throw lines_.error("found " + detail::excerpt(line_) +
                         " after a record, expected '@name'; has a record more quality than letters?");
    return true;
  }

  LineReader lines_;
  std::string line_;
  bool at_header_ = true;
};

/// The next records of a reader, of about so many letters, so that memory does not grow with the file; false
/// at its end.
template <class Reader> bool read_some(Reader& reader, std::size_t letters, std::vector<Record>& records) {
  records.clear();
  std::size_t size = 0;
  for (Record record; size < letters && reader.next(record);) {
    size += record.sequence.size() + record.id.size();
    records.push_back(std::move(record));
  }
  return !records.empty();
}

/// All records of a FASTA file.
inline std::vector<Record> read_fasta(const std::string& path, const TextLimits& limits = {}) {
  return detail::read_all(FastaReader(path, limits));
}
/// All records of a FASTQ file.
inline std::vector<Record> read_fastq(const std::string& path, const TextLimits& limits = {}) {
  return detail::read_all(FastqReader(path, limits));
}

/// All records of a three-line FASTA file: '>id description', a line of letters, and a line with a character
/// of annotation for each. Throws as FastaReader does, and for a record of other lines.
inline std::vector<Record> read_three_line_fasta(const std::string& path, const TextLimits& limits = {}) {
  std::vector<Record> records;
  std::size_t lines = 0;
  FastaPieces pieces(path, limits, detail::expected_three_lines);
  const auto check_last = [&] {
    if (records.empty()) return;
    const Record& record = records.back();
    if (lines == 2 && record.annotation.size() == record.sequence.size()) return;
    throw parse_error(path, record.line - 1,
                      "record '" + record.id + "' has " + std::to_string(lines) + " lines, " +
                          std::to_string(record.sequence.size()) + " letters and " +
                          std::to_string(record.annotation.size()) +
                          " characters of annotation, expected a line of letters and one of annotation, as "
                          "long");
  };
  while (pieces.next()) {
    if (pieces.is_header()) {
      check_last();
      detail::read_header(pieces.text(), records.emplace_back());
      detail::clear_record(records.back(), path, pieces.line());
      lines = 0;
      continue;
    }
    const bool blank = detail::trim(pieces.text()).empty();
    lines += pieces.begins_line() && !blank ? 1 : 0;
    if (lines < 2) {
      detail::append_line(records.back(), pieces.text(), pieces.begins_line());
    } else {
      detail::append_beside(records.back().annotation, pieces.text());
    }
  }
  check_last();
  return records;
}

namespace detail {

/// "a of two"; option_error where reading it would give another id or description.
inline std::string header_of(const Record& record) {
  std::string header = record.id;
  if (!record.description.empty()) (header += ' ') += record.description;
  Record again;
  read_header(header, again);
  const bool broken = header.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
  if (broken || again.id != record.id || again.description != trim(record.description))
    throw option_error("record '" + record.id +
                       "' cannot be written as FASTA: its header would be read as '" + again.id + "' and '" +
                       again.description +
                       "'; an id is one word, and neither it nor the description holds a line break");
  return header;
}

/// option_error where reading a sequence's lines would give other letters.
inline void check_writable(const Record& record) {
  const auto place = std::find_if(record.sequence.begin(), record.sequence.end(),
                                  [](char c) { return is_layout(c) || c == '>' || c == ';' || c == '\0'; });
  if (place != record.sequence.end())
    throw option_error("record '" + record.id + "' cannot be written as FASTA: '" + std::string(1, *place) +
                       "' at position " + std::to_string(place - record.sequence.begin() + 1) +
                       " would not be read as a letter; take it out (letters_of)");
}

/// Would records in lines of `width` letters be taken for three-line FASTA?
inline bool looks_annotated(std::span<const Record> records, std::size_t width) {
  ThreeLineCheck check;
  for (const Record& record : records) {
    if (record.sequence.size() != 2 * width) return false;
    if (check.add({.sequence = record.sequence, .line_starts = {0, width}}, &record == &records.back()))
      return true;
  }
  return false;
}

}  // namespace detail

/// Writes records as FASTA, `width` letters a line (0: all on one), atomically. Throws option_error for what
/// would not be read back: an id of several words, line breaks, and layout among letters.
inline void write_fasta(const std::string& path, std::span<const Record> records, std::size_t width = 80) {
  if (detail::looks_annotated(records, width)) width = 0;
  write_file_atomically(path, [&](AtomicFile& file) {
    std::string text;
    for (const Record& record : records) {
      detail::check_writable(record);
      text = ">" + detail::header_of(record) + "\n";
      const std::string_view sequence = record.sequence;
      const std::size_t step = width == 0 ? std::max<std::size_t>(1, sequence.size()) : width;
      for (std::size_t begin = 0; begin < sequence.size(); begin += step)
        (text += sequence.substr(begin, step)) += '\n';
      file.write(text);
    }
  });
}

}  // namespace io
SEQLSTM_NAMESPACE_END
