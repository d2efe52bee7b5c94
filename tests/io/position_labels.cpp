#include <seqlstm/io/position_labels.hpp>

#include <algorithm>
#include <map>

#include "support/catch.hpp"
#include "support/gzip.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

TEST_CASE("position labels: a table has sequences, labels and masks in columns") {
  const support::TemporaryFolder folder;
  const std::string text =
      "id,sequence,structure,resolved\np1,MKV L,HHE1,0111\np2,,,\np3, mk ,\"C\nC\",\"1 0\"\n";
  for (const auto& bytes : {text, support::gzip(text)}) {
    const auto path = folder.write("x.csv", bytes);
    const auto records = io::read_position_labels(
        path, {.sequence = "sequence", .labels = "structure", .mask = "resolved", .id = "id"});
    REQUIRE(records.size() == 3);
    CHECK(records[0].id == "p1");
    CHECK(records[0].sequence == "MKVL");
    CHECK(records[0].annotation == "HHE1");
    CHECK(records[0].mask == "0111");
    CHECK(records[0].prefix() == path + ":2: ");
    CHECK(records[1].sequence.empty());
    CHECK(records[1].annotation.empty());
    CHECK(records[1].mask.empty());
    CHECK(records[2].sequence == "mk");
    CHECK(records[2].annotation == "CC");
    CHECK(records[2].mask == "10");
  }
  const auto plain = io::read_position_labels(folder.write("y.csv", "label,sequence\nSS,MK\n"));
  CHECK(plain[0].annotation == "SS");
  CHECK(plain[0].mask.empty());
  CHECK(plain[0].id == "2");
}

TEST_CASE("position labels: rows whose lengths differ are refused with line, column and both lengths") {
  const support::TemporaryFolder folder;
  const auto message = [&](const std::string& rows) {
    const auto path = folder.write("x.csv", "id,sequence,labels,mask\n" + rows);
    const auto what = message_of<parse_error>(
        [&] { io::read_position_labels(path, {.labels = "labels", .mask = "mask", .id = "id"}); });
    REQUIRE(what.starts_with(path));
    return what.substr(path.size());
  };
  CHECK(message("a,MKV,SSS,111\nb,MKV,SS S S,111\n") ==
        ":3: record 'b' has 3 letters, but 4 labels (column 'labels'); expected one for each letter, where "
        "white "
        "space does not count");
  CHECK(message("a,MKV,,111\n") ==
        ":2: record 'a' has 3 letters, but 0 labels (column 'labels'); expected one for each letter, where "
        "white "
        "space does not count");
  CHECK(message("a,MKV,SSS,11\n") ==
        ":2: record 'a' has 3 letters, but 2 characters of its mask (column 'mask'); expected one for each "
        "letter, "
        "where white space does not count");
  CHECK(message("a,MKV,SSS,\n") ==
        ":2: record 'a' has 3 letters, but 0 characters of its mask (column 'mask'); expected one for each "
        "letter, "
        "where white space does not count");
  CHECK(message("a,MKV,SSS,1x1\n") ==
        ":2: record 'a' has 'x' at position 2 of its mask (column 'mask'), expected 0 where a label does not "
        "count "
        "and 1 where it does");
  const auto path = folder.path("x.csv");
  CHECK(message_of<parse_error>([&] { io::read_position_labels(path); }) ==
        path + ":1: there is no column 'label'; the columns are: id, sequence, labels, mask");
}

TEST_CASE("position labels: three-line FASTA is read where a file begins with a header") {
  const support::TemporaryFolder folder;
  const auto records = io::read_position_labels(folder.write("x.fa", ">a one\nMKV\nSS1\n"));
  REQUIRE(records.size() == 1);
  CHECK(records[0].annotation == "SS1");
  const auto path = folder.write("y.fa", ">a\nMKV\nSS1\n>b\nMKVL\nSS\n");
  CHECK(
      message_of<parse_error>([&] { io::read_position_labels(path); }) ==
      path +
          ":4: record 'b' has 2 lines, 4 letters and 2 characters of annotation, expected a line of letters "
          "and one of annotation, as long");
}

TEST_CASE("position labels: two FASTA files are joined by id, in the order of the sequences") {
  const support::TemporaryFolder folder;
  const auto sequences = folder.write("s.fa", ">a first\nMK\nV 3\n>b\nM\n>c\n");
  const std::string text = "; labels\n>c\n\n>b second\nS\n>a\n0 1\n1\n";
  for (const auto& bytes : {text, support::gzip(text)}) {
    const auto records = io::read_labelled_fasta(sequences, folder.write("l.fa", bytes));
    REQUIRE(records.size() == 3);
    CHECK(records[0].id == "a");
    CHECK(records[0].description == "first");
    CHECK(records[0].sequence == "MKV");
    CHECK(records[0].annotation == "011");
    CHECK(records[0].prefix(2) + records[0].position(2) == sequences + ":3: column 1");
    CHECK(records[1].annotation == "S");
    CHECK(records[2].annotation.empty());
  }
}

TEST_CASE("position labels: two FASTA files that do not fit are refused with both places") {
  const support::TemporaryFolder folder;
  const auto sequences = folder.path("s.fa"), labels = folder.path("l.fa");
  const auto message = [&](const std::string& first, const std::string& second) {
    folder.write("s.fa", first);
    folder.write("l.fa", second);
    return message_of<parse_error>([&] { io::read_labelled_fasta(sequences, labels); });
  };
  CHECK(message(">a\nMK\n>b\nMKV\n", ">b\nSS\nSO\n>a\nSS\n") ==
        sequences + ":4: record 'b' has 3 letters, but 4 labels (" + labels +
            ":1); expected one for each letter, where white space does not count");
  CHECK(message(">a\nMK\n>b\nMKV\n>c\nM\n", ">a\nSS\n>d\nS\n") ==
        sequences + ":3: record 'b' has no labels in " + labels +
            "; give labels of all records, under the first word of their headers");
  CHECK(message(">a\nMK\n", ">a\nSS\n>d\nS\n>e\nS\n") ==
        labels + ":3: labels of 'd', which is no record of " + sequences +
            "; give its sequence, or take its labels out");
  CHECK(message(">a\nMK\n>b\nM\n>a\nMK\n", ">a\nSS\n>b\nS\n") ==
        sequences + ":5: id 'a' stands on line 1 already; ids that join two files must be unique");
  CHECK(message(">a\nMK\n", ">a\nSS\n>a\nSS\n") ==
        labels + ":3: id 'a' stands on line 1 already; ids that join two files must be unique");
  CHECK_THROWS_AS(io::read_labelled_fasta(sequences, folder.path("absent.fa")), io_error);
}

TEST_CASE("position labels: a record made in memory is checked by its name") {
  Record record{.id = "x", .sequence = "MKV", .annotation = "SSS"};
  check_position_labels(record);
  record.mask = "010";
  check_position_labels(record);
  record.mask = "01";
  CHECK(message_of<parse_error>([&] { check_position_labels(record); }) ==
        "record 'x' has 3 letters, but 2 characters of its mask; expected one for each letter, where white "
        "space "
        "does not count");
  record.mask = "01\n";
  CHECK(message_of<parse_error>([&] { check_position_labels(record, "a test"); }) ==
        "record 'x' has '\\n' at position 3 of its mask (a test), expected 0 where a label does not count "
        "and 1 "
        "where it does");
  record.annotation = "S";
  CHECK(message_of<parse_error>([&] { check_position_labels(record); }) ==
        "record 'x' has 3 letters, but 1 labels; expected one for each letter, where white space does not "
        "count");
}

TEST_CASE("position labels: secondary structure and signal peptides have their published positions",
          "[data]") {
  const auto table = support::data_file("residue/secondary_structure.csv.gz");
  const auto fasta = support::data_file("residue/signal_peptides.3line.fa.gz");
  if (!table || !fasta) return;
  const auto chains =
      io::read_position_labels(*table, {.labels = "structure", .mask = "resolved", .id = "id"});
  CHECK(chains.size() == 9712 + 1080 + 364);
  std::size_t residues = 0, resolved = 0, longest = 0;
  for (const auto& chain : chains) {
    REQUIRE(chain.annotation.find_first_not_of("HEC") == std::string::npos);
    residues += chain.sequence.size();
    longest = std::max(longest, chain.sequence.size());
    resolved += static_cast<std::size_t>(std::count(chain.mask.begin(), chain.mask.end(), '1'));
  }
  CHECK(residues == 2845094);
  CHECK(resolved == 2658218);
  CHECK(longest == 1632);
  const auto peptides = io::read_position_labels(*fasta);
  CHECK(peptides.size() == 20290);
  for (const auto& peptide : peptides) {
    check_position_labels(peptide);
    REQUIRE(peptide.annotation.find_first_not_of("STLPIMO") == std::string::npos);
  }
}
