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
