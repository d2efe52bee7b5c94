#include <seqlstm/io/file_plan.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

TEST_CASE("file plan: outputs that can be written leave nothing behind") {
  const support::TemporaryFolder folder;
  io::FilePlan files;
  files.input("--data", folder.write("x.csv", "a"));
  files.inputs("--more", {folder.write("y.csv", "a"), ""});
  files.output("--save", folder.path("model"));
  files.output("--json", "");
  files.outputs("--out", folder.path("p"), {".tsv", ".svg"});
  files.outputs("--report", "", {".tsv"});
  files.numbered_outputs("--checkpoint", folder.path("run"));
  CHECK_NOTHROW(files.check());
  std::size_t there = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path(".")))
    there += entry.exists() ? 1 : 0;
  CHECK(there == 2);
}

TEST_CASE("file plan: an output that is an input, another output, or cannot be is named by its option") {
  const support::TemporaryFolder folder;
  const auto refused = [&](const std::function<void(io::FilePlan&)>& plan) {
    io::FilePlan files;
    files.input("--data", folder.write("x.csv", "a"));
    files.output("--save", folder.path("model"));
    plan(files);
    return message_of<option_error>([&] { files.check(); });
  };
  CHECK_THAT(refused([&](auto& files) { files.output("--json", folder.path("./x.csv")); }),
             ContainsSubstring("--json ") && ContainsSubstring("x.csv would replace ") &&
                 ContainsSubstring(", which --data reads; choose another name"));
  CHECK_THAT(refused([&](auto& files) { files.output("--json", folder.path("model")); }),
             ContainsSubstring("--save and --json name the same file, "));
  CHECK_THAT(refused([&](auto& files) { files.output("--json", folder.path("absent/x")); }),
             ContainsSubstring("--json: "));
  CHECK_THAT(refused([&](auto& files) {
               files.numbered_outputs("--checkpoint", folder.path("run"));
               files.output("--json", folder.path("run.2"));
             }),
             ContainsSubstring("run.2 is a name that --checkpoint may need for itself; choose another"));
}
