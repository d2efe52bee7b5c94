// What files ask of the operating system. POSIX and Windows (MinGW) differ here and in no other header of io.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#if defined(_WIN32)
#include <io.h>
#include <process.h>
#else
#include <sys/file.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <seqlstm/core/abi.hpp>
#include <string>
#include <string_view>

SEQLSTM_NAMESPACE_BEGIN
// Functions that may fail leave the reason in errno. An open file is a number, -1 is none.
namespace io::detail::platform {

using Path = std::filesystem::path;

/// What became of asking for a lock: it is ours, another holds it, or the file system has none.
enum class Lock { ours, of_another, none };

#if defined(_WIN32)

using Mode = int;

/// An open file keeps its name: it is neither removed nor replaced. No lock says who lives.
inline constexpr bool removes_open_files = false;
inline constexpr const char* nowhere = "NUL";                          // a device that takes everything
inline constexpr std::size_t longest_written = std::size_t{1} << 30U;  // at once

inline int make_file(const Path& path) {
  return ::_wopen(path.c_str(), _O_WRONLY | _O_CREAT | _O_EXCL | _O_BINARY | _O_NOINHERIT,
                  _S_IREAD | _S_IWRITE);
}
inline int open_device(const Path& path) {
  return ::_wopen(path.c_str(), _O_WRONLY | _O_BINARY | _O_NOINHERIT);
}
inline std::ptrdiff_t write_some(int file, std::string_view bytes) {
  return ::_write(file, bytes.data(), static_cast<unsigned>(std::min(bytes.size(), longest_written)));
}
inline bool sync(int file) {
  return ::_commit(file) == 0;
}
inline bool close(int file) {
  return ::_close(file) == 0;
}
inline void remove(const Path& path) {
  static_cast<void>(::_wunlink(path.c_str()));
}
inline bool rename(const Path& from, const Path& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  if (error) errno = error.value();
  return !error;
}
inline bool may_write(const Path& path) {
  return ::_waccess(path.c_str(), 2) == 0;
}
inline void sync_folder(const Path& /*folder*/) {}
inline void set_mode(int /*file*/, Mode /*mode*/) {}
inline std::optional<Mode> mode_of(const Path& /*path*/) {
  return std::nullopt;
}
inline Lock lock(int /*file*/) {
  return Lock::none;
}
inline int again(int /*file*/) {
  return -1;
}
inline bool still_there(int /*file*/, const Path& /*path*/) {
  return true;
}
inline void remove_abandoned(const Path& path) {
  platform::remove(path);  // fails where a writer has it open
}
inline bool belongs_to_another(const Path& /*path*/, const Path& /*folder*/) {
  return false;
}
inline std::size_t longest_name(const Path& /*folder*/) {
  return 255;
}
inline int process_number() {
  return ::_getpid();
}
inline std::string identity(const Path& /*path*/) {
  return {};  // the C library knows none
}
inline std::optional<std::size_t> size_of(std::FILE* file) {
  struct _stat64 status {};
  if (::_fstat64(::_fileno(file), &status) != 0 || (status.st_mode & _S_IFMT) != _S_IFREG)
    return std::nullopt;
  return static_cast<std::size_t>(status.st_size);
}

#else

using Mode = mode_t;

inline constexpr bool removes_open_files = true;
inline constexpr const char* nowhere = "/dev/null";

/// Makes a file that is not there, for writing.
inline int make_file(const Path& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}
inline int open_device(const Path& path) {
  return ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
}
/// How many of the bytes were written; negative for a failure.
inline std::ptrdiff_t write_some(int file, std::string_view bytes) {
  return ::write(file, bytes.data(), bytes.size());
}
inline bool sync(int file) {
  return ::fsync(file) == 0;
}
inline bool close(int file) {
  return ::close(file) == 0;
}
inline void remove(const Path& path) {
  static_cast<void>(::unlink(path.c_str()));
}
/// Replaces what has the name `to`.
inline bool rename(const Path& from, const Path& to) {
  return ::rename(from.c_str(), to.c_str()) == 0;
}
inline bool may_write(const Path& path) {
  return ::access(path.c_str(), W_OK) == 0;
}
/// Makes a rename in the folder last through a power failure, where the file system can.
inline void sync_folder(const Path& folder) {
  const int file = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  static_cast<void>(::fsync(file));
  ::close(file);
}
inline void set_mode(int file, Mode mode) {
  static_cast<void>(::fchmod(file, mode));
}
/// The permissions of a file that is there.
inline std::optional<Mode> mode_of(const Path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status.st_mode & 07777U;
}
inline Lock lock(int file) {
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return Lock::ours;
  return errno == EWOULDBLOCK ? Lock::of_another : Lock::none;
}
/// Another descriptor of the same open file, which keeps its lock.
inline int again(int file) {
  return ::fcntl(file, F_DUPFD_CLOEXEC, 0);
}
/// Is the open file still the one under this name?
inline bool still_there(int file, const Path& path) {
  struct stat opened {
  }, named{};
  return ::fstat(file, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}
/// Removes a file that no living writer has a lock on; where the file system has no locks, none.
inline void remove_abandoned(const Path& path) {
  constexpr int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  int file = ::open(path.c_str(), O_RDWR | flags);
  if (file < 0) file = ::open(path.c_str(), O_RDONLY | flags);
  if (file < 0) return;
  struct stat status {};
  if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode) && lock(file) == Lock::ours &&
      still_there(file, path))
    platform::remove(path);
  ::close(file);
}
/// Is this a file that others own, in a folder with the sticky bit, as /tmp, of which that is true too? Such
/// a file is replaced by its owner alone, or the folder's.
inline bool belongs_to_another(const Path& path, const Path& folder) {
  struct stat file {
  }, around{};
  if (::stat(path.c_str(), &file) != 0 || ::stat(folder.c_str(), &around) != 0) return false;
  const uid_t own = ::geteuid();
  return (around.st_mode & S_ISVTX) != 0 && own != 0 && file.st_uid != own && around.st_uid != own;
}
/// Bytes that a name in the folder may have.
inline std::size_t longest_name(const Path& folder) {
  const long limit = ::pathconf(folder.c_str(), _PC_NAME_MAX);
  return limit > 0 ? static_cast<std::size_t>(limit) : 255;
}
inline int process_number() {
  return ::getpid();
}
/// Which file is under this name, through links; empty where none is, or no file has a number.
inline std::string identity(const Path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}
/// The size of an open file that is neither device nor pipe.
inline std::optional<std::size_t> size_of(std::FILE* file) {
  struct stat status {};
  if (::fstat(::fileno(file), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::size_t>(status.st_size);
}

#endif

}  // namespace io::detail::platform
SEQLSTM_NAMESPACE_END
