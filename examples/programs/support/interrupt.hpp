// Signals while a program works.
#pragma once

#include <seqlstm/io/file_plan.hpp>
#include <seqlstm/io/signal_watch.hpp>

namespace examples {

using seqlstm::io::Interrupted;
using seqlstm::io::SignalWatch;

/// Checks the files that a command line names, before any work; a signal meanwhile ends the program.
inline void check_files(const seqlstm::io::FilePlan& files) {
  const SignalWatch watch;  // until the temporary files are gone
  files.check();
  SignalWatch::check("nothing has begun");
}

}  // namespace examples
