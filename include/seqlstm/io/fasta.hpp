// FASTA and FASTQ, record by record or all at once, plain or gzip.
#pragma once

#include <seqlstm/data/record.hpp>
#include <seqlstm/io/file.hpp>
#include <seqlstm/io/lines.hpp>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

namespace detail {

/// Splits a header behind its '>' or '@' into id and description.
inline void read_header(std::string_view header, Record& record) {
  header = trim(header);
  const std::size_t id_end = std::min(header.size(), header.find_first_of(blanks));
  record.id = header.substr(0, id_end);
  record.description = trim(header.substr(id_end));
}

/// A record without content that keeps its memory.
inline void clear_record(Record& record, const LineReader& lines) {
  record.sequence.clear();
  record.quality.clear();
  record.line_starts.clear();
  record.file = lines.path();
  record.line = lines.line() + 1;
}

inline void append_line(Record& record, std::string_view letters) {
  record.line_starts.push_back(record.sequence.size());
  record.sequence += letters;
}

/// Goes to the first line that is not blank and checks that it begins with `mark`.
inline void find_first_header(LineReader& lines, std::string& line, char mark, const std::string& expected) {
  do {
    if (!lines.next(line)) throw lines.error("the file is empty; expected " + expected);
  } while (trim(line).empty());
  if (line.front() == mark) return;
  std::string advice = "; check that it is the right file";
  if (line.front() == '@') advice = "; this looks like FASTQ: read it as such (read_fastq), or convert it";
  if (line.front() == '>') advice = "; this looks like FASTA: read it as such (read_fasta)";
  throw lines.error("found " + excerpt(line) + ", expected " + expected + advice);
}

template <class Reader> std::vector<Record> read_all(Reader reader) {
  std::vector<Record> records;
  for (Record record; reader.next(record);) records.push_back(record);
  return records;
}

}  // namespace detail

/// Streams a FASTA file: headers '>id description', then lines of letters. Blank lines and white space at the
/// end of lines are skipped, a record may have no letters. Throws parse_error with file:line for a file that
/// is empty or does not begin with a header, io_error where it cannot be read.
class FastaReader {
 public:
  explicit FastaReader(std::string path) : lines_(std::move(path)) {
    detail::find_first_header(lines_, line_, '>', "FASTA: a line '>name', then lines of letters");
  }
  /// The next record; false behind the last one. Reuses the record's memory.
  bool next(Record& record) {
    if (!at_header_) return false;
    detail::read_header(std::string_view(line_).substr(1), record);
    detail::clear_record(record, lines_);
    at_header_ = false;
    while (lines_.next(line_)) {
      at_header_ = !line_.empty() && line_.front() == '>';
      if (at_header_) break;
      detail::append_line(record, detail::trim_end(line_));
    }
    return true;
  }

 private:
  LineReader lines_;
  std::string line_;
  bool at_header_ = true;
};

/// Streams a FASTQ file: '@id description', letters, '+', as many quality characters as letters; letters and
/// quality may be wrapped. Throws as FastaReader does, and for a record that breaks these rules.
class FastqReader {
 public:
  explicit FastqReader(std::string path) : lines_(std::move(path)) {
    detail::find_first_header(lines_, line_, '@', "FASTQ: '@name', letters, '+', quality");
  }
  /// The next record; false behind the last one. Reuses the record's memory.
  bool next(Record& record) {
    if (!at_header_) return false;
    const std::size_t header = lines_.line();
    detail::read_header(std::string_view(line_).substr(1), record);
    detail::clear_record(record, lines_);
    read_letters(record, header);
    read_quality(record, header);
    at_header_ = find_header();
    return true;
  }

 private:
  void read_letters(Record& record, std::size_t header) {
    while (lines_.next(line_)) {
      if (!line_.empty() && line_.front() == '+') return;
      detail::append_line(record, detail::trim_end(line_));
    }
    throw lines_.error(header, "record '" + record.id +
                                   "' has no line '+' behind its letters; expected FASTQ's " +
                                   "'@name', letters, '+', quality: the file may be truncated");
  }
  void read_quality(Record& record, std::size_t header) {
    while (record.quality.size() < record.sequence.size() && lines_.next(line_))
      record.quality += detail::trim_end(line_);
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
                         " behind a record, expected '@name'; has a record more quality than letters?");
    return true;
  }

  LineReader lines_;
  std::string line_;
  bool at_header_ = true;
};

/// All records of a FASTA file.
inline std::vector<Record> read_fasta(const std::string& path) {
  return detail::read_all(FastaReader(path));
}
/// All records of a FASTQ file.
inline std::vector<Record> read_fastq(const std::string& path) {
  return detail::read_all(FastqReader(path));
}

/// Writes records as FASTA, `width` letters a line (0: all on one), atomically.
inline void write_fasta(const std::string& path, std::span<const Record> records, std::size_t width = 80) {
  write_file_atomically(path, [&](AtomicFile& file) {
    std::string text;
    for (const Record& record : records) {
      text = ">" + record.id + (record.description.empty() ? "" : " ") + record.description + "\n";
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
