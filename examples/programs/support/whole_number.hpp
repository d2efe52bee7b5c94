// Checks of numbers on command lines.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <seqlstm/core/error.hpp>
#include <string>

namespace examples {

/// The most that options give of what multiplies.
inline constexpr std::uint64_t most_counted = std::uint64_t{1} << 31U, most_units = 65536,
                               most_letters = 65536, most_layers = 1000, most_networks = 1000;

/// Refuses a minus sign, which would otherwise wrap around to a huge number, and what is above `most`.
inline CLI::Validator whole_number(std::uint64_t most = most_counted) {
  return {[most](const std::string& text) {
            if (text.starts_with('-')) return text + " is below 0";
            const bool other = text.starts_with('+') || (text.size() > 1 && text[0] == '0' && text[1] > '9');
            if (other) return text + " is not written in decimal digits alone";
            const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
            const std::string least_digits = text.substr(std::min(text.find_first_not_of('0'), text.size())),
                              limit = std::to_string(most);
            const bool above = least_digits.size() > limit.size() ||
                               (least_digits.size() == limit.size() && least_digits > limit);
            return digits && above ? text + " is above " + limit + ", the most this option takes"
                                   : std::string();
          },
          "NUMBER", "whole number"};
}
/// A number that is only a name of random draws: any of 64 bits.
inline CLI::Validator seed_number() {
  return whole_number(UINT64_MAX);
}

/// Throws option_error for a count of 0.
inline void check_at_least_one(const char* option, std::size_t value) {
  if (value == 0) throw seqlstm::option_error(std::string(option) + " is 0, expected at least 1");
}

}  // namespace examples
