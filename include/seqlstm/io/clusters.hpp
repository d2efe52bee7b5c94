// Clusters of sequences that other programs made: cd-hit's .clstr, and tables of representative and member as
// mmseqs writes them.
#pragma once

#include <seqlstm/data/clusters.hpp>
#include <seqlstm/data/record.hpp>
#include <seqlstm/io/lines.hpp>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// What a cluster file says of an id.
struct ClusterMember {
  std::string cluster;  ///< its name
  bool representative =
      false;  ///< stands for the cluster: `*` in a .clstr file, named by the table's first column
};

namespace detail {

/// The id in a line of a .clstr file, "0	150aa, >P10719... *"; empty where there is none.
inline std::string clstr_member(const std::string& line) {
  const std::size_t begin = line.find(", >"), end = line.find("...", begin);
  if (begin == std::string::npos || end == std::string::npos) return {};
  return line.substr(begin + 3, end - begin - 3);
}

/// The accession in an id like UniProt's "sp|P10719|ATPB_RAT", which mmseqs writes in its place; else empty.
inline std::string accession(const std::string& id) {
  const std::size_t begin = id.find('|'), end = id.find('|', begin + 1);
  if (begin == std::string::npos || end == std::string::npos) return {};
  return id.substr(begin + 1, end - begin - 1);
}

}  // namespace detail

/// The cluster of every id in a cluster file. A file whose first letter is '>' is read as cd-hit's .clstr
/// (made with `-d 0`, else cd-hit cuts ids at 20 letters), any other as two columns with a tab between them,
/// cluster and member. Throws parse_error for other lines, and for an id in two clusters.
inline std::unordered_map<std::string, ClusterMember> read_clusters(const std::string& path) {
  LineReader lines(path);
  std::unordered_map<std::string, ClusterMember> members;
  std::string cluster;
  bool first = true, clstr = false;
  for (std::string line; lines.next(line);) {
    if (line.empty()) continue;
    if (first) clstr = line[0] == '>';
    first = false;
    if (clstr && line[0] == '>') {
      cluster = line.substr(1);
      continue;
    }
    std::string member;
    if (clstr) {
      member = detail::clstr_member(line);
    } else if (const std::size_t tab = line.find('\t'); tab != std::string::npos && tab > 0) {
      cluster = line.substr(0, tab);
      member = line.substr(tab + 1);
    }
    if (member.empty())
      throw lines.error(clstr ? "expected a member like '0	150aa, >id... *' of a .clstr file"
                              : "expected two columns with a tab between them: cluster and member");
    const bool representative = clstr ? line.ends_with('*') : member == cluster;
    const auto [place, fresh] = members.emplace(member, ClusterMember{cluster, representative});
    if (!fresh && place->second.cluster != cluster)
      throw lines.error("'" + member + "' is in cluster '" + place->second.cluster +
                        "' already; a sequence has one");
  }
  if (members.empty()) throw lines.error("the file has no clusters");
  return members;
}

/// The clusters of records by a file made of the same sequences, with the representatives it names. It may
/// or may not know `removed` ones, copies that were left out since. Records are known by their ids, or by the
/// accession in `db|accession|name` where no other has it. Throws option_error where a record has no cluster
/// in the file, or the file knows ids that no record has.
inline Clusters clusters_of(const std::vector<Record>& records, const std::string& path,
                            const std::vector<Record>& removed = {}) {
  const auto members = read_clusters(path);
  std::unordered_map<std::string, std::size_t> names_used;
  for (const auto* some : {&records, &removed})
    for (const Record& record : *some) {
      ++names_used[record.id];
      ++names_used[detail::accession(record.id)];
    }
  std::unordered_set<const ClusterMember*> known;
  const auto find = [&](const Record& record) -> const ClusterMember* {
    auto found = members.find(record.id);
    if (const auto name = detail::accession(record.id); found == members.end() && names_used[name] == 1)
      found = members.find(name);
    if (found == members.end()) return nullptr;
    known.insert(&found->second);
    return &found->second;
  };
  std::vector<std::string> clusters;
  std::vector<std::size_t> representatives;
  std::size_t missing = 0, first_missing = 0;
  for (std::size_t row = 0; row < records.size(); ++row) {
    const ClusterMember* member = find(records[row]);
    if (member == nullptr) {
      if (missing++ == 0) first_missing = row;
      continue;
    }
    clusters.push_back(member->cluster);
    if (member->representative) representatives.push_back(row);
  }
  for (const Record& record : removed) find(record);
  const std::string remedy = "; give the file that was made of these sequences";
  if (missing > 0)
    throw option_error(path + ": " + std::to_string(missing) + " of " + std::to_string(records.size()) +
                       " sequences are in no cluster, '" + records[first_missing].id + "' first" + remedy);
  if (members.size() > known.size())
    throw option_error(path + ": " + std::to_string(members.size() - known.size()) + " of its " +
                       std::to_string(members.size()) + " members are none of the sequences" + remedy);
  Clusters found(clusters);
  for (const std::size_t row : representatives) found.representatives[found.of_row[row]] = row;
  return found;
}

}  // namespace io
SEQLSTM_NAMESPACE_END
