// Clusters of sequences that other programs made: cd-hit's .clstr, and tables of representative and member as
// mmseqs writes them.
#pragma once

#include <algorithm>
#include <array>
#include <seqlstm/data/clusters.hpp>
#include <seqlstm/data/record.hpp>
#include <seqlstm/io/lines.hpp>
#include <set>
#include <string>
#include <string_view>
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

/// The id's letters before white space, as far as cd-hit and mmseqs read it.
inline std::string_view first_word(std::string_view id) {
  return id.substr(0, id.find_first_of(" \t\r\n\v\f"));
}

}  // namespace detail

/// The name by which mmseqs (release 14) knows the sequence `>id`: after one of its prefixes the part between
/// two bars, the first after "sp|", "tr|", "lcl|", "pdb|", "pir||", ..., the second after "gnl|" and "pat|",
/// the third after "gi|"; empty where these bars are missing; of other ids all, up to white space.
inline std::string mmseqs_name(std::string_view id) {
  struct Prefix {
    std::string_view text;
    std::size_t part;
  };
  static constexpr std::array<Prefix, 13> prefixes{{{"cl|", 1},
                                                    {"sp|", 1},
                                                    {"tr|", 1},
                                                    {"gb|", 1},
                                                    {"ref|", 1},
                                                    {"pdb|", 1},
                                                    {"bbs|", 1},
                                                    {"lcl|", 1},
                                                    {"pir||", 1},
                                                    {"prf||", 1},
                                                    {"gnl|", 2},
                                                    {"pat|", 2},
                                                    {"gi|", 3}}};
  std::string_view name = detail::first_word(id);
  for (const Prefix& prefix : prefixes) {
    if (!name.starts_with(prefix.text)) continue;
    name.remove_prefix(prefix.text.size());
    for (std::size_t part = 1; part < prefix.part; ++part) {
      const std::size_t bar = name.find('|');
      if (bar == std::string_view::npos) return {};
      name.remove_prefix(bar + 1);
    }
    return std::string(name.substr(0, name.find('|')));
  }
  return std::string(name);
}

namespace detail {

/// The id in a line of a .clstr file, "0	150aa, >P10719... *"; empty where there is none. Ids may hold
/// "..." themselves: the last one ends them.
inline std::string clstr_member(const std::string& line) {
  const std::size_t begin = line.find(", >"), end = line.rfind("...");
  if (begin == std::string::npos || end == std::string::npos || end < begin + 3) return {};
  std::string_view member = std::string_view(line).substr(begin + 3, end - begin - 3);
  member.remove_prefix(std::min(member.size(), member.find_first_not_of(' ')));  // "> id" in the FASTA file
  return std::string(member);
}

struct ClusterFile {
  bool clstr = false;  ///< cd-hit's; else a table
  std::unordered_map<std::string, ClusterMember> members;
  std::vector<std::string> order;  ///< of the members, as the file has them
  std::size_t longest = 0;         ///< letters of the longest member

  /// Letters that cd-hit left of names it cut, as far as it did: "-d 20", its default, leaves 19.
  [[nodiscard]] bool may_be_cut(std::size_t letters) const {
    constexpr std::size_t by_default = 19;
    return clstr && letters == longest && letters >= by_default;
  }
};

inline ClusterFile read_cluster_file(const std::string& path) {
  LineReader lines(path);
  ClusterFile file;
  std::string cluster;
  bool first = true;
  for (std::string line; lines.next(line);) {
    if (line.empty()) continue;
    if (first) file.clstr = line[0] == '>';
    first = false;
    if (file.clstr && line[0] == '>') {
      cluster = line.substr(1);
      continue;
    }
    std::string member;
    const std::size_t tab = file.clstr ? std::string::npos : line.find('\t');
    if (file.clstr) {
      member = clstr_member(line);
    } else if (tab != std::string::npos) {
      cluster = line.substr(0, tab);
      member = line.substr(tab + 1);  // of "gi|1" mmseqs leaves nothing
    }
    if (member.empty() && tab == std::string::npos)
      throw lines.error(file.clstr ? "expected a member like '0	150aa, >id... *' of a .clstr file"
                                   : "expected two columns with a tab between them: cluster and member");
    const bool representative = file.clstr ? line.ends_with('*') : member == cluster;
    file.longest = std::max(file.longest, member.size());
    const auto [place, fresh] = file.members.emplace(member, ClusterMember{cluster, representative});
    if (fresh) file.order.push_back(member);
    if (!fresh && place->second.cluster != cluster)
      throw lines.error("'" + member + "' is in cluster '" + place->second.cluster +
                        "' already; a sequence has one; where " +
                        (file.clstr
                             ? "cd-hit cut the names, run it with -d 0"
                             : "mmseqs shortened the names, as 'pdb|1ABC|A' to '1ABC', give the sequences "
                               "names without '|'"));
  }
  if (file.members.empty()) throw lines.error("the file has no clusters");
  return file;
}

/// Records and a cluster file, joined by the names that cd-hit and mmseqs give to ids.
class ClusterNames {
 public:
  ClusterNames(const ClusterFile& file, std::initializer_list<const std::vector<Record>*> parts)
      : file_(file) {
    for (const auto* part : parts)
      for (const Record& record : *part)
        for (const auto& name : names(record.id)) ++used_[name];
  }
  /// The member that is this record: by its id, else by a name that no other record has.
  [[nodiscard]] const ClusterMember* find(const Record& record) {
    auto found = file_.members.find(record.id);
    if (found == file_.members.end())
      for (const auto& name : names(record.id))
        if (found == file_.members.end() && used_[name] == 1) found = file_.members.find(name);
    if (found == file_.members.end()) return nullptr;
    known_.insert(&found->second);
    return &found->second;
  }
  [[nodiscard]] std::size_t unknown() const { return file_.members.size() - known_.size(); }
  [[nodiscard]] std::string first_unknown() const {
    for (const auto& name : file_.order)
      if (!known_.contains(&file_.members.at(name))) return name;
    return {};
  }
  /// Why a record may have no member, and what to do.
  [[nodiscard]] std::string advice(const Record& record) {
    const std::string_view word = first_word(record.id);
    if (file_.may_be_cut(file_.longest) && word.size() > file_.longest &&
        file_.members.contains(std::string(word.substr(0, file_.longest))))
      return "; the file has names that cd-hit cut after " + std::to_string(file_.longest) +
             " letters: run it with -d 0";
    if (file_.clstr)
      return "; cluster all of them (cd-hit passes over sequences of at most 10 letters, a limit that -l "
             "lowers, and over those with * - . or digits inside), or leave these out of the data";
    if (const auto name = mmseqs_name(record.id); file_.members.contains(name))
      return "; mmseqs calls it '" + name + "', and another sequence too: give them names without '|'";
    return "; cluster all of them, or leave these out of the data";
  }

 private:
  /// What the programs may call an id; no name twice.
  [[nodiscard]] std::set<std::string> names(const std::string& id) const {
    const std::string_view word = first_word(id);
    std::set<std::string> all = {id, std::string(word)};
    if (!file_.clstr) all.insert(mmseqs_name(id));
    if (file_.may_be_cut(file_.longest)) all.emplace(word.substr(0, file_.longest));
    return all;
  }
  const ClusterFile& file_;
  std::unordered_map<std::string, std::size_t> used_;
  std::unordered_set<const ClusterMember*> known_;
};

}  // namespace detail

/// The cluster of every id in a cluster file. A file whose first letter is '>' is read as cd-hit's .clstr,
/// any other as two columns with a tab between them, cluster and member. Names are those of the file: cd-hit
/// cuts ids (at 19 letters, unless it runs with `-d 0`), mmseqs shortens them (mmseqs_name). Throws
/// parse_error for other lines, and for a name in two clusters.
inline std::unordered_map<std::string, ClusterMember> read_clusters(const std::string& path) {
  return detail::read_cluster_file(path).members;
}

/// The clusters of records by a file made of the same sequences, with the representatives it names. It may
/// or may not know `removed` ones, copies that were left out since. Records are known by their ids, else by
/// what mmseqs (mmseqs_name) or cd-hit (the first letters) makes of the id, where that is of one record
/// alone. Throws option_error where a record has no cluster in the file, or the file knows names that no
/// record has.
inline Clusters clusters_of(const std::vector<Record>& records, const std::string& path,
                            const std::vector<Record>& removed = {}) {
  const auto file = detail::read_cluster_file(path);
  detail::ClusterNames names(file, {&records, &removed});
  std::vector<std::string> clusters;
  std::vector<std::size_t> representatives;
  std::size_t missing = 0, first_missing = 0;
  for (std::size_t row = 0; row < records.size(); ++row) {
    const ClusterMember* member = names.find(records[row]);
    if (member == nullptr) {
      if (missing++ == 0) first_missing = row;
      continue;
    }
    clusters.push_back(member->cluster);
    if (member->representative) representatives.push_back(row);
  }
  for (const Record& record : removed) static_cast<void>(names.find(record));
  if (missing > 0)
    throw option_error(path + ": " + std::to_string(missing) + " of " + std::to_string(records.size()) +
                       " sequences are in no cluster, '" + records[first_missing].id + "' first" +
                       names.advice(records[first_missing]));
  if (names.unknown() > 0) {
    const std::string name = names.first_unknown();
    throw option_error(
        path + ": " + std::to_string(names.unknown()) + " of its " + std::to_string(file.members.size()) +
        " members are none of the sequences, '" + name + "' first" +
        (file.may_be_cut(name.size()) ? "; where cd-hit cut the names, run it with -d 0"
                                      : "; take them out of the file, or give the sequences it was made of"));
  }
  Clusters found(clusters);
  for (const std::size_t row : representatives) found.representatives[found.of_row[row]] = row;
  return found;
}

}  // namespace io
SEQLSTM_NAMESPACE_END
