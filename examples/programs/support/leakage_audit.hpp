// How much of a test part was trained on all the same: every test sequence is searched against the training
// and validation part, and metrics are told apart by how near its nearest relative there is.
#pragma once

#include <iomanip>
#include <map>
#include <nlohmann/json.hpp>
#include <seqlstm/data/leakage.hpp>
#include <seqlstm/io/lines.hpp>
#include <set>
#include <sstream>
#include <unordered_map>

#include "support/external_program.hpp"
#include "support/sequence_type.hpp"
#include "support/task.hpp"

namespace examples {

/// Identity above which a relative counts as a leak, unless a program is told another.
inline constexpr double leak_identity = 0.3;
/// A warning is due where more of the test part leaks.
inline constexpr double leak_warning = 0.05;

struct Audit {
  double threshold = leak_identity;
  bool aligned = false;  ///< by alignment; else identities are shares of k-mers
  SequenceType type = SequenceType::protein;
  std::vector<seqlstm::Relative> relatives;
  std::size_t repetitive = 0;  ///< near copies found only where repeats are not masked
  std::size_t copies = 0;      ///< that no search found: too short, or of too few letters

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
  [[nodiscard]] std::string words() const { return std::to_string(word_letters(type)) + "-mers"; }
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

namespace detail {

/// Test and trained-on sequences in the files of a folder, for more than one search.
class MmseqsSearch {
 public:
  MmseqsSearch(const std::vector<std::string>& test, const std::vector<std::string>& trained,
               std::size_t threads, SequenceType type)
      : test_(test), trained_(trained), threads_(threads), type_(type) {
    write("trained.fa", trained, too_short(trained, type));
  }
  /// The rows that are too short to be searched.
  [[nodiscard]] static std::vector<char> too_short(const std::vector<std::string>& sequences,
                                                   SequenceType type) {
    std::vector<char> skip(sequences.size());
    for (std::size_t i = 0; i < skip.size(); ++i)
      skip[i] = sequences[i].size() < shortest_for_mmseqs(type) ? 1 : 0;
    return skip;
  }
  /// The hit of highest identity for every test sequence without `skip`.
  [[nodiscard]] std::vector<seqlstm::Relative> search(const std::vector<char>& skip,
                                                      std::initializer_list<const char*> options) const {
    std::vector<seqlstm::Relative> relatives(test_.size());
    if (write("test.fa", test_, skip) == 0 || written_.at("trained.fa") == 0) return relatives;
    std::vector<std::string> command = {"mmseqs", "easy-search", "test.fa", "trained.fa", "hits.tsv", "tmp"};
    command.insert(command.end(), {"--dbtype", type_ == SequenceType::dna ? "2" : "1"});
    command.insert(command.end(), options.begin(), options.end());
    command.insert(command.end(),
                   {"-e", "1e-3", "--alignment-mode", "3", "--max-seqs", "300", "--format-output",
                    "query,target,fident,qcov", "-v", "1", "--threads", std::to_string(threads_)});
    run_external(command, folder_);
    seqlstm::io::LineReader lines(folder_ / "hits.tsv");
    for (std::string line; lines.next(line);) {
      std::istringstream fields(line);
      std::string query, target, identity, coverage;
      fields >> query >> target >> identity >> coverage;
      const std::size_t row = row_number(query, test_.size(), "mmseqs");
      const auto share = seqlstm::parse_number(identity), covered = seqlstm::parse_number(coverage);
      if (!share || !covered)
        throw std::runtime_error("mmseqs wrote '" + seqlstm::printable(line.substr(0, 200)) +
                                 "', expected query, target, identity and coverage");
      const seqlstm::Relative hit{*share, *covered, row_number(target, trained_.size(), "mmseqs")};
      auto& best = relatives[row];
      if (best.row == seqlstm::Relative::none || hit.identity > best.identity) best = hit;
    }
    return relatives;
  }

 private:
  std::size_t write(const std::string& name, const std::vector<std::string>& sequences,
                    const std::vector<char>& skip) const {
    return written_[name] = write_rows_as_fasta(folder_ / name, sequences, skip, any_letter(type_));
  }
  WorkFolder folder_;
  const std::vector<std::string>&test_, &trained_;
  std::size_t threads_;
  SequenceType type_;
  mutable std::map<std::string, std::size_t> written_;
};

}  // namespace detail

/// The hit of highest identity for every test sequence, by mmseqs: sensitivity 7.5, E-value at most 1e-3,
/// identity over the alignment (--alignment-mode 3), with the coverage of the test sequence. The 300
/// likeliest candidates of a sequence are aligned: in a family of 2,990 (GB1) the nearest was among the first
/// 20 for each of 300 queries, and 4,000 candidates took five times as long. DNA is searched as such, on both
/// strands.
///
/// In a search of proteins mmseqs masks repeats, and corrects scores for composition: of silk, collagen or
/// polyglutamine not even copies are found. Repetitive sequences without a relative are searched once more
/// without both, for near copies alone (70 % identity over 80 % of the sequence; less is chance among
/// repeats); `repetitive` is how many were found so.
inline std::vector<seqlstm::Relative> mmseqs_relatives(const std::vector<std::string>& test,
                                                       const std::vector<std::string>& trained,
                                                       std::size_t threads, double threshold,
                                                       SequenceType type, std::size_t& repetitive) {
  const detail::MmseqsSearch mmseqs(test, trained, threads, type);
  const auto too_short = mmseqs.too_short(test, type);
  auto relatives =
      type == SequenceType::dna
          ? mmseqs.search(too_short, {"--search-type", "3", "--strand", "2", "-k", "11", "--mask", "0"})
          : mmseqs.search(too_short, {"-s", "7.5"});
  constexpr double repeats = 0.8;  // of 1,451 proteins of TargetP without a relative 23 have less variety
  auto skip = too_short;
  for (std::size_t i = 0; i < test.size(); ++i)
    if (relatives[i].identity > threshold || seqlstm::kmer_variety(test[i]) > repeats) skip[i] = 1;
  repetitive = 0;
  if (type == SequenceType::protein) {
    const auto unmasked = mmseqs.search(skip, {"-s", "7.5", "--mask", "0", "--comp-bias-corr", "0",
                                               "--min-seq-id", "0.7", "-c", "0.8", "--cov-mode", "2"});
    for (std::size_t i = 0; i < test.size(); ++i)
      if (unmasked[i].identity > relatives[i].identity) {
        repetitive += unmasked[i].identity > threshold ? 1 : 0;
        relatives[i] = unmasked[i];
      }
  }
  return relatives;
}

/// Equal sequences, and short ones contained whole, are relatives whatever a search says: its k-mers and
/// E-values pass over them. Returns how many it had not found above the threshold.
inline std::size_t add_copies(std::vector<seqlstm::Relative>& relatives, const std::vector<std::string>& test,
                              const std::vector<std::string>& trained, double threshold, SequenceType type) {
  constexpr std::size_t too_short = 20;
  std::unordered_map<std::string_view, std::size_t> rows;
  for (std::size_t row = 0; row < trained.size(); ++row) rows.emplace(trained[row], row);
  const auto copy_of = [&](const std::string& sequence) {
    if (const auto found = rows.find(sequence); found != rows.end()) return found->second;
    if (!sequence.empty() && sequence.size() < too_short)
      for (std::size_t row = 0; row < trained.size(); ++row)
        if (trained[row].find(sequence) != std::string::npos) return row;
    return seqlstm::Relative::none;
  };
  std::size_t added = 0;
  for (std::size_t i = 0; i < test.size(); ++i) {
    if (relatives[i].identity == 1) continue;
    auto found = copy_of(test[i]);
    if (found == seqlstm::Relative::none && type == SequenceType::dna)
      found = copy_of(seqlstm::reverse_complement(test[i]));
    if (found == seqlstm::Relative::none) continue;
    added += relatives[i].identity > threshold ? 0 : 1;
    relatives[i] = {1, 1, found};
  }
  return added;
}

/// What is too short to be searched, and no copy, is compared by its k-mers.
inline void add_short_ones(std::vector<seqlstm::Relative>& relatives, const std::vector<std::string>& test,
                           const std::vector<std::string>& trained, SequenceType type) {
  std::vector<std::string> short_ones(test.size());
  for (std::size_t i = 0; i < test.size(); ++i)
    if (test[i].size() < shortest_for_mmseqs(type) && relatives[i].row == seqlstm::Relative::none)
      short_ones[i] = test[i];
  const auto by_words =
      seqlstm::kmer_relatives(short_ones, trained, word_letters(type), type == SequenceType::dna);
  for (std::size_t i = 0; i < test.size(); ++i)
    if (!short_ones[i].empty()) relatives[i] = by_words[i];
}

/// `method`: mmseqs, kmers, or auto: mmseqs where it is installed. Sequences are compared by their letters.
inline Audit audit(const std::string& method, std::vector<std::string> test, std::vector<std::string> trained,
                   std::size_t threads, double threshold = leak_identity,
                   SequenceType type = SequenceType::protein) {
  for (auto* sequences : {&test, &trained})
    for (auto& sequence : *sequences) sequence = compared_letters(sequence, type);
  Audit found;
  found.threshold = threshold;
  found.type = type;
  found.aligned = method == "mmseqs" || (method == "auto" && on_path("mmseqs"));
  if (found.aligned) require_program("mmseqs", "mmseqs2", "pass --audit kmers");
  found.relatives =
      found.aligned ? mmseqs_relatives(test, trained, threads, threshold, type, found.repetitive)
                    : seqlstm::kmer_relatives(test, trained, word_letters(type), type == SequenceType::dna);
  found.copies = add_copies(found.relatives, test, trained, threshold, type);
  if (found.aligned) add_short_ones(found.relatives, test, trained, type);
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
  if (audit.repetitive > 0)
    out << "  of these " << audit.repetitive
        << " near copies that only a search without masking of repeats finds\n";
  if (audit.copies > 0) out << "  of these " << audit.copies << " copies that the search does not see\n";
}
/// Keys name the threshold, and identity only where sequences were aligned.
inline nlohmann::json audit_json(const Audit& audit) {
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
