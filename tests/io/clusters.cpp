#include <seqlstm/io/clusters.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

std::vector<Record> records_of(const std::vector<std::string>& ids) {
  std::vector<Record> records;
  for (const auto& id : ids) records.push_back({.id = id, .sequence = "MKV"});
  return records;
}

const std::string clstr =
    ">Cluster 0\n0\t150aa, >P1... *\n1\t149aa, >P3... at 96.64%\n>Cluster 1\n0\t80aa, >P2|x... *\n";
const std::string table = "P1\tP1\nP1\tP3\nP2|x\tP2|x\n";

}  // namespace

TEST_CASE("clusters are read from cd-hit's file and from a table of representatives") {
  const support::TemporaryFolder folder;
  for (const auto& text : {clstr, table}) {
    const auto path = folder.write("clusters", text);
    const auto clusters = io::clusters_of(records_of({"P1", "P2|x", "P3"}), path);
    CHECK(clusters.of_row == std::vector<std::size_t>{0, 1, 0});
    CHECK(clusters.sizes == std::vector<std::size_t>{2, 1});
  }
}

TEST_CASE("a cluster file of other sequences is refused") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("clusters.tsv", table);
  const auto missing = message_of<option_error>([&] {
    io::clusters_of(records_of({"P1", "P2|x", "P3", "Q", "R"}), path);
  });
  CHECK(missing.find("2 of 5 sequences are in no cluster, 'Q' first") != std::string::npos);
  const auto extra = message_of<option_error>([&] { io::clusters_of(records_of({"P1", "P3"}), path); });
  CHECK(extra.find("3 members, but there are 2 sequences") != std::string::npos);
}

TEST_CASE("damaged cluster files name file and line") {
  const support::TemporaryFolder folder;
  const auto message = [&](const std::string& text) {
    const auto path = folder.write("c", text);
    return message_of<parse_error>([&] { io::read_clusters(path); });
  };
  CHECK(message(">Cluster 0\n0\t150aa, P1\n").find("c:2: expected a member") != std::string::npos);
  CHECK(message("P1 P2\n").find("c:1: expected two columns") != std::string::npos);
  CHECK(message("P1\tP2\nP3\tP2\n").find("c:2: 'P2' is in cluster 'P1' already") != std::string::npos);
  CHECK(message("").find("no clusters") != std::string::npos);
}
