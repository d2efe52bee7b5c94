// The bytes of a text file, inflated where it is gzip: through to its true end, and within bounds.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <seqlstm/core/error.hpp>
#include <seqlstm/io/detail/platform.hpp>
#include <string>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

namespace detail {

/// Reads a file, plain or gzip (by its first two bytes; members may follow one another). gzread would not do:
/// it takes what follows a member for nothing.
class TextBytes {
 public:
  /// Of a gzip file more than `small_text` bytes and more than `expansion` times its size are refused; 0:
  /// none.
  TextBytes(const std::string& path, std::size_t expansion, std::size_t small_text)
      : path_(path), expansion_(expansion), small_text_(small_text), file_(std::fopen(path.c_str(), "rb")) {
    if (!file_)
      throw io_error("cannot open '" + path_ + "': " + std::strerror(errno) +
                     "; check the path and its permissions");
    std::setvbuf(file_.get(), nullptr, _IONBF, 0);  // this class has a buffer
    file_size_ = platform::size_of(file_.get()).value_or(0);
  }
  TextBytes(const TextBytes&) = delete;  // zlib's state points back to its stream
  TextBytes& operator=(const TextBytes&) = delete;
  ~TextBytes() {
    if (gzip_) inflateEnd(&stream_);
  }

  /// The next bytes, up to `size`; 0 after the last. A parse_error names `line`.
  std::size_t read(char* to, std::size_t size, std::size_t line) {
    if (!failure_.empty()) throw parse_error(path_, line, failure_);
    if (!begun_) begin();
    if (!gzip_) return read_plain(to, size);
    const std::size_t count = inflate_some(to, size);
    text_size_ += count;
    if (expansion_ > 0 &&
        text_size_ > std::max(small_text_, expansion_ * std::max(file_size_, compressed_size_)))
      failure_ = "the gzip file grows more than " + std::to_string(expansion_) +
                 "-fold, as no sequences do; if it is meant to, decompress it first (gunzip)";
    if (!failure_.empty() && count == 0) throw parse_error(path_, line, failure_);
    return count;  // what is right comes first, so that the failure's line is the true one
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void begin() {
    begun_ = true;
    refill();
    gzip_ = available() >= 2 && buffer_[begin_] == 0x1F && buffer_[begin_ + 1] == 0x8B;
    if (gzip_ && inflateInit2(&stream_, 15 + 16) != Z_OK)
      throw io_error("cannot read '" + path_ + "': zlib has no memory to inflate it");
  }
  std::size_t read_plain(char* to, std::size_t size) {
    if (available() == 0 && !refill()) return 0;
    const std::size_t count = std::min(size, available());
    std::memcpy(to, buffer_.data() + begin_, count);
    begin_ += count;
    return count;
  }
  /// Fills what there is room for, until the file ends or fails.
  std::size_t inflate_some(char* to, std::size_t size) {
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(size);
    while (stream_.avail_out > 0 && failure_.empty()) {
      if (available() == 0 && !refill()) {
        if (!between_members_)
          failure_ = "the gzip data ends too early; the file is truncated: copy or download it again";
        break;
      }
      if (between_members_ && !next_member()) continue;
      stream_.next_in = buffer_.data() + begin_;
      stream_.avail_in = static_cast<uInt>(available());
      const int code = inflate(&stream_, Z_NO_FLUSH);
      begin_ = end_ - stream_.avail_in;
      if (code == Z_STREAM_END) {
        between_members_ = true;
        members_ = true;
        inflateReset(&stream_);
      } else if (code != Z_OK && members_ && stream_.total_out == 0) {
        failure_ = after_members;
      } else if (code != Z_OK) {
        failure_ = std::string("the gzip data is damaged (") +
                   (stream_.msg != nullptr ? stream_.msg : "unknown code") + "); copy or download it again";
      }
    }
    return size - stream_.avail_out;
  }
  /// After a member: another one begins, or zeros fill the file up (tapes and archives leave them).
  bool next_member() {
    if (buffer_[begin_] == 0x1F && !padding_) {
      between_members_ = false;
      return true;
    }
    padding_ = buffer_[begin_] == 0;
    if (padding_) {
      ++begin_;
    } else {
      failure_ = after_members;
    }
    return false;
  }
  [[nodiscard]] std::size_t available() const { return end_ - begin_; }
  bool refill() {
    begin_ = 0;
    end_ = std::fread(buffer_.data(), 1, buffer_.size(), file_.get());
    compressed_size_ += end_;
    if (end_ == 0 && std::ferror(file_.get()) != 0)
      throw io_error("cannot read '" + path_ + "': " + std::strerror(errno) +
                     "; check that it is a file and readable");
    return end_ > 0;
  }

  static constexpr const char* after_members =
      "the gzip data ends here and other data follow it; decompress both and join them as plain text, or "
      "compress both";

  std::string path_;
  std::size_t expansion_, small_text_;
  std::unique_ptr<std::FILE, Close> file_;
  std::array<unsigned char, 1U << 16U> buffer_{};
  std::size_t begin_ = 0, end_ = 0;
  std::size_t file_size_ = 0, compressed_size_ = 0, text_size_ = 0;
  bool begun_ = false, gzip_ = false, between_members_ = false, members_ = false, padding_ = false;
  z_stream stream_{};
  std::string failure_;
};

}  // namespace detail

}  // namespace io
SEQLSTM_NAMESPACE_END
