// Definitions of text.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <seqlstm/core/text.hpp>
#include <utility>
#include <vector>

#if defined(SEQLSTM_NUMBERS_BY_STREAM)
#include <sstream>
#endif

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(text_blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(text_blanks) - first + 1);
}

SEQLSTM_INLINE std::optional<double> decimal(std::string_view text) {
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

SEQLSTM_INLINE std::string number_text(double value) {
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

SEQLSTM_INLINE std::optional<double> parse_number(std::string_view text) {
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

SEQLSTM_INLINE std::string nearest_name(std::string_view word, std::span<const std::string> known) {
  // Edits that make the first a letters of `word` of the first b of a name; of three rows the last is new.
  const auto edits = [&](std::string_view name) {
    std::vector<std::size_t> before, last(name.size() + 1), row(name.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t a = 1; a <= word.size(); ++a) {
      row[0] = a;
      for (std::size_t b = 1; b <= name.size(); ++b) {
        const std::size_t replaced = last[b - 1] + (word[a - 1] == name[b - 1] ? 0 : 1);
        row[b] = std::min({last[b] + 1, row[b - 1] + 1, replaced});
        if (a > 1 && b > 1 && word[a - 1] == name[b - 2] && word[a - 2] == name[b - 1])
          row[b] = std::min(row[b], before[b - 2] + 1);
      }
      before = std::exchange(last, row);
    }
    return last.back();
  };
  std::string nearest;
  std::size_t fewest = std::string::npos;
  for (const std::string& name : known) {
    const std::size_t count = edits(name);
    if (count < fewest && 3 * count <= std::max(word.size(), name.size())) {
      fewest = count;
      nearest = name;
    }
  }
  return nearest;
}

SEQLSTM_INLINE std::string printable(std::string_view text) {
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
