// Writing a file so that a kill at any moment leaves the old one or the new one.
#pragma once

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <functional>
#include <seqlstm/core/error.hpp>
#include <seqlstm/io/detail/platform.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// A file could not be written: no space, no permission, no folder.
struct write_error : io_error {
  using io_error::io_error;
};

namespace detail {

/// "cannot open 'x.fa': No such file or directory; check the path".
inline io_error system_error(const std::string& action, const std::string& path, const std::string& advice) {
  return io_error("cannot " + action + " '" + path + "': " + std::strerror(errno) + "; " + advice);
}
inline write_error cannot_write(const std::string& path, const std::string& why) {
  return write_error("cannot write '" + path + "': " + why);
}

/// An open file for writing; every failure is a write_error that says `shown` for the file.
class Descriptor {
 public:
  Descriptor(int file, std::string shown) : shown_(std::move(shown)), file_(file) { check(file_ >= 0); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept
      : shown_(std::move(other.shown_)), file_(std::exchange(other.file_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() { give_up(); }
  /// Closes it, whether that succeeds or not.
  void give_up() {
    if (file_ >= 0) platform::close(std::exchange(file_, -1));
  }

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto written = platform::write_some(file_, bytes);
      if (written < 0 && errno == EINTR) continue;
      check(written >= 0);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void set_mode(platform::Mode mode) { platform::set_mode(file_, mode); }
  void sync() { check(platform::sync(file_)); }
  void close() { check(platform::close(std::exchange(file_, -1))); }
  void check(bool success) const {
    if (!success)
      throw cannot_write(shown_, std::string(std::strerror(errno)) +
                                     "; check the folder, its permissions and the space left");
  }
  /// Another descriptor of the same open file, which keeps its lock; -1 where there is none to be had.
  [[nodiscard]] int again() const { return platform::again(file_); }

 private:
  std::string shown_;
  int file_;
};

/// What a path leads to, through symbolic links, which stay.
inline std::filesystem::path behind_links(const std::filesystem::path& path) {
  std::error_code error;
  const auto target = std::filesystem::weakly_canonical(path, error);
  return error ? path : target;
}

/// Is there something under this name that is neither file nor folder: a device, a pipe?
inline bool is_device(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  return !error && std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
         !std::filesystem::is_directory(status);
}

/// Throws write_error where a name is none for a file that is to be renamed to it.
inline void check_target(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (path.empty()) throw cannot_write(path, "the name is empty; give the name of a file");
  if (fs::is_directory(path, error) || path.ends_with('/'))
    throw cannot_write(path, "this is a folder; give the name of a file in it");
  if (fs::is_symlink(fs::symlink_status(path, error)) && !fs::exists(fs::status(path, error)))
    throw cannot_write(path, "this is a symbolic link to '" + fs::read_symlink(path, error).string() +
                                 "', which is not there; remove the link, or make what it names");
  const fs::path target = behind_links(path);
  const fs::path parent = target.parent_path().empty() ? "." : target.parent_path();
  if (platform::belongs_to_another(target, parent))
    throw cannot_write(path, "it belongs to another user, and in '" + parent.string() +
                                 "' only owners replace files; choose another name");
}

/// Names of the temporary files of a target: ".NAME.PID.N.tmp" beside it. A long NAME is cut, with a number
/// made of all of it, to what the file system takes.
class TemporaryNames {
 public:
  explicit TemporaryNames(const std::filesystem::path& target)
      : folder_(target.parent_path().empty() ? "." : target.parent_path()) {
    constexpr std::size_t others = 1 + 1 + 20 + 1 + 20 + 4;  // dots, process, count, ending
    const std::size_t longest = platform::longest_name(folder_);
    std::string name = target.filename().string();
    if (name.size() + others > longest) {
      const std::string number = "~" + std::to_string(std::hash<std::string>()(name));
      std::size_t kept = longest > others + number.size() ? longest - others - number.size() : 0;
      while (kept > 0 && (static_cast<unsigned char>(name[kept]) & 0xC0U) == 0x80U) --kept;  // within UTF-8
      name = name.substr(0, kept) + number;
    }
    begin_ = "." + name + ".";
  }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  /// One that this process has not used.
  [[nodiscard]] std::filesystem::path next() const {
    static std::atomic<unsigned> count{0};
    return folder_ /
           (begin_ + std::to_string(platform::process_number()) + "." + std::to_string(count++) + ".tmp");
  }
  [[nodiscard]] bool own(std::string_view name) const {
    if (!name.starts_with(begin_) || !name.ends_with(".tmp") || name.size() < begin_.size() + 4) return false;
    name = name.substr(begin_.size(), name.size() - begin_.size() - 4);
    const std::size_t dot = name.find('.');
    const auto number = [](std::string_view text) {
      return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
    };
    return dot != std::string_view::npos && number(name.substr(0, dot)) && number(name.substr(dot + 1));
  }

 private:
  std::filesystem::path folder_;
  std::string begin_;
};

/// Removes the temporary files that dead writers of the target left. A writer holds a lock (flock) on its
/// file as long as it lives, in whatever container or machine: what can be locked has no writer. Where the
/// file system has no locks nothing is removed.
inline void remove_leftovers(const TemporaryNames& names) {
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(names.folder(), error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (names.own(entry->path().filename().string())) platform::remove_abandoned(entry->path());
  }
}

/// Makes the temporary file and locks it. A name that is taken, by whomever, is left for the next one.
inline Descriptor make_temporary(const TemporaryNames& names, const std::string& shown,
                                 std::filesystem::path& path) {
  constexpr int most = 10000;
  for (int tried = 0;; ++tried) {
    path = names.next();
    const int made = platform::make_file(path);
    if (made < 0 && errno == EEXIST && tried < most) continue;
    Descriptor file(made, shown);
    // Another process may have taken it for a leftover before the lock was ours. No locks here: no such
    // process.
    const bool taken = platform::lock(made) == platform::Lock::of_another;
    if (tried >= most || (!taken && platform::still_there(made, path))) return file;
    platform::remove(path);
  }
}

}  // namespace detail

/// While one lives, files that this process writes go nowhere: for the ranks of a program beside the first.
class NoFiles {
 public:
  NoFiles() { ++count(); }
  NoFiles(const NoFiles&) = delete;
  NoFiles& operator=(const NoFiles&) = delete;
  ~NoFiles() { --count(); }
  /// Does one live?
  static bool alive() { return count() > 0; }

 private:
  static std::atomic<int>& count() {
    static std::atomic<int> living{0};
    return living;
  }
};

/// A file under construction: a temporary one beside `path` that takes its place at commit(), and is removed
/// if commit() is never reached. A device or pipe (/dev/stdout) is written directly. The temporary file is
/// locked (flock) while it is written; those that killed writers of the same path left are removed. Throws
/// write_error, for a folder or a symbolic link to nothing, too.
class AtomicFile {
 public:
  /// Makes the temporary file, with the permissions of the file that it is to replace.
  explicit AtomicFile(const std::string& path)
      : file_(opened(NoFiles::alive() ? detail::platform::nowhere : path)) {
    if (direct()) return;
    if (const auto mode = detail::platform::mode_of(target_)) file_.set_mode(*mode);
  }
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile() {
    if (committed_ || direct()) return;
    if (!detail::platform::removes_open_files) file_.give_up();
    detail::platform::remove(temporary_);
  }

  /// Appends bytes. Throws write_error, for a full disk too.
  void write(std::string_view bytes) { file_.write(bytes); }
  /// The same.
  void write(std::span<const std::byte> bytes) {
    file_.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  /// Syncs the bytes, renames the file to its name and syncs the folder.
  void commit() {
    if (!direct()) file_.sync();
    const Held lock{direct() ? -1 : file_.again()};  // until it has its name: nobody takes it for a leftover
    file_.close();
    if (!direct()) {
      file_.check(detail::platform::rename(temporary_, target_));
      committed_ = true;
      detail::platform::sync_folder(target_.parent_path());
    }
    committed_ = true;
  }

 private:
  struct Held {
    int file;
    ~Held() {
      if (file >= 0) detail::platform::close(file);
    }
  };
  [[nodiscard]] bool direct() const { return temporary_ == target_; }
  detail::Descriptor opened(const std::string& path) {
    if (detail::is_device(path)) {
      target_ = temporary_ = path;
      return {detail::platform::open_device(path), path};
    }
    detail::check_target(path);
    target_ = detail::behind_links(path);
    const detail::TemporaryNames names(target_);
    detail::remove_leftovers(names);
    return detail::make_temporary(names, path, temporary_);
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
/// The same with the whole content. Throws write_error.
inline void write_file_atomically(const std::string& path, std::string_view bytes) {
  write_file_atomically(path, [&](AtomicFile& file) { file.write(bytes); });
}

/// Throws write_error where a file could not be written under this name now: no such folder, no permission, a
/// folder, another user's file in a folder like /tmp. Makes and removes a temporary file beside it. To be
/// asked before hours of work.
inline void check_output(const std::string& path) {
  if (!detail::is_device(path)) {
    const AtomicFile file(path);
    return;
  }
  if (!detail::platform::may_write(path))
    throw detail::cannot_write(path, std::string(std::strerror(errno)) + "; choose another name");
}

/// What all paths to one file have in common, through whatever folders and links; a file that is not there
/// yet has it too. Empty for no path, and for a device, which many may write.
inline std::string file_identity(const std::string& path) {
  if (path.empty() || detail::is_device(path)) return {};
  if (const std::string identity = detail::platform::identity(path); !identity.empty()) return identity;
  std::error_code error;
  return detail::behind_links(std::filesystem::absolute(path, error)).string();
}
/// Do two paths lead to one file?
inline bool same_file(const std::string& a, const std::string& b) {
  const std::string identity = file_identity(a);
  return !identity.empty() && identity == file_identity(b);
}

}  // namespace io
SEQLSTM_NAMESPACE_END
