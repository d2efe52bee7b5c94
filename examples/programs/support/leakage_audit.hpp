// A leakage audit as programs print it and note it in their JSON.
#pragma once

#include <cmath>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <seqlstm/io/leakage_audit.hpp>
#include <seqlstm/train/objective.hpp>

namespace examples {

/// A warning is due where more of the test part leaks.
inline constexpr double leak_warning = 0.05;

/// What `--audit` names: mmseqs, kmers, or auto.
inline seqlstm::io::AuditMethod audit_method(const std::string& option) {
  using seqlstm::io::AuditMethod;
  return option == "mmseqs"  ? AuditMethod::mmseqs
         : option == "kmers" ? AuditMethod::kmers
                             : AuditMethod::best_available;
}

/// The histogram: test sequences by the identity of their relatives, with the mean coverage.
inline void print_audit(std::ostream& out, const seqlstm::io::Audit& audit) {
  out << "leakage audit of " << audit.relatives.size() << " test sequences against training and validation ("
      << audit.method()
      << (audit.aligned || seqlstm::io::on_path("mmseqs") ? "" : "; install mmseqs2 for alignments") << ")\n";
  for (const auto& band : audit.bands()) {
    out << "  " << std::setw(3) << std::lround(100 * band.low) << " to " << std::setw(3)
        << std::lround(100 * band.high) << " % " << std::setw(7) << band.rows.size();
    if (const double coverage = seqlstm::io::mean_coverage(audit, band.rows); coverage > 0)
      out << ", covered by the alignment: " << std::lround(100 * coverage) << " %";
    out << '\n';
  }
  if (audit.repetitive > 0)
    out << "  of these " << audit.repetitive
        << " near copies that only a search without masking of repeats finds\n";
  if (audit.copies > 0) out << "  of these " << audit.copies << " copies that the search does not see\n";
}
/// Keys name the threshold, and identity only where sequences were aligned.
inline nlohmann::json audit_json(const seqlstm::io::Audit& audit) {
  nlohmann::json json = {
      {"method", audit.method()},
      {"sequences", audit.relatives.size()},
      {"copies_not_found", audit.copies},
      {"found_only_unmasked", audit.repetitive},
      {"threshold", audit.threshold},
      {(audit.aligned ? "above_" : "kmers_above_") + audit.percent() + "_percent", audit.leaks()}};
  for (const auto& band : audit.bands())
    json["bands"].push_back({{"low", band.low},
                             {"high", band.high},
                             {"sequences", band.rows.size()},
                             {"coverage", seqlstm::io::mean_coverage(audit, band.rows)}});
  return json;
}

/// Predictions and labels of some rows.
inline seqlstm::Report report_of_rows(const seqlstm::Objective& plan, const seqlstm::Predictions& predictions,
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
  auto report = plan.evaluate(some, labels, test.label_names);
  report.metrics.erase(report.metrics.begin());  // the loss is of all rows
  return report;
}

}  // namespace examples
