// Numbers and words in text: one reader of numbers for every file and option, one way to show what a file
// says. Neither asks the locale.
#pragma once

#include <charconv>
#include <optional>
#include <seqlstm/core/abi.hpp>
#include <span>
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
#endif

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

inline constexpr std::string_view text_blanks = " \t\v\f";

/// The text without white space around it.
std::string_view trimmed(std::string_view text);

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
std::optional<double> decimal(std::string_view text);

/// "1.5", "1e-09", "nan": six digits, as a stream writes them.
std::string number_text(double value);

}  // namespace detail

/// The finite decimal number that is all of the text: "12", "-0.5", "+1e-3", with white space around it. No
/// hexadecimal, no "nan" or "inf", no separators; what is too small for a double is 0. The locale does not
/// matter.
std::optional<double> parse_number(std::string_view text);

/// The one of `known` that `word` is most likely meant to be: the fewest letters put in, left out, replaced
/// or swapped with their neighbour, the first of equals. Empty where none is nearer than a third of its
/// letters.
std::string nearest_name(std::string_view word, std::span<const std::string> known);

/// Text of a file as a message may show it: control characters, which could move a terminal's cursor or begin
/// a line of their own, are written as in C (a backslash, then n, t or x1B); letters of any language stay.
std::string printable(std::string_view text);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/core/text.ipp>
#endif
