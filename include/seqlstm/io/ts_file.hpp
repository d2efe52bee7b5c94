// Series of numbers with a class or a number each: the .ts format of the UEA and UCR archives (sktime, aeon).
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <seqlstm/core/text.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/data/missing_values.hpp>
#include <seqlstm/io/csv.hpp>
#include <seqlstm/io/lines.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// One record of a .ts file.
struct TimeSeries {
  std::size_t length = 0;     ///< steps of time
  std::vector<float> rows{};  ///< [length x channels], a row per step; NaN where a value is missing
  std::string label{};        ///< its class, as the file has it; empty without classes
  double target = 0;          ///< its number, where the file has one per record
  std::size_t line = 0;       ///< line of the file, from 1
};

/// What a .ts file holds.
struct TsFile {
  std::string file{};                  ///< as messages name it
  std::string problem{};               ///< @problemName
  std::size_t channels = 0;            ///< numbers per step, the same for all records
  std::vector<std::string> classes{};  ///< as @classLabel lists them, in its order; empty without classes
  bool has_targets = false;            ///< @targetLabel true: a number per record instead of a class
  std::vector<TimeSeries> series{};    ///< in the order of the file; at least one
  std::size_t missing = 0;             ///< values that are missing, in all records
  std::vector<std::string> notes{};    ///< what a reader of the file may want to know: sentences to print
};

namespace detail {

/// What the lines with '@' say, and on which lines.
struct TsHeader {
  template <class T> struct Stated {
    std::optional<T> value{};
    std::size_t line = 0;
    [[nodiscard]] bool is(const T& wanted) const { return value == wanted; }
  };
  Stated<bool> missing, univariate, equal_length, classes, targets;
  Stated<std::size_t> dimensions, length;
};

/// Reads a .ts file: a header, then a record per line.
class TsReader {
 public:
  TsReader(const std::string& path, const TextLimits& limits) : lines_(path, limits) { result_.file = path; }

  TsFile read() {
    read_header();
    check_header();
    while (lines_.next(line_)) {
      const std::string_view text = trim(line_);
      if (!is_comment(text)) read_record(text);
    }
    if (result_.series.empty())
      throw lines_.error("there are no records after '@data'; expected a record a line");
    if (result_.missing > 0 && header_.missing.is(false))
      result_.notes.push_back(printable(result_.file) + ":" + std::to_string(header_.missing.line) +
                              ": the header says '@missing false', but " + std::to_string(result_.missing) +
                              " values are missing, first on line " + std::to_string(first_missing_));
    return std::move(result_);
  }

 private:
  void read_header() {
    while (lines_.next(line_)) {
      const std::string_view text = trim(line_);
      if (is_comment(text)) continue;
      if (text.front() != '@')
        throw lines_.error(
            "found " + excerpt(text) +
            " before '@data', expected a line '@name value' of the header; is this a .ts file?");
      const std::size_t end = std::min(text.size(), text.find_first_of(blanks));
      const std::string key = lower(text.substr(1, end - 1));
      const std::string_view value = trim(text.substr(end));
      if (key == "data") {
        if (!value.empty())
          throw lines_.error("found " + excerpt(value) +
                             " after '@data', expected nothing; put the records on the lines below it");
        return;
      }
      take(key, value);
    }
    throw lines_.error(
        "the file has no line '@data'; expected a header of lines '@name value', '@data', then a "
        "record a line");
  }

  void take(const std::string& key, std::string_view value) {
    const std::size_t line = lines_.line();
    if (key == "problemname") {
      result_.problem = value;
    } else if (key == "timestamps") {
      if (truth(key, value))
        throw lines_.error(
            "'@timeStamps true': records with times are not read; bring the values to equal "
            "steps of time and write them alone, with '@timeStamps false'");
    } else if (key == "missing") {
      header_.missing = {truth(key, value), line};
    } else if (key == "univariate") {
      header_.univariate = {truth(key, value), line};
    } else if (key == "equallength") {
      header_.equal_length = {truth(key, value), line};
    } else if (key == "dimensions" || key == "dimension") {  // files have the one, aeon's writer the other
      header_.dimensions = {count(key, value), line};
    } else if (key == "serieslength") {
      header_.length = {count(key, value), line};
    } else if (key == "targetlabel") {
      header_.targets = {truth(key, value), line};
    } else if (key == "classlabel") {
      take_classes(value);
    } else {
      result_.notes.push_back(printable(result_.file) + ":" + std::to_string(line) + ": '@" + printable(key) +
                              "' is no part of the format that is known here; it is left out");
    }
  }
  void take_classes(std::string_view value) {
    const std::size_t end = std::min(value.size(), value.find_first_of(blanks));
    const bool classes = truth("classlabel", value.substr(0, end));
    header_.classes = {classes, lines_.line()};
    result_.classes.clear();
    known_classes_.clear();
    for (std::string_view rest = trim(value.substr(end)); !rest.empty();) {
      const std::size_t next = std::min(rest.size(), rest.find_first_of(blanks));
      const std::string name(rest.substr(0, next));
      if (!known_classes_.insert(name).second)
        throw lines_.error("class '" + name + "' stands twice in '@classLabel'; name each once");
      result_.classes.push_back(name);
      rest = trim(rest.substr(next));
    }
    if (classes && result_.classes.empty())
      throw lines_.error(
          "'@classLabel true' names no classes, expected them after it: '@classLabel true a b'");
    if (!classes) result_.classes.clear();
  }
  bool truth(const std::string& key, std::string_view value) const {
    const std::string word = lower(value);
    if (word != "true" && word != "false")
      throw lines_.error("'@" + key + "' has the value " + excerpt(value) + ", expected true or false");
    return word == "true";
  }
  std::size_t count(const std::string& key, std::string_view value) const {
    constexpr double most = 2147483648.0;
    const auto number = parse_number(value);
    if (!number || !(*number >= 1 && *number <= most) || std::floor(*number) != *number)
      throw lines_.error("'@" + key + "' has the value " + excerpt(value) +
                         ", expected a whole number from 1 on");
    return static_cast<std::size_t>(*number);
  }

  void check_header() {
    const bool classes = header_.classes.is(true), targets = header_.targets.is(true);
    if (classes && targets)
      throw lines_.error(
          "the header says both '@classLabel true' and '@targetLabel true'; records end with "
          "one of them: say false of the other");
    if (!header_.classes.value && !header_.targets.value)
      throw lines_.error(
          "the header says neither '@classLabel' nor '@targetLabel', so the last part of a record "
          "may be a channel or a class; add '@classLabel true' with the classes, or '@classLabel "
          "false'");
    if (header_.univariate.is(true) && header_.dimensions.value.value_or(1) > 1)
      throw lines_.error(header_.dimensions.line,
                         "the header says " + std::to_string(*header_.dimensions.value) +
                             " dimensions, but '@univariate true' on line " +
                             std::to_string(header_.univariate.line) + "; correct one of them");
    result_.has_targets = targets;
    labelled_ = classes || targets;
    result_.channels = header_.univariate.is(true) ? 1 : header_.dimensions.value.value_or(0);
  }

  void read_record(std::string_view text) {
    if (text.front() == '(')
      throw lines_.error(
          "the record begins with " + excerpt(text) +
          ", a value with its time; bring the values to equal steps of time and write them alone");
    split(text, ':', parts_);
    TimeSeries series{.line = lines_.line()};
    if (labelled_) {
      take_label(series, trim(parts_.back()));
      parts_.pop_back();
    } else if (parts_.size() > 1 && trim(parts_.back()).empty()) {
      parts_.pop_back();  // aeon's writer ends records without a class with ':'
    }
    check_channels();
    series.length = common_length();
    check_length(series);
    series.rows.resize(series.length * result_.channels);
    for (std::size_t c = 0; c < parts_.size(); ++c) take_channel(series, c);
    result_.series.push_back(std::move(series));
  }
  void take_label(TimeSeries& series, std::string_view label) const {
    if (!result_.has_targets) {
      if (!known_classes_.contains(label))
        throw lines_.error("the record ends with the class " + excerpt(label) +
                           ", expected one of those on line " + std::to_string(header_.classes.line) + " (" +
                           joined(result_.classes) + "); add it there, or put a class after the last ':'");
      series.label = label;
      return;
    }
    const auto number = parse_number(label);
    if (!number)
      throw lines_.error("the record ends with the target " + excerpt(label) +
                         ", expected a number after the last ':'");
    series.target = *number;
  }
  void check_channels() {
    const std::size_t found = parts_.size();
    if (found == 0)
      throw lines_.error(
          "the record has no channel before its label; write its numbers, ':', then the label");
    if (result_.channels == 0) result_.channels = found;
    if (found != result_.channels)
      throw lines_.error("the record has " + std::to_string(found) + " channels, expected " +
                         std::to_string(result_.channels) + " as by " + origin_of_channels() +
                         "; divide channels by ':'" +
                         (labelled_ ? ", and put the label after the last one" : ""));
  }
  [[nodiscard]] std::string origin_of_channels() const {
    if (header_.univariate.is(true))
      return "'@univariate true' on line " + std::to_string(header_.univariate.line);
    if (header_.dimensions.value) return "'@dimensions' on line " + std::to_string(header_.dimensions.line);
    return "the first record on line " + std::to_string(result_.series.front().line);
  }
  /// Numbers of each channel of the record: known before memory is taken for them.
  [[nodiscard]] std::size_t common_length() const {
    const auto numbers = [&](std::size_t c) {
      return 1 + static_cast<std::size_t>(std::count(parts_[c].begin(), parts_[c].end(), ','));
    };
    const std::size_t length = numbers(0);
    for (std::size_t c = 1; c < parts_.size(); ++c)
      if (const std::size_t found = numbers(c); found != length)
        throw lines_.error("channel " + std::to_string(c + 1) + " has " + std::to_string(found) +
                           " numbers, channel 1 has " + std::to_string(length) +
                           "; all channels of a record have one length: write '?' for what is missing");
    return length;
  }
  void take_channel(TimeSeries& series, std::size_t c) {
    std::string_view rest = parts_[c];
    for (std::size_t t = 0; t < series.length; ++t) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      series.rows[t * result_.channels + c] = value(trim(rest.substr(0, comma)), c, t);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  float value(std::string_view cell, std::size_t c, std::size_t t) {
    if (cell == "?" || (cell.size() == 3 && lower(cell) == "nan")) {
      if (result_.missing++ == 0) first_missing_ = lines_.line();
      return std::numeric_limits<float>::quiet_NaN();
    }
    const auto number = parse_number(cell);
    const bool fits = number && std::abs(*number) <= double{std::numeric_limits<float>::max()};
    if (!fits)
      throw lines_.error("number " + std::to_string(t + 1) + " of channel " + std::to_string(c + 1) + " is " +
                         excerpt(cell) +
                         (number ? ", which float32 does not have; scale the numbers"
                                 : ", expected a number, or '?' for a missing one"));
    return static_cast<float>(*number);
  }
  void check_length(const TimeSeries& series) const {
    if (header_.equal_length.is(false)) return;
    const auto refuse = [&](std::size_t expected, const std::string& by) {
      throw lines_.error("the record has " + std::to_string(series.length) + " numbers a channel, expected " +
                         std::to_string(expected) + " as by " + by + "; or say '@equalLength false'");
    };
    if (header_.length.value && !header_.length.is(series.length))
      refuse(*header_.length.value, "'@seriesLength' on line " + std::to_string(header_.length.line));
    if (header_.equal_length.is(true) && !result_.series.empty() && series.length != result_.series[0].length)
      refuse(result_.series[0].length, "the first record on line " + std::to_string(result_.series[0].line) +
                                           " and '@equalLength true' on line " +
                                           std::to_string(header_.equal_length.line));
  }

  /// A blank line, or one that begins with '#' (or '%', as in some files of the archive).
  static bool is_comment(std::string_view text) {
    return text.empty() || text.front() == '#' || text.front() == '%';
  }
  static std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
  }
  static void split(std::string_view text, char separator, std::vector<std::string_view>& parts) {
    parts.clear();
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find(separator, begin), text.size());
      parts.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
  }

  LineReader lines_;
  std::string line_;
  TsHeader header_;
  TsFile result_;
  std::vector<std::string_view> parts_;
  std::set<std::string, std::less<>> known_classes_;
  bool labelled_ = false;
  std::size_t first_missing_ = 0;
};

}  // namespace detail

/// Reads a .ts file, plain or gzip: a header of names after an at sign, each with its value (names and true
/// or false in any case), the word "data" likewise, then a record a line: channels with ':' between them, of
/// numbers with ',' between them, the class or the target last. '?' and NaN are missing values. Lines that
/// begin with '#' or '%' and blank lines do not count. Records may have any lengths unless the header says
/// otherwise; the channels of one have the same. Throws parse_error with file:line for what breaks these
/// rules, for records that contradict dimensions, univariate, equalLength, seriesLength or the declared
/// classes, for times (timeStamps true) and for numbers beyond float; io_error where the file cannot be read.
/// That "missing false" is not so is a note.
inline TsFile read_ts_file(const std::string& path, const TextLimits& limits = {}) {
  return detail::TsReader(path, limits).read();
}

/// The place of every record's class in `classes`: those of the file that a model was trained on, since files
/// of one problem may list them in other orders. parse_error with file:line for a class that is not there.
inline std::vector<double> class_labels(const TsFile& file, const std::vector<std::string>& classes) {
  std::vector<double> labels;
  for (const auto& series : file.series) {
    const auto found = std::find(classes.begin(), classes.end(), series.label);
    if (found == classes.end())
      throw parse_error(file.file, series.line,
                        "class '" + series.label + "' is none of: " + detail::joined(classes) +
                            "; name the classes of all files");
    labels.push_back(static_cast<double>(found - classes.begin()));
  }
  return labels;
}

/// How dataset_of() reads series.
struct TsDatasetOptions {
  std::vector<std::string> classes = {};  ///< names of the classes, in order; empty: the file's own
  bool fill_missing = false;  ///< missing values get numbers (seqlstm::fill_missing); else an error
  bool labels = true;         ///< false: classes and targets are left out, for records to be predicted
};

/// The series of a file as records of real numbers, named "record1", "record2", ..., with their classes or
/// targets. A second file of one problem is read with the classes of the first, for files list them in other
/// orders. Throws as class_labels does, and option_error for a missing value.
inline SequenceDataset dataset_of(const TsFile& file, TsDatasetOptions options = {}) {
  const bool labelled = options.labels && !file.classes.empty();
  if (options.classes.empty()) options.classes = file.classes;
  const auto of_classes = labelled ? class_labels(file, options.classes) : std::vector<double>();
  SequenceDataset data;
  data.label_names = std::move(options.classes);
  for (std::size_t i = 0; i < file.series.size(); ++i) {
    const TimeSeries& series = file.series[i];
    std::vector<float> rows = series.rows;
    if (options.fill_missing) seqlstm::fill_missing({rows.data(), series.length, file.channels});
    std::span<const double> label;
    if (options.labels && file.has_targets) label = std::span(&series.target, 1);
    if (labelled) label = std::span(&of_classes[i], 1);
    data.add("record" + std::to_string(i + 1), {rows.data(), series.length, file.channels},
             {.record = label});
  }
  return data;
}

}  // namespace io
SEQLSTM_NAMESPACE_END
