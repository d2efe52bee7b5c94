// A check of command lines.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace examples {

/// Refuses a minus sign, which would otherwise wrap around to a huge number.
inline CLI::Validator whole_number() {
  return {
      [](const std::string& text) { return text.starts_with('-') ? text + " is below 0" : std::string(); },
      "NUMBER", "whole number"};
}

}  // namespace examples
