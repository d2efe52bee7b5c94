// Programs that others wrote (mmseqs, cd-hit), run on files in a folder of their own; neither is left where
// this program is asked to end. Not on Windows.
#pragma once

#if !defined(_WIN32)

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <fcntl.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/text.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// What ended because a signal asked for it, in one sentence.
struct Interrupted : std::runtime_error {
  /// `number` is the signal's, such as SIGINT; `sentence` is what() says.
  Interrupted(int number, const std::string& sentence) : std::runtime_error(sentence), signal(number) {}
  /// The one that shells give programs that the signal ended.
  [[nodiscard]] int exit_code() const { return 128 + signal; }
  int signal;  ///< its number: SIGINT, SIGTERM, SIGHUP, or SIGPIPE for an output that takes nothing more
};

/// Where PATH has a program of that name.
inline std::optional<std::string> find_program(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::error_code error;
    const auto file = std::filesystem::absolute(std::filesystem::path(folder) / program, error);
    if (!error && std::filesystem::is_regular_file(file, error) && access(file.c_str(), X_OK) == 0)
      return file.string();
  }
  return std::nullopt;
}

/// Is there a program of that name to run?
inline bool on_path(const std::string& program) {
  return find_program(program).has_value();
}

/// Throws option_error that names the package, unless the program is there.
inline void require_program(const std::string& program, const std::string& package,
                            const std::string& instead) {
  if (!on_path(program))
    throw option_error(program + " is not installed (package " + package + "); install it, or " + instead);
}

namespace detail {

inline std::string signal_name(int signal) {
  return signal == SIGINT ? "SIGINT" : signal == SIGTERM ? "SIGTERM" : "SIGHUP";
}

// What a signal handler may touch.
inline volatile std::sig_atomic_t ending_signal = 0;
inline std::atomic<pid_t> running_group = 0;
static_assert(std::atomic<pid_t>::is_always_lock_free);

inline void end_running_group(int signal) {
  const int before = errno;
  ending_signal = signal;
  if (const pid_t group = running_group; group > 0) kill(-group, SIGTERM);
  errno = before;
}

inline void sleep_milliseconds(long milliseconds) {
  const timespec pause{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
  nanosleep(&pause, nullptr);
}

/// While it lives, signals that ask the program to end are noted, and end the outside program that runs. One
/// that nobody was told of is raised again at the end, for whoever listened before.
class SignalGuard {
 public:
  SignalGuard() {
    for (std::size_t i = 0; i < ending_signals.size(); ++i) {
      struct sigaction action {};
      action.sa_handler = end_running_group;
      sigemptyset(&action.sa_mask);
      sigaction(ending_signals[i], nullptr, &before_[i]);
      if (before_[i].sa_handler != SIG_IGN) sigaction(ending_signals[i], &action, nullptr);  // nohup stays
    }
  }
  ~SignalGuard() {
    for (std::size_t i = 0; i < ending_signals.size(); ++i)
      sigaction(ending_signals[i], &before_[i], nullptr);
    const int signal = ending_signal;
    ending_signal = 0;
    if (signal != 0) raise(signal);
  }
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;

  /// Throws Interrupted where a signal was caught.
  static void check() {
    const int signal = ending_signal;
    ending_signal = 0;
    if (signal != 0)
      throw Interrupted(signal,
                        "stopped by " + signal_name(signal) + " while another program ran; it was ended too");
  }

 private:
  static constexpr std::array<int, 3> ending_signals = {SIGINT, SIGTERM, SIGHUP};
  std::array<struct sigaction, 3> before_;
};

}  // namespace detail

/// A new folder that is removed with everything in it, also where a signal asks the program to end meanwhile.
/// While it lives, SIGINT, SIGTERM and SIGHUP end the outside program that runs; one that came while none ran
/// is raised again at the end, for whoever listened before. One at a time in a process. Throws io_error.
class WorkFolder {
 public:
  WorkFolder() {
    std::error_code error;
    const auto parent = std::filesystem::temp_directory_path(error);
    if (error)
      throw io_error("there is no folder for temporary files: " + error.message() + "; name one with TMPDIR");
    path_ = (std::filesystem::absolute(parent) / "seqlstm_XXXXXX").string();
    if (mkdtemp(path_.data()) == nullptr)
      throw io_error("cannot make a folder like " + path_ + ": " + std::strerror(errno) +
                     "; name another for temporary files with TMPDIR");
  }
  ~WorkFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  /// The path of a file of that name in the folder, whether it is there or not.
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  /// The folder's path, absolute.
  [[nodiscard]] const std::string& path() const { return path_; }

  /// May programs be run that are written here? Not on a file system mounted noexec.
  [[nodiscard]] bool runs_programs() const {
    const std::string file = *this / "may_run";
    if (const int made = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0700); made >= 0) close(made);
    return access(file.c_str(), X_OK) == 0;
  }

 private:
  detail::SignalGuard guard_;  // first, so that it goes last
  std::string path_;
};

namespace detail {

/// The last lines of a file, on one line.
inline std::string last_lines(const std::string& path) {
  constexpr std::size_t most = 4, longest = 300;
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (line.find_first_not_of(" \t\r") != std::string::npos) lines.push_back(line.substr(0, longest));
  std::string text;
  for (std::size_t i = lines.size() - std::min(most, lines.size()); i < lines.size(); ++i)
    text += (text.empty() ? "" : text.ends_with(':') ? " " : "; ") + lines[i];
  return text;
}

/// Starts the program in the folder, in a process group of its own, with nothing to read.
inline pid_t start(const std::string& program, const std::vector<std::string>& command,
                   const WorkFolder& folder) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("cannot start " + command[0] + ": " + std::strerror(errno));
  if (child > 0) {
    setpgid(child, child);  // as the child does: whoever comes first
    return child;
  }
  setpgid(0, 0);
  const auto redirect = [](const char* file, int flags, int stream) {
    const int opened = open(file, flags, 0600);
    return opened >= 0 && dup2(opened, stream) >= 0;
  };
  constexpr int written = O_WRONLY | O_CREAT | O_TRUNC;
  if (chdir(folder.path().c_str()) == 0 && redirect("/dev/null", O_RDONLY, STDIN_FILENO) &&
      redirect("stdout", written, STDOUT_FILENO) && redirect("stderr", written, STDERR_FILENO)) {
    std::signal(SIGPIPE, SIG_DFL);  // a program may ignore it
    execv(program.c_str(), arguments.data());
  }
  _exit(127);
}

/// Waits for the end of a child and of what it started; its status as waitpid has it.
inline int wait_for_group(pid_t child) {
  constexpr long patience = 3000;  // milliseconds from SIGTERM to SIGKILL
  long since_signal = 0, pause = 1;
  siginfo_t ended{};
  while (waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         ended.si_pid == 0) {
    sleep_milliseconds(pause);
    if (ending_signal != 0 && (since_signal += pause) > patience) kill(-child, SIGKILL);
    pause = std::min(pause + 1, 10L);
  }
  kill(-child, SIGKILL);  // what it left running; the child holds the group's number until it is waited for
  running_group = 0;
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  for (int i = 0; i < 100 && kill(-child, 0) == 0; ++i) sleep_milliseconds(10);
  return status;
}

}  // namespace detail

/// Runs a program to its end in the folder, so that names of files in it need no path. Throws
/// std::runtime_error with what it said where it fails, and Interrupted, after it is ended, where a signal
/// asks this program to end.
inline void run_external(const std::vector<std::string>& command, const WorkFolder& folder) {
  const auto program = find_program(command[0]);
  if (!program) throw std::runtime_error("cannot start " + command[0] + ": it is not on PATH");
  detail::SignalGuard::check();
  const pid_t child = detail::start(*program, command, folder);
  detail::running_group = child;
  if (detail::ending_signal != 0) kill(-child, SIGTERM);  // it came before the line above
  const int status = detail::wait_for_group(child);
  detail::SignalGuard::check();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  const std::string how =
      WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status)) + ", " + strsignal(WTERMSIG(status))
                          : "exit status " + std::to_string(WEXITSTATUS(status));
  const std::string parent = std::filesystem::path(folder.path()).parent_path().string();
  if (!folder.runs_programs())
    throw std::runtime_error(printable(command[0] + " failed (" + how +
                                       "): it runs programs in its temporary folder, which " + parent +
                                       " does not allow (noexec); name another folder with TMPDIR"));
  constexpr std::uintmax_t full = 1U << 16U;  // bytes; its last words may have found no space either
  std::error_code error;
  if (const auto space = std::filesystem::space(folder.path(), error); !error && space.available < full)
    throw std::runtime_error(printable(command[0] + " failed (" + how +
                                       "): no space is left in its temporary folder in " + parent +
                                       "; free some, or name another folder with TMPDIR"));
  std::string said = detail::last_lines(folder / "stderr");
  if (said.empty()) said = detail::last_lines(folder / "stdout");
  throw std::runtime_error(
      printable(command[0] + " failed (" + how + "): " + (said.empty() ? "it printed nothing" : said)));
}

namespace detail {

/// Letters alone: what an outside program is given. Anything else (a stop, a gap) becomes `any`.
inline std::string letters_alone(std::string sequence, char any) {
  for (char& letter : sequence)
    if (!((letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z'))) letter = any;
  return sequence;
}

/// Writes sequences as FASTA, named by their row numbers, which come back in the programs' results
/// (row_number); those with `skip` are left out. Returns how many were written.
inline std::size_t write_rows_as_fasta(const std::string& path, const std::vector<std::string>& sequences,
                                       const std::vector<char>& skip, char any) {
  std::ofstream out(path);
  std::size_t written = 0;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    if (skip[i] != 0) continue;
    out << '>' << i << '\n' << letters_alone(sequences[i], any) << '\n';
    ++written;
  }
  if (!out.flush())
    throw std::runtime_error("cannot write " + path + ": " + std::strerror(errno) +
                             "; free some space, or name another folder with TMPDIR");
  return written;
}

/// The row that an outside program names. Throws std::runtime_error for anything that is no number of a row.
inline std::size_t row_number(std::string_view text, std::size_t rows, const std::string& program) {
  std::size_t row = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), row);
  if (code != std::errc{} || end != text.data() + text.size() || row >= rows)
    throw std::runtime_error(program + " wrote '" + printable(text.substr(0, 80)) +
                             "', expected the number of a sequence, 0 to " + std::to_string(rows - 1));
  return row;
}

}  // namespace detail

}  // namespace io
SEQLSTM_NAMESPACE_END

#endif
