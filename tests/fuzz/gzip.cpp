// Damaged gzip data: refused, or the text that was packed. The first two bytes choose what is done to it.
#include "text_files.hpp"

FUZZ_TARGET(gzip) {
  const unsigned mode = fuzz::take_byte(bytes) % 5U;
  const std::size_t place = fuzz::take_byte(bytes);
  std::string text(bytes), file;
  bool damaged = false, free = false;  // must be refused; may be anything
  const std::size_t half = std::min(place, text.size());
  if (mode == 0) {  // as it is
    file = text;
    free = true;
  } else if (mode == 1) {  // two members
    file = fuzz::gzip(text.substr(0, half)) + fuzz::gzip(text.substr(half));
  } else if (mode == 2) {  // cut
    file = fuzz::gzip(text);
    file.resize(2 + place * (file.size() - 3) / 256);  // behind the two bytes it is known by
    damaged = true;
  } else if (mode == 3) {  // one bit, of the checksum or the data
    file = fuzz::gzip(text);
    file[10 + place % (file.size() - 10)] ^= static_cast<char>(1U << place % 8U);
    free = true;
  } else {  // text behind the member
    const std::string behind = text.substr(half);
    text.resize(half);
    file = fuzz::gzip(text) + behind;
    damaged = behind.find_first_not_of('\0') != std::string::npos && behind.substr(0, 2) != "\x1F\x8B";
    free = !damaged;
  }
  std::vector<std::string> lines;
  const bool read = fuzz::accepts([&] {
    seqlstm::io::LineReader reader(fuzz::memory_file(file));
    for (std::string line; reader.next(line);) lines.push_back(line);
  });
  if (!read) {
    fuzz::require(free || damaged || !fuzz::is_plain(text), "whole gzip data is read");
  } else if (mode == 3) {
    // Bits of the header that nobody reads, or of padding; else the text must not change in silence.
    fuzz::require(!fuzz::is_plain(text) || lines == fuzz::split_lines(text),
                  "a changed bit does not change the text in silence");
  } else if (!free) {
    fuzz::require(!damaged, "cut gzip data, or text behind it, is refused: " + fuzz::shown(text));
    if (fuzz::is_plain(text)) fuzz::require(lines == fuzz::split_lines(text), "members are read as one text");
  }
}
