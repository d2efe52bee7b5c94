// Lines of a text file, plain or gzip, with their numbers.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <seqlstm/io/detail/text_bytes.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

namespace detail {
/// What a reader of UTF-8 takes off the beginning of a file.
inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Is a file that begins so read as another text: gzip data, UTF-16, or without a byte order mark?
inline bool is_mark(std::string_view text) {
  return text.starts_with(byte_order_mark) || text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
         text.starts_with("\x1F\x8B");
}
}  // namespace detail

/// What a text file may hold before it is refused. A gzip file grows 4-fold where it holds a genome, up to
/// 130-fold where it repeats whole sequences, and 1,032-fold where it repeats one character: the bound on
/// `expansion` lies between. A plain file is bounded by its own size.
struct TextLimits {
  std::size_t longest_line = std::size_t{256} << 20U;  ///< bytes of a line, where lines are read whole
  std::size_t expansion = 200;  ///< of a gzip file: bytes of text for each of its own; 0: any number
  std::size_t small_text = std::size_t{16} << 20U;  ///< bytes of text that every gzip file may hold
};

/// Reads a file line by line; gzip is recognised by its content. Lines end with LF, CRLF or CR, the last one
/// with or without; a UTF-8 byte order mark is left out. Throws io_error where the file cannot be read and
/// parse_error where its gzip data is damaged, ends too early, is followed by other data or grows beyond the
/// limits, and for what is no text: UTF-16, NUL bytes. Holds a buffer of 128 KiB and zlib's state.
class LineReader {
 public:
  /// Opens the file; reads nothing yet.
  explicit LineReader(std::string path, const TextLimits& limits = {})
      : path_(std::move(path)),
        longest_(limits.longest_line),
        bytes_(std::make_unique<detail::TextBytes>(path_, limits.expansion, limits.small_text)) {}

  /// The next line without its end; false after the last one. Throws parse_error for a line that is longer
  /// than the limit.
  bool next(std::string& line) {
    if (!next(line, longest_)) return false;
    if (unfinished_ && !at_end_of_line())
      throw error("the line is longer than " + std::to_string(longest_ >> 20U) +
                  " MiB; break it into lines, or check that it is the right file");
    return true;
  }
  /// The next line in pieces of at most `longest` bytes: continues() says of each whether it goes on where
  /// the one before ended.
  bool next(std::string& line, std::size_t longest) {
    line.clear();
    bool found = false;
    continues_ = std::exchange(unfinished_, false);
    const std::size_t number = line_ + (continues_ ? 0 : 1);
    while (begin_ < end_ || fill(number)) {
      found = true;
      const char* first = buffer_.data() + begin_;
      const char* last = first + std::min(end_ - begin_, longest - line.size());
      const char* stop = std::find_if(first, last, [](char c) { return c == '\n' || c == '\r'; });
      const auto place = static_cast<std::size_t>(stop - buffer_.data());
      if (nul_ < place)
        throw error(number,
                    "the file holds a NUL byte, which no text has: it is binary, or UTF-16 without its mark "
                    "(save it as UTF-8)");
      line.append(first, stop);
      begin_ = place;
      if (stop == last) {
        unfinished_ = line.size() == longest;
        if (unfinished_) break;
        continue;
      }
      end_line(number);
      break;
    }
    if (!found) return false;
    if (continues_) return true;
    if (line_++ == 0 && line.starts_with(detail::byte_order_mark))
      line.erase(0, detail::byte_order_mark.size());
    return true;
  }
  /// Does the last piece belong to the line of the piece before it?
  [[nodiscard]] bool continues() const { return continues_; }
  /// May more pieces of the line follow? One that fills a piece to its end has an empty one more.
  [[nodiscard]] bool unfinished() const { return unfinished_; }
  /// Number of the line that next() gave last, from 1; 0 before the first.
  [[nodiscard]] std::size_t line() const { return line_; }
  /// The file, as it was named.
  [[nodiscard]] const std::string& path() const { return path_; }
  /// A parse_error at the last line read, to be thrown by the caller.
  [[nodiscard]] parse_error error(const std::string& what) const {
    return error(std::max<std::size_t>(1, line_), what);
  }
  /// The same at the given line, from 1.
  [[nodiscard]] parse_error error(std::size_t line, const std::string& what) const {
    return {path_, line, what};
  }

 private:
  static constexpr std::size_t none = std::string::npos;

  /// Reads on; what fails there, fails in line `number`.
  bool fill(std::size_t number) {
    begin_ = 0;
    end_ = bytes_->read(buffer_.data(), buffer_.size(), number);
    const void* nul = std::memchr(buffer_.data(), 0, end_);
    nul_ = nul == nullptr ? none : static_cast<std::size_t>(static_cast<const char*>(nul) - buffer_.data());
    if (std::exchange(begun_, true)) return end_ > 0;
    const std::string_view mark(buffer_.data(), std::min<std::size_t>(end_, 2));
    if (mark == "\xFF\xFE" || mark == "\xFE\xFF")
      throw error("the file is UTF-16 text (or UTF-32), expected UTF-8; save it as UTF-8 or plain text");
    return end_ > 0;
  }
  /// Steps over the end at begin_ of line `number`.
  void end_line(std::size_t number) {
    const char ending = buffer_[begin_++];
    if (ending == '\r' && (begin_ < end_ || fill(number + 1)) && buffer_[begin_] == '\n') ++begin_;
  }
  /// A line as long as the limit may end there: then the piece after it is taken as well.
  bool at_end_of_line() {
    if (begin_ == end_ && !fill(line_)) return true;
    if (buffer_[begin_] != '\n' && buffer_[begin_] != '\r') return false;
    end_line(line_);
    unfinished_ = false;
    return true;
  }

  std::string path_;
  std::size_t longest_;
  std::unique_ptr<detail::TextBytes> bytes_;
  std::array<char, 1U << 16U> buffer_{};
  std::size_t begin_ = 0, end_ = 0, line_ = 0;
  std::size_t nul_ = none;  // the first NUL byte in the buffer
  bool begun_ = false, unfinished_ = false, continues_ = false;
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

/// Cells between tabs.
inline std::vector<std::string_view> tab_cells(std::string_view line) {
  std::vector<std::string_view> cells;
  for (;;) {
    const std::size_t tab = line.find('\t');
    cells.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return cells;
    line.remove_prefix(tab + 1);
  }
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
