// Writing a file so that a kill at any moment leaves the old one or the new one.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <seqlstm/core/error.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

namespace detail {

/// "cannot open 'x.fa': No such file or directory; check the path".
inline io_error system_error(const std::string& action, const std::string& path, const std::string& advice) {
  return io_error("cannot " + action + " '" + path + "': " + std::strerror(errno) + "; " + advice);
}

/// An open file for writing; every failure is an io_error that says `shown` for the file.
class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, std::string shown, int flags)
      : shown_(std::move(shown)), file_(::open(path.c_str(), flags, 0666)) {
    check(file_ >= 0);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (file_ >= 0) ::close(file_);
  }

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto written = ::write(file_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      check(written >= 0);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void set_mode(mode_t mode) { static_cast<void>(::fchmod(file_, mode)); }
  void sync() { check(::fsync(file_) == 0); }
  void close() { check(::close(std::exchange(file_, -1)) == 0); }
  void check(bool success) const {
    if (!success) throw system_error("write", shown_, "check the folder, its permissions and the space left");
  }

 private:
  std::string shown_;
  int file_;
};

/// Makes a rename in the folder last through a power failure, where the file system can.
inline void sync_folder(const std::filesystem::path& folder) {
  const int file = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  static_cast<void>(::fsync(file));
  ::close(file);
}

/// What a path leads to, through symbolic links, which stay.
inline std::filesystem::path behind_links(const std::filesystem::path& path) {
  std::error_code error;
  const auto target = std::filesystem::weakly_canonical(path, error);
  return error ? path : target;
}

}  // namespace detail

/// A file under construction: a temporary one beside `path` that takes its place at commit(), and is removed
/// if commit() is never reached. A device or pipe (/dev/stdout) is written directly. Throws io_error.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path)
      : target_(is_special(path) ? std::filesystem::path(path) : detail::behind_links(path)),
        temporary_(is_special(path) ? target_ : temporary_name(target_)),
        file_(temporary_, path,
              temporary_ == target_ ? O_WRONLY | O_CLOEXEC : O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC) {
    struct stat status {};
    if (!direct() && ::stat(target_.c_str(), &status) == 0) file_.set_mode(status.st_mode & 07777U);
  }
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile() {
    if (!committed_ && !direct()) ::unlink(temporary_.c_str());
  }

  void write(std::string_view bytes) { file_.write(bytes); }
  void write(std::span<const std::byte> bytes) {
    file_.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  /// Syncs the bytes, renames the file to its name and syncs the folder.
  void commit() {
    if (!direct()) file_.sync();
    file_.close();
    if (!direct()) {
      file_.check(::rename(temporary_.c_str(), target_.c_str()) == 0);
      detail::sync_folder(target_.parent_path());
    }
    committed_ = true;
  }

 private:
  [[nodiscard]] bool direct() const { return temporary_ == target_; }
  static bool is_special(const std::string& path) {
    std::error_code error;
    const auto kind = std::filesystem::status(path, error).type();
    return !error && kind != std::filesystem::file_type::regular &&
           kind != std::filesystem::file_type::not_found;
  }
  static std::filesystem::path temporary_name(const std::filesystem::path& target) {
    static std::atomic<unsigned> count{0};
    std::string name = ".";
    name += target.filename().string() + "." + std::to_string(::getpid()) + "." + std::to_string(count++) +
            ".tmp";
    return target.parent_path() / name;
  }

  std::filesystem::path target_, temporary_;
  detail::Descriptor file_;
  bool committed_ = false;
};

/// Writes through `fill(AtomicFile&)`; whatever it throws leaves the file at `path` as it was.
template <class Fill>
requires std::is_invocable_v<Fill&, AtomicFile&>
void write_file_atomically(const std::string& path, Fill fill) {
  AtomicFile file(path);
  fill(file);
  file.commit();
}
inline void write_file_atomically(const std::string& path, std::string_view bytes) {
  write_file_atomically(path, [&](AtomicFile& file) { file.write(bytes); });
}

}  // namespace io
SEQLSTM_NAMESPACE_END
