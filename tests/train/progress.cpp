#include <seqlstm/train/progress.hpp>

#include <iostream>
#include <sstream>
#include <thread>

#if defined(__linux__)
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#endif

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("progress: durations read well at any size") {
  CHECK(duration_text(0.04) == "0.0 s");
  CHECK(duration_text(59.94) == "59.9 s");
  CHECK(duration_text(185) == "3:05 min");
  CHECK(duration_text(7830) == "2:10 h");
}

TEST_CASE("progress: a terminal's line shows share, rate and time left, and is removed at the end") {
  std::ostringstream out;
  Progress progress(&out, true, "sequences");
  progress.begin("epoch 1/3", 200);
  progress.advance(20);
  CHECK(out.str().empty());  // not more often than five times a second
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  progress.advance(80);
  CHECK_THAT(out.str(), ContainsSubstring("\repoch 1/3 50 %, "));
  CHECK_THAT(out.str(), ContainsSubstring(" sequences/s, "));
  CHECK_THAT(out.str(), ContainsSubstring(" left"));
  CHECK_THAT(out.str(), !ContainsSubstring("of the whole"));
  progress.end();
  CHECK(out.str().ends_with("\r\033[K"));
  CHECK(progress.done() == 100);
  CHECK(progress.seconds() > 0.2);
}

TEST_CASE("progress: the time of what follows is told too") {
  std::ostringstream out;
  Progress progress(&out, true);
  progress.begin("epoch 1/3", 100, 10000000);
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  progress.advance(100);
  // 0.25 s or more for 100, hence at least 25,000 s for 10,000,000
  CHECK_THAT(out.str(), ContainsSubstring(" 0.0 s left (") && ContainsSubstring(" h of the whole)"));
}

TEST_CASE("progress: without a stream it only counts, and short work prints nothing") {
  Progress silent(nullptr, true);
  silent.begin("a", 1);
  silent.advance(1);
  silent.end();
  CHECK(silent.done() == 1);
  std::ostringstream out;
  Progress brief(&out, false);
  brief.begin("a", 1);
  brief.advance(1);
  brief.end();
  CHECK(out.str().empty());
}

TEST_CASE("progress: before anything is done no time is told") {
  std::ostringstream out;
  Progress progress(&out, true, "bases");
  progress.begin("scan", 200);
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  progress.advance(0);
  CHECK(out.str().empty());
  progress.advance(1);
  CHECK_THAT(out.str(), ContainsSubstring("scan 0 %, "));
}

#if defined(__linux__)
TEST_CASE("progress: told by default on a terminal, and nowhere else") {
  const int kept = dup(STDERR_FILENO), terminal = posix_openpt(O_RDWR | O_NOCTTY),
            nothing = open("/dev/null", O_WRONLY);
  REQUIRE(kept >= 0);
  REQUIRE(nothing >= 0);
  dup2(nothing, STDERR_FILENO);
  std::ostream* const to_nothing = default_progress();
  std::ostream* to_terminal = nullptr;
  if (terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0) {
    const int end = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    dup2(end, STDERR_FILENO);
    to_terminal = default_progress();
    close(end);
  }
  dup2(kept, STDERR_FILENO);
  for (const int file : {kept, nothing, terminal})
    if (file >= 0) close(file);
  CHECK(to_nothing == nullptr);
  if (terminal >= 0) CHECK(to_terminal == &std::cerr);
}
#endif
