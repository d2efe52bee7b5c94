// Ctrl-C, SIGTERM, SIGHUP and a closed output: noted while a program has something to save or to remove, so
// that it ends in order; a second signal ends it at once. Not on Windows.
//
//     const io::SignalWatch watch;
//     fit(model, train, valid, {.stop = [] { return io::SignalWatch::caught() != 0; }});
//     io::save("best.model", model, {});
//     io::SignalWatch::check("the best epoch is saved");
#pragma once

#if !defined(_WIN32)

#include <array>
#include <atomic>
#include <csignal>
#include <iostream>
#include <seqlstm/io/external_program.hpp>
#include <string>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

namespace detail {

inline std::atomic<int> caught_signal{0};
static_assert(std::atomic<int>::is_always_lock_free);  // what a signal handler may touch

inline void note_signal(int signal) {
  if (caught_signal.exchange(signal) == 0) return;
  std::signal(signal, SIG_DFL);  // the second one
  std::raise(signal);
}

}  // namespace detail

/// While it lives, signals are noted and do nothing else. A signal that was ignored before (nohup) stays so.
/// One at a time in a process.
class SignalWatch {
 public:
  /// Forgets what was noted before.
  SignalWatch() {
    detail::caught_signal = 0;
    struct sigaction noted {};
    noted.sa_handler = detail::note_signal;
    noted.sa_flags = SA_RESTART;
    sigemptyset(&noted.sa_mask);
    for (auto& [signal, before] : before_) {
      sigaction(signal, nullptr, &before);
      if (before.sa_handler != SIG_IGN) sigaction(signal, &noted, nullptr);
    }
  }
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
  ~SignalWatch() {
    for (const auto& [signal, before] : before_) sigaction(signal, &before, nullptr);
  }

  /// The signal that asked for an end; SIGPIPE where standard output takes nothing any more; 0: none.
  [[nodiscard]] static int caught() {
    const int signal = detail::caught_signal;
    return signal == 0 && !std::cout ? SIGPIPE : signal;
  }
  /// "by SIGINT", "because nothing can be written to the output".
  [[nodiscard]] static std::string reason(int signal) {
    if (signal == SIGPIPE) return "because nothing can be written to the output";
    return signal == SIGINT ? "by SIGINT" : signal == SIGTERM ? "by SIGTERM" : "by SIGHUP";
  }
  /// Throws Interrupted where there was one; `what` says what that means, "nothing is written".
  static void check(const std::string& what) {
    if (const int signal = caught(); signal != 0)
      throw Interrupted(signal, "stopped " + reason(signal) + "; " + what);
  }

 private:
  std::array<std::pair<int, struct sigaction>, 3> before_{{{SIGINT, {}}, {SIGTERM, {}}, {SIGHUP, {}}}};
};

}  // namespace io

SEQLSTM_NAMESPACE_END

#endif
