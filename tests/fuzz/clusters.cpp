// Cluster files: cd-hit's .clstr and tables of two columns.
#include <seqlstm/io/clusters.hpp>

#include "text_files.hpp"

FUZZ_TARGET(clusters) {
  const std::string path = fuzz::memory_file(bytes);
  const auto members = seqlstm::io::read_clusters(path);
  fuzz::require(!members.empty(), "a file without clusters is refused");
  std::vector<seqlstm::Record> records;
  for (const auto& [id, member] : members) {
    seqlstm::Record record;
    record.id = id;
    record.sequence = "ACGT";
    records.push_back(record);
  }
  fuzz::accepts([&] {
    const auto clusters = seqlstm::io::clusters_of(records, path);
    fuzz::require(clusters.of_row.size() == records.size(), "every record has a cluster");
    for (std::size_t i = 0; i < records.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) {
        const bool together = members.at(records[i].id).cluster == members.at(records[j].id).cluster;
        fuzz::require((clusters.of_row[i] == clusters.of_row[j]) == together,
                      "records are together where the file has them together");
      }
  });
}
