// Checks of numbers on command lines.
#pragma once

#include <CLI/CLI.hpp>
#include <seqlstm/core/error.hpp>
#include <string>

namespace examples {

/// Refuses a minus sign, which would otherwise wrap around to a huge number.
inline CLI::Validator whole_number() {
  return {
      [](const std::string& text) { return text.starts_with('-') ? text + " is below 0" : std::string(); },
      "NUMBER", "whole number"};
}

/// Throws option_error for a count of 0.
inline void check_at_least_one(const char* option, std::size_t value) {
  if (value == 0) throw seqlstm::option_error(std::string(option) + " is 0, expected at least 1");
}

}  // namespace examples
