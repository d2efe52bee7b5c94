// Near copies by cd-hit, clusters by mmseqs; by k-mers what the programs leave out.
#pragma once

#include <algorithm>
#include <seqlstm/data/clusters.hpp>
#include <seqlstm/data/leakage.hpp>
#include <seqlstm/io/lines.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "support/external_program.hpp"
#include "support/sequence_type.hpp"

namespace examples {

/// Lowest identity at which cd-hit clusters proteins, and cd-hit-est DNA.
inline double lowest_redundancy(SequenceType type) {
  return type == SequenceType::dna ? 0.8 : 0.4;
}

namespace detail {

/// Words of cd-hit and cd-hit-est for a threshold (its guide, "cd-hit word sizes").
inline std::string word_size(double identity, SequenceType type) {
  if (type == SequenceType::dna)
    return identity >= 0.95   ? "10"
           : identity >= 0.9  ? "8"
           : identity >= 0.88 ? "7"
           : identity >= 0.85 ? "6"
                              : "5";
  if (identity >= 0.7) return "5";
  if (identity >= 0.6) return "4";
  return identity >= 0.5 ? "3" : "2";
}

inline bool only_letters(const std::string& sequence) {
  return std::all_of(sequence.begin(), sequence.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// The rows with `chosen`, longest first, equally long ones in order.
inline std::vector<std::size_t> longest_first(const std::vector<std::string>& sequences,
                                              const std::vector<char>& chosen) {
  std::vector<std::size_t> rows;
  for (std::size_t r = 0; r < sequences.size(); ++r)
    if (chosen[r] != 0) rows.push_back(r);
  std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
    return sequences[a].size() != sequences[b].size() ? sequences[a].size() > sequences[b].size() : a < b;
  });
  return rows;
}

/// KmerIndex, which knows equal sequences too, however short.
class WordIndex {
 public:
  explicit WordIndex(SequenceType type) : words_(word_letters(type), type == SequenceType::dna) {}
  void add(const std::string& sequence) {
    words_.add(sequence);
    equal_.emplace(sequence, added_++);
  }
  [[nodiscard]] seqlstm::Relative nearest(const std::string& sequence) {
    const auto found = equal_.find(sequence);
    return found == equal_.end() ? words_.nearest(sequence) : seqlstm::Relative{1, 1, found->second};
  }

 private:
  seqlstm::KmerIndex words_;
  std::unordered_map<std::string_view, std::size_t> equal_;
  std::size_t added_ = 0;
};

}  // namespace detail

/// What is left when near copies go.
struct WithoutCopies {
  std::vector<std::size_t> kept;
  std::size_t unread = 0;         ///< sequences that cd-hit passes over, compared by their k-mers
  std::size_t unread_copies = 0;  ///< of these
};

/// The rows that stay of sequences in upper case: of near copies the longest, by cd-hit (cd-hit-est). Those
/// it passes over, with fewer than 11 letters or with others than letters inside, stay too, unless a share of
/// their k-mers as high as `identity` is in one that stays.
inline WithoutCopies without_copies(const std::vector<std::string>& sequences, double identity,
                                    SequenceType type, std::size_t threads) {
  const std::string program = type == SequenceType::dna ? "cd-hit-est" : "cd-hit";
  require_program(program, "cd-hit",
                  "bring clusters of copies (--redundancy-clusters), or leave copies in (--redundancy 1)");
  std::vector<char> unread(sequences.size()), stays(sequences.size());
  WithoutCopies result;
  for (std::size_t r = 0; r < sequences.size(); ++r)
    if (sequences[r].size() < shortest_searched || !detail::only_letters(sequences[r]))
      ++result.unread, unread[r] = 1;
  {
    const WorkFolder folder;
    if (write_rows_as_fasta(folder / "all.fa", sequences, unread, any_letter(type)) > 0) {
      run_external({program, "-i", "all.fa", "-o", "kept.fa", "-c", std::to_string(identity), "-n",
                    detail::word_size(identity, type), "-d", "0", "-M", "0", "-T", std::to_string(threads)},
                   folder);
      seqlstm::io::LineReader lines(folder / "kept.fa");
      for (std::string line; lines.next(line);)
        if (line.starts_with('>'))
          stays[row_number(std::string_view(line).substr(1), stays.size(), program)] = 1;
    }
  }
  detail::WordIndex index(type);
  if (result.unread > 0)
    for (std::size_t r = 0; r < sequences.size(); ++r)
      if (stays[r] != 0) index.add(sequences[r]);
  for (const std::size_t r : detail::longest_first(sequences, unread)) {
    if (index.nearest(sequences[r]).identity >= identity) {
      ++result.unread_copies;
      continue;
    }
    stays[r] = 1;
    index.add(sequences[r]);
  }
  for (std::size_t r = 0; r < sequences.size(); ++r)
    if (stays[r] != 0) result.kept.push_back(r);
  return result;
}

/// Clusters at an identity over half of both sequences, by mmseqs. One too short for it joins the cluster of
/// the sequence that holds a larger share of its k-mers than `identity`, else it is alone; `too_short` counts
/// these.
inline seqlstm::Clusters mmseqs_clusters(const std::vector<std::string>& sequences, double identity,
                                         SequenceType type, std::size_t threads, std::size_t& too_short) {
  require_program("mmseqs", "mmseqs2", "bring clusters of your own (--clusters)");
  std::vector<char> unread(sequences.size());
  too_short = 0;
  for (std::size_t r = 0; r < sequences.size(); ++r)
    if (sequences[r].size() < shortest_for_mmseqs(type)) ++too_short, unread[r] = 1;
  constexpr std::size_t none = seqlstm::Relative::none;
  std::vector<std::size_t> cluster_of(sequences.size(), none);
  const WorkFolder folder;
  if (write_rows_as_fasta(folder / "all.fa", sequences, unread, any_letter(type)) > 0) {
    std::vector<std::string> command = {
        "mmseqs", "easy-cluster", "all.fa",     "clusters", "tmp", "--min-seq-id", std::to_string(identity),
        "-c",     "0.5",          "--cov-mode", "0"};
    if (type == SequenceType::dna)
      command.insert(command.end(), {"--dbtype", "2", "-k", "11"});
    else
      command.insert(command.end(), {"--dbtype", "1", "-s", "7.5"});
    command.insert(command.end(), {"--threads", std::to_string(threads), "-v", "1"});
    run_external(command, folder);
    seqlstm::io::LineReader lines(folder / "clusters_cluster.tsv");
    for (std::string line; lines.next(line);) {
      const std::string_view text = line;
      const std::size_t tab = std::min(text.find('\t'), text.size());
      const std::size_t cluster = row_number(text.substr(0, tab), cluster_of.size(), "mmseqs");
      const auto member = tab < text.size() ? text.substr(tab + 1) : std::string_view();
      cluster_of[row_number(member, cluster_of.size(), "mmseqs")] = cluster;
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
  return seqlstm::Clusters(names);
}

}  // namespace examples
