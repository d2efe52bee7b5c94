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
  io::write_file_atomically(path, "new");  // what is left does not stand in the way
  CHECK(read_bytes(path) == "new");
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
  CHECK_THROWS_AS(io::write_file_atomically(folder.path(""), "x"), io_error);  // a folder
}
