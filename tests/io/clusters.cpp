#include <seqlstm/io/clusters.hpp>

#include <cstdlib>

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
    CHECK(message.find("sequences are in no cluster, 'sp|P2|B' first; mmseqs calls it 'P2', and another "
                       "sequence too: give them names without '|'") != std::string::npos);
  }
}

TEST_CASE("mmseqs takes a part of names with bars, by its table of prefixes") {
  const std::vector<std::pair<const char*, const char*>> names = {
      {"lcl|NC_000913.3_prot_NP_414542.1_1", "NC_000913.3_prot_NP_414542.1_1"},
      {"gi|16127995|ref|NP_414542.1|", "NP_414542.1"},
      {"gi|16127995|ref", ""},
      {"gi|1", ""},
      {"gnl|PRK|12345", "12345"},
      {"gnl|PRK|12345|x", "12345"},
      {"gnl|PRK", ""},
      {"pat|US|RE33188|1", "RE33188"},
      {"pir||A25704", "A25704"},
      {"pir|A25704|x", "pir|A25704|x"},
      {"prf||0601209A", "0601209A"},
      {"pdb|1ABC|A", "1ABC"},
      {"sp|P10719|ATPB_RAT", "P10719"},
      {"tr||A", ""},
      {"gb|M73307.1|", "M73307.1"},
      {"ref|NP_1.1", "NP_1.1"},
      {"bbs|123", "123"},
      {"cl|7|x", "7"},
      {"emb|CAA1.1|", "emb|CAA1.1|"},
      {"SP|P1|A", "SP|P1|A"},
      {"A|B", "A|B"},
      {"plain of words", "plain"},
      {"sp|P1|A of words", "P1"},
      {"sp", "sp"},
      {"", ""}};
  for (const auto& [id, name] : names) {
    INFO(id);
    CHECK(io::mmseqs_name(id) == name);
  }
}

TEST_CASE("mmseqs itself gives the names that mmseqs_name gives", "[optional]") {
  if (std::system("mmseqs version > /dev/null 2>&1") != 0) {
    support::skip("mmseqs is not installed");
    return;
  }
  std::vector<std::string> ids = {"plain", "A...B", "a,b;c", "12|34", "|x", "||", "x|"};
  for (const char* prefix : {"cl|",  "sp|",  "tr|", "gb|",  "ref|", "pdb|", "bbs|", "lcl|", "pir||", "prf||",
                             "gnl|", "pat|", "gi|", "emb|", "dbj|", "tpg|", "pir|", "prf|", "SP|",   "db|"})
    for (const char* rest : {"A", "A|B", "A|", "|A", "A|B|C", "A|B|C|D", "A|B|C|D|E", "A||B", ""})
      ids.push_back(prefix + std::string(rest));
  const support::TemporaryFolder folder;
  std::string fasta;
  for (const auto& id : ids) fasta += ">" + id + " described\nMKVLAAGIVGLCWDEFHNPQ\n";
  const auto in = folder.write("ids.fa", fasta), database = folder.path("database");
  REQUIRE(std::system(
              ("mmseqs createdb '" + in + "' '" + database + "' --shuffle 0 -v 1 > /dev/null").c_str()) == 0);
  io::LineReader lines(database + ".lookup");  // number, name, file
  std::size_t row = 0;
  for (std::string line; lines.next(line); ++row) {
    REQUIRE(row < ids.size());
    const std::size_t begin = line.find('\t') + 1;
    INFO(ids[row]);
    CHECK(io::mmseqs_name(ids[row]) == line.substr(begin, line.find('\t', begin) - begin));
  }
  CHECK(row == ids.size());
}

TEST_CASE("names that mmseqs shortens to the same, or to nothing") {
  const support::TemporaryFolder folder;
  const auto ncbi = folder.write("ncbi.tsv", "NP_1.1\tNP_1.1\nNP_1.1\tX_2\n\t\n");
  const auto clusters =
      io::clusters_of(records_of({"gi|7|ref|NP_1.1|", "lcl|X_2", "gi|8"}), ncbi);  // one name may be empty
  CHECK(clusters.of_row == std::vector<std::size_t>{0, 0, 1});
  const auto chains = folder.write("chains.tsv", "1ABC\t1ABC\nQ\tQ\nQ\t1ABC\n");
  const auto message = message_of<parse_error>([&] {
    io::clusters_of(records_of({"pdb|1ABC|A", "pdb|1ABC|B", "Q"}), chains);
  });
  CHECK(message.find("chains.tsv:3: '1ABC' is in cluster '1ABC' already; a sequence has one; where mmseqs "
                     "shortened the names") != std::string::npos);
}

TEST_CASE("names that cd-hit cut are known where one sequence begins so") {
  const support::TemporaryFolder folder;
  // -d 20, the default: 19 letters
  const auto path = folder.write("cut.clstr",
                                 ">Cluster 0\n0\t40aa, >NC_000001.1_prot_XP... *\n1\t40aa, >b... at 96.64%\n"
                                 ">Cluster 1\n0\t40aa, >NC_000001.1_prot_YP... *\n");
  const auto clusters =
      io::clusters_of(records_of({"NC_000001.1_prot_YP_1", "b", "NC_000001.1_prot_XP_000001.1_1"}), path);
  CHECK(clusters.of_row == std::vector<std::size_t>{0, 1, 1});
  CHECK(clusters.representatives == std::vector<std::size_t>{0, 2});
  const auto several = message_of<option_error>([&] {
    io::clusters_of(
        records_of({"NC_000001.1_prot_YP_1", "NC_000001.1_prot_YP_2", "b", "NC_000001.1_prot_XP_1"}), path);
  });
  CHECK(several.find("2 of 4 sequences are in no cluster, 'NC_000001.1_prot_YP_1' first; the file has names "
                     "that cd-hit cut after 19 letters: run it with -d 0") != std::string::npos);
  const auto merged = folder.write("merged.clstr",
                                   ">Cluster 0\n0\t40aa, >NC_000001.1_prot_XP... *\n>Cluster 1\n0\t40aa, "
                                   ">NC_000001.1_prot_XP... *\n");
  CHECK(
      message_of<parse_error>([&] { io::read_clusters(merged); })
          .find(
              "merged.clstr:4: 'NC_000001.1_prot_XP' is in cluster 'Cluster 0' already; a sequence has one; "
              "where cd-hit cut the names, run it with -d 0") != std::string::npos);
  const auto unknown = message_of<option_error>([&] {
    io::clusters_of(records_of({"NC_000001.1_prot_XP_1", "b"}), path);
  });
  CHECK(
      unknown.find("1 of its 3 members are none of the sequences, 'NC_000001.1_prot_YP' first; where cd-hit "
                   "cut the names, run it with -d 0") != std::string::npos);
}

TEST_CASE("a short name is not taken for the beginning of another") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("short.clstr", ">Cluster 0\n0\t40aa, >P1... *\n");
  CHECK_THROWS_AS(io::clusters_of(records_of({"P10"}), path), option_error);
}

TEST_CASE("ids in a .clstr file may hold dots themselves") {
  const support::TemporaryFolder folder;
  const auto path =
      folder.write("dots.clstr", ">Cluster 0\n0\t40aa, >a...b... *\n1\t40aa, >a...... at 99.00%\n");
  CHECK(io::clusters_of(records_of({"a...b", "a..."}), path).sizes == std::vector<std::size_t>{2});
}

TEST_CASE("a cluster file of other sequences is refused") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("clusters.tsv", table);
  const auto missing = message_of<option_error>([&] {
    io::clusters_of(records_of({"P1", "P2|x", "P3", "Q", "R"}), path);
  });
  CHECK(missing.find("2 of 5 sequences are in no cluster, 'Q' first; cluster all of them") !=
        std::string::npos);
  const auto unread = message_of<option_error>([&] {
    io::clusters_of(records_of({"P1", "P2|x", "P3", "Q"}), folder.write("clusters.clstr", clstr));
  });
  CHECK(unread.find("1 of 4 sequences are in no cluster, 'Q' first; cluster all of them (cd-hit passes over "
                    "sequences of at most 10 letters, a limit that -l lowers") != std::string::npos);
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
