// A signal that asked the program to end, as an exception: what is to be removed is removed on the way out.
#pragma once

#include <cstring>
#include <stdexcept>
#include <string>

namespace examples {

/// Thrown after an outside program was ended for a signal (SIGINT, SIGTERM, SIGHUP) that came meanwhile.
struct interrupted : std::runtime_error {
  explicit interrupted(int signal_number)
      : std::runtime_error(std::string("ended by a signal: ") + strsignal(signal_number)),
        signal(signal_number) {}
  int signal;
  /// As shells count it: 130 for SIGINT, 143 for SIGTERM.
  [[nodiscard]] int exit_code() const { return 128 + signal; }
};

}  // namespace examples
