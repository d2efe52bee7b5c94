// What all fuzz targets share. A target is one function of bytes, written once:
//
//   FUZZ_TARGET(fasta) { read(memory_file(bytes)); ... require(a == b, "what was found"); }
//
// With libFuzzer every file is a program of its own; without it all files are one program that runs the seeds
// (driver.cpp). The only exception a target may let out is seqlstm::Error, with a message on one line.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <seqlstm/core/error.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

using Target = void (*)(std::string_view);
inline std::map<std::string, Target>& targets() {
  static std::map<std::string, Target> all;
  return all;
}

/// Ends the program where something that must hold does not.
inline void require(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what.c_str());
  std::abort();
}

/// A file in memory with these bytes. There is one for every place it is asked for, made anew each time.
class MemoryFile {
 public:
  MemoryFile() : file_(::memfd_create("seqlstm", MFD_CLOEXEC)) { require(file_ >= 0, "memfd_create works"); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(file_); }
  std::string hold(std::string_view bytes) {
    require(::ftruncate(file_, 0) == 0, "ftruncate works");
    for (std::size_t done = 0; done < bytes.size();) {
      const auto count = ::pwrite(file_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
      require(count > 0, "pwrite works");
      done += static_cast<std::size_t>(count);
    }
    return "/proc/self/fd/" + std::to_string(file_);
  }

 private:
  int file_;
};
/// The path of a file in memory, which holds until the next call with the same number.
template <int Number = 0> std::string memory_file(std::string_view bytes) {
  static MemoryFile file;
  return file.hold(bytes);
}

/// A path to write to, in a folder that is removed at the end; tests/fuzz/run.py removes those of crashes.
inline std::string scratch_file(const std::string& name) {
  struct Folder {
    std::string path = (std::filesystem::temp_directory_path() / "seqlstm_fuzz_XXXXXX").string();
    Folder() { require(::mkdtemp(path.data()) != nullptr, "mkdtemp works"); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
  };
  static const Folder folder;
  return folder.path + "/" + name;
}

inline std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Takes a byte off the front; 0 where there is none.
inline unsigned char take_byte(std::string_view& bytes) {
  if (bytes.empty()) return 0;
  const auto byte = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  return byte;
}

/// Lines of our own little formats, without their ends.
inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return lines;
}

inline std::string shown(std::string_view text) {
  return "'" + seqlstm::printable(text.substr(0, 300)) + "'";
}

/// Runs action(); true where it ended, false where it refused its input in one sentence.
template <class Action> bool accepts(Action&& action) {
  try {
    action();
  } catch (const seqlstm::Error& error) {
    const std::string_view message = error.what();
    require(!message.empty() && message.size() < 3000, "a message has some letters, and not thousands");
    for (const char c : message)
      require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F, "a message is one line: " + shown(message));
    return false;
  }
  return true;
}

/// The same with its parameters caught: whatever comes out is a find.
inline int run(Target target, const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    accepts([&] { target(bytes); });
  } catch (const std::exception& error) {
    require(false, std::string("an exception that is no seqlstm::Error: ") + error.what());
  }
  return 0;
}

}  // namespace fuzz

#if defined(SEQLSTM_LIBFUZZER)
#define FUZZ_TARGET(name)                                                              \
  static void name##_target(std::string_view bytes);                                   \
  extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) { \
    return fuzz::run(name##_target, data, size);                                       \
  }                                                                                    \
  static void name##_target([[maybe_unused]] std::string_view bytes)
#else
#define FUZZ_TARGET(name)                                                                   \
  static void name##_target(std::string_view bytes);                                        \
  static const bool name##_is_known = fuzz::targets().emplace(#name, name##_target).second; \
  static void name##_target([[maybe_unused]] std::string_view bytes)
#endif
