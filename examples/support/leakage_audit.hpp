// How much of a test part was trained on all the same: every test sequence is searched against the training
// and validation part, and metrics are told apart by how near its nearest relative there is.
#pragma once

#include <iomanip>
#include <nlohmann/json.hpp>
#include <seqlstm/data/leakage.hpp>
#include <seqlstm/io/lines.hpp>

#include "support/external_program.hpp"
#include "support/task.hpp"

namespace examples {

/// Identity above which a relative counts as a leak: the one at which splits are made (30 %).
inline constexpr double leak_identity = 0.3;
inline constexpr double identity_borders[] = {0.3, 0.5, 0.7, 0.95};
/// A warning is due where more of the test part leaks.
inline constexpr double leak_warning = 0.05;

struct Audit {
  std::string method;  ///< what identity means here
  std::vector<seqlstm::Relative> relatives;

  [[nodiscard]] std::vector<std::size_t> clean() const {
    return seqlstm::rows_without_relatives(relatives, leak_identity);
  }
  [[nodiscard]] std::size_t leaks() const { return relatives.size() - clean().size(); }
};

/// The hit of highest identity for every test sequence, by mmseqs: sensitivity 7.5, E-value at most 1e-3,
/// identity over the alignment (--alignment-mode 3), with the coverage of the test sequence.
inline std::vector<seqlstm::Relative> mmseqs_relatives(const std::vector<std::string>& test,
                                                       const std::vector<std::string>& trained,
                                                       std::size_t threads) {
  const WorkFolder folder;
  const std::string queries = folder / "test.fa", targets = folder / "trained.fa", hits = folder / "hits.tsv";
  write_rows_as_fasta(queries, test);
  write_rows_as_fasta(targets, trained);
  run_external({"mmseqs", "easy-search", queries, targets, hits, folder / "tmp", "-s", "7.5", "-e", "1e-3",
                "--alignment-mode", "3", "--format-output", "query,target,fident,qcov", "--threads",
                std::to_string(threads), "-v", "1"},
               folder / "log");
  std::vector<seqlstm::Relative> relatives(test.size());
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

/// `method`: mmseqs, kmers, or auto: mmseqs where it is installed.
inline Audit audit(const std::string& method, const std::vector<std::string>& test,
                   const std::vector<std::string>& trained, std::size_t threads) {
  const bool mmseqs = method == "mmseqs" || (method == "auto" && on_path("mmseqs"));
  if (!mmseqs)
    return {"share of a sequence's 6-mers in one trained-on sequence (install mmseqs2 for alignments)",
            seqlstm::kmer_relatives(test, trained)};
  require_program("mmseqs", "mmseqs2", "pass --audit kmers");
  return {"identity over the alignment, mmseqs -s 7.5 -e 1e-3", mmseqs_relatives(test, trained, threads)};
}

/// The histogram: test sequences by the identity of their relatives, with the mean coverage.
inline void print_audit(std::ostream& out, const Audit& audit) {
  out << "leakage audit of " << audit.relatives.size() << " test sequences against training and validation ("
      << audit.method << ")\n";
  for (const auto& band : seqlstm::identity_bands(audit.relatives, identity_borders)) {
    double coverage = 0;
    for (const std::size_t row : band.rows) coverage += audit.relatives[row].coverage;
    out << "  " << std::setw(3) << std::lround(100 * band.low) << " to " << std::setw(3)
        << std::lround(100 * band.high) << " % " << std::setw(7) << band.rows.size();
    if (coverage > 0)
      out << ", mean coverage " << std::lround(100 * coverage / static_cast<double>(band.rows.size()))
          << " %";
    out << '\n';
  }
}
inline nlohmann::json audit_json(const Audit& audit) {
  nlohmann::json json = {
      {"method", audit.method}, {"sequences", audit.relatives.size()}, {"above_30_percent", audit.leaks()}};
  for (const auto& band : seqlstm::identity_bands(audit.relatives, identity_borders))
    json["bands"].push_back({{"low", band.low}, {"high", band.high}, {"sequences", band.rows.size()}});
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
