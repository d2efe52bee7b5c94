// LineReader against a plain splitter: the same lines and numbers, whole or in pieces, plain or gzip.
#include "text_files.hpp"

namespace {

struct Lines {
  std::vector<std::string> text;
  std::size_t last = 0;
};

Lines read_lines(const std::string& path, std::size_t longest) {
  Lines lines;
  seqlstm::io::LineReader reader(path);
  for (std::string piece; reader.next(piece, longest);) {
    fuzz::require(piece.size() <= longest, "a piece is not longer than asked for");
    if (reader.continues()) {
      fuzz::require(!lines.text.empty(), "the first piece continues nothing");
      lines.text.back() += piece;
    } else {
      lines.text.push_back(piece);
    }
    fuzz::require(reader.line() == lines.text.size(), "lines are counted one by one");
    lines.last = reader.line();
  }
  return lines;
}

}  // namespace

FUZZ_TARGET(lines) {
  const std::size_t longest = std::size_t{fuzz::take_byte(bytes)} + 4;  // a byte order mark is in one piece
  const auto whole = read_lines(fuzz::memory_file(bytes), std::string::npos);
  Lines pieces;
  fuzz::require(fuzz::accepts([&] { pieces = read_lines(fuzz::memory_file(bytes), longest); }),
                "what is read whole is read in pieces");
  fuzz::require(whole.text == pieces.text, "lines in pieces are the whole lines");
  if (!fuzz::is_plain(bytes)) return;
  const auto expected = fuzz::split_lines(bytes);
  fuzz::require(whole.text == expected, std::to_string(whole.text.size()) + " lines, expected " +
                                            std::to_string(expected.size()) + " of " + fuzz::shown(bytes));
  const std::string gzip = fuzz::gzip(bytes);
  Lines packed;
  fuzz::require(fuzz::accepts([&] { packed = read_lines(fuzz::memory_file(gzip), std::string::npos); }),
                "what is read is read from gzip data");
  fuzz::require(packed.text == expected, "lines of gzip data are those of the text");
}
