// Clusters of sequences that other programs made: cd-hit's .clstr, and tables of representative and member as
// mmseqs writes them.
#pragma once

#include <seqlstm/data/clusters.hpp>
#include <seqlstm/data/record.hpp>
#include <seqlstm/io/lines.hpp>
#include <string>
#include <unordered_map>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

namespace detail {

/// The id in a line of a .clstr file, "0	150aa, >P10719... *"; empty where there is none.
inline std::string clstr_member(const std::string& line) {
  const std::size_t begin = line.find(", >"), end = line.find("...", begin);
  if (begin == std::string::npos || end == std::string::npos) return {};
  return line.substr(begin + 3, end - begin - 3);
}

}  // namespace detail

/// The cluster's name of every id in a cluster file. A file whose first letter is '>' is read as cd-hit's
/// .clstr (made with `-d 0`, else cd-hit cuts ids at 20 letters), any other as two columns with a tab between
/// them, cluster and member. Throws parse_error for other lines, and for an id in two clusters.
inline std::unordered_map<std::string, std::string> read_clusters(const std::string& path) {
  LineReader lines(path);
  std::unordered_map<std::string, std::string> cluster_of;
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
    const auto [place, fresh] = cluster_of.emplace(member, cluster);
    if (!fresh && place->second != cluster)
      throw lines.error("'" + member + "' is in cluster '" + place->second + "' already; a sequence has one");
  }
  if (cluster_of.empty()) throw lines.error("the file has no clusters");
  return cluster_of;
}

/// The clusters of records by a file that was made of the same sequences. Throws option_error where a record
/// has no cluster in the file, or the file knows ids that no record has.
inline Clusters clusters_of(const std::vector<Record>& records, const std::string& path) {
  auto cluster_of = read_clusters(path);
  std::vector<std::string> names;
  std::size_t missing = 0;
  std::string example;
  for (const Record& record : records) {
    const auto found = cluster_of.find(record.id);
    if (found == cluster_of.end()) {
      if (missing++ == 0) example = record.id;
      continue;
    }
    names.push_back(found->second);
  }
  const std::string remedy = "; give the file that was made of these sequences";
  if (missing > 0)
    throw option_error(path + ": " + std::to_string(missing) + " of " + std::to_string(records.size()) +
                       " sequences are in no cluster, '" + example + "' first" + remedy);
  if (cluster_of.size() > records.size())
    throw option_error(path + ": " + std::to_string(cluster_of.size()) + " members, but there are " +
                       std::to_string(records.size()) + " sequences" + remedy);
  return Clusters(names);
}

}  // namespace io
SEQLSTM_NAMESPACE_END
