#include <seqlstm/io/signal_watch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.hpp"

using namespace seqlstm;
using io::Interrupted;
using io::SignalWatch;

TEST_CASE("signal watch: a signal is noted while it is watched for, and says so") {
  {
    const SignalWatch watch;
    CHECK(watch.caught() == 0);
    CHECK_NOTHROW(SignalWatch::check("nothing is saved"));
    std::raise(SIGTERM);
    CHECK(watch.caught() == SIGTERM);
    CHECK_THROWS_WITH(SignalWatch::check("nothing is saved"), "stopped by SIGTERM; nothing is saved");
    try {
      SignalWatch::check("");
    } catch (const Interrupted& end) {
      CHECK(end.exit_code() == 143);
    }
  }
  const SignalWatch again;
  CHECK(again.caught() == 0);
}

TEST_CASE("signal watch: a signal that was ignored stays so") {
  std::signal(SIGHUP, SIG_IGN);
  {
    const SignalWatch watch;
    std::raise(SIGHUP);
    CHECK(watch.caught() == 0);
  }
  CHECK(std::signal(SIGHUP, SIG_DFL) == SIG_IGN);
}

TEST_CASE(
    "signal watch: the second signal ends the program at once, and so does one that nobody watches for") {
  for (const bool watched : {true, false}) {
    const pid_t child = fork();
    if (child == 0) {
      {
        const SignalWatch watch;
        if (watched) std::raise(SIGINT);
        if (watched) std::raise(SIGINT);
      }
      std::signal(SIGINT, SIG_DFL);  // what a shell may have set
      if (!watched) std::raise(SIGINT);
      _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGINT);
  }
}
