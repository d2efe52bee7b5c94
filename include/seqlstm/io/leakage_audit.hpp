// How much of a test part was trained on all the same: every test sequence is searched against the training
// and validation part. Not on Windows.
#pragma once

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <ostream>
#include <seqlstm/data/leakage.hpp>
#include <seqlstm/io/mmseqs.hpp>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#if !defined(_WIN32)

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// Identity above which a relative counts as a leak, unless another is asked for.
inline constexpr double leak_identity = 0.3;
/// What an audit found.
struct Audit {
  double threshold = leak_identity;           ///< identity, 0 to 1, above which a relative is a leak
  bool aligned = false;                       ///< by alignment; else identities are shares of k-mers
  SequenceType type = SequenceType::protein;  ///< what the sequences were compared as
  std::vector<Relative> relatives;            ///< [test rows], the nearest one of each
  std::size_t repetitive = 0;                 ///< near copies found only where repeats are not masked
  std::size_t copies = 0;                     ///< that no search found: too short, or of too few letters

  /// What identity means here.
  [[nodiscard]] std::string method() const {
    if (!aligned)
      return "share of a sequence's " + words() + " in one trained-on sequence" +
             (type == SequenceType::dna ? ", on either strand" : "");
    return type == SequenceType::dna
               ? "identity over the alignment, mmseqs --search-type 3 --strand 2 -k 11 --mask 0 -e 1e-3 "
                 "--max-seqs 300"
               : "identity over the alignment, mmseqs -s 7.5 -e 1e-3 --max-seqs 300";
  }
  /// "6-mers".
  [[nodiscard]] std::string words() const { return std::to_string(kmer_letters(type)) + "-mers"; }
  /// The threshold as people say it: "30".
  [[nodiscard]] std::string percent() const {
    std::ostringstream text;
    text << 100 * threshold;
    return text.str();
  }
  /// "relative above 30 % identity", as far as the method can say so.
  [[nodiscard]] std::string relative() const {
    return aligned ? "relative above " + percent() + " % identity"
                   : "sequence that shares more than " + percent() + " % of its " + words();
  }
  /// "3 of 40 test sequences have a relative above 30 % identity in training or validation".
  [[nodiscard]] std::string sentence() const {
    return std::to_string(leaks()) + " of " + std::to_string(relatives.size()) + " test sequences have a " +
           relative() + " in training or validation";
  }

  /// Has the test row a relative above the threshold?
  [[nodiscard]] bool leaks(std::size_t row) const { return relatives[row].identity > threshold; }
  /// The test rows without one, ascending.
  [[nodiscard]] std::vector<std::size_t> clean() const {
    return rows_without_relatives(relatives, threshold);
  }
  /// How many test rows have one.
  [[nodiscard]] std::size_t leaks() const { return relatives.size() - clean().size(); }
  /// Test sequences by the identity of their relatives; the threshold is one of the borders.
  [[nodiscard]] std::vector<IdentityBand> bands() const {
    std::set<double> borders = {0.3, 0.5, 0.7, 0.95};
    borders.insert(threshold);
    return identity_bands(relatives, std::vector<double>(borders.begin(), borders.end()));
  }
};

namespace detail {

/// Equal sequences, and short ones contained whole, are relatives whatever a search says: its k-mers and
/// E-values pass over them. Returns how many it had not found above the threshold.
inline std::size_t add_copies(std::vector<Relative>& relatives, const std::vector<std::string>& test,
                              const std::vector<std::string>& trained, double threshold, SequenceType type) {
  constexpr std::size_t too_short = 20;
  std::unordered_map<std::string_view, std::size_t> rows;
  for (std::size_t row = 0; row < trained.size(); ++row) rows.emplace(trained[row], row);
  const auto copy_of = [&](const std::string& sequence) {
    if (const auto found = rows.find(sequence); found != rows.end()) return found->second;
    if (!sequence.empty() && sequence.size() < too_short)
      for (std::size_t row = 0; row < trained.size(); ++row)
        if (trained[row].find(sequence) != std::string::npos) return row;
    return Relative::none;
  };
  std::size_t added = 0;
  for (std::size_t i = 0; i < test.size(); ++i) {
    if (relatives[i].identity == 1) continue;
    auto found = copy_of(test[i]);
    if (found == Relative::none && type == SequenceType::dna) found = copy_of(reverse_complement(test[i]));
    if (found == Relative::none) continue;
    added += relatives[i].identity > threshold ? 0 : 1;
    relatives[i] = {1, 1, found};
  }
  return added;
}

/// What is too short to be searched, and no copy, is compared by its k-mers.
inline void add_short_ones(std::vector<Relative>& relatives, const std::vector<std::string>& test,
                           const std::vector<std::string>& trained, SequenceType type) {
  std::vector<std::string> short_ones(test.size());
  for (std::size_t i = 0; i < test.size(); ++i)
    if (test[i].size() < shortest_for_mmseqs(type) && relatives[i].row == Relative::none)
      short_ones[i] = test[i];
  const auto by_words = kmer_relatives(short_ones, trained, kmer_letters(type), type == SequenceType::dna);
  for (std::size_t i = 0; i < test.size(); ++i)
    if (!short_ones[i].empty()) relatives[i] = by_words[i];
}

}  // namespace detail

/// How relatives are found.
enum class AuditMethod { best_available, mmseqs, kmers };

/// The method that a word names: mmseqs, kmers or auto. Throws option_error for another one.
inline AuditMethod audit_method(std::string_view word) {
  if (word == "mmseqs") return AuditMethod::mmseqs;
  if (word == "kmers") return AuditMethod::kmers;
  if (word == "auto") return AuditMethod::best_available;
  throw option_error("audit '" + printable(word) + "' is not known; expected mmseqs, kmers or auto");
}

/// Searches test sequences among those that were trained on; best_available: by mmseqs where it is installed,
/// else by k-mers. Sequences are compared by their canonical_letters(). Throws option_error for mmseqs where
/// it is not installed, else as mmseqs_clusters() does.
inline Audit audit(AuditMethod method, std::vector<std::string> test, std::vector<std::string> trained,
                   std::size_t threads, double threshold = leak_identity,
                   SequenceType type = SequenceType::protein) {
  for (auto* sequences : {&test, &trained})
    for (auto& sequence : *sequences) sequence = canonical_letters(sequence, type);
  Audit found;
  found.threshold = threshold;
  found.type = type;
  found.aligned =
      method == AuditMethod::mmseqs || (method == AuditMethod::best_available && on_path("mmseqs"));
  if (found.aligned) require_program("mmseqs", "mmseqs2", "compare k-mers instead");
  found.relatives = found.aligned
                        ? mmseqs_relatives(test, trained, threads, threshold, type, found.repetitive)
                        : kmer_relatives(test, trained, kmer_letters(type), type == SequenceType::dna);
  found.copies = detail::add_copies(found.relatives, test, trained, threshold, type);
  if (found.aligned) detail::add_short_ones(found.relatives, test, trained, type);
  return found;
}

/// Of the test sequences in `rows`, as far as alignments say.
inline double mean_coverage(const Audit& audit, std::span<const std::size_t> rows) {
  double sum = 0;
  for (const std::size_t row : rows) sum += audit.relatives[row].coverage;
  return rows.empty() ? 0 : sum / static_cast<double>(rows.size());
}

/// Writes the histogram: test sequences by the identity of their relatives, with the mean coverage.
inline std::ostream& operator<<(std::ostream& out, const Audit& audit) {
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
  if (audit.repetitive > 0)
    out << "  of these " << audit.repetitive
        << " near copies that only a search without masking of repeats finds\n";
  if (audit.copies > 0) out << "  of these " << audit.copies << " copies that the search does not see\n";
  return out;
}

}  // namespace io
SEQLSTM_NAMESPACE_END

#endif
