// Lines of a text file, plain or gzip, with their numbers.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <seqlstm/core/error.hpp>
#include <string>
#include <string_view>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// Reads a file line by line; gzip is recognised by its content. Lines end with LF, CRLF or CR, the last one
/// with or without; a UTF-8 byte order mark is left out. Throws io_error where the file cannot be read and
/// parse_error where its gzip data is damaged or ends too early.
class LineReader {
 public:
  explicit LineReader(std::string path) : path_(std::move(path)), file_(gzopen(path_.c_str(), "rb")) {
    if (!file_)
      throw io_error("cannot open '" + path_ + "': " + std::strerror(errno) +
                     "; check the path and its permissions");
    gzbuffer(file_.get(), 1U << 17U);
  }

  /// The next line without its end; false behind the last one. A line longer than `longest` comes in pieces:
  /// continues() says of each whether it goes on where the one before ended.
  bool next(std::string& line, std::size_t longest = std::string::npos) {
    line.clear();
    bool found = false;
    continues_ = std::exchange(unfinished_, false);
    while (begin_ < end_ || fill()) {
      found = true;
      const char* first = buffer_.data() + begin_;
      const char* last = first + std::min(end_ - begin_, longest - line.size());
      const char* stop = std::find_if(first, last, [](char c) { return c == '\n' || c == '\r'; });
      line.append(first, stop);
      begin_ = static_cast<std::size_t>(stop - buffer_.data());
      if (stop == last) {
        unfinished_ = line.size() == longest;
        if (unfinished_) break;
        continue;
      }
      const char ending = buffer_[begin_++];
      if (ending == '\r' && (begin_ < end_ || fill()) && buffer_[begin_] == '\n') ++begin_;
      break;
    }
    if (!found) return false;
    if (continues_) return true;
    if (line_++ == 0 && std::string_view(line).substr(0, 3) == "\xEF\xBB\xBF") line.erase(0, 3);
    return true;
  }
  /// Does the last piece belong to the line of the piece before it?
  [[nodiscard]] bool continues() const { return continues_; }
  /// Number of the line that next() gave last, from 1; 0 before the first.
  [[nodiscard]] std::size_t line() const { return line_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  /// A parse_error at the given line, or at the last one read.
  [[nodiscard]] parse_error error(const std::string& what) const {
    return error(std::max<std::size_t>(1, line_), what);
  }
  [[nodiscard]] parse_error error(std::size_t line, const std::string& what) const {
    return {path_, line, what};
  }

 private:
  bool fill() {
    const int count = gzread(file_.get(), buffer_.data(), static_cast<unsigned>(buffer_.size()));
    int code = Z_OK;
    const char* reason = gzerror(file_.get(), &code);
    if (code == Z_ERRNO)
      throw io_error("cannot read '" + path_ + "': " + std::strerror(errno) +
                     "; check that it is a file and readable");
    if (code == Z_BUF_ERROR)
      throw error(line_ + 1,
                  "the gzip data ends too early; the file is truncated: copy or download it again");
    if (count < 0 || (code != Z_OK && code != Z_STREAM_END))
      throw error(line_ + 1,
                  std::string("the gzip data is damaged (") + reason + "); copy or download it again");
    begin_ = 0;
    end_ = static_cast<std::size_t>(count);
    return count > 0;
  }

  struct Close {
    void operator()(gzFile_s* file) const { gzclose(file); }
  };

  std::string path_;
  std::unique_ptr<gzFile_s, Close> file_;
  std::array<char, 1U << 16U> buffer_{};
  std::size_t begin_ = 0, end_ = 0, line_ = 0;
  bool unfinished_ = false, continues_ = false;
};

namespace detail {

inline constexpr std::string_view blanks = " \t\v\f";

/// The text without white space at its end.
inline std::string_view trim_end(std::string_view text) {
  const std::size_t last = text.find_last_not_of(blanks);
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}
inline std::string_view trim(std::string_view text) {
  text = trim_end(text);
  return text.substr(std::min(text.size(), text.find_first_not_of(blanks)));
}

/// The beginning of a line as an error message may show it: short, and printable.
inline std::string excerpt(std::string_view text) {
  constexpr std::size_t longest = 40;
  std::string shown = "'";
  for (const char c : text.substr(0, longest)) shown += c >= ' ' && c <= '~' ? c : '?';
  return shown + (text.size() > longest ? "...'" : "'");
}

}  // namespace detail

}  // namespace io
SEQLSTM_NAMESPACE_END
