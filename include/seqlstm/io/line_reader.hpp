// Lines of a text file, plain or gzip-compressed, with their numbers.
#pragma once

#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <seqlstm/core/error.hpp>
#include <string>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// Reads line by line; "\n", "\r\n" and a missing last newline are all fine. Throws io_error when the file
/// cannot be opened or read, format_error when a gzip stream is damaged or cut off.
class LineReader {
 public:
  explicit LineReader(std::string path) : path_(std::move(path)), file_(gzopen(path_.c_str(), "rb")) {
    if (file_ == nullptr)
      throw io_error(path_ + ": cannot be opened: " + std::strerror(errno) +
                     "; check the path and its permissions");
    gzbuffer(file_.get(), 1U << 17U);
    if (gzdirect(file_.get()) != 0) refuse_folder();
  }

  /// The next line without its end; false behind the last.
  bool next(std::string& line) {
    line.clear();
    for (;;) {
      if (begin_ == end_ && !fill()) break;
      const char* first = buffer_.data() + begin_;
      const auto* newline = static_cast<const char*>(std::memchr(first, '\n', end_ - begin_));
      const std::size_t count =
          newline == nullptr ? end_ - begin_ : static_cast<std::size_t>(newline - first);
      line.append(first, count);
      begin_ += count;
      if (newline != nullptr) {
        ++begin_;
        return finish(line);
      }
    }
    return line.empty() ? false : finish(line);
  }
  /// Number of the line last read, from 1.
  [[nodiscard]] std::size_t line_number() const { return line_number_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
  };

  bool finish(std::string& line) {
    ++line_number_;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return true;
  }
  bool fill() {
    const int count = gzread(file_.get(), buffer_.data(), static_cast<unsigned>(buffer_.size()));
    int code = Z_OK;
    const char* message = gzerror(file_.get(), &code);
    if (count < 0 || (code != Z_OK && code != Z_STREAM_END)) {
      if (code == Z_ERRNO) throw io_error(path_ + ": cannot be read: " + std::strerror(errno));
      throw format_error(path_ + ": the gzip stream is damaged or cut off behind line " +
                         std::to_string(line_number_) + " (" + message +
                         "); copy or download the file again");
    }
    begin_ = 0;
    end_ = static_cast<std::size_t>(count);
    return count > 0;
  }
  void refuse_folder() {
    if (gzread(file_.get(), buffer_.data(), 0) < 0) fill();
  }

  std::string path_;
  std::unique_ptr<gzFile_s, Close> file_;
  std::array<char, 1U << 16U> buffer_{};
  std::size_t begin_ = 0, end_ = 0, line_number_ = 0;
};

}  // namespace io

SEQLSTM_NAMESPACE_END
