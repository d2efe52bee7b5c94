#include <seqlstm/io/fasta.hpp>

#include <seqlstm/core/random.hpp>
#include <seqlstm/data/dataset.hpp>

#include "support/catch.hpp"
#include "support/gzip.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using Catch::Matchers::StartsWith;
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

TEST_CASE("readers are ranges, and give portions") {
  const support::TemporaryFolder folder;
  std::vector<std::string> ids;
  for (const Record& record : io::FastaReader(folder.write("x.fa", ">a\nTTCC\n>b\nA\n>c\nGG\n")))
    ids.push_back(record.id + record.sequence);
  CHECK(ids == std::vector<std::string>{"aTTCC", "bA", "cGG"});
  ids.clear();
  for (const Record& record : io::FastqReader(folder.write("x.fq", "@a\nTT\n+\nII\n@b\nA\n+\nI\n")))
    ids.push_back(record.id + record.sequence);
  CHECK(ids == std::vector<std::string>{"aTT", "bA"});
  io::FastaReader reader(folder.path("x.fa"));
  std::vector<Record> records;
  REQUIRE(io::read_some(reader, 6, records));  // "a" and 4 letters, "b" and one
  CHECK(records.size() == 2);
  REQUIRE(io::read_some(reader, 6, records));
  CHECK(records.size() == 1);
  CHECK_FALSE(io::read_some(reader, 6, records));
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
  CHECK(message("\x7f\x1B"
                "ELF" +
                std::string(100, 'x')) == ":1: found '??ELF" + std::string(35, 'x') + "...', " + expected +
                                              "; check that it is the right file");
  CHECK_THAT(message(std::string("\x7f\0ELF", 5)), ContainsSubstring(":1: the file holds a NUL byte"));
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
        ":5: record 'r2' has no line '+' after its letters; expected FASTQ's '@name', letters, '+', "
        "quality: the "
        "file may be truncated");
  CHECK(
      message("@r1\nACGT\n+\nII\n") ==
      ":1: record 'r1' has 4 letters and 2 quality characters, expected as many; the file may be truncated");
  CHECK(
      message("@r1\nAC\n+\nIIII\n") ==
      ":1: record 'r1' has 2 letters and 4 quality characters, expected as many; the file may be truncated");
  CHECK(message("@r1\nAC\n+\nII\nII\n") ==
        ":5: found 'II' after a record, expected '@name'; has a record more quality than letters?");
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

namespace {

const std::string protein = "MKVLAAGIVRAMKVLAAGIV";

/// A sequence as people, GenBank and web pages write it, with comments of the first FASTA programs.
std::vector<std::string> writings(const std::string& sequence) {
  std::string spread, blocks, numbered, ends, wrapped, leading;
  for (std::size_t i = 0; i < sequence.size(); ++i) {
    (spread += i > 0 ? " " : "") += sequence[i];
    if (i > 0 && i % 10 == 0) blocks += "\xC2\xA0";
    blocks += sequence[i];
    if (i % 20 == 0) numbered += (i > 0 ? "\n" : "") + std::string(9, ' ') + std::to_string(i + 1) + " ";
    if (i % 20 == 10) numbered += " ";
    numbered += sequence[i];
    ends += sequence[i];
    if (i % 20 == 19) ends += "\t" + std::to_string(i + 1) + "\r\n";
    if (i % 7 == 0) wrapped += "\n\n  ; a comment " + std::to_string(i) + "\n";
    wrapped += sequence[i];
    if (i % 7 == 0) leading += "\n   ";
    leading += sequence[i];
  }
  return {sequence, spread, blocks, numbered, ends, wrapped, leading + "  "};
}

}  // namespace

TEST_CASE("all writings of a sequence are one sequence") {
  const support::TemporaryFolder folder;
  for (const std::string& sequence : {protein, protein + "*" + protein + "-.x" + protein, std::string("M")}) {
    std::string text = "; before the first record\n\n";
    const auto all = writings(sequence);
    for (std::size_t i = 0; i < all.size(); ++i)
      text += (i % 2 == 0 ? ">" : "  >") + std::to_string(i) + "\n" + all[i] + "\n";
    const auto records = io::read_fasta(folder.write("x.fa", text));
    REQUIRE(records.size() == all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      CHECK(records[i].id == std::to_string(i));
      CHECK(records[i].sequence == sequence);
    }
  }
}

TEST_CASE("an unknown letter is found at its line and column in every writing") {
  const support::TemporaryFolder folder;
  for (std::size_t place = 0; place < protein.size(); ++place) {
    std::string sequence = protein + protein;
    sequence[place] = 'J';
    for (const auto& writing : writings(sequence)) {
      const std::string text = ">first\nMKV\n>second\n" + writing + "\n";
      std::size_t line = 1, column = 0;
      for (const char c : text) {
        if (c == 'J') break;
        column = c == '\n' ? 0 : column + 1;
        line += c == '\n' ? 1 : 0;
      }
      const auto path = folder.write("x.fa", text);
      const auto message = message_of<token_error>([&] { return encode(io::read_fasta(path), aa20); });
      CHECK_THAT(message, StartsWith(path + ":" + std::to_string(line) + ": letter 'J' at column " +
                                     std::to_string(column + 1) + " is not"));
    }
  }
}

TEST_CASE("pieces of FASTA: any line is short in memory, and letters keep their columns") {
  const support::TemporaryFolder folder;
  const std::size_t longest = io::FastaPieces::longest;
  for (const std::size_t lead : {std::size_t{0}, std::size_t{3}, longest - 1, longest, 2 * longest + 5}) {
    const std::string blanks(lead, ' '), letters(longest - 1, 'A');
    const auto path = folder.write("x.fa", blanks + ";" + letters + "\n" + blanks + ">name " + letters +
                                               "\n" + blanks + letters + "J" + letters + "\n" + blanks +
                                               ">b\n" + blanks + ";" + letters + letters + "\nC");
    INFO("blanks: " << lead);
    const auto records = io::read_fasta(path);
    REQUIRE(records.size() == 2);
    CHECK(records[0].id == "name");
    CHECK(records[0].description == letters);
    CHECK(records[0].sequence == letters + "J" + letters);
    const std::size_t place = letters.size();
    CHECK(records[0].prefix(place) + records[0].position(place) ==
          path + ":3: column " + std::to_string(lead + place + 1));
    CHECK(records[1].sequence == "C");
    CHECK(records[1].prefix(0) == path + ":6: ");
    io::FastaPieces pieces(path);
    std::size_t headers = 0, total = 0;
    while (pieces.next()) {
      headers += pieces.is_header() ? 1 : 0;
      if (pieces.is_header()) continue;
      CHECK(pieces.text().size() <= longest);
      total += count_letters(pieces.text());
    }
    CHECK(headers == 2);
    CHECK(total == 2 * letters.size() + 2);
  }
  const auto path = folder.write("long.fa", ">" + std::string((1U << 20U) + longest, 'x') + "\nA\n");
  CHECK(message_of<parse_error>([&] { io::FastaPieces(path, {.longest_line = 1U << 20U}); }) ==
        path + ":1: the header is longer than 1 MiB; check that it is the right file");
}

TEST_CASE("one endless line of gzip is refused, plain it is a chromosome") {
  const support::TemporaryFolder folder;
  const std::string text = ">a\n" + std::string(40000000, 'A');
  const auto path = folder.write("x.fa", support::gzip(text));
  CHECK_THAT(message_of<parse_error>([&] { io::read_fasta(path); }),
             ContainsSubstring(":2: the gzip file grows more than 200-fold"));
  CHECK(io::read_fasta(path, {.expansion = 0})[0].sequence.size() == 40000000);
  CHECK(io::read_fasta(folder.write("y.fa", text))[0].sequence.size() == 40000000);
}

TEST_CASE("records of numbers are refused") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("x.fa", ">a\nT0123012301230123012301230\n");
  CHECK(message_of<parse_error>([&] { io::read_fasta(path); }) ==
        path +
            ":2: record 'a' has 1 letters and 25 digits, expected letters; are these quality values, or "
            "colours?");
  CHECK(io::read_fasta(folder.write("x.fa", ">a\n 000000001 M 10\n"))[0].sequence == "M");
}

TEST_CASE("three-line FASTA is refused, and read by its own reader") {
  const support::TemporaryFolder folder;
  const std::string first = "MKVLAAGIVRAMKVLAAGIV", second = "SSSSSSSSSSSSOOOOOOOO";
  const std::string text = "\n>p1|x the first\n" + first + "\n" + second + "\n>p2\nMKLV WRT\n" + "1000001\n";
  const auto path = folder.write("x.fa", ">p1|x the first\n" + first + "\n" + second + "\n>p2\nMKLV\nSSSO\n");
  CHECK(message_of<parse_error>([&] { io::read_fasta(path); }) ==
        path +
            ":6: every record has two lines of equal length, and the second looks like an annotation "
            "('SSSO'): this "
            "is three-line FASTA; take the third lines out, or read it as such (read_three_line_fasta)");
  const auto records = io::read_three_line_fasta(folder.write("y.fa", text));
  REQUIRE(records.size() == 2);
  CHECK(records[0].id == "p1|x");
  CHECK(records[0].sequence == first);
  CHECK(records[0].annotation == second);
  CHECK(records[1].sequence == "MKLVWRT");
  CHECK(records[1].annotation == "1000001");
  CHECK(records[1].prefix(4) + records[1].position(4) == folder.path("y.fa") + ":6: column 6");
  CHECK(message_of<parse_error>([&] {
          io::read_three_line_fasta(folder.write("z.fa", ">a\nMKV\nSSO\n\n>b\nMKVL\n SS 1\n"));
        }) == folder.path("z.fa") +
                  ":5: record 'b' has 2 lines, 4 letters and 3 characters of annotation, expected a line of "
                  "letters and "
                  "one of annotation, as long");
  for (const char* broken :
       {">a\nMKV\nSS\n", ">a\nMKV\n", ">a\n", ">a\nMKV\nSSO\nSSO\n", ">a\nM\nS\n>b\nMK\n"})
    CHECK_THAT(message_of<parse_error>([&] { io::read_three_line_fasta(folder.write("z.fa", broken)); }),
               ContainsSubstring("expected a line of letters and one of annotation"));
  const std::string expected =
      "expected three-line FASTA: a line '>name', a line of letters and one of annotation";
  for (const char* empty : {"", "\n \n", "; a comment\n"})
    CHECK_THAT(message_of<parse_error>([&] { io::read_three_line_fasta(folder.write("z.fa", empty)); }),
               ContainsSubstring(": the file is empty; " + expected));
  CHECK_THAT(message_of<parse_error>([&] { io::read_three_line_fasta(folder.write("z.fa", "MKV\n")); }),
             ContainsSubstring(expected + "; check that it is the right file"));

  // Sequences wrapped in two lines are none: their second lines change as their first ones do.
  RandomStream random(1);
  const auto wrapped = [&](std::string_view letters, std::size_t count) {
    std::string lines;
    for (std::size_t r = 0; r < count; ++r) {
      lines += ">r";
      for (std::size_t i = 0; i < 120; ++i)
        (lines += i % 60 == 0 ? "\n" : "") += letters[random.below(letters.size())];
      lines += "\n";
    }
    return io::read_fasta(folder.write("w.fa", lines)).size();
  };
  for (const std::size_t count : {1U, 2U, 50U}) {
    CHECK(wrapped("ACGT", count) == count);
    CHECK(wrapped("ACDEFGHIKLMNPQRSTVWY", count) == count);
    CHECK(wrapped("A", count) == count);
  }
  std::string mixed = ">a\n" + first + "\n" + second + "\n>b\nMKV\n";
  CHECK(io::read_fasta(folder.write("m.fa", mixed)).size() == 2);
}

TEST_CASE("real annotations are found, and read", "[data]") {
  const auto path = support::data_file("residue/signal_peptides.3line.fa.gz");
  if (!path) return;
  CHECK_THAT(message_of<parse_error>([&] { io::read_fasta(*path); }),
             ContainsSubstring("this is three-line FASTA"));
  const auto records = io::read_three_line_fasta(*path);
  CHECK(records.size() > 20000);
  for (const auto& record : records) REQUIRE(record.annotation.size() == record.sequence.size());
  CHECK(records[0].id == "Q8TF40|EUKARYA|NO_SP|0");
  CHECK(records[0].annotation == std::string(70, 'I'));
}

TEST_CASE("FASTQ keeps quality in step with letters, whatever layout there is") {
  const support::TemporaryFolder folder;
  const auto records =
      io::read_fastq(folder.write("x.fq", "@r1\n 1 AC GT \n+\n 12\t34\n@r2\nAC\n  GT 60\n+\nI1\n 2I\n"));
  REQUIRE(records.size() == 2);
  CHECK(records[0].sequence == "ACGT");
  CHECK(records[0].quality == "1234");
  CHECK(records[0].position(2) == "column 7");
  CHECK(records[1].sequence == "ACGT");
  CHECK(records[1].quality == "I12I");
  CHECK(records[1].prefix(2) + records[1].position(2) == folder.path("x.fq") + ":7: column 3");
}

TEST_CASE("what FASTA cannot hold is not written") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("x.fa");
  const auto message = [&](const Record& record) {
    return message_of<option_error>([&] { io::write_fasta(path, std::vector<Record>{record}); });
  };
  CHECK(message({.id = "a b", .sequence = "A"}) ==
        "record 'a b' cannot be written as FASTA: its header would be read as 'a' and 'b'; an id is one "
        "word, and "
        "neither it nor the description holds a line break");
  for (const Record& record : {Record{.id = "a\n>b"}, Record{.id = "a", .description = "x\ny"},
                               Record{.id = "a", .description = "x\ry"}, Record{.description = "no id"},
                               Record{.id = " a"}, Record{.id = std::string("a\0", 2)}})
    CHECK_THAT(message(record), ContainsSubstring("cannot be written as FASTA: its header"));
  CHECK(message({.id = "a", .sequence = "AC GT"}) ==
        "record 'a' cannot be written as FASTA: ' ' at position 3 would not be read as a letter; take it out "
        "(letters_of)");
  for (const char* sequence : {"AC\nGT", "ACG1", ">ACG", "A;CG"})
    CHECK_THAT(message({.id = "a", .sequence = sequence}),
               ContainsSubstring("would not be read as a letter"));
  CHECK(folder.files() == 0);
  // In two lines this would read as three-line FASTA.
  const std::vector<Record> records = {{.id = "a", .sequence = protein + std::string(20, 'Q')}};
  io::write_fasta(path, records, 20);
  CHECK(io::read_fasta(path)[0].sequence == records[0].sequence);
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
