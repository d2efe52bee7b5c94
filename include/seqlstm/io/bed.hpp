// BED: intervals of named sequences, one a line, counted from 0, the end left out. Plain or gzip.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <locale>
#include <seqlstm/core/text.hpp>
#include <seqlstm/data/interval_labels.hpp>
#include <seqlstm/io/file.hpp>
#include <seqlstm/io/lines.hpp>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

namespace detail {

/// Does a line begin with this word?
inline bool begins_with_word(std::string_view line, std::string_view word) {
  return line.starts_with(word) &&
         (line.size() == word.size() || blanks.find(line[word.size()]) != std::string_view::npos);
}

/// A line's columns: between tabs where it has tabs, else between blanks.
inline void split_bed(std::string_view line, std::vector<std::string_view>& columns) {
  columns.clear();
  const bool tabs = line.find('\t') != std::string_view::npos;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find_first_of(tabs ? "\t" : blanks, begin), line.size());
    const std::string_view column = trim(line.substr(begin, end - begin));
    if (tabs || !column.empty()) columns.push_back(column);
    begin = end + 1;
  }
}

/// Reads BED files line by line.
class BedReader {
 public:
  BedReader(const std::string& path, const TextLimits& limits) : lines_(path, limits) {}

  std::vector<BedInterval> read() {
    std::vector<BedInterval> intervals;
    for (std::string line; lines_.next(line);) {
      const std::string_view text = trim_end(line);
      if (text.empty() || text.front() == '#' || begins_with_word(text, "browser")) continue;
      if (begins_with_word(text, "track")) {
        check_track(text);
        continue;
      }
      split_bed(text, columns_);
      intervals.push_back(interval());
    }
    return intervals;
  }

 private:
  void check_track(std::string_view text) const {
    if (text.find("bedGraph") != std::string_view::npos)
      throw lines_.error(
          "this is bedGraph, whose fourth column is a value and no name; expected BED: make "
          "intervals of the values that count first");
  }
  BedInterval interval() const {
    if (columns_.size() < 3)
      throw lines_.error("the line has " + std::to_string(columns_.size()) +
                         " columns, expected at least 3: sequence, start, end; divide them by tabs");
    BedInterval interval{.chrom = std::string(columns_[0]),
                         .start = position(1, "start"),
                         .end = position(2, "end"),
                         .file = lines_.path(),
                         .line = lines_.line()};
    if (interval.chrom.empty()) throw lines_.error("column 1 is empty, expected the name of a sequence");
    if (interval.start > interval.end)
      throw lines_.error(
          "the interval begins at " + std::to_string(interval.start) + " and ends at " +
          std::to_string(interval.end) +
          ", expected start <= end; exchange them, and say '-' in column 6 for the other strand");
    if (columns_.size() > 3 && columns_[3] != ".") interval.name = columns_[3];
    if (columns_.size() > 4) interval.score = score();
    if (columns_.size() > 5) interval.strand = strand();
    check_blocks();
    return interval;
  }
  std::size_t position(std::size_t column, const char* what) const {
    const std::string_view text = columns_[column];
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    constexpr std::uint64_t most = std::uint64_t{1} << 62U;
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || number > most ||
        number > std::numeric_limits<std::size_t>::max())
      throw lines_.error("column " + std::to_string(column + 1) + " (" + what + ") is " + excerpt(text) +
                         ", expected a base counted from 0");
    return static_cast<std::size_t>(number);
  }
  double score() const {
    if (columns_[4] == "." || columns_[4].empty()) return 0;
    const auto number = parse_number(columns_[4]);
    if (!number)
      throw lines_.error("column 5 (score) is " + excerpt(columns_[4]) + ", expected a number or '.'" +
                         advice);
    return *number;
  }
  char strand() const {
    const std::string_view text = columns_[5].empty() ? "." : columns_[5];
    if (text != "+" && text != "-" && text != ".")
      throw lines_.error("column 6 (strand) is " + excerpt(text) + ", expected +, - or ." + advice);
    return text.front();
  }
  /// BED12 lists the parts of an interval: what lies between them is not the interval's.
  void check_blocks() const {
    if (columns_.size() < 12 || columns_[9] == "1" || columns_[9] == "0") return;
    throw lines_.error(
        "the interval has " + std::string(columns_[9]) +
        " blocks (column 10), expected 1: take blocks apart first (bedtools bed12tobed6), or keep "
        "the first six columns for whole intervals (cut -f1-6)");
  }

  static constexpr const char* advice =
      "; where the file has other columns than BED, keep the first four (cut -f1-4)";

  LineReader lines_;
  std::vector<std::string_view> columns_;
};

/// A score that parse_number reads as it was: six digits where they are enough.
inline std::string score_text(double score) {
  const auto with_digits = [&](int digits) {
    std::ostringstream text;
    text.imbue(std::locale::classic());
    text.precision(digits);
    text << score;
    return text.str();
  };
  const std::string brief = with_digits(6);
  return parse_number(brief) == score ? brief : with_digits(std::numeric_limits<double>::max_digits10);
}

/// option_error where a line would be read back as another interval.
inline void check_writable(const BedInterval& interval) {
  const auto refuse = [&](const std::string& what) {
    throw option_error("interval " + interval.text() + " cannot be written as BED: " + what);
  };
  const auto broken = [](const std::string& text) {
    return text.find_first_of(std::string_view("\t\r\n\0", 4)) != std::string::npos ||
           trim(text).size() != text.size();
  };
  if (interval.chrom.empty() || broken(interval.chrom) || interval.chrom.front() == '#' ||
      begins_with_word(interval.chrom, "track") || begins_with_word(interval.chrom, "browser") ||
      is_mark(interval.chrom))
    refuse("its sequence has no name that a line could begin with; rename it");
  if (broken(interval.name) || interval.name == ".")
    refuse("its name is '.' or has tabs, line breaks or blanks at an end; rename it");
  if (interval.start > interval.end) refuse("it ends before it begins; exchange start and end");
  if (!std::isfinite(interval.score)) refuse("its score is not finite; give a number");
  if (interval.strand != '+' && interval.strand != '-' && interval.strand != '.')
    refuse("its strand is '" + std::string(1, interval.strand) + "', expected +, - or .");
}

}  // namespace detail

/// Reads a BED file: sequence, start and end, then name, score and strand where it has them, divided by tabs
/// or, in lines without tabs, by blanks. Columns behind the sixth do not count. Lines that begin with '#',
/// 'track' or 'browser' and blank lines are left out; '.' stands for nothing. A file may have no intervals.
/// Throws parse_error with file:line for other lines, for an end before its start, for intervals of several
/// blocks (BED12) and for bedGraph; io_error where the file cannot be read.
inline std::vector<BedInterval> read_bed(const std::string& path, const TextLimits& limits = {}) {
  return detail::BedReader(path, limits).read();
}

/// Writes intervals that read_bed gives back, atomically: with tabs, in the order given, with as many columns
/// as the one that needs most. Throws option_error for what would be read as something else: line breaks or
/// tabs in names, a name '.'.
inline void write_bed(const std::string& path, std::span<const BedInterval> intervals) {
  std::size_t columns = 3;
  for (const BedInterval& interval : intervals) {
    detail::check_writable(interval);
    columns = std::max<std::size_t>(columns, interval.strand != '.'   ? 6
                                             : interval.score != 0    ? 5
                                             : !interval.name.empty() ? 4
                                                                      : 3);
  }
  write_file_atomically(path, [&](AtomicFile& file) {
    for (const BedInterval& interval : intervals) {
      std::string line =
          interval.chrom + "\t" + std::to_string(interval.start) + "\t" + std::to_string(interval.end);
      if (columns > 3) line += "\t" + (interval.name.empty() ? std::string(".") : interval.name);
      if (columns > 4) line += "\t" + detail::score_text(interval.score);
      if (columns > 5) line += std::string("\t") + interval.strand;
      file.write(line + "\n");
    }
  });
}

}  // namespace io
SEQLSTM_NAMESPACE_END
