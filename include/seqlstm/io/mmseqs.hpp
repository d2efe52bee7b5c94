// Relatives and clusters by mmseqs; by k-mers what it leaves out. Not on Windows.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <map>
#include <seqlstm/data/clusters.hpp>
#include <seqlstm/io/detail/kmer_rows.hpp>
#include <seqlstm/io/external_program.hpp>
#include <seqlstm/io/lines.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#if !defined(_WIN32)

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// Letters below which mmseqs has no words to search with; its words of DNA are spaced.
constexpr std::size_t shortest_for_mmseqs(SequenceType type) {
  return type == SequenceType::dna ? 17 : 11;
}

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
  [[nodiscard]] std::vector<Relative> search(const std::vector<char>& skip,
                                             std::initializer_list<const char*> options) const {
    std::vector<Relative> relatives(test_.size());
    if (write("test.fa", test_, skip) == 0 || written_.at("trained.fa") == 0) return relatives;
    std::vector<std::string> command = {"mmseqs", "easy-search", "test.fa", "trained.fa", "hits.tsv", "tmp"};
    command.insert(command.end(), {"--dbtype", type_ == SequenceType::dna ? "2" : "1"});
    command.insert(command.end(), options.begin(), options.end());
    command.insert(command.end(),
                   {"-e", "1e-3", "--alignment-mode", "3", "--max-seqs", "300", "--format-output",
                    "query,target,fident,qcov", "-v", "1", "--threads", std::to_string(threads_)});
    run_external(command, folder_);
    LineReader lines(folder_ / "hits.tsv");
    for (std::string line; lines.next(line);) {
      std::istringstream fields(line);
      std::string query, target, identity, coverage;
      fields >> query >> target >> identity >> coverage;
      const std::size_t row = row_number(query, test_.size(), "mmseqs");
      const auto share = parse_number(identity), covered = parse_number(coverage);
      if (!share || !covered)
        throw std::runtime_error("mmseqs wrote '" + printable(line.substr(0, 200)) +
                                 "', expected query, target, identity and coverage");
      const Relative hit{*share, *covered, row_number(target, trained_.size(), "mmseqs")};
      auto& best = relatives[row];
      if (best.row == Relative::none || hit.identity > best.identity) best = hit;
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
/// `repetitive` gets how many above the threshold only a search without masking of repeats found. Throws as
/// mmseqs_clusters() does.
inline std::vector<Relative> mmseqs_relatives(const std::vector<std::string>& test,
                                              const std::vector<std::string>& trained, std::size_t threads,
                                              double threshold, SequenceType type, std::size_t& repetitive) {
  const detail::MmseqsSearch mmseqs(test, trained, threads, type);
  const auto too_short = mmseqs.too_short(test, type);
  auto relatives =
      type == SequenceType::dna
          ? mmseqs.search(too_short, {"--search-type", "3", "--strand", "2", "-k", "11", "--mask", "0"})
          : mmseqs.search(too_short, {"-s", "7.5"});
  constexpr double repeats = 0.8;  // of 1,451 proteins of TargetP without a relative 23 have less variety
  auto skip = too_short;
  for (std::size_t i = 0; i < test.size(); ++i)
    if (relatives[i].identity > threshold || kmer_variety(test[i]) > repeats) skip[i] = 1;
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

/// Clusters at an identity over half of both sequences, by mmseqs. One too short for it joins the cluster of
/// the sequence that holds a larger share of its k-mers than `identity`, else it is alone; `too_short` counts
/// these. Throws option_error where mmseqs is not installed, std::runtime_error with what it said where it
/// fails, io_error without a folder to work in, and Interrupted; signals and how many at once: as WorkFolder
/// says.
inline Clusters mmseqs_clusters(const std::vector<std::string>& sequences, double identity, SequenceType type,
                                std::size_t threads, std::size_t& too_short) {
  require_program("mmseqs", "mmseqs2", "bring clusters of your own");
  std::vector<char> unread(sequences.size());
  too_short = 0;
  for (std::size_t r = 0; r < sequences.size(); ++r)
    if (sequences[r].size() < shortest_for_mmseqs(type)) ++too_short, unread[r] = 1;
  constexpr std::size_t none = Relative::none;
  std::vector<std::size_t> cluster_of(sequences.size(), none);
  const WorkFolder folder;
  if (detail::write_rows_as_fasta(folder / "all.fa", sequences, unread, any_letter(type)) > 0) {
    std::vector<std::string> command = {
        "mmseqs", "easy-cluster", "all.fa",     "clusters", "tmp", "--min-seq-id", std::to_string(identity),
        "-c",     "0.5",          "--cov-mode", "0"};
    if (type == SequenceType::dna)
      command.insert(command.end(), {"--dbtype", "2", "-k", "11"});
    else
      command.insert(command.end(), {"--dbtype", "1", "-s", "7.5"});
    command.insert(command.end(), {"--threads", std::to_string(threads), "-v", "1"});
    run_external(command, folder);
    LineReader lines(folder / "clusters_cluster.tsv");
    for (std::string line; lines.next(line);) {
      const std::string_view text = line;
      const std::size_t tab = std::min(text.find('\t'), text.size());
      const std::size_t cluster = detail::row_number(text.substr(0, tab), cluster_of.size(), "mmseqs");
      const auto member = tab < text.size() ? text.substr(tab + 1) : std::string_view();
      cluster_of[detail::row_number(member, cluster_of.size(), "mmseqs")] = cluster;
    }
  }
  detail::WordIndex index(type);
  std::vector<std::size_t> indexed;
  const auto add = [&](std::size_t row) {
    if (too_short == 0) return;
    index.add(sequences[row]);
    indexed.push_back(row);
  };
  for (std::size_t r = 0; r < sequences.size(); ++r) {
    if (unread[r] != 0) continue;
    if (cluster_of[r] == none)
      throw std::runtime_error("mmseqs left sequence " + std::to_string(r + 1) + " without a cluster");
    add(r);
  }
  for (const std::size_t r : detail::longest_first(sequences, unread)) {
    const auto relative = index.nearest(sequences[r]);
    cluster_of[r] = relative.identity > identity ? cluster_of[indexed[relative.row]] : r;
    add(r);
  }
  std::vector<std::string> names;
  for (const std::size_t cluster : cluster_of) names.push_back(std::to_string(cluster));
  return Clusters(names);
}

}  // namespace io
SEQLSTM_NAMESPACE_END

#endif
