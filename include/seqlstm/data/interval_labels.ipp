// Definitions of interval_labels.hpp.
#pragma once

#include <algorithm>
#include <iterator>
#include <seqlstm/data/interval_labels.hpp>
#include <unordered_map>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::string BedInterval::prefix() const {
  return file.empty() ? "" : file + ":" + std::to_string(line) + ": ";
}

SEQLSTM_INLINE std::string BedInterval::text() const {
  const std::string place = chrom + ":" + std::to_string(start) + "-" + std::to_string(end);
  return name.empty() ? place : place + " '" + name + "'";
}

namespace detail {

/// Writes the classes of intervals over the bases of records.
class IntervalLabeller {
 public:
  IntervalLabeller(std::span<const Record> records, std::span<const BedInterval> intervals,
                   const IntervalLabelOptions& options)
      : records_(records), intervals_(intervals), options_(options) {
    for (std::size_t r = 0; r < records.size(); ++r)
      if (!record_of_.emplace(records[r].id, r).second)
        throw option_error("interval labels: two records have the id '" + records[r].id +
                           "', so an interval may belong to either; give each its own");
    result_.classes.push_back(options.background);
    for (const std::string& name : options.classes) {
      if (name == options.background)
        throw option_error("interval labels: class '" + name +
                           "' has the name of the background; rename one");
      if (!class_of_.emplace(name, static_cast<Token>(result_.classes.size())).second)
        throw option_error("interval labels: class '" + name + "' is given twice; name each once");
      result_.classes.push_back(name);
    }
    for (const Record& record : records) result_.labels.emplace_back(record.sequence.size(), Token{0});
  }

  IntervalLabels label() {
    for (std::size_t i = 0; i < intervals_.size(); ++i) label(i);
    return std::move(result_);
  }

 private:
  void label(std::size_t i) {
    const BedInterval& interval = intervals_[i];
    const auto record = record_of_.find(interval.chrom);
    if (record == record_of_.end()) {
      if (options_.skip_others) return;
      throw of_no_record(interval);
    }
    check_ends(interval, records_[record->second]);
    const Token own = class_of(interval);
    auto& labels = result_.labels[record->second];
    for (std::size_t at = interval.start; at < interval.end; ++at) {
      if (labels[at] != 0 && labels[at] != own && !options_.later_wins) throw overlap(i, at);
      labels[at] = own;
    }
  }
  [[nodiscard]] std::string class_name(const BedInterval& interval) const {
    std::string name = interval.name.empty() ? options_.unnamed : interval.name;
    if (options_.stranded && interval.strand != '.') name += interval.strand;
    return name;
  }
  Token class_of(const BedInterval& interval) {
    const std::string name = class_name(interval);
    const auto found = class_of_.find(name);
    if (found != class_of_.end()) return found->second;
    if (!options_.classes.empty() || name == options_.background)
      throw parse_error(interval.prefix() + "interval " + interval.text() + " is of class '" + name +
                        (name == options_.background ? "', which is the name of the background; rename one"
                                                     : "', expected one of: " + joined(options_.classes) +
                                                           "; give all classes, or take the interval out"));
    const auto own = static_cast<Token>(result_.classes.size());
    class_of_.emplace(name, own);
    result_.classes.push_back(name);
    return own;
  }
  static void check_ends(const BedInterval& interval, const Record& record) {
    if (interval.start > interval.end)
      throw parse_error(interval.prefix() + "interval " + interval.text() +
                        " ends before it begins; exchange start and end");
    if (interval.end > record.sequence.size())
      throw parse_error(
          interval.prefix() + "interval " + interval.text() + " ends beyond its sequence, which has " +
          std::to_string(record.sequence.size()) + " letters" +
          (record.file.empty() ? "" : " (" + record.file + ":" + std::to_string(record.line) + ")") +
          "; BED counts from 0 and leaves the end out: are both files of one assembly?");
  }
  [[nodiscard]] parse_error of_no_record(const BedInterval& interval) const {
    constexpr std::size_t most = 5;
    std::vector<std::string> ids;
    for (const Record& record : records_.first(std::min(records_.size(), most))) ids.push_back(record.id);
    const std::string more = records_.size() > most ? ", ..." : "";
    return parse_error(interval.prefix() + "interval " + interval.text() +
                       " is of a sequence that is no record; the ids are: " + joined(ids) + more +
                       "; give its sequence, or leave intervals of others out (skip_others)");
  }
  /// Says which interval gave a base its class before.
  [[nodiscard]] parse_error overlap(std::size_t i, std::size_t at) const {
    const BedInterval& later = intervals_[i];
    const auto covers = [&](const BedInterval& earlier) {
      return earlier.chrom == later.chrom && earlier.start <= at && at < earlier.end &&
             class_name(earlier) != class_name(later);
    };
    const BedInterval& earlier = *std::find_if(intervals_.begin(), intervals_.end(), covers);
    const std::string where =
        earlier.file.empty() ? "" : " (" + earlier.file + ":" + std::to_string(earlier.line) + ")";
    return parse_error(later.prefix() + "interval " + later.text() + " of class '" + class_name(later) +
                       "' overlaps " + earlier.text() + " of class '" + class_name(earlier) + "'" + where +
                       " at base " + std::to_string(at) +
                       "; cut one of them, or let the later one count (later_wins)");
  }
  static std::string joined(std::span<const std::string> names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "'" : ", '") + name + "'";
    return text.empty() ? "none" : text;
  }

  std::span<const Record> records_;
  std::span<const BedInterval> intervals_;
  const IntervalLabelOptions& options_;
  std::unordered_map<std::string, std::size_t> record_of_;
  std::unordered_map<std::string, Token> class_of_;
  IntervalLabels result_;
};

}  // namespace detail

SEQLSTM_INLINE IntervalLabels label_intervals(std::span<const Record> records,
                                              std::span<const BedInterval> intervals,
                                              const IntervalLabelOptions& options) {
  return detail::IntervalLabeller(records, intervals, options).label();
}

SEQLSTM_INLINE std::vector<BedInterval> intervals_of(const std::string& chrom, std::span<const Token> labels,
                                                     std::span<const std::string> classes, bool stranded) {
  std::vector<BedInterval> intervals;
  for (std::size_t begin = 0, end = 0; begin < labels.size(); begin = end) {
    const Token label = labels[begin];
    if (label < 0 || static_cast<std::size_t>(label) >= classes.size())
      throw option_error("intervals: label " + std::to_string(label) + " at base " + std::to_string(begin) +
                         " of '" + chrom + "' is none of " + std::to_string(classes.size()) +
                         " classes; give the name of each, the background's first");
    while (end < labels.size() && labels[end] == label) ++end;
    if (label == 0) continue;
    BedInterval interval{
        .chrom = chrom, .start = begin, .end = end, .name = classes[static_cast<std::size_t>(label)]};
    if (stranded && (interval.name.ends_with('+') || interval.name.ends_with('-'))) {
      interval.strand = interval.name.back();
      interval.name.pop_back();
    }
    intervals.push_back(std::move(interval));
  }
  return intervals;
}

SEQLSTM_INLINE std::vector<BedInterval> intervals_of(std::span<const Record> records,
                                                     const IntervalLabels& labels, bool stranded) {
  if (records.size() != labels.labels.size())
    throw shape_error("intervals: " + std::to_string(records.size()) + " records, labels of " +
                      std::to_string(labels.labels.size()) + "; expected labels for each record");
  std::vector<BedInterval> all;
  for (std::size_t r = 0; r < records.size(); ++r) {
    const auto& own = labels.labels[r];
    if (own.size() != records[r].sequence.size())
      throw shape_error("intervals: record '" + records[r].id + "' has " +
                        std::to_string(records[r].sequence.size()) + " letters and " +
                        std::to_string(own.size()) + " labels; expected a label for each letter");
    auto intervals = intervals_of(records[r].id, own, labels.classes, stranded);
    all.insert(all.end(), std::make_move_iterator(intervals.begin()),
               std::make_move_iterator(intervals.end()));
  }
  return all;
}

namespace detail {
/// A letter for a class of this name that is none of `taken`: of the name, or else of all. '\0': none is
/// left.
SEQLSTM_INLINE char class_letter(const std::string& name, const std::string& taken) {
  constexpr std::string_view all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const auto is_free = [&](char letter) {
    return all.find(letter) != std::string_view::npos && taken.find(letter) == std::string::npos;
  };
  for (const char letter : name) {
    const bool lower = letter >= 'a' && letter <= 'z';
    const char upper = lower ? static_cast<char>(letter - 'a' + 'A') : letter;
    if (is_free(upper)) return upper;
    if (is_free(letter)) return letter;
  }
  for (const char letter : all)
    if (is_free(letter)) return letter;
  return '\0';
}
}  // namespace detail

SEQLSTM_INLINE LabelAlphabet annotate(std::span<Record> records, const IntervalLabels& labels) {
  if (records.size() != labels.labels.size())
    throw shape_error("interval labels: labels of " + std::to_string(labels.labels.size()) + " records for " +
                      std::to_string(records.size()));
  LabelAlphabet alphabet{"."};
  for (std::size_t c = 1; c < labels.classes.size(); ++c) {
    const char letter = detail::class_letter(labels.classes[c], alphabet.letters);
    if (letter == '\0')
      throw option_error("interval labels: " + std::to_string(labels.classes.size()) +
                         " classes, but a label is a letter or digit, of which there are 62; join some");
    alphabet.letters += letter;
  }
  alphabet.meaning = labels.classes;
  for (std::size_t i = 0; i < records.size(); ++i) {
    for (const Token label : labels.labels[i])
      if (label < 0 || static_cast<std::size_t>(label) >= alphabet.classes())
        throw option_error("interval labels: record '" + records[i].id + "' has the class " +
                           std::to_string(label) + " of " + std::to_string(alphabet.classes()));
    records[i].annotation = alphabet.text(std::span<const Token>(labels.labels[i]));
  }
  return alphabet;
}

SEQLSTM_NAMESPACE_END
