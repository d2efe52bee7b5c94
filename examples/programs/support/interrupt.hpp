// Signals while a program works.
#pragma once

#include <csignal>
#include <seqlstm/io/file_plan.hpp>
#include <seqlstm/io/signal_watch.hpp>

#include "support/ranks.hpp"

namespace examples {

using seqlstm::io::Interrupted;
using seqlstm::io::SignalWatch;

/// Did a signal ask for an end? On ranks that of any one is that of all. For `stop` of a training.
inline bool interrupted() {
  const int own = SignalWatch::caught();
  if (!ranks()) return own != 0;
  const int any = static_cast<int>(ranks()->greatest(own));
  if (own == 0 && any != 0) std::raise(any == SIGPIPE ? SIGTERM : any);  // noted as if it were sent here
  return any != 0;
}

/// Checks the files that a command line names, before any work; a signal meanwhile ends the program.
inline void check_files(const seqlstm::io::FilePlan& files) {
  const SignalWatch watch;  // until the temporary files are gone
  files.check();
  SignalWatch::check("nothing has begun");
}

}  // namespace examples
