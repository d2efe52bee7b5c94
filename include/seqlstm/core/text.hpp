// Numbers and words in text: one reader of numbers for every file and option, one way to show what a file
// says. Neither asks the locale.
#pragma once

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <seqlstm/core/abi.hpp>
#include <string>
#include <string_view>
#include <system_error>
// libc++ before 20 has no std::from_chars and std::to_chars of floating-point numbers: streams stand in. A
// test asks for them.
#if !defined(__cpp_lib_to_chars) && !defined(SEQLSTM_NUMBERS_BY_STREAM)
#define SEQLSTM_NUMBERS_BY_STREAM
#endif
#if defined(SEQLSTM_NUMBERS_BY_STREAM)
#include <algorithm>
#include <locale>
#include <sstream>
#endif

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

inline constexpr std::string_view text_blanks = " \t\v\f";

/// The text without white space around it.
inline std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(text_blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(text_blanks) - first + 1);
}

#if defined(SEQLSTM_NUMBERS_BY_STREAM)
/// Is all of the text decimal digits with '-', '.', exponent? A stream takes hexadecimal ones, too.
inline bool is_decimal(std::string_view text) {
  const auto take_one_of = [&](std::string_view characters) {
    const bool found = !text.empty() && characters.find(text.front()) != std::string_view::npos;
    if (found) text.remove_prefix(1);
    return found;
  };
  const auto take_digits = [&] {
    const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count;
  };
  take_one_of("-");
  std::size_t digits = take_digits();
  if (take_one_of(".")) digits += take_digits();
  if (digits == 0) return false;
  if (!take_one_of("eE")) return text.empty();
  take_one_of("+-");
  return take_digits() > 0 && text.empty();
}
#endif

/// Decimal digits with '-', '.', exponent, all of the text; nothing where the number is too large.
inline std::optional<double> decimal(std::string_view text) {
  double value = 0;
#if !defined(SEQLSTM_NUMBERS_BY_STREAM)
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (code == std::errc{}) return value;
  const std::size_t exponent = text.find_first_of("eE");
  const bool underflow = exponent != std::string_view::npos && text.substr(exponent + 1).starts_with('-');
  if (code != std::errc::result_out_of_range || !underflow) return std::nullopt;
  return text.starts_with('-') ? -0.0 : 0.0;  // smaller than the smallest: 1e-400
#else
  std::istringstream stream{std::string(text)};
  stream.imbue(std::locale::classic());
  // Out of range is a failure: for libc++ already where the value, which it gives nevertheless, is denormal.
  if (!is_decimal(text) || (!(stream >> value) && !(std::abs(value) < 1))) return std::nullopt;
  return value;
#endif
}

/// "1.5", "1e-09", "nan": six digits, as a stream writes them.
inline std::string number_text(double value) {
  if (value != value) return "nan";  // without a sign
#if !defined(SEQLSTM_NUMBERS_BY_STREAM)
  char text[32];
  const auto written = std::to_chars(text, text + sizeof text, value, std::chars_format::general, 6);
  return {text, written.ptr};
#else
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << value;
  return text.str();
#endif
}

}  // namespace detail

/// The finite decimal number that is all of the text: "12", "-0.5", "+1e-3", with white space around it. No
/// hexadecimal, no "nan" or "inf", no separators; what is too small for a double is 0. The locale does not
/// matter.
inline std::optional<double> parse_number(std::string_view text) {
  text = detail::trimmed(text);
  std::string_view digits = text;
  if (digits.starts_with('+') || digits.starts_with('-')) digits.remove_prefix(1);
  if (digits.empty() || digits.find_first_of("0123456789.") != 0)
    return std::nullopt;  // a word, a second sign
  if (text.starts_with('+')) text = digits;
  const auto value = detail::decimal(text);
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return value;
}

/// Text of a file as a message may show it: control characters, which could move a terminal's cursor or begin
/// a line of their own, are written as \n, \t, \x1B; letters of any language stay.
inline std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string shown;
  shown.reserve(text.size());
  const auto hex = [&](unsigned char byte) {
    shown += "\\x";
    shown += digits[byte / 16U];
    shown += digits[byte % 16U];
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 =
        byte == 0xC2U && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) >= 0x80U &&
        static_cast<unsigned char>(text[i + 1]) < 0xA0U;  // control characters of two bytes in UTF-8
    if (byte == '\n') {
      shown += "\\n";
    } else if (byte == '\t') {
      shown += "\\t";
    } else if (byte == '\r') {
      shown += "\\r";
    } else if (c1) {
      hex(byte);
      hex(static_cast<unsigned char>(text[++i]));
    } else if (byte < 0x20U || byte == 0x7FU) {
      hex(byte);
    } else {
      shown += text[i];
    }
  }
  return shown;
}

SEQLSTM_NAMESPACE_END
