// Where tests find files: reference vectors, real data, and a folder of their own.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>

#include "support/catch.hpp"

#ifndef SEQLSTM_GOLDEN_DEFAULT
#define SEQLSTM_GOLDEN_DEFAULT "tests/golden"
#endif

namespace support {

/// A file of reference vectors, in the folder SEQLSTM_GOLDEN or the project's own. A missing file fails.
inline std::string golden_file(const std::string& name) {
  const char* folder = std::getenv("SEQLSTM_GOLDEN");
  const auto path = std::filesystem::path(folder != nullptr ? folder : SEQLSTM_GOLDEN_DEFAULT) / name;
  INFO("reference vectors: " << path.string());
  REQUIRE(std::filesystem::exists(path));
  return path.string();
}

/// A file of real data, in the folder SEQLSTM_DATA; where that is set, a missing file fails. Where it is not,
/// there is nothing to test: the line printed here lets ctest count the test as skipped.
inline std::optional<std::string> data_file(const std::string& name) {
  const char* folder = std::getenv("SEQLSTM_DATA");
  if (folder == nullptr || *folder == '\0') {
    std::cout << "SEQLSTM_DATA is not set\n";
    SUCCEED("SEQLSTM_DATA is not set");
    return std::nullopt;
  }
  const auto path = std::filesystem::path(folder) / name;
  INFO("data file: " << path.string());
  REQUIRE(std::filesystem::exists(path));
  return path.string();
}

inline std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A folder that lives as long as the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    static int count = 0;
    folder_ = std::filesystem::temp_directory_path() /
              ("seqlstm_test_" + std::to_string(::getpid()) + "_" + std::to_string(count++));
    std::filesystem::create_directories(folder_);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  /// The path of a file in it.
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  /// Writes a file and gives its path.
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }
  /// Number of files in it.
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

 private:
  std::filesystem::path folder_;
};

/// The message of the exception of type Exception that `action` throws; fails where it throws none.
template <class Exception, class Action> std::string message_of(Action action) {
  try {
    action();
  } catch (const Exception& error) {
    return error.what();
  }
  FAIL("no exception");
  return {};
}

}  // namespace support
