#include <seqlstm/io/external_program.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using namespace seqlstm::io;
using support::message_of;

namespace {

void shell(const std::string& script, const WorkFolder& folder) {
  run_external({"sh", "-c", script}, folder);
}
std::string failure(const std::string& script) {
  const WorkFolder folder;
  return message_of<std::runtime_error>([&] { shell(script, folder); });
}
/// Sets a variable of the environment while it lives.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    setenv(name, value.c_str(), 1);
  }
  ~Environment() { before_ ? setenv(name_, before_->c_str(), 1) : unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};
std::vector<std::string> read_lines(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("external program: an outside program runs in its folder, which goes with everything in it") {
  const support::TemporaryFolder parent;
  const std::string blanks = parent.path("with 'blanks' $HOME");
  std::filesystem::create_directory(blanks);
  const Environment temporary("TMPDIR", blanks);
  std::string path;
  {
    const WorkFolder folder;
    path = folder.path();
    CHECK(path.starts_with(blanks));
    shell("cat > read; mkdir deep; echo done > deep/file; pwd", folder);
    CHECK(read_lines(folder / "deep/file") == std::vector<std::string>{"done"});
    CHECK(read_lines(folder / "stdout").size() == 1);
    CHECK(std::filesystem::file_size(folder / "read") == 0);  // nothing to read from us
    CHECK(folder.runs_programs());
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("external program: a program that fails is quoted with its error, and how it ended") {
  CHECK(failure("echo Error: x died; echo the cause >&2; exit 3") == "sh failed (exit status 3): the cause");
  CHECK(failure("printf '\\nFatal Error:\\ntoo low\\nhalted\\n' >&2; echo ---; exit 1") ==
        "sh failed (exit status 1): Fatal Error: too low; halted");
  CHECK(failure("echo only here; exit 1") == "sh failed (exit status 1): only here");
  CHECK(failure("exit 1") == "sh failed (exit status 1): it printed nothing");
  CHECK(failure("printf '\\033[31mred' >&2; exit 1") == "sh failed (exit status 1): \\x1B[31mred");
  CHECK(failure("kill -SEGV $$").starts_with("sh failed (signal 11, "));
  const WorkFolder folder;
  CHECK(message_of<std::runtime_error>([&] { run_external({"no such program"}, folder); }) ==
        "cannot start no such program: it is not on PATH");
}

TEST_CASE("external program: a folder that runs no programs is named") {
  const WorkFolder folder;
  std::filesystem::remove_all(folder.path());  // as good as noexec
  CHECK_FALSE(folder.runs_programs());
}

TEST_CASE("external program: a signal ends the outside program, its children and the folder") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const support::TemporaryFolder parent;
    const Environment temporary("TMPDIR", parent.path(""));
    const std::string children = parent.path("children");
    const pid_t program = fork();
    if (program == 0) {
      try {
        const WorkFolder folder;
        shell("sleep 300 & echo $$ > '" + children + "'; echo $! >> '" + children + "'; wait", folder);
      } catch (const Interrupted& error) {
        _exit(error.exit_code());
      } catch (...) {
        _exit(1);
      }
      _exit(0);
    }
    while (read_lines(children).size() < 2) usleep(10000);
    kill(program, signal);
    int status = 0;
    waitpid(program, &status, 0);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 128 + signal);
    for (const auto& child : read_lines(children)) {
      std::vector<std::string> state;  // gone, or a zombie whom nobody waits for
      for (const auto& line : read_lines("/proc/" + child + "/status"))
        if (line.starts_with("State:")) state.push_back(line);
      CHECK((state.empty() || state[0].find('Z') != std::string::npos));
    }
    CHECK(parent.files() == 1);  // the list of children alone
  }
}

TEST_CASE("external program: a signal between programs ends us when the folder is gone") {
  const support::TemporaryFolder parent;
  const Environment temporary("TMPDIR", parent.path(""));
  const pid_t program = fork();
  if (program == 0) {
    signal(SIGTERM, SIG_DFL);
    {
      const WorkFolder folder;
      raise(SIGTERM);
    }
    _exit(0);
  }
  int status = 0;
  waitpid(program, &status, 0);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGTERM);
  CHECK(parent.files() == 0);
}

TEST_CASE("external program: rows go out with letters alone, and come back as numbers that are checked") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("rows.fa");
  CHECK(io::detail::write_rows_as_fasta(path, {"MK*V", "skipped", "A\n>7\nC-"}, {0, 1, 0}, 'X') == 2);
  CHECK(read_lines(path) == std::vector<std::string>{">0", "MKXV", ">2", "AXXXXCX"});
  CHECK(io::detail::row_number("2", 3, "tool") == 2);
  for (const char* wrong : {"", "3", "-1", "+1", " 1", "1 ", "1x", "sp|P1|X", "99999999999999999999999"}) {
    INFO(wrong);
    CHECK(message_of<std::runtime_error>([&] { io::detail::row_number(wrong, 3, "tool"); }) ==
          std::string("tool wrote '") + wrong + "', expected the number of a sequence, 0 to 2");
  }
}
