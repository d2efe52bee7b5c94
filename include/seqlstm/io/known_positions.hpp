// Known positions on a genome, and how a scan ranks them against random ones.
#pragma once

#include <algorithm>
#include <cstdint>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/label_names.hpp>
#include <seqlstm/io/table.hpp>
#include <seqlstm/metrics/curve.hpp>
#include <string>
#include <unordered_map>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// Where positives are known from.
struct KnownPositionsOptions {
  std::string file =
      {};  ///< CSV: columns start (first base of a positive window, from 0) and strand (+ or -)
  std::string split_column = "set";                    ///< the part of a row, where the table has it
  std::vector<std::string> parts = {"valid", "test"};  ///< rows of these parts are asked for
  std::size_t step = 10;                               ///< bases from one window to the next
  std::uint64_t seed = 1;                              ///< draws the random positions
};

/// Probabilities at known positions, and at a sample of all others. A known position is found in the last
/// window that begins at or before it. Positives of other parts of the table count as neither.
class KnownPositions {
 public:
  /// Reads the table; without a file there are none. Throws parse_error for a row that is no position,
  /// option_error for a step of 0 and where no row is asked for.
  explicit KnownPositions(const KnownPositionsOptions& options, Notes& notes)
      : step_(options.step), random_(options.seed, 0x5343414EU) {  // "SCAN"
    if (step_ == 0) throw option_error("step is 0, expected at least 1");
    if (options.file.empty()) return;
    const auto table = read_csv(options.file);
    for (const auto& note : table.notes) notes.push_back(printable(note));
    for (std::size_t r = 0; r < table.size(); ++r) {
      if (table.has("label") && !same_label(table.cell(r, "label"), "1")) continue;
      const std::string &start = table.cell(r, "start"), &strand = table.cell(r, "strand");
      if (start.empty() || start.size() > 15 || start.find_first_not_of("0123456789") != std::string::npos ||
          (strand != "+" && strand != "-"))
        throw parse_error(
            table.file, table.line(r),
            "start '" + start + "' and strand '" + strand + "', expected a base counted from 0 and + or -");
      const bool asked = !table.has(options.split_column) ||
                         std::find(options.parts.begin(), options.parts.end(),
                                   table.cell(r, options.split_column)) != options.parts.end();
      auto& times = known_[key(std::stoull(start) / step_ * step_, strand == "-" ? 1 : 0)];
      times += asked ? 1 : 0;
      given_ += asked ? 1 : 0;
    }
    if (given_ == 0)
      throw option_error(options.file + ": no row is a positive of the parts that are asked for");
  }

  /// The probability of a window: its first base, and its strand (0: +, 1: -).
  void add(std::size_t start, std::size_t strand, double probability) {
    if (given_ == 0) return;
    if (const auto found = known_.find(key(start, strand)); found != known_.end()) {
      of_known_.insert(of_known_.end(), found->second, probability);
      return;
    }
    constexpr std::size_t sample_size = 20000;  // a reservoir (Vitter 1985, algorithm R)
    ++others_;
    if (of_others_.size() < sample_size) {
      of_others_.push_back(probability);
    } else if (const std::size_t place = random_.below(others_); place < sample_size) {
      of_others_[place] = probability;
    }
  }
  /// Positives asked for.
  [[nodiscard]] std::size_t given() const { return given_; }
  /// Those found in a window.
  [[nodiscard]] std::size_t found() const { return of_known_.size(); }
  /// Random positions they are ranked against.
  [[nodiscard]] std::size_t others() const { return of_others_.size(); }
  /// Of known positions against random ones.
  [[nodiscard]] double roc_auc() const {
    std::vector<int> labels(of_known_.size(), 1);
    std::vector<double> scores = of_known_;
    labels.resize(of_known_.size() + of_others_.size(), 0);
    scores.insert(scores.end(), of_others_.begin(), of_others_.end());
    return seqlstm::roc_auc(labels, scores);
  }

 private:
  static std::uint64_t key(std::size_t start, std::size_t strand) { return 2 * start + strand; }
  std::size_t step_;
  std::unordered_map<std::uint64_t, std::size_t> known_;  // how many asked-for positives a window stands for
  std::size_t given_ = 0;
  std::vector<double> of_known_, of_others_;
  std::size_t others_ = 0;
  RandomStream random_;
};

}  // namespace io

SEQLSTM_NAMESPACE_END
