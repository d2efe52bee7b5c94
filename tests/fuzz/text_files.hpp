// Plain, slow references for text files: lines, gzip, and where a record's letters stand.
#pragma once

#include <zlib.h>

#include <seqlstm/io/fasta.hpp>

#include "harness.hpp"

namespace fuzz {

/// Lines that end with LF, CRLF or CR, the last one with or without.
inline std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  if (text.substr(0, 3) == "\xEF\xBB\xBF") {
    text.remove_prefix(3);
    if (text.empty()) lines.emplace_back();
  }
  bool open = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!open) lines.emplace_back();
    open = text[i] != '\n' && text[i] != '\r';
    if (open) lines.back() += text[i];
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
  }
  return lines;
}

/// One gzip member.
inline std::string gzip(std::string_view text) {
  z_stream stream{};
  require(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "deflateInit2 works");
  std::string bytes(deflateBound(&stream, static_cast<uLong>(text.size())) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  require(deflate(&stream, Z_FINISH) == Z_STREAM_END, "deflate works");
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

/// Does the text begin as gzip data or as UTF-16 does, or hold a NUL? Then it is not read as it stands, or is
/// no text.
inline bool is_plain(std::string_view text) {
  const auto begins = [&](std::string_view mark) { return text.substr(0, mark.size()) == mark; };
  return text.find('\0') == std::string_view::npos && !begins("\x1F\x8B") && !begins("\xFF\xFE") &&
         !begins("\xFE\xFF");
}

/// The place that messages name for every letter of a record is where the file has that letter.
inline void check_positions(const seqlstm::Record& record, const std::vector<std::string>& lines) {
  for (std::size_t i = 0; i < record.sequence.size(); ++i) {
    const std::string prefix = record.prefix(i), position = record.position(i);
    const std::size_t end = prefix.size() - 2, colon = prefix.rfind(':', end - 1);
    const auto line = static_cast<std::size_t>(std::atoll(prefix.c_str() + colon + 1));
    require(position.rfind("column ", 0) == 0, "a letter of a file has a column: " + position);
    const auto column = static_cast<std::size_t>(std::atoll(position.c_str() + 7));
    require(
        line >= 1 && line <= lines.size() && column >= 1 && column <= lines[line - 1].size() &&
            lines[line - 1][column - 1] == record.sequence[i],
        "letter " + std::to_string(i) + " of " + shown(record.sequence) + " stands at " + prefix + position);
  }
}

/// Blanks and digits are residues in no format.
inline void check_residues(const seqlstm::Record& record) {
  require(record.sequence.find_first_of(" \t\v\f\r\n0123456789") == std::string::npos,
          "no blank and no digit is a residue: " + shown(record.sequence));
}

}  // namespace fuzz
