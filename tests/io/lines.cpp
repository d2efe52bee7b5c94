#include <seqlstm/io/lines.hpp>

#include <seqlstm/core/random.hpp>
#include <vector>

#include "support/catch.hpp"
#include "support/gzip.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

std::vector<std::string> lines_of(const std::string& path) {
  io::LineReader reader(path);
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) {
    lines.push_back(line);
    CHECK(reader.line() == lines.size());
  }
  return lines;
}
using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("lines end with LF, CRLF or CR, the last one with or without") {
  const support::TemporaryFolder folder;
  CHECK(lines_of(folder.write("a", "one\ntwo\n")) == Lines{"one", "two"});
  CHECK(lines_of(folder.write("b", "one\r\ntwo")) == Lines{"one", "two"});
  CHECK(lines_of(folder.write("c", "one\rtwo\r")) == Lines{"one", "two"});
  CHECK(lines_of(folder.write("d", "\n\r\n\rx\n\n")) == Lines{"", "", "", "x", ""});
  CHECK(lines_of(folder.write("e", "")).empty());
  CHECK(lines_of(folder.write("f", "\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo")) == Lines{"one", "\xEF\xBB\xBFtwo"});
}

TEST_CASE("line ends that fall between two reads are found") {
  const support::TemporaryFolder folder;
  for (const std::size_t length : {65534U, 65535U, 65536U, 65537U, 200000U}) {
    const std::string text(length, 'x');
    CHECK(lines_of(folder.write("long", text + "\r\nend\r\n")) == Lines{text, "end"});
    CHECK(lines_of(folder.write("long.gz", support::gzip(text + "\r\nend"))) == Lines{text, "end"});
  }
}

TEST_CASE("gzip is known by its content, members may follow one another") {
  const support::TemporaryFolder folder;
  CHECK(lines_of(folder.write("named.txt", support::gzip("one\n") + support::gzip("two\n"))) ==
        Lines{"one", "two"});
}

TEST_CASE("a truncated or damaged gzip file is an error wherever it is cut") {
  const support::TemporaryFolder folder;
  std::string text;
  RandomStream random(1);
  for (int i = 0; i < 300; ++i) text += "line " + std::to_string(random()) + "\n";
  const std::string bytes = support::gzip(text);
  const auto path = folder.path("x.gz");
  for (std::size_t size = 20; size < bytes.size(); size += 97) {
    folder.write("x.gz", bytes.substr(0, size));
    CHECK_THAT(
        message_of<parse_error>([&] { lines_of(path); }),
        ContainsSubstring("the gzip data ends too early; the file is truncated: copy or download it again"));
  }
  folder.write("x.gz", bytes.substr(0, bytes.size() - 1));
  CHECK_THROWS_AS(lines_of(path), parse_error);
  std::string damaged = bytes;
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x10);
  folder.write("x.gz", damaged);
  CHECK_THAT(message_of<parse_error>([&] { lines_of(path); }), ContainsSubstring("gzip data"));
}

TEST_CASE("a text file that cannot be read is named") {
  const support::TemporaryFolder folder;
  CHECK(message_of<io_error>([&] { lines_of(folder.path("none.fa")); }) ==
        "cannot open '" + folder.path("none.fa") +
            "': No such file or directory; check the path and its permissions");
  CHECK_THAT(message_of<io_error>([&] { lines_of(folder.path("")); }), ContainsSubstring("Is a directory"));
}

TEST_CASE("lines longer than asked for come in pieces, each told apart from a new line") {
  const support::TemporaryFolder folder;
  io::LineReader reader(folder.write("pieces", "abcdefg\nhi\r\n\nabc\nlast one"));
  const std::vector<std::pair<std::string, bool>> expected = {
      {"abc", false}, {"def", true}, {"g", true},    {"hi", false}, {"", false},
      {"abc", false}, {"", true},    {"las", false}, {"t o", true}, {"ne", true}};
  std::vector<std::pair<std::string, bool>> pieces;
  std::vector<std::size_t> numbers;
  for (std::string line; reader.next(line, 3);) {
    pieces.emplace_back(line, reader.continues());
    numbers.push_back(reader.line());
  }
  CHECK(pieces == expected);
  CHECK(numbers == std::vector<std::size_t>{1, 1, 1, 2, 3, 4, 4, 5, 5, 5});
}

TEST_CASE("what follows a gzip member is read, is padding, or is an error at its line") {
  const support::TemporaryFolder folder;
  const std::string one = support::gzip("one\ntwo\n"), more = support::gzip("three\n");
  CHECK(lines_of(folder.write("a", one + more + support::gzip("") + more)) ==
        Lines{"one", "two", "three", "three"});
  CHECK(lines_of(folder.write("b", one + std::string(100000, '\0'))) == Lines{"one", "two"});
  for (const std::string& rest : {std::string(">b\nACGT\n"), std::string("\0\0x", 3),
                                  std::string("\x1F text"), std::string(5, '\0') + more}) {
    const auto path = folder.write("c", one + rest);
    io::LineReader reader(path);
    std::string line;
    CHECK(reader.next(line));
    CHECK(message_of<parse_error>([&] {
            while (reader.next(line)) {
            }
          }) == path +
                    ":3: the gzip data ends here and other data follow it; decompress both and join them as "
                    "plain text, or compress both");
  }
  // Members that end where a buffer does.
  std::string text, bytes;
  Lines expected;
  RandomStream random(2);
  for (int i = 0; i < 3000; ++i) {
    expected.push_back(std::to_string(random()));
    bytes += support::gzip(expected.back() + "\n");
  }
  CHECK(lines_of(folder.write("d", bytes)) == expected);
}

TEST_CASE("what is no text is refused in a sentence, wherever it stands") {
  const support::TemporaryFolder folder;
  const std::string nul(1, '\0');
  const auto message = [&](const std::string& bytes) {
    std::string shown;
    for (const bool compressed : {false, true}) {
      const auto path = folder.write("x", compressed ? support::gzip(bytes) : bytes);
      const auto text = message_of<parse_error>([&] { lines_of(path); }).substr(path.size());
      CHECK((shown.empty() || shown == text));
      shown = text;
    }
    return shown;
  };
  const std::string utf16 =
      ":1: the file is UTF-16 text (or UTF-32), expected UTF-8; save it as UTF-8 or plain text";
  CHECK(message("\xFF\xFE>" + nul + "a" + nul) == utf16);
  CHECK(message("\xFE\xFF" + nul + ">" + nul + "a") == utf16);
  const std::string binary =
      ": the file holds a NUL byte, which no text has: it is binary, or UTF-16 without its mark (save it as "
      "UTF-8)";
  CHECK(message(">" + nul + "a" + nul) == ":1" + binary);
  CHECK(message("one\ntwo\nth" + nul + "ree\n") == ":3" + binary);
  CHECK(message(std::string(70000, 'x') + "\n" + std::string(70000, 'y') + nul) == ":2" + binary);
  CHECK(message(nul) == ":1" + binary);
}

TEST_CASE("the longest line that is read whole is a limit, and pieces have none") {
  const support::TemporaryFolder folder;
  const io::TextLimits limits{.longest_line = 1U << 20U};
  const std::string longest(1U << 20U, 'x');
  for (const char* ending : {"", "\n", "\r\n", "\r"}) {
    io::LineReader reader(folder.write("fits", longest + ending + "end"), limits);
    std::string line;
    if (*ending == '\0') {
      CHECK(message_of<parse_error>([&] { reader.next(line); }) ==
            folder.path("fits") +
                ":1: the line is longer than 1 MiB; break it into lines, or check that it is the right file");
      continue;
    }
    REQUIRE(reader.next(line));
    CHECK(line == longest);
    REQUIRE(reader.next(line));
    CHECK(line == "end");
    CHECK(reader.line() == 2);
    CHECK_FALSE(reader.next(line));
  }
  io::LineReader reader(folder.write("long", longest + "x"), limits);
  std::size_t count = 0;
  for (std::string line; reader.next(line, 1000);) count += line.size();
  CHECK(count == longest.size() + 1);
}

TEST_CASE("a gzip file that grows beyond what sequences do is refused before it fills the memory") {
  const support::TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 20000; ++i) text += std::string(1000, 'A') + "\n";  // 20 MB in 20 KB
  const auto path = folder.write("x", support::gzip(text));
  io::LineReader reader(path);
  std::size_t read = 0;
  const auto message = message_of<parse_error>([&] {
    for (std::string line; reader.next(line);) read += line.size() + 1;
  });
  CHECK(message == path + ":" + std::to_string(reader.line() + 1) +
                       ": the gzip file grows more than 200-fold, as no sequences do; if it is meant to, "
                       "decompress it first (gunzip)");
  CHECK(read >= io::TextLimits{}.small_text);
  CHECK(read < io::TextLimits{}.small_text + 100000);
  io::LineReader unlimited(path, {.expansion = 0});
  read = 0;
  for (std::string line; unlimited.next(line);) read += line.size() + 1;
  CHECK(read == text.size());
  CHECK(lines_of(folder.write("small", support::gzip(text.substr(0, 10000000)))).size() == 9991);
}
