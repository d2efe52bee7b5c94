#include <seqlstm/io/fasta.hpp>

#include <seqlstm/data/dataset.hpp>

#include "support/catch.hpp"
#include "support/gzip.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

TEST_CASE("FASTA as people write it") {
  const support::TemporaryFolder folder;
  const std::string text =
      "\n>first the description  of it \nACGT\nac\n\nGT  \n>second\n>\nAA\n>\tfourth\tx\r\nCC\r\nGG";
  for (const bool compressed : {false, true}) {
    const auto path = folder.write("x.fa", compressed ? support::gzip(text) : text);
    const auto records = io::read_fasta(path);
    REQUIRE(records.size() == 4);
    CHECK(records[0].id == "first");
    CHECK(records[0].description == "the description  of it");
    CHECK(records[0].sequence == "ACGTacGT");
    CHECK(records[0].file == path);
    CHECK(records[0].line == 3);
    CHECK(records[0].prefix(6) + records[0].position(6) == path + ":6: column 1");
    CHECK(records[1].id == "second");
    CHECK(records[1].sequence.empty());
    CHECK(records[2].id.empty());
    CHECK(records[2].sequence == "AA");
    CHECK(records[3].id == "fourth");
    CHECK(records[3].description == "x");
    CHECK(records[3].sequence == "CCGG");
  }
}

TEST_CASE("the reader streams, and reuses the record") {
  const support::TemporaryFolder folder;
  io::FastaReader reader(folder.write("x.fa", "> 6400\nTTCC\n>b\nA\n>c"));
  Record record;
  REQUIRE(reader.next(record));
  CHECK(record.id == "6400");
  REQUIRE(reader.next(record));
  CHECK(record.sequence == "A");
  CHECK(record.line_starts == std::vector<std::size_t>{0});
  REQUIRE(reader.next(record));
  CHECK(record.id == "c");
  CHECK(record.sequence.empty());
  CHECK(record.line_starts.empty());
  CHECK_FALSE(reader.next(record));
  CHECK_FALSE(reader.next(record));
}

TEST_CASE("a letter outside the alphabet is found in its file, line and column") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("promoter.fa", ">a\nACGT\n>b\nACGTACGT\nACGTACGTJ\n");
  CHECK(
      message_of<token_error>([&] { return encode(io::read_fasta(path), dna4); }) ==
      path +
          ":5: letter 'J' at column 9 is not in alphabet dna4 (ACGT); pass unknown::skip, unknown::random or "
          "unknown::error");
}

TEST_CASE("what is not FASTA is refused at its first line") {
  const support::TemporaryFolder folder;
  const std::string expected = "expected FASTA: a line '>name', then lines of letters";
  const auto message = [&](const std::string& bytes) {
    const auto path = folder.write("x.fa", bytes);
    const std::string text = message_of<parse_error>([&] { return io::read_fasta(path); });
    REQUIRE(text.substr(0, path.size()) == path);
    return text.substr(path.size());
  };
  CHECK(message("") == ":1: the file is empty; " + expected);
  CHECK(message("\n \n\n") == ":3: the file is empty; " + expected);
  CHECK(message("\nsequence,label\nACGT,1\n") ==
        ":2: found 'sequence,label', " + expected + "; check that it is the right file");
  CHECK(message("@r1\nACGT\n+\nIIII\n") ==
        ":1: found '@r1', " + expected +
            "; this looks like FASTQ: read it as such (read_fastq), or convert it");
  CHECK(message(std::string("\x7f\0ELF", 5) + std::string(100, 'x')) ==
        ":1: found '??ELF" + std::string(35, 'x') + "...', " + expected +
            "; check that it is the right file");
}

TEST_CASE("FASTQ, wrapped or not, with quality that looks like headers") {
  const support::TemporaryFolder folder;
  const auto path =
      folder.write("x.fq", "@r1 lane 1\nACGT\n+r1\n@III\n\n@r2\nAC\nGT\n+\n+I\n@I\n@empty\n+\n@r4\nA\n+\nI");
  const auto records = io::read_fastq(path);
  REQUIRE(records.size() == 4);
  CHECK(records[0].id == "r1");
  CHECK(records[0].description == "lane 1");
  CHECK(records[0].sequence == "ACGT");
  CHECK(records[0].quality == "@III");
  CHECK(records[1].sequence == "ACGT");
  CHECK(records[1].quality == "+I@I");
  CHECK(records[1].line == 7);
  CHECK(records[2].sequence.empty());
  CHECK(records[3].quality == "I");
}

TEST_CASE("broken FASTQ says which record") {
  const support::TemporaryFolder folder;
  const auto message = [&](const std::string& bytes) {
    const auto path = folder.write("x.fq", bytes);
    const std::string text = message_of<parse_error>([&] { return io::read_fastq(path); });
    REQUIRE(text.substr(0, path.size()) == path);
    return text.substr(path.size());
  };
  CHECK(message("@r1\nA\n+\nI\n@r2\nACGT\n") ==
        ":5: record 'r2' has no line '+' behind its letters; expected FASTQ's '@name', letters, '+', "
        "quality: the "
        "file may be truncated");
  CHECK(
      message("@r1\nACGT\n+\nII\n") ==
      ":1: record 'r1' has 4 letters and 2 quality characters, expected as many; the file may be truncated");
  CHECK(
      message("@r1\nAC\n+\nIIII\n") ==
      ":1: record 'r1' has 2 letters and 4 quality characters, expected as many; the file may be truncated");
  CHECK(message("@r1\nAC\n+\nII\nII\n") ==
        ":5: found 'II' behind a record, expected '@name'; has a record more quality than letters?");
  CHECK(message("") == ":1: the file is empty; expected FASTQ: '@name', letters, '+', quality");
  CHECK_THAT(message(">a\nACGT\n"), ContainsSubstring("this looks like FASTA: read it as such (read_fasta)"));
}

TEST_CASE("write_fasta writes what read_fasta reads") {
  const support::TemporaryFolder folder;
  const std::vector<Record> records = {{.id = "a", .description = "of two", .sequence = "ACGTA"},
                                       {.id = "b", .sequence = ""},
                                       {.id = "c", .sequence = "ACGT"}};
  const auto path = folder.path("x.fa");
  io::write_fasta(path, records, 2);
  CHECK(support::read_bytes(path) == ">a of two\nAC\nGT\nA\n>b\n>c\nAC\nGT\n");
  io::write_fasta(path, records, 0);
  CHECK(support::read_bytes(path) == ">a of two\nACGTA\n>b\n>c\nACGT\n");
  const auto again = io::read_fasta(path);
  REQUIRE(again.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(again[i].id == records[i].id);
    CHECK(again[i].description == records[i].description);
    CHECK(again[i].sequence == records[i].sequence);
  }
}

TEST_CASE("the promoter files hold their published numbers of records", "[data]") {
  struct Expected {
    const char* file;
    std::size_t records, length;
  };
  for (const auto& [file, count, length] : {Expected{"promoter/ecoli_sigma70_promoter.fa", 839, 81},
                                            Expected{"promoter/ecoli_non_promoter.fa", 3000, 81},
                                            Expected{"promoter/arabidopsis_tata_promoter.fa", 1497, 251},
                                            Expected{"promoter/arabidopsis_non_promoter.fa", 2879, 251}}) {
    const auto path = support::data_file(file);
    if (!path) return;
    INFO(*path);
    const auto records = io::read_fasta(*path);
    CHECK(records.size() == count);
    const auto data = encode(records, dna5);
    CHECK(data.same_length());
    CHECK(data.max_length() == length);
  }
}

TEST_CASE("a genome reads from gzip", "[data]") {
  const auto path = support::data_file("genomes/ecoli_K12_MG1655.fa.gz");
  if (!path) return;
  const auto records = io::read_fasta(*path);
  REQUIRE(records.size() == 1);
  CHECK(records[0].id == "NC_000913.3");
  CHECK(records[0].sequence.size() == 4641652);  // the length GenBank gives for this record
  CHECK(encode(records, dna4).tokens() == 4641652);
}
