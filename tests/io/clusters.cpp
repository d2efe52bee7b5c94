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

TEST_CASE("a cluster file names representatives, which need not come first") {
  const support::TemporaryFolder folder;
  const auto representatives = [&](const std::string& text) {
    return io::clusters_of(records_of({"a", "b", "c"}), folder.write("clusters", text)).representatives;
  };
  CHECK(representatives("b\tb\nb\ta\nc\tc\n") == std::vector<std::size_t>{1, 2});
  CHECK(representatives(
            ">Cluster 0\n0\t9aa, >a... at 99.00%\n1\t9aa, >b... *\n>Cluster 1\n0\t9aa, >c... *\n") ==
        std::vector<std::size_t>{1, 2});
  CHECK(representatives("x\ta\nx\tb\ny\tc\n") == std::vector<std::size_t>{0, 2});  // a table of names
}

TEST_CASE("clusters of all sequences, or of those that are left of them") {
  const support::TemporaryFolder folder;
  const auto left = records_of({"b", "c"}), removed = records_of({"a", "d"});
  for (const char* text : {"a\ta\na\tb\nc\tc\nc\td\n", "b\tb\nc\tc\n"}) {
    const auto clusters = io::clusters_of(left, folder.write("clusters.tsv", text), removed);
    CHECK(clusters.sizes == std::vector<std::size_t>{1, 1});
    CHECK(clusters.representatives == std::vector<std::size_t>{0, 1});
  }
  const auto path = folder.write("clusters.tsv", "a\ta\nb\tb\nc\tc\ne\te\n");
  CHECK(message_of<option_error>([&] {
          io::clusters_of(left, path, removed);
        }).find("1 of its 4 members are none of the sequences") != std::string::npos);
}

TEST_CASE("UniProt's ids are known by their accession, as mmseqs writes them") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("clusters.tsv", "P1\tP1\nP1\tP2\nQ\tQ\n");
  const auto clusters = io::clusters_of(records_of({"sp|P2|B_RAT", "sp|P1|A_RAT", "Q"}), path);
  CHECK(clusters.of_row == std::vector<std::size_t>{0, 0, 1});
  CHECK(clusters.representatives == std::vector<std::size_t>{1, 2});
  for (const char* twin : {"tr|P2|C", "P2"}) {  // whose accession is it?
    const auto message = message_of<option_error>([&] {
      io::clusters_of(records_of({"sp|P2|B", "sp|P1|A", "Q", twin}), path);
    });
    CHECK(message.find("sequences are in no cluster, 'sp|P2|B' first") != std::string::npos);
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
  CHECK(extra.find("1 of its 3 members are none of the sequences") != std::string::npos);
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
