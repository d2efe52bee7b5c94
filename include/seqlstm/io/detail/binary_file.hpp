// A binary file whose size is known before anything of it is believed.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <seqlstm/core/error.hpp>
#include <span>
#include <string>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

/// A file of known size, read in pieces.
class BinaryFile {
 public:
  explicit BinaryFile(std::string path) : path_(std::move(path)), stream_(path_, std::ios::binary) {
    std::error_code error;
    if (std::filesystem::is_directory(path_, error)) errno = EISDIR;
    stream_.seekg(0, std::ios::end);
    const auto end = stream_.tellg();
    if (!stream_ || end < 0 || !std::filesystem::is_regular_file(path_, error))
      throw io_error("cannot read '" + path_ + "': " + std::strerror(errno) +
                     "; check that it is a file and readable");
    size_ = static_cast<std::size_t>(end);
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  void read(std::size_t offset, std::span<std::byte> bytes) {
    stream_.seekg(static_cast<std::streamoff>(offset));
    stream_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!stream_)
      throw io_error("cannot read '" + path_ + "' at byte " + std::to_string(offset) +
                     "; the file changed or the disk failed: try again");
  }

 private:
  std::string path_;
  std::ifstream stream_;
  std::size_t size_ = 0;
};

}  // namespace io::detail
SEQLSTM_NAMESPACE_END
