// A leakage audit as programs print it.
#pragma once

#include <cmath>
#include <iomanip>
#include <ostream>
#include <seqlstm/io/leakage_audit.hpp>
#include <string>

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

}  // namespace examples
