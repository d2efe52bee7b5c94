// How much of a test part was trained on all the same: every test sequence is searched against the training
// and validation part, and metrics are told apart by how near its nearest relative there is.
#pragma once

#include <iomanip>
#include <nlohmann/json.hpp>
#include <seqlstm/data/leakage.hpp>
#include <seqlstm/io/lines.hpp>
#include <set>
#include <sstream>
#include <unordered_map>

#include "support/external_program.hpp"
#include "support/same_letters.hpp"
#include "support/task.hpp"

namespace examples {

/// Identity above which a relative counts as a leak, unless a program is told another.
inline constexpr double leak_identity = 0.3;
/// A warning is due where more of the test part leaks.
inline constexpr double leak_warning = 0.05;

struct Audit {
  double threshold = leak_identity;
  bool aligned = false;  ///< by alignment; else identities are shares of k-mers
  std::vector<seqlstm::Relative> relatives;
  std::size_t copies = 0;  ///< that no search found: too short, or of too few letters

  /// What identity means here.
  [[nodiscard]] const char* method() const {
    return aligned ? "identity over the alignment, mmseqs -s 7.5 -e 1e-3 --max-seqs 300"
                   : "share of a sequence's 6-mers in one trained-on sequence";
  }
  /// The threshold as people say it: "30".
  [[nodiscard]] std::string percent() const {
    std::ostringstream text;
    text << 100 * threshold;
    return text.str();
  }
  /// "relative above 30 % identity", as far as the method can say so.
  [[nodiscard]] std::string relative() const {
    return aligned ? "relative above " + percent() + " % identity"
                   : "sequence that shares more than " + percent() + " % of its 6-mers";
  }
  /// "3 of 40 test sequences have a relative above 30 % identity in training or validation".
  [[nodiscard]] std::string sentence() const {
    return std::to_string(leaks()) + " of " + std::to_string(relatives.size()) + " test sequences have a " +
           relative() + " in training or validation";
  }

  [[nodiscard]] bool leaks(std::size_t row) const { return relatives[row].identity > threshold; }
  [[nodiscard]] std::vector<std::size_t> clean() const {
    return seqlstm::rows_without_relatives(relatives, threshold);
  }
  [[nodiscard]] std::size_t leaks() const { return relatives.size() - clean().size(); }
  /// Test sequences by the identity of their relatives; the threshold is one of the borders.
  [[nodiscard]] std::vector<seqlstm::IdentityBand> bands() const {
    std::set<double> borders = {0.3, 0.5, 0.7, 0.95};
    borders.insert(threshold);
    return seqlstm::identity_bands(relatives, std::vector<double>(borders.begin(), borders.end()));
  }
};

/// The hit of highest identity for every test sequence, by mmseqs: sensitivity 7.5, E-value at most 1e-3,
/// identity over the alignment (--alignment-mode 3), with the coverage of the test sequence. The 300
/// likeliest candidates of a sequence are aligned: in a family of 2,990 (GB1) the nearest was among the first
/// 20 for each of 300 queries, and 4,000 candidates took five times as long.
inline std::vector<seqlstm::Relative> mmseqs_relatives(const std::vector<std::string>& test,
                                                       const std::vector<std::string>& trained,
                                                       std::size_t threads) {
  const WorkFolder folder;
  const std::string queries = folder / "test.fa", targets = folder / "trained.fa", hits = folder / "hits.tsv";
  std::vector<seqlstm::Relative> relatives(test.size());
  const std::size_t searched = write_rows_as_fasta(queries, test),
                    against = write_rows_as_fasta(targets, trained);
  if (searched == 0 || against == 0) return relatives;
  std::vector<std::string> command = {"mmseqs", "easy-search", queries, targets, hits, folder / "tmp"};
  for (const char* word : {"-s", "7.5", "-e", "1e-3", "--alignment-mode", "3", "--max-seqs", "300",
                           "--format-output", "query,target,fident,qcov", "-v", "1", "--threads"})
    command.emplace_back(word);
  command.push_back(std::to_string(threads));
  run_external(command, folder / "log");
  seqlstm::io::LineReader lines(hits);
  for (std::string line; lines.next(line);) {
    std::istringstream fields(line);
    std::size_t query = 0, target = 0;
    double identity = 0, coverage = 0;
    if (!(fields >> query >> target >> identity >> coverage) || query >= test.size() ||
        target >= trained.size())
      throw lines.error("mmseqs wrote '" + line + "', expected query, target, identity and coverage");
    auto& best = relatives[query];
    if (best.row == seqlstm::Relative::none || identity > best.identity) best = {identity, coverage, target};
  }
  return relatives;
}

/// Equal sequences, and short ones contained whole, are relatives whatever a search says: its k-mers and
/// E-values pass over them. Returns how many it had not found above the threshold.
inline std::size_t add_copies(std::vector<seqlstm::Relative>& relatives, const std::vector<std::string>& test,
                              const std::vector<std::string>& trained, double threshold) {
  constexpr std::size_t too_short = 20;
  std::unordered_map<std::string_view, std::size_t> rows;
  for (std::size_t row = 0; row < trained.size(); ++row) rows.emplace(trained[row], row);
  std::size_t added = 0;
  for (std::size_t i = 0; i < test.size(); ++i) {
    auto found = rows.count(test[i]) > 0 ? rows.at(test[i]) : seqlstm::Relative::none;
    for (std::size_t row = 0; row < trained.size() && found == seqlstm::Relative::none; ++row)
      if (!test[i].empty() && test[i].size() < too_short && trained[row].find(test[i]) != std::string::npos)
        found = row;
    if (found == seqlstm::Relative::none || relatives[i].identity == 1) continue;
    added += relatives[i].identity > threshold ? 0 : 1;
    relatives[i] = {1, 1, found};
  }
  return added;
}

/// `method`: mmseqs, kmers, or auto: mmseqs where it is installed. Sequences are compared by their letters.
inline Audit audit(const std::string& method, std::vector<std::string> test, std::vector<std::string> trained,
                   std::size_t threads, double threshold = leak_identity) {
  for (auto* sequences : {&test, &trained})
    for (auto& sequence : *sequences) sequence = compared_letters(sequence);
  Audit found;
  found.threshold = threshold;
  found.aligned = method == "mmseqs" || (method == "auto" && on_path("mmseqs"));
  if (found.aligned) require_program("mmseqs", "mmseqs2", "pass --audit kmers");
  found.relatives =
      found.aligned ? mmseqs_relatives(test, trained, threads) : seqlstm::kmer_relatives(test, trained);
  found.copies = add_copies(found.relatives, test, trained, threshold);
  return found;
}

/// Of the test sequences in `rows`, as far as alignments say.
inline double mean_coverage(const Audit& audit, std::span<const std::size_t> rows) {
  double sum = 0;
  for (const std::size_t row : rows) sum += audit.relatives[row].coverage;
  return rows.empty() ? 0 : sum / static_cast<double>(rows.size());
}

/// The histogram: test sequences by the identity of their relatives, with the mean coverage.
inline void print_audit(std::ostream& out, const Audit& audit) {
  out << "leakage audit of " << audit.relatives.size() << " test sequences against training and validation ("
      << audit.method() << (audit.aligned || on_path("mmseqs") ? "" : "; install mmseqs2 for alignments")
      << ")\n";
  for (const auto& band : audit.bands()) {
    out << "  " << std::setw(3) << std::lround(100 * band.low) << " to " << std::setw(3)
        << std::lround(100 * band.high) << " % " << std::setw(7) << band.rows.size();
    if (const double coverage = mean_coverage(audit, band.rows); coverage > 0)
      out << ", covered by the alignment: " << std::lround(100 * coverage) << " %";
    out << '\n';
  }
  if (audit.copies > 0) out << "  of these " << audit.copies << " copies that the search does not see\n";
}
/// Keys name the threshold, and identity only where sequences were aligned.
inline nlohmann::json audit_json(const Audit& audit) {
  nlohmann::json json = {
      {"method", audit.method()},
      {"sequences", audit.relatives.size()},
      {"copies_not_found", audit.copies},
      {"threshold", audit.threshold},
      {(audit.aligned ? "above_" : "kmers_above_") + audit.percent() + "_percent", audit.leaks()}};
  for (const auto& band : audit.bands())
    json["bands"].push_back({{"low", band.low},
                             {"high", band.high},
                             {"sequences", band.rows.size()},
                             {"coverage", mean_coverage(audit, band.rows)}});
  return json;
}

/// Predictions and labels of some rows.
inline seqlstm::Report report_of_rows(const TaskPlan& plan, const seqlstm::Predictions& predictions,
                                      const seqlstm::LabelledRecords& test,
                                      std::span<const std::size_t> rows) {
  seqlstm::Predictions some{rows.size(), predictions.cols, {}, std::nan("")};
  std::vector<double> labels;
  for (const std::size_t row : rows) {
    const double* first = &predictions.values[row * predictions.cols];
    some.values.insert(some.values.end(), first, first + predictions.cols);
    const double* label = &test.labels[row * test.label_width];
    labels.insert(labels.end(), label, label + test.label_width);
  }
  auto report = plan.judge(some, labels, test.label_names);
  report.metrics.erase(report.metrics.begin());  // the loss is of all rows
  return report;
}

}  // namespace examples
