#include <seqlstm/io/file.hpp>

#include <sys/stat.h>
#include <sys/wait.h>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;
using support::read_bytes;

TEST_CASE("a file is written whole and leaves no temporary one") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("model");
  io::write_file_atomically(path, std::string("a\0b", 3));
  CHECK(read_bytes(path) == std::string("a\0b", 3));
  io::write_file_atomically(path, [](io::AtomicFile& file) {
    file.write("first ");
    file.write(std::as_bytes(std::span<const char>("second", 6)));
  });
  CHECK(read_bytes(path) == "first second");
  CHECK(folder.files() == 1);
}

TEST_CASE("a failure leaves the old file and no temporary one") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("model", "old");
  CHECK_THROWS_AS(io::write_file_atomically(path,
                                            [&](io::AtomicFile& file) {
                                              file.write("half of the new");
                                              CHECK(folder.files() == 2);
                                              throw std::runtime_error("stop");
                                            }),
                  std::runtime_error);
  CHECK(read_bytes(path) == "old");
  CHECK(folder.files() == 1);
}

TEST_CASE("a kill before the rename leaves the old file") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("model", "old");
  const pid_t child = ::fork();
  if (child == 0) {
    io::AtomicFile file(path);
    file.write("half of the new");
    ::_exit(1);  // no destructor runs, as in a kill
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(read_bytes(path) == "old");
  CHECK(folder.files() == 2);
  io::write_file_atomically(path, "new");  // what is left does not stand in the way, and goes
  CHECK(read_bytes(path) == "new");
  CHECK(folder.files() == 1);
}

TEST_CASE("the new file has the old one's permissions, and links stay links") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("model", "old"), link = folder.path("link");
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  std::filesystem::create_symlink("model", link);
  io::write_file_atomically(link, "new");
  CHECK(std::filesystem::is_symlink(link));
  CHECK(read_bytes(path) == "new");
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0640U);
}

TEST_CASE("a device is written, not replaced") {
  io::write_file_atomically("/dev/null", "nothing");
  CHECK(std::filesystem::is_character_file("/dev/null"));
}

TEST_CASE("a path that cannot be written is named") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("missing/model");
  CHECK(message_of<io_error>([&] { io::write_file_atomically(path, "x"); }) ==
        "cannot write '" + path +
            "': No such file or directory; check the folder, its permissions and the space left");
  CHECK(message_of<io::write_error>([&] { io::write_file_atomically(folder.path(""), "x"); }) ==
        "cannot write '" + folder.path("") + "': this is a folder; give the name of a file in it");
}

TEST_CASE("leftovers of this name go whatever process they name, others stay") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("model");
  const std::string own = std::to_string(::getpid());
  for (int count = 0; count < 300; ++count)  // of a process of the same number in another container
    folder.write(".model." + own + "." + std::to_string(count) + ".tmp", "left");
  folder.write(".model.1.0.tmp", "left");
  const std::vector<std::string> others = {".model.tmp",    ".model.1.tmp",    ".model.x.0.tmp",
                                           ".model.1.0.",   ".models.1.0.tmp", "model.1.0.tmp",
                                           ".model.1.2.bak"};
  for (const auto& name : others) folder.write(name, "another's");
  io::write_file_atomically(path, "new");
  CHECK(read_bytes(path) == "new");
  for (const auto& name : others) CHECK(std::filesystem::exists(folder.path(name)));
  CHECK(folder.files() == others.size() + 1);
}

TEST_CASE("a name that is taken is left for the next one") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("model");
  const std::string begin = ".model." + std::to_string(::getpid()) + ".";
  std::size_t made = 0;
  {
    const io::AtomicFile probe(path);
    const auto entry = std::filesystem::directory_iterator(folder.path(""))->path().filename().string();
    made = std::stoul(entry.substr(begin.size()));
  }
  for (std::size_t next = made + 1; next < made + 4; ++next)  // folders: no leftovers of ours
    std::filesystem::create_directory(folder.path(begin + std::to_string(next) + ".tmp"));
  io::write_file_atomically(path, "new");
  CHECK(read_bytes(path) == "new");
  CHECK(folder.files() == 4);
}

TEST_CASE("two living writers of one file leave each other alone") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("model");
  io::AtomicFile first(path);
  first.write("first");
  int ready[2], go[2];
  REQUIRE(::pipe(ready) == 0);
  REQUIRE(::pipe(go) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char byte = 0;
    io::AtomicFile other(path);
    other.write("other");
    const bool told = ::write(ready[1], &byte, 1) == 1 && ::read(go[0], &byte, 1) == 1;
    other.commit();
    ::_exit(told ? 0 : 1);
  }
  REQUIRE(child > 0);
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  {
    io::AtomicFile third(path);
    CHECK(folder.files() == 3);
  }
  REQUIRE(::write(go[1], &byte, 1) == 1);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(read_bytes(path) == "other");
  first.commit();
  CHECK(read_bytes(path) == "first");
  CHECK(folder.files() == 1);
  for (const int file : {ready[0], ready[1], go[0], go[1]}) ::close(file);
}

TEST_CASE("the longest names a file may have") {
  const support::TemporaryFolder folder;
  for (const std::size_t size : {200, 230, 250, 255}) {
    INFO(size);
    const std::string name(size, 'm'), twin = name.substr(1) + "n";
    io::write_file_atomically(folder.path(name), "new");
    CHECK(read_bytes(folder.path(name)) == "new");
    const io::AtomicFile open(folder.path(name)), other(folder.path(twin));  // cut names differ
  }
  std::string letters;
  while (letters.size() < 254) letters += "\xC3\xA9";
  io::write_file_atomically(folder.path(letters), "new");
  CHECK(folder.files() == 5);
  CHECK_THROWS_AS(io::write_file_atomically(folder.path(std::string(300, 'm')), "x"), io::write_error);
}

TEST_CASE("an output is checked before the work, and nothing is left of the check") {
  const support::TemporaryFolder folder;
  const auto message = [](const std::string& path) {
    return message_of<io::write_error>([&] { io::check_output(path); });
  };
  const auto path = folder.write("model", "old");
  io::check_output(path);
  io::check_output(folder.path("new"));
  io::check_output("/dev/null");
  io::check_output("/dev/full");  // is written to, if only in vain
  CHECK(read_bytes(path) == "old");
  CHECK(folder.files() == 1);
  CHECK_THAT(message(""), ContainsSubstring("the name is empty"));
  CHECK_THAT(message(folder.path("none/model")), ContainsSubstring("No such file or directory"));
  CHECK_THAT(message(path + "/model"), ContainsSubstring("Not a directory"));
  CHECK_THAT(message("/proc/model"), ContainsSubstring("cannot write '/proc/model': "));
  CHECK_THAT(message(folder.path(".")), ContainsSubstring("this is a folder; give the name of a file in it"));
  std::filesystem::create_symlink("nowhere", folder.path("link"));
  CHECK_THAT(message(folder.path("link")),
             ContainsSubstring("this is a symbolic link to 'nowhere', which is not there; remove the link"));
}

TEST_CASE("a file of another user in a folder like /tmp is no output", "[optional]") {
  if (::geteuid() != 0) {
    support::skip("needs root to make a file of another user");
    return;
  }
  const support::TemporaryFolder folder;
  const auto path = folder.write("model", "old");
  REQUIRE(::chmod(folder.path("").c_str(), 01777) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    int code = 1;
    if (::setegid(65534) == 0 && ::seteuid(65534) == 0) {
      try {
        io::check_output(path);
      } catch (const io::write_error& error) {
        const bool named = std::string(error.what()).find("belongs to another user") != std::string::npos;
        code = named ? 0 : 2;
      }
    }
    ::_exit(code);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("a full disk is a failure that names the file") {
  CHECK_THAT(message_of<io::write_error>([&] { io::write_file_atomically("/dev/full", "x"); }),
             ContainsSubstring("cannot write '/dev/full': No space left on device"));
}

TEST_CASE("one file by several paths is one file, there or not, and a device is none") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("model", "old");
  std::filesystem::create_directory(folder.path("sub"));
  std::filesystem::create_symlink("model", folder.path("link"));
  std::filesystem::create_hard_link(path, folder.path("hard"));
  CHECK(io::same_file(path, folder.path("sub/../model")));
  CHECK(io::same_file(path, folder.path("link")));
  CHECK(io::same_file(path, folder.path("hard")));
  CHECK(io::same_file(folder.path("new"), folder.path("./sub/../new")));
  CHECK_FALSE(io::same_file(path, folder.path("new")));
  CHECK_FALSE(io::same_file("/dev/null", "/dev/null"));
  CHECK_FALSE(io::same_file("", ""));
}

TEST_CASE("while a NoFiles lives, nothing is written, and files stay as they are") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("model", "old"), other = folder.path("new"),
             absent = folder.path("no/such/file");
  {
    const io::NoFiles none, twice;
    CHECK(io::NoFiles::alive());
    io::write_file_atomically(path, "new");
    io::write_file_atomically(absent, "new");
    const io::AtomicFile abandoned(other);
  }
  CHECK_FALSE(io::NoFiles::alive());
  CHECK(support::read_bytes(path) == "old");
  CHECK_FALSE(std::filesystem::exists(other));
  io::write_file_atomically(path, "new");
  CHECK(support::read_bytes(path) == "new");
}
