// parse_number against strtod in the C locale and a grammar spelt out; printable against its promise.
#include <cmath>
#include <cstring>
#include <optional>

#include "harness.hpp"

namespace {

/// [sign] digits [. digits] [e [sign] digits], with a digit in front of the exponent.
bool is_decimal(std::string_view text) {
  std::size_t i = 0, digits = 0;
  const auto skip_digits = [&] {
    const std::size_t first = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i - first;
  };
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
  digits = skip_digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    digits += skip_digits();
  }
  if (digits == 0) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (skip_digits() == 0) return false;
  }
  return i == text.size();
}

std::optional<double> expected(std::string_view text) {
  while (!text.empty() && std::strchr(" \t\v\f", text.front()) != nullptr && text.front() != '\0')
    text.remove_prefix(1);
  while (!text.empty() && std::strchr(" \t\v\f", text.back()) != nullptr && text.back() != '\0')
    text.remove_suffix(1);
  if (!is_decimal(text)) return std::nullopt;
  const double value = std::strtod(std::string(text).c_str(), nullptr);  // no program here sets a locale
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

void check_printable(std::string_view text) {
  const std::string line = seqlstm::printable(text);
  fuzz::require(line.size() >= text.size() && line.size() <= 4 * text.size(), "a letter becomes 1 to 4");
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    fuzz::require(byte >= 0x20 && byte != 0x7F, "no control character is shown");
    const bool c1 = byte == 0xC2 && i + 1 < line.size() && static_cast<unsigned char>(line[i + 1]) >= 0x80 &&
                    static_cast<unsigned char>(line[i + 1]) < 0xA0;
    fuzz::require(!c1, "no control character of two bytes is shown");
  }
  fuzz::require(seqlstm::printable(line) == line, "what is shown is printable");
  const seqlstm::Error error{std::string(text)};
  fuzz::require(std::string_view(error.what()).size() <= 2010, "a message is not long");
}

}  // namespace

FUZZ_TARGET(numbers) {
  const auto found = seqlstm::parse_number(bytes), wanted = expected(bytes);
  fuzz::require(found.has_value() == wanted.has_value(),
                fuzz::shown(bytes) + (wanted ? " is" : " is not") + " a number");
  if (found)
    fuzz::require(
        std::memcmp(&*found, &*wanted, sizeof(double)) == 0 || *found == *wanted,
        fuzz::shown(bytes) + " is " + std::to_string(*wanted) + ", read as " + std::to_string(*found));
  check_printable(bytes);
}
