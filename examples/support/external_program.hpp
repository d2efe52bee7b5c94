// Programs that others wrote (mmseqs, cd-hit), run on files in a folder of their own.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <fcntl.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <seqlstm/core/error.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace examples {

/// Is there a program of that name to run?
inline bool on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');)
    if (access((folder + "/" + program).c_str(), X_OK) == 0) return true;
  return false;
}

/// Throws option_error that names the package, unless the program is there.
inline void require_program(const std::string& program, const std::string& package,
                            const std::string& instead) {
  if (!on_path(program))
    throw seqlstm::option_error(program + " is not installed (package " + package + "); install it, or " +
                                instead);
}

/// A new folder that is removed with everything in it.
class WorkFolder {
 public:
  WorkFolder() {
    std::error_code error;
    const auto parent = std::filesystem::temp_directory_path(error);
    if (error)
      throw seqlstm::io_error("there is no folder for temporary files: " + error.message() +
                              "; name one with TMPDIR");
    path_ = (parent / "seqlstm_XXXXXX").string();
    if (mkdtemp(path_.data()) == nullptr)
      throw seqlstm::io_error("cannot make a folder like " + path_ + ": " + std::strerror(errno));
  }
  ~WorkFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// Runs a program to its end, what it prints goes to the file `log`. Throws std::runtime_error with the last
/// line it printed where it fails.
inline void run_external(const std::vector<std::string>& command, const std::string& log) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("cannot start " + command[0] + ": " + std::strerror(errno));
  if (child == 0) {
    const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (file >= 0) {
      dup2(file, STDOUT_FILENO);
      dup2(file, STDERR_FILENO);
    }
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  std::string last, line;
  for (std::ifstream lines(log); std::getline(lines, line);)
    if (!line.empty()) last = line;
  throw std::runtime_error(command[0] + " failed: " + (last.empty() ? "it printed nothing" : last));
}

/// Letters below which cd-hit drops a sequence and mmseqs has no words to search with.
inline constexpr std::size_t shortest_searched = 11;

/// Writes the sequences that are long enough as FASTA, named by their row numbers, which come back in the
/// programs' results; returns how many.
inline std::size_t write_rows_as_fasta(const std::string& path, const std::vector<std::string>& sequences) {
  std::ofstream out(path);
  std::size_t written = 0;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    if (sequences[i].size() < shortest_searched) continue;
    out << '>' << i << '\n' << sequences[i] << '\n';
    ++written;
  }
  if (!out.flush()) throw seqlstm::io_error("cannot write " + path);
  return written;
}

}  // namespace examples
