#include <seqlstm/io/silent_process.hpp>

#include <sstream>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;

TEST_CASE("silent process: nothing is printed or written while one lives") {
  const support::TemporaryFolder folder;
  std::ostringstream out, err;
  auto *const out_before = std::cout.rdbuf(out.rdbuf()), *const err_before = std::cerr.rdbuf(err.rdbuf());
  {
    const io::SilentProcess silent;
    std::cout << "a word" << 12 << std::endl;
    std::cerr << 'e';
    std::cout.put('c');
    CHECK(std::cout.good());
    io::AtomicFile file(folder.path("file"));
    file.write("text");
    file.commit();
  }
  std::cout << "heard";
  std::cerr << "as well";
  std::cout.rdbuf(out_before);
  std::cerr.rdbuf(err_before);
  CHECK(out.str() == "heard");
  CHECK(err.str() == "as well");
  CHECK_FALSE(std::filesystem::exists(folder.path("file")));
}
